from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Run


@pytest.fixture
def book(dossier: Run) -> None:
    dossier("account", "add", "Café Zürich", "--note", "wants\na longer warranty [/b]\x1b[31m")
    dossier("account", "add", "光明医院", "--note", "保修 warranty")


@pytest.mark.usefixtures("book")
def test_hits_in_json_and_plain(dossier: Run) -> None:
    hits = json.loads(dossier("search", "warranty", "cafe", "--format", "json").out)
    assert [(hit["noun"], hit["id"], hit["field"], hit["excerpt"]) for hit in hits] == [
        ("account", 1, "note", "wants a longer warranty [/b]")
    ]
    assert dossier("search", "保修").out == "account\t2\t光明医院\t\tnote\t2027-03-10\t保修 warranty\n"


@pytest.mark.usefixtures("book")
def test_a_table_shows_markup_as_it_is(dossier: Run) -> None:
    result = dossier("search", "longer", terminal=True)
    assert "wants a longer warranty [/b]" in result.out


@pytest.mark.usefixtures("book")
def test_an_empty_result_is_no_failure(dossier: Run) -> None:
    assert dossier("search", "zebra") == (0, "", "")
    assert dossier("search", "zebra", "--format", "json").out == "[]\n"
    assert dossier("search", "ze\x1b[31mbra", terminal=True).out == "Nothing holds 'zebra'.\n"


@pytest.mark.usefixtures("book")
def test_a_cut_list_says_so(dossier: Run) -> None:
    result = dossier("search", "warranty", "--limit", "1")
    assert len(result.out.splitlines()) == 1
    assert result.err == "Only the first 1 are shown; for more: --limit N\n"


@pytest.mark.usefixtures("book")
def test_words_may_come_from_stdin_or_be_typed(dossier: Run) -> None:
    assert dossier("search", "-", stdin="保修\n").out.startswith("account\t2")
    assert "光明医院" in dossier("search", terminal=True, stdin="保修\n").out


@pytest.mark.usefixtures("book")
def test_nothing_to_look_for_is_a_usage_error(dossier: Run) -> None:
    assert dossier("search").code == 2
    assert dossier("search", " ").code == 2
    assert dossier("search", "-", stdin="").code == 2


@pytest.mark.usefixtures("book")
def test_locked_and_alone_it_searches_names_and_says_so(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    result = dossier("search", "cafe", "--format", "json")
    assert result.code == 0
    assert [(hit["id"], hit["locked"]) for hit in json.loads(result.out)] == [(1, True)]
    assert result.err == (
        "The vault is locked: only names and what else stands in clear was searched. To search all: dossier unlock\n"
    )
    result = dossier("search", "warranty")
    assert (result.code, result.out) == (0, "")
    assert "locked" in result.err


@pytest.mark.usefixtures("book")
def test_at_a_terminal_the_passphrase_is_asked_for(
    dossier: Run, lock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: "correct horse battery")
    lock()
    assert "保修 warranty" in dossier("search", "保修", terminal=True).out
