"""What all commands have in common: how they fail, what they print where, and how they behave at any terminal."""

from __future__ import annotations

import getpass
import hashlib
import importlib
import io
import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.cells import cell_len

from dossier.cli import diagnostics
from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.cli.main import COMMANDS, build
from dossier.domain.text import safe_text
from dossier.services.session import the_agent
from dossier.vault import kdf
from dossier.vault.header import Header
from dossier.vault.keys import Keys
from tests.conftest import PASSPHRASE, Result, Run

ESCAPES = "\x1b[31mred\x1b[0m"
A_MEGABYTE = "x" * 1_000_000


_BOOK = (
    ("account", "add", "Hanoi Optics", "--tier", "key"),
    ("account", "add", "Hanoi Steel"),
    ("person", "add", "Trần Thị Lan", "--account", "1"),
    ("person", "add", "Мария Иванова", "--account", "2"),
    ("promise", "add", "1", "send the quote", "--due", "fri"),
    ("promise", "add", "1", "sign", "--due", "fri", "--by", "them"),
    ("promise", "add", "1", "kept", "--due", "fri"),
    ("promise", "keep", "3"),
    ("step", "add", "1", "call back", "--on", "fri"),
    ("log", "lan", "spring order"),
)


class Written(NamedTuple):
    """A vault that was filled once and is copied from then on."""

    vault: bytes
    keys: Keys


_written: dict[kdf.KdfParams, Written] = {}


@pytest.fixture
def book(dossier: Run, vault_path: str) -> Run:
    """Two clients, two people, and one of each thing that has a number."""
    cost = kdf.DEFAULT
    if cost not in _written:
        for line in _BOOK:
            assert dossier(*line).code == 0
        vault = Path(vault_path).read_bytes()
        header = sqlite3.connect(vault_path).execute("SELECT header FROM vault").fetchone()[0]
        keys = the_agent().get(Header.parse(header).vault_id)
        assert keys is not None
        _written[cost] = Written(vault, keys)
    Path(vault_path).write_bytes(_written[cost].vault)
    the_agent().put(_written[cost].keys)
    return dossier


def digest(path: str) -> str:
    """Of the vault's every byte."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def unstyled(text: str) -> str:
    """What a terminal shows of it."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def refused(result: Result, code: int) -> str:
    """That a command failed as designed: nothing on stdout, one line and a hint on stderr; the line."""
    assert (result.code, result.out) == (code, "")
    lines = result.err.splitlines()
    assert len(lines) == 2, result.err
    assert lines[0].startswith("dossier: ")
    assert lines[1].startswith("  ")
    assert result.err == safe_text(result.err)
    assert "Traceback" not in result.err
    assert "a mistake in dossier itself" not in result.err
    return lines[0].removeprefix("dossier: ")


# --- Bad input: what is said, the exit code, and that nothing changed ------------------------------------------------

ACCOUNT_ADD = ("account", "add")
PROMISE_ADD = ("promise", "add", "1")
MOVE = ("promise", "renegotiate", "1", "--because", "x")

BAD = [
    # No such thing
    (3, ("log", "nobody", "x")),
    (3, ("log", "", "x")),
    (3, ("log", "1", "x", "--with", "nobody")),
    (3, ("log", "1", "x", "--with", "p2")),
    (3, ("account", "edit", "99", "--tier", "key")),
    (3, ("account", "rm", "nobody")),
    (3, ("interaction", "edit", "99", "--note", "x")),
    (3, ("interaction", "rm", "99")),
    (3, (*PROMISE_ADD, "x", "--due", "fri", "--person", "p2")),
    (3, ("promise", "add", "a99", "x", "--due", "fri")),
    (3, ("promise", "keep", "99")),
    (3, ("promise", "withdraw", "0")),
    (3, ("promise", "told", "99")),
    (3, ("promise", "renegotiate", "99", "--to", "eom", "--because", "x")),
    (3, (*MOVE, "--to", "eom", "--told", "nobody")),
    (3, ("promise", "edit", "99", "--title", "x")),
    (3, ("promise", "rm", "99")),
    (3, ("step", "add", "nobody", "x")),
    (3, ("step", "done", "99")),
    (3, ("step", "snooze", "99")),
    (3, ("step", "drop", "99")),
    (3, ("step", "edit", "99", "--title", "x")),
    (3, ("step", "rm", "99")),
    # More than one
    (4, ("log", "hanoi", "x")),
    (4, ("account", "edit", "hanoi", "--tier", "key")),
    (4, ("account", "rm", "hanoi", "--cascade")),
    (4, ("promise", "add", "hanoi", "x", "--due", "fri")),
    (4, ("step", "add", "hanoi", "x")),
    # No such date
    *((2, ("log", "1", "x", "--on", day)) for day in ("31 feb", "tomorrow", "03/04", "soon", "")),
    *((2, (*PROMISE_ADD, "x", "--due", day)) for day in ("31 feb", "03/04", "29.2.2027", "", "1.1.99", "\x1b[31m")),
    (2, (*PROMISE_ADD, "x", "--due", "fri", "--made", "tomorrow")),
    (2, ("log", "1", "x", "--promise", "y", "--due", "31 feb")),
    (2, ("log", "1", "x", "--next", "y", "--next-on", "yesterday")),
    (2, (*MOVE, "--to", "31 feb")),
    (2, ("promise", "keep", "1", "--on", "tomorrow")),
    (2, ("promise", "told", "1", "--on", "31 feb")),
    (2, ("step", "add", "1", "x", "--on", "yesterday")),
    (2, ("step", "snooze", "1", "--to", "yesterday")),
    (2, ("step", "edit", "1", "--on", "31 feb")),
    (2, ("step", "done", "1", "--on", "tomorrow")),
    (2, ("interaction", "edit", "1", "--on", "tomorrow")),
    # No text, too much of it, or none that can be shown
    *(
        (2, (*command, text, *rest))
        for text in ("", "  ", "x" * 201, "a\nb", ESCAPES, "nul\x00", "\ud800")
        for command, rest in (
            (ACCOUNT_ADD, ()),
            (PROMISE_ADD, ("--due", "fri")),
            (("step", "add", "1"), ()),
            (("promise", "edit", "1", "--title"), ()),
            (("step", "edit", "1", "--title"), ()),
            (("log", "1", "x", "--promise"), ("--due", "fri")),
            (("log", "1", "x", "--next"), ("--next-on", "fri")),
        )
    ),
    *((2, ("log", "1", text)) for text in (ESCAPES, "nul\x00", "\ud800", "a\nnul\x00")),
    *((2, ("log", "1", "x", "--note", text)) for text in ("  ", A_MEGABYTE, "nul\x00", "\ud800")),
    (2, (*MOVE[:-1], "  ", "--to", "eom")),
    (2, (*MOVE, "--to", "eom", "--apology", "\x00")),
    (2, ("account", "edit", "1", "--alias", ESCAPES)),
    # No such word or number
    (2, ("account", "edit", "1", "--tier", "golden")),
    (2, ("account", "edit", "1", "--cadence", "0")),
    (2, ("account", "edit", "1", "--cadence", "often")),
    (2, ("account", "edit", "1", "--cadence", "9" * 5000)),
    (2, ("log", "1", "x", "--channel", "smoke")),
    (2, ("log", "1", "x", "--direction", "up")),
    (2, (*PROMISE_ADD, "x", "--due", "fri", "--by", "nobody")),
    (2, (*MOVE, "--to", "eom", "--channel", "mail")),
    (2, ("promise", "keep", "one")),
    (2, ("promise", "keep", "9" * 30)),
    (2, ("step", "done", "9" * 30)),
    (2, ("interaction", "rm", "9" * 30)),
    # What the command line lacks, or has too much of
    (2, (*PROMISE_ADD, "x")),
    (2, ("promise", "renegotiate", "1", "--because", "x")),
    (2, ("promise", "renegotiate", "1", "--to", "eom")),
    (2, ("promise", "keep")),
    (2, ("promise", "keep", "1", "2")),
    (2, ("promise", "keep", "1", "--nonsense")),
    (2, ("log", "1", "x", "--promise", "y")),
    (2, ("log", "1", "x", "--next", "y")),
    (2, ("step", "add", "1")),
    # What a rule refuses
    (6, (*ACCOUNT_ADD, "hanoi optics")),
    (6, ("account", "edit", "2", "--name", "Hanoi Optics")),
    (6, ("account", "rm", "1")),
    (6, (*PROMISE_ADD, "x", "--due", "yesterday")),
    (6, ("log", "1", "x", "--promise", "y", "--due", "yesterday")),
    (6, (*MOVE, "--to", "yesterday")),
    (6, (*MOVE, "--to", "fri")),
    (6, ("promise", "keep", "3")),
    (6, ("promise", "withdraw", "3")),
    (6, ("promise", "told", "3")),
    (6, ("promise", "told", "2")),
    (6, ("promise", "renegotiate", "2", "--to", "eom", "--because", "x", "--told", "p1")),
    (6, ("promise", "keep", "1", "--on", "yesterday")),
]  # fmt: skip


def name_of(value: Any) -> str | None:
    return ascii(" ".join(value))[1:60] if isinstance(value, tuple) else None


@pytest.mark.parametrize(("code", "arguments"), BAD, ids=name_of)
def test_bad_input_changes_nothing_and_says_what_to_do(
    book: Run, vault_path: str, code: int, arguments: tuple[str, ...]
) -> None:
    before = digest(vault_path)
    refused(book(*arguments), code)
    assert digest(vault_path) == before
    assert os.listdir(os.path.dirname(vault_path)).count("vault.dossier") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("log", "1", "-"),
        ("log", "1", "x", "--note", "-"),
        ("promise", "add", "1", "-", "--due", "fri"),
        ("promise", "renegotiate", "1", "--to", "eom", "--because", "-"),
        ("promise", "renegotiate", "1", "--to", "eom", "--because", "x", "--apology", "-"),
        ("step", "add", "1", "-"),
        ("account", "edit", "1", "--note", "-"),
        ("interaction", "edit", "1", "--outcome", "-"),
    ],
    ids=name_of,
)
@pytest.mark.parametrize(
    "stdin", [A_MEGABYTE, "", " \n", "nul\x00", "\udcff"], ids=["1MB", "none", "blank", "nul", "binary"]
)
def test_bad_text_from_stdin(book: Run, vault_path: str, arguments: tuple[str, ...], stdin: str) -> None:
    before = digest(vault_path)
    refused(book(*arguments, stdin=stdin), 2)
    assert digest(vault_path) == before


def test_bytes_on_stdin_that_are_no_utf8(book: Run, vault_path: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00binary"), encoding="utf-8")
    around = Environment(stdin, out, err, {"DOSSIER_VAULT": vault_path})
    code = diagnostics.run_guarded(build(), ["log", "1", "-"], Invocation(around))
    assert "is not UTF-8 text" in refused(Result(code, out.getvalue(), err.getvalue()), 2)


WRITES = [
    ("account", "add", "New"),
    ("account", "edit", "1", "--tier", "strategic"),
    ("account", "rm", "1", "--cascade"),
    ("log", "1", "x"),
    ("interaction", "edit", "1", "--note", "x"),
    ("interaction", "rm", "1"),
    (*PROMISE_ADD, "x", "--due", "fri"),
    ("promise", "keep", "1"),
    (*MOVE, "--to", "eom"),
    ("promise", "told", "1"),
    ("promise", "withdraw", "1"),
    ("promise", "edit", "1", "--title", "x"),
    ("promise", "rm", "1"),
    ("step", "add", "1", "x"),
    ("step", "done", "1"),
    ("step", "snooze", "1"),
    ("step", "drop", "1"),
    ("step", "edit", "1", "--title", "x"),
    ("step", "rm", "1"),
]


@pytest.mark.parametrize("arguments", WRITES, ids=name_of)
def test_locked_nothing_is_written(
    book: Run, lock: Callable[[], None], vault_path: str, arguments: tuple[str, ...]
) -> None:
    lock()
    before = digest(vault_path)
    assert refused(book(*arguments), 5) == "the vault is locked"
    assert digest(vault_path) == before


@pytest.mark.parametrize("arguments", WRITES, ids=name_of)
def test_every_write_is_one_change_that_undo_takes_back(book: Run, arguments: tuple[str, ...]) -> None:
    def state() -> list[Any]:
        return [
            json.loads(book(*line, "--format", "json").out)
            for line in (
                ("account", "list"),
                ("promise", "list", "--state", "all"),
                ("step", "list", "--state", "all"),
                ("interaction", "list"),
                ("agenda",),
            )
        ]

    before = state()
    assert book(*arguments).code == 0
    assert book("undo").code == 0
    assert state() == before


@pytest.mark.parametrize(
    ("vault", "code", "message"),
    [
        ("/nonexistent/vault", 8, "there is no vault at /nonexistent/vault"),
        ("/", 8, "/ is a folder, not a vault"),
        ("/dev/null", 7, "/dev/null is not a file"),
        (__file__, 7, "is no dossier vault"),
    ],
)
@pytest.mark.parametrize("arguments", [("agenda",), ("account", "list"), ("log", "1", "x")], ids=name_of)
def test_what_is_no_vault(
    dossier: Run, vault: str, code: int, message: str, arguments: tuple[str, ...]
) -> None:
    assert message in refused(dossier(*arguments, "--vault", vault), code)


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ({"DOSSIER_FORMAT": "xml"}, ("agenda",)),
        ({"DOSSIER_FORMAT": "xml"}, ("account", "list")),
        ({}, ("account", "list", "--format", "xml")),
        ({}, ("--format", "xml", "account", "list")),
        ({}, ("account", "list", "--color", "maybe")),
        ({}, ("account", "list", "--today", "31.12.")),
        ({"DOSSIER_TODAY": "soon"}, ("account", "list")),
        ({}, ("account", "list", "--passphrase-fd", "x")),
        ({}, ("nonsense",)),
        ({}, ("account", "nonsense")),
        ({}, ("--nonsense",)),
    ],
)
def test_settings_that_cannot_be_meant(
    dossier: Run, variables: dict[str, str], arguments: tuple[str, ...]
) -> None:
    refused(dossier(*arguments, variables=variables), 2)


def test_a_noun_alone_prints_its_help_as_the_mistake_it_is(dossier: Run) -> None:
    for variables in ({}, {"DOSSIER_FORMAT": "xml"}):
        result = dossier("promise", variables=variables)
        assert (result.code, result.out) == (2, "")
        assert "renegotiate" in result.err


@pytest.mark.parametrize("where", ["before", "after"])
def test_common_options_work_before_and_after_the_command(book: Run, where: str) -> None:
    options = ("--format", "json", "--today", "2027-03-13", "--no-input", "--color", "never")
    line = ("promise", "list", "--late")
    result = book(*options, *line) if where == "before" else book(*line, *options)
    assert [one["id"] for one in json.loads(result.out)] == [1, 2]


def test_a_mistake_of_our_own_is_told_without_any_value(book: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        secret = "s3cr3t"
        raise KeyError(secret)

    monkeypatch.setattr("dossier.services.interactions.log", broken)
    result = book("log", "1", "x")
    assert (result.code, result.out) == (1, "")
    told = (
        r"dossier: a mistake in dossier itself \(KeyError at dossier/cli/\w+\.py:\d+ in test_common\.py:\d+\)"
    )
    assert re.fullmatch(told, result.err.splitlines()[0])
    debugged = book("log", "1", "x", "--debug")
    assert re.search(r"test_common.py:\d+ in broken", debugged.err)
    assert "s3cr3t" not in result.err + debugged.err


# --- Names and texts that would steer a terminal ---------------------------------------------------------------------


@pytest.fixture
def tricky(book: Run) -> Run:
    """Texts that the fields allow and that a careless program would act upon."""
    for line in (
        ("account", "edit", "2", "--name", "[/b] [bold]x[/] :smile:"),
        ("promise", "add", "2", "[red]a[/b]=\\[", "--due", "fri"),
        ("step", "add", "2", "=1+1 [link=x]", "--on", "fri"),
        ("log", "2", f"{ESCAPES}\nsecond \u202eline\x9b31m"),
        ("account", "edit", "2", "--note", f"{ESCAPES}\x07\u202e \x9b5m"),
    ):
        result = book(*line)
        assert result.code == 0, result.err
    return book


LISTS = [
    ("agenda",),
    ("account", "list"),
    ("promise", "list"),
    ("promise", "show", "1"),
    ("step", "list"),
    ("interaction", "list"),
    ("interaction", "show", "1"),
    ("history",),
]


@pytest.mark.parametrize("arguments", LISTS, ids=name_of)
@pytest.mark.parametrize("form", ["table", "plain", "csv", "json"])
def test_nothing_from_data_steers_the_terminal(tricky: Run, arguments: tuple[str, ...], form: str) -> None:
    result = tricky(*arguments, "--format", form)
    assert (result.code, result.err) == (0, "")
    assert result.out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", result.out)


def test_markup_in_data_is_text(tricky: Run) -> None:
    for line in (("agenda",), ("account", "list"), ("promise", "list")):
        assert "[/b]" in tricky(*line, terminal=True, variables={"COLUMNS": "200"}).out
    assert ":smile:" in tricky("account", "list", terminal=True).out


def test_json_gives_back_what_the_terminal_must_not_see(tricky: Run) -> None:
    note = json.loads(tricky("interaction", "show", "2", "--format", "json").out)["note"]
    assert note == f"{ESCAPES}\nsecond \u202eline\x9b31m"


def test_a_spreadsheet_takes_no_cell_for_a_formula(tricky: Run) -> None:
    assert ",'=1+1 [link=x]," in tricky("step", "list", "--format", "csv").out


def test_tabs_and_newlines_in_data_stay_within_their_column(tricky: Run) -> None:
    for line in tricky("interaction", "list").out.splitlines():
        assert line.count("\t") == 6


# --- Terminals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 40, 20])
@pytest.mark.parametrize("arguments", [line for line in LISTS if line[0] != "history"], ids=name_of)
def test_a_narrow_terminal_shows_every_name_within_its_width(
    book: Run, width: int, arguments: tuple[str, ...]
) -> None:
    result = book(*arguments, "--color", "never", terminal=True, variables={"COLUMNS": str(width)})
    lines = unstyled(result.out).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "Hanoi" in " ".join(lines)
    if arguments[0] in ("agenda", "promise", "step"):
        shown = " ".join(" ".join(lines).split())
        assert "call back" in shown or "send the quote" in shown


def test_wide_names_keep_their_columns(dossier: Run) -> None:
    dossier("account", "add", "上海精密仪器")
    dossier("account", "add", "Nguyễn & Đặng")
    table = unstyled(dossier("account", "list", terminal=True).out)
    starts = {cell_len(line[: line.index("standard")]) for line in table.splitlines() if "standard" in line}
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("arguments", "variables", "terminal", "colour"),
    [
        ((), {}, True, True),
        ((), {"NO_COLOR": "1"}, True, False),
        ((), {"NO_COLOR": ""}, True, True),
        (("--color", "never"), {}, True, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True, True),
        (("--color", "always", "--format", "table"), {}, False, True),
        ((), {}, False, False),
    ],
)
def test_colour(
    book: Run, arguments: tuple[str, ...], variables: dict[str, str], terminal: bool, colour: bool
) -> None:
    result = book("agenda", *arguments, terminal=terminal, variables=variables)
    assert bool(re.search(r"\x1b\[[\d;]*3\dm", result.out)) is colour


@pytest.mark.parametrize("arguments", WRITES, ids=name_of)
@pytest.mark.parametrize("terminal", [True, False])
def test_nobody_is_asked_where_nobody_can_answer(
    book: Run,
    lock: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    terminal: bool,
) -> None:
    """Neither in a script nor with --no-input at a terminal."""
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: pytest.fail("it asked"))
    lock()
    more = ("--no-input",) if terminal else ()
    assert book(*arguments, *more, terminal=terminal, stdin="an answer\n").code == 5


def test_agenda_and_lists_never_ask(
    book: Run, lock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: pytest.fail("it asked"))
    lock()
    for arguments in (
        ("agenda",),
        (),
        ("account", "list"),
        ("promise", "list"),
        ("step", "list"),
        ("interaction", "list"),
    ):
        assert book(*arguments, terminal=True).code == 0


# --- What was typed is not lost --------------------------------------------------------------------------------------

GIVEN_BACK = "What you typed, so that it is not lost:"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("log", "1", "--channel", "smoke"), 2),
        (("log", "1", "-", "--channel", "smoke"), 2),
        (("log", "1", "x", "--note", "-", "--on", "31 feb"), 2),
        (("log", "nobody", "-"), 3),
        (("promise", "add", "1", "--due", "31 feb"), 2),
        (("promise", "add", "hanoi", "--due", "fri"), 4),
        (("promise", "renegotiate", "99", "--to", "eom"), 3),
        (("promise", "renegotiate", "3", "--to", "eom"), 6),
        (("step", "add", "nobody"), 3),
    ],
    ids=name_of,
)
def test_typed_text_is_given_back_when_the_save_fails(
    book: Run, arguments: tuple[str, ...], code: int
) -> None:
    result = book(*arguments, terminal=True, stdin="all that was said [/b]\n")
    assert (result.code, result.out) == (code, "")
    assert result.err.splitlines()[-2:] == [GIVEN_BACK, "all that was said [/b]"]


def test_a_text_of_many_lines_is_given_back_whole(book: Run) -> None:
    result = book("log", "nobody", "-", terminal=True, stdin=f"one\n{ESCAPES}two\n")
    assert result.err.splitlines()[-3:] == [GIVEN_BACK, "one", "redtwo"]


def test_a_text_that_is_too_long_is_given_back(book: Run) -> None:
    assert A_MEGABYTE in book("log", "1", "-", terminal=True, stdin=A_MEGABYTE).err


def test_a_note_typed_before_a_wrong_passphrase_is_given_back(
    book: Run, lock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock()
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: "wrong")
    result = book("log", "1", "x", "--note", "-", terminal=True, stdin="all that was said\n")
    assert (result.code, result.out) == (5, "")
    assert result.err.splitlines()[-2:] == [GIVEN_BACK, "all that was said"]
    assert "wrong\n" not in result.err


def test_the_passphrase_is_asked_before_the_text(
    book: Run, lock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock()
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: "wrong")
    result = book("log", "1", terminal=True, stdin="all that was said\n")
    assert result.code == 5
    assert "What happened" not in result.err
    monkeypatch.setattr(getpass, "getpass", lambda *_, **__: PASSPHRASE)
    assert book("log", "1", terminal=True, stdin="all that was said\n").code == 0


def test_a_full_disk_gives_it_back(book: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from dossier.errors import Unavailable
    from dossier.store.gate import Transaction

    def full(*_: object) -> None:
        raise Unavailable("the disk is full; nothing was changed", "free some space and try again")

    monkeypatch.setattr(Transaction, "finish", full)
    result = book("log", "1", terminal=True, stdin="all that was said\n")
    assert result.code == 8
    assert result.err.splitlines()[-2:] == [GIVEN_BACK, "all that was said"]


def test_what_came_from_a_file_or_was_saved_is_not_repeated(book: Run) -> None:
    assert GIVEN_BACK not in book("log", "nobody", "-", stdin="from a pipe\n").err
    assert GIVEN_BACK not in book("log", "nobody", "from the command line", terminal=True).err
    assert GIVEN_BACK not in book("log", "1", terminal=True, stdin="saved\n").err


def test_typed_text_never_reaches_a_log_file(book: Run, vault_path: str) -> None:
    """Where stderr is a file, nothing typed goes there."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err = io.StringIO()
    around = Environment(Terminal("secret words\n"), Terminal(), err, {"DOSSIER_VAULT": vault_path})
    assert diagnostics.run_guarded(build(), ["log", "nobody", "-"], Invocation(around)) == 3
    assert "secret words" not in err.getvalue()


# --- Real processes --------------------------------------------------------------------------------------------------


@pytest.fixture
def _opened_by_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheapest key derivation that the program itself does not refuse."""
    monkeypatch.setattr(kdf, "DEFAULT", kdf.KdfParams(memory=64 * 1024, passes=1, lanes=1))


@pytest.fixture
def process(_opened_by_the_program: None, book: Run, vault_path: str) -> dict[str, str]:
    """The variables of a process on the book of this test, locked: its agent is another."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME")}
    root = str(Path(__file__).parents[2])
    return kept | {
        "DOSSIER_VAULT": vault_path,
        "DOSSIER_TODAY": "2027-03-10",
        "PYTHONPATH": root,
        "LC_ALL": "C",
    }


DOSSIER = [sys.executable, "-m", "dossier"]


@pytest.mark.parametrize(
    "arguments", [("agenda",), ("account", "list"), ("--help",), ("history",)], ids=name_of
)
def test_a_reader_that_has_seen_enough(process: dict[str, str], arguments: tuple[str, ...]) -> None:
    """`dossier agenda | head`: exit 0, and not a word."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*DOSSIER, *arguments], stdout=writer, stderr=subprocess.PIPE, env=process, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", [("agenda",), ("account", "list")], ids=name_of)
def test_a_disk_too_full_for_the_result(process: dict[str, str], arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*DOSSIER, *arguments], stdout=full, stderr=subprocess.PIPE, env=process, check=False
        )
    assert done.returncode == 8
    assert len(done.stderr.splitlines()) == 2
    assert b"No space left" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(process: dict[str, str], closed: str) -> None:
    command = f"exec {sys.executable} -m dossier account list {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=process, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == (0 if ">&-" in closed.replace("2>&-", "") else 2)


def test_names_in_any_script_whatever_the_locale(process: dict[str, str]) -> None:
    done = subprocess.run([*DOSSIER, "account", "add", "上海"], capture_output=True, env=process, check=False)
    assert done.returncode == 5
    done = subprocess.run([*DOSSIER, "log", "上海 Đặng", "x"], capture_output=True, env=process, check=False)
    assert (done.returncode, done.stdout) == (5, b"")
    done = subprocess.run(
        [*DOSSIER, "promise", "list", "Мария"], capture_output=True, env=process, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_pipe_gets_plain_lines_in_utf8(process: dict[str, str]) -> None:
    done = subprocess.run([*DOSSIER, "interaction", "list"], capture_output=True, env=process, check=False)
    assert done.stdout.decode() == "1\t2027-03-10\tHanoi Optics\t\t\tTrần Thị Lan\t\n"


class OnTerminal:
    """A process whose three streams are one pseudo-terminal."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        ours, theirs = pty.openpty()
        self.fd = ours
        self.process = subprocess.Popen(
            [*DOSSIER, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment | {"TERM": "xterm", "COLUMNS": "60"},
            start_new_session=True,
            preexec_fn=_take_the_terminal,  # noqa: PLW1509 - no other thread runs
        )
        os.close(theirs)
        self.seen = ""

    def read(self, until: str, seconds: float = 20) -> str:
        """What it printed so far, once `until` is in it."""
        deadline = time.monotonic() + seconds
        while until not in self.seen:
            assert time.monotonic() < deadline, self.seen
            self._take(0.1)
        return self.seen

    def end(self) -> tuple[int, str]:
        """Its exit code, and all that it printed."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.seen
            self._take(0.05)
        while self._take(0.05):
            pass
        os.close(self.fd)
        return self.process.returncode, self.seen.replace("\r\n", "\n")

    def _take(self, seconds: float) -> bool:
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self.fd, 4096)
        except OSError:
            return False
        self.seen += found.decode()
        return bool(found)


def _take_the_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def on_terminal(process: dict[str, str]) -> Iterator[Callable[..., OnTerminal]]:
    """Start a command at a terminal of its own."""
    started: list[OnTerminal] = []

    def start(*arguments: str, **variables: str) -> OnTerminal:
        started.append(OnTerminal(arguments, process | variables))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_ctrl_c_at_a_question_ends_with_130_and_no_traceback(on_terminal: Callable[..., OnTerminal]) -> None:
    asked = on_terminal("log", "1", "x")
    asked.read("Passphrase: ")
    os.write(asked.fd, b"\x03")
    code, seen = asked.end()
    assert code == 130
    assert seen.endswith("Passphrase: \n"), "the shell's prompt begins a line"
    assert "Traceback" not in seen
    assert "Error" not in seen


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.05, 0.08, 0.12, 0.2])
def test_ctrl_c_at_any_moment_leaves_no_traceback(process: dict[str, str], delay: float) -> None:
    """It cannot be helped before our first line runs; from there on the exit code is 130, or 0 if it was quicker."""
    started = subprocess.Popen(
        [*DOSSIER, "account", "list"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=process
    )
    time.sleep(delay)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=20)
    ours = re.search(rb"/dossier/(?!__main__)", err)
    assert started.returncode in (0, 130, -signal.SIGINT, 1)
    if started.returncode in (0, 130):
        assert b"Traceback" not in err
    else:
        assert not ours, err


@pytest.mark.parametrize("arguments", [("agenda",), ("account", "list")], ids=name_of)
def test_no_core_is_dumped_of_a_process_that_may_hold_keys(
    process: dict[str, str], arguments: tuple[str, ...]
) -> None:
    script = (
        "import resource, sys\n"
        "from dossier import __main__\n"
        "from dossier.services.session import Session\n"
        "def core(*_): sys.exit(f'{resource.getrlimit(resource.RLIMIT_CORE)}')\n"
        "Session.__init__ = core\n"
        "__main__.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=process, capture_output=True, check=False
    )
    assert done.stderr == b"(0, 0)\n"


_KILLED_WHILE_EXPORTING = """
import os, sys
from dossier import __main__
from dossier.services import exporting
number = int(sys.argv.pop(1))
if hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
def killed(*_, **__):
    assert len(os.listdir("out")) == 1
    os.kill(os.getpid(), number)
    raise AssertionError
exporting.write_export = killed
__main__.main()
"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_closed_terminal_or_kill_leaves_nothing_half_made(
    process: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "out").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_WHILE_EXPORTING, str(int(number)), "export", "json", "out/all.json"],
        env=process,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 128 + number
    assert b"Traceback" not in done.stderr
    assert os.listdir(tmp_path / "out") == []


def test_a_signal_that_the_parent_ignores_stays_ignored(process: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    script = _KILLED_WHILE_EXPORTING.replace("    raise AssertionError\n", "")
    done = subprocess.run(
        [sys.executable, "-c", f"import signal; signal.signal(1, signal.SIG_IGN)\n{script}", "1", "export", "json",
         "out/all.json"],
        env=process, cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path / "out") == ["all.json"]


def test_a_table_at_a_terminal_of_60_columns(on_terminal: Callable[..., OnTerminal]) -> None:
    code, seen = on_terminal("promise", "list", NO_COLOR="1").end()
    assert code == 0
    note, *lines = unstyled(seen).splitlines()
    assert note.startswith("The vault is locked")
    assert max(map(len, lines)) <= 60
    assert "\x1b[3" not in seen
    assert "Hanoi Optics" in seen


def test_a_note_typed_before_a_wrong_passphrase_survives_at_a_real_terminal(
    on_terminal: Callable[..., OnTerminal],
) -> None:
    asked = on_terminal("log", "1", "x", "--note", "-")
    os.write(asked.fd, b"all that was said\n\x04")
    asked.read("Passphrase: ")
    os.write(asked.fd, b"wrong horse\n")
    asked.read("That is not it. Passphrase: ")
    os.write(asked.fd, b"\x03")
    code, seen = asked.end()
    assert code == 130
    assert seen.endswith(f"{GIVEN_BACK}\nall that was said\n")
    assert "wrong horse" not in seen


# --- The table of commands, and completion ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_rots(name: str) -> None:
    module = importlib.import_module(f"dossier.cli.{COMMANDS[name].module}")
    assert module.app is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_common_options_once_and_none_for_completion(name: str) -> None:
    def walk(command: Any) -> Iterator[Any]:
        yield command
        for below in getattr(command, "commands", {}).values():
            yield from walk(below)

    root = build()
    for command in walk(root.get_command(None, name)):
        options = [option for parameter in command.params for option in parameter.opts]
        for option in (
            "--format",
            "--vault",
            "--passphrase-fd",
            "--today",
            "--color",
            "--no-input",
            "--debug",
        ):
            assert options.count(option) == 1, (command.name, option)
        assert "--install-completion" not in options


def test_completion_knows_commands_and_names(process: dict[str, str]) -> None:
    def completed(line: str) -> list[str]:
        words = line.split(" ")
        around = {
            "_DOSSIER_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        }
        reader, writer = os.pipe()  # a stdin that never ends
        done = subprocess.run(
            DOSSIER,
            stdin=reader,
            capture_output=True,
            env=process | around,
            check=True,
            text=True,
            timeout=20,
        )
        os.close(reader)
        os.close(writer)
        return done.stdout.split("\n")[:-1] if done.stdout else []

    assert completed("dossier promise re") == ["renegotiate"]
    assert completed("dossier log Hano") == [r"Hanoi\ Optics", r"Hanoi\ Steel"]
    assert completed("dossier promise list Мар") == [r"Мария\ Иванова"]
    assert completed("dossier log 1 x --channel m") == ["meeting", "mail", "message"]
    assert completed("dossier log 1 x --note - --channel v") == ["visit"]  # and does not wait for the note
    assert completed("dossier log nobody") in ([], [""])


def test_completion_without_a_vault_is_silent(process: dict[str, str]) -> None:
    around = {
        "_DOSSIER_COMPLETE": "complete_bash",
        "COMP_WORDS": "dossier log ha",
        "COMP_CWORD": "2",
        "DOSSIER_VAULT": "/nonexistent",
    }
    done = subprocess.run(DOSSIER, capture_output=True, env=process | around, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"", b"")


# --- What was typed in the wrong place -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fact", "add", "lan", "plays", "golf", "with", "SECRET"), "3 words too many"),
        (("log", "1", "a text", "SECRET"), "1 word too many"),
        (("log", "1", "a text", "SECRET (of\nlines) here"), "3 words too many"),
        (("agenda", "SECRET"), "1 word too many"),
        (("fact", "add", "lan", "--SECRET was said"), "a text that begins with - is taken for an option"),
        (("log", "1", "- SECRET"), "a text that begins with - is taken for an option"),
    ],
)
def test_words_too_many_are_counted_and_never_repeated(
    book: Run, arguments: tuple[str, ...], message: str
) -> None:
    told = book(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"dossier: {message}\n  put ")
    assert "SECRET" not in told.err
    assert "\x1b" not in told.err


def test_an_option_that_there_is_not_is_named(book: Run) -> None:
    told = book("log", "1", "a text", "--nope")
    assert told.err.startswith("dossier: no such option: --nope")


def test_a_question_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str, stream: object) -> str:
        asked.append(question)
        return "x"

    monkeypatch.setattr(getpass, "getpass", answer)
    stream = io.StringIO("yes\n")
    monkeypatch.setattr(stream, "isatty", lambda: True)
    written = io.StringIO()
    monkeypatch.setattr(written, "isatty", lambda: True)
    run = Invocation(Environment(stream, io.StringIO(), written, {}))
    assert run.confirm(f"Replace {ESCAPES}\n?")
    run.ask_secret(f"Passphrase of {ESCAPES}: ")
    assert written.getvalue() == "Replace red ? [y/N] "
    assert asked == ["Passphrase of red: "]
