from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier.cli import attachment, diagnostics
from dossier.cli.cells import size_words
from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.cli.main import build
from dossier.config import SETTINGS
from dossier.services import in_memory
from tests.cli.test_progress import Terminal
from tests.conftest import Run

ATTACHMENT = [
    "id", "account", "account_id", "person", "person_id", "interaction_id", "added_on", "name", "size", "sha256",
]  # fmt: skip

SHA = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture(autouse=True)
def _book(dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("offer.txt").write_text("hello")
    Path("plan.txt").write_text("hello" * 1000)
    for line in (
        ("account", "add", "Hanoi Optics"),
        ("person", "add", "Trần Thị Lan", "--account", "hanoi"),
        ("log", "lan", "the audit"),
        ("attachment", "add", "lan", "offer.txt", "--interaction", "1"),
    ):
        assert dossier(*line).code == 0


def as_json(dossier: Run, *arguments: str) -> Any:
    result = dossier(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_shape(dossier: Run) -> None:
    (listed,) = as_json(dossier, "attachment", "list")
    assert list(listed) == ATTACHMENT
    assert (listed["name"], listed["size"], listed["sha256"]) == ("offer.txt", 5, SHA)
    added = as_json(dossier, "attachment", "add", "1", "offer.txt", "plan.txt")
    assert [list(shape) for shape in added] == [ATTACHMENT, ATTACHMENT]
    assert as_json(dossier, "attachment", "edit", "1", "--name", "Offer.txt") == listed | {
        "name": "Offer.txt"
    }
    assert as_json(dossier, "attachment", "export", "1", "copy") == listed | {
        "name": "Offer.txt",
        "file": "copy",
    }
    assert as_json(dossier, "attachment", "open", "1", "--with", "true") == listed | {"name": "Offer.txt"}
    assert as_json(dossier, "attachment", "rm", "1") == {
        "done": "removed attachment 1 about Trần Thị Lan: Offer.txt"
    }
    assert as_json(dossier, "interaction", "show", "1")["attachments"] == []


def test_what_is_logged_takes_files_along(dossier: Run) -> None:
    shape = as_json(dossier, "log", "lan", "offer sent", "--attach", "offer.txt", "--attach", "plan.txt")
    assert [list(one) for one in shape["attachments"]] == [ATTACHMENT, ATTACHMENT]
    assert as_json(dossier, "interaction", "show", "2")["attachments"] == shape["attachments"]
    assert as_json(dossier, "interaction", "list")[0]["attachments"] == shape["attachments"]
    shown = dossier("interaction", "show", "2", "--format", "plain").out
    assert "attachments\t2 offer.txt, 3 plan.txt\n" in shown
    assert "attachment 2 offer.txt, attachment 3 plan.txt" in dossier("show", "hanoi", terminal=True).out


def test_a_name_may_come_from_stdin(dossier: Run) -> None:
    result = dossier("attachment", "add", "lan", "plan.txt", "--name", "-", stdin="Kế hoạch.txt\n")
    assert result.out.split("\t")[6] == "Kế hoạch.txt"


def test_nothing_but_a_file_may_be_logged(dossier: Run) -> None:
    result = dossier("log", "lan", "--attach", "offer.txt", terminal=True, stdin="\n")
    assert result.code == 0
    assert "Attachment 2: offer.txt, 5 bytes" in result.out


def test_a_file_that_is_not_there_is_told_before_anybody_types(dossier: Run) -> None:
    result = dossier("log", "lan", "--attach", "gone.txt", terminal=True, stdin="long text\n")
    assert result.code == 8
    assert "What happened" not in result.out + result.err
    assert len(as_json(dossier, "interaction", "list")) == 1


def test_plain_and_csv_columns_are_only_ever_appended_to(dossier: Run) -> None:
    row = ["1", "Hanoi Optics", "Trần Thị Lan", "1", "2027-03-10", "5", "offer.txt", SHA]
    assert dossier("attachment", "list").out == "\t".join(row) + "\n"
    assert dossier("attachment", "list", "--format", "csv").out.splitlines() == [
        "id,account,person,interaction,added,size,name,sha256",
        ",".join(row),
    ]
    assert dossier("attachment", "add", "hanoi", "offer.txt").out == (
        f"2\tHanoi Optics\t\t\t2027-03-10\t5\toffer.txt\t{SHA}\n"
    )
    assert dossier("attachment", "export", "1", "copy").out == "\t".join([*row, "copy"]) + "\n"


def test_a_large_one_leaves_word_of_how_to_free_its_space(
    dossier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachment, "_LARGE", 5)
    said = " ".join(dossier("attachment", "rm", "1", terminal=True).err.split())
    assert "dossier vault forget-history --before tomorrow, then dossier vault compact" in said
    assert dossier("vault", "forget-history", "--before", "tomorrow", "--yes").code == 0
    assert dossier("vault", "compact").code == 0


def test_a_name_that_no_file_can_have(dossier: Run) -> None:
    assert dossier("attachment", "edit", "1", "--name", "a/b.txt").code == 0
    done = dossier("attachment", "export", "1", terminal=True)
    assert done.out == "Wrote attachment 1 to a_b.txt.\n"
    assert "In the vault it is called a/b.txt" in done.err
    assert "a/b.txt" not in dossier("attachment", "export", "1", "other", terminal=True).err
    assert "edited attachment 1 about Trần Thị Lan: a/b.txt" in dossier("history").out
    assert "a/b.txt" in dossier("undo").out


def test_for_people(dossier: Run) -> None:
    assert "Trần Thị Lan" in dossier("attachment", "list", terminal=True).out
    assert "5 bytes" in dossier("attachment", "list", terminal=True).out
    added = dossier("attachment", "add", "hanoi", "offer.txt", "plan.txt", terminal=True)
    assert added.out.splitlines() == [
        "Added attachment 2 of Hanoi Optics: offer.txt, 5 bytes.",
        "Added attachment 3 of Hanoi Optics: plan.txt, 5.0 kB.",
    ]
    edited = dossier("attachment", "edit", "2", "--name", "Offer.txt", terminal=True)
    assert edited.out == "Changed attachment 2 of Hanoi Optics: Offer.txt, 5 bytes.\n"
    exported = dossier("attachment", "export", "2", terminal=True)
    assert exported.out == "Wrote attachment 2 to Offer.txt.\n"
    assert "not encrypted" in exported.err
    removed = dossier("attachment", "rm", "2", terminal=True)
    assert removed.out == "Removed attachment 2 about Hanoi Optics: Offer.txt.\n"
    assert "forget-history" not in removed.err  # for a few bytes
    assert dossier("attachment", "list", "lan", terminal=True).out.count("offer.txt") == 1
    for number in ("1", "3"):
        dossier("attachment", "rm", number)
    assert "Add one: dossier attachment add REF FILE" in dossier("attachment", "list", terminal=True).out


def test_locked(dossier: Run, lock: Callable[[], None]) -> None:
    lock()
    (shape,) = as_json(dossier, "attachment", "list", "lan")
    assert list(shape) == [*ATTACHMENT, "locked"]
    assert (shape["name"], shape["size"], shape["sha256"]) == (None, None, None)
    row = "1\tHanoi Optics\tTrần Thị Lan\t1\t2027-03-10\t\t\t\n"
    assert dossier("attachment", "list").out == row
    table = dossier("attachment", "list", "--format", "table").out
    assert table.count("locked") == 2
    assert "offer" not in table
    for line in (
        ("add", "lan", "offer.txt"),
        ("export", "1", "copy"),
        ("export", "1", "-"),
        ("open", "1", "--with", "true"),
        ("edit", "1", "--name", "x"),
        ("rm", "1"),
    ):
        result = dossier("attachment", *line)
        assert (result.code, result.out) == (5, ""), line
    assert not os.path.exists("copy")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("add", "lan", "gone"), 8),
        (("add", "lan", "."), 8),
        (("add", "lan", "/dev/null"), 8),
        (("add", "nobody", "offer.txt"), 3),
        (("add", "lan", "offer.txt", "--interaction", "9"), 3),
        (("add", "lan", "offer.txt", "plan.txt", "--name", "x"), 2),
        (("add", "lan", "offer.txt", "--name", "a\nb"), 2),
        (("add", "lan"), 2),
        (("list", "nobody"), 3),
        (("export", "9"), 3),
        (("export", "x"), 2),
        (("export", "1", "offer.txt"), 6),
        (("export", "1"), 6),
        (("export", "1", "gone/copy"), 8),
        (("open", "9", "--with", "true"), 3),
        (("open", "1"), 2),
        (("open", "1", "--with", ""), 2),
        (("open", "1", "--with", "no-such-viewer"), 1),
        (("open", "1", "--with", "false"), 1),
        (("edit", "1"), 2),
        (("edit", "1", "--name", ""), 2),
        (("rm", "9"), 3),
        (("rm", str(10**30)), 2),
    ],
)
def test_what_cannot_be_done_ends_with_its_code_and_two_lines(
    dossier: Run, line: tuple[str, ...], code: int
) -> None:
    before = dossier("attachment", "list").out
    result = dossier("attachment", *line)
    assert (result.code, result.out) == (code, ""), result
    assert result.err.startswith("dossier: ")
    assert len(result.err.splitlines()) == 2
    assert dossier("attachment", "list").out == before


def test_to_a_pipe_and_never_to_a_terminal(dossier: Run, vault_path: str) -> None:
    below = io.BytesIO()
    pipe = io.TextIOWrapper(below, encoding="utf-8")
    around = Environment(
        io.StringIO(), pipe, io.StringIO(), {"DOSSIER_VAULT": vault_path, "DOSSIER_TODAY": "2027-03-10"}
    )
    words = ["attachment", "export", "1", "-"]
    assert diagnostics.run_guarded(build(), words, Invocation(around)) == 0
    assert below.getvalue() == b"hello"
    result = dossier(*words, terminal=True)
    assert (result.code, result.out) == (2, "")
    assert "a terminal shows no files" in result.err


def test_the_viewer_is_the_setting_unless_another_is_named(
    dossier: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "home" / "dossier"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'opener = "{shutil.which("cp")} -t {tmp_path}"\n')
    assert dossier("attachment", "open", "1").code == 0
    assert (tmp_path / "offer.txt").read_text() == "hello"
    (tmp_path / "offer.txt").chmod(0o600)
    (tmp_path / "offer.txt").unlink()
    assert dossier("attachment", "open", "1", "--with", "true").code == 0
    assert not (tmp_path / "offer.txt").exists()
    assert "opener" in [setting.name for setting in SETTINGS]


def test_a_viewer_that_hands_the_file_on_is_followed_by_a_question(dossier: Run) -> None:
    result = dossier("attachment", "open", "1", "--with", "true", terminal=True, stdin="\n")
    assert result.code == 0
    assert "Press Enter when you are done with it" in result.err
    assert "gone from there" in result.out
    assert dossier("attachment", "open", "1", "--with", "true", terminal=True, stdin="").code == 130


def test_search_finds_it_by_its_name(dossier: Run) -> None:
    result = dossier("search", "offer")
    assert result.out.split("\t")[:2] == ["attachment", "1"]


def test_large_files_are_counted_at_a_terminal(
    vault_path: str, dossier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("large").write_bytes(bytes(3_000_000))
    monkeypatch.setattr("dossier.cli.progress._QUICK", 0.0)
    monkeypatch.setattr("dossier.cli.progress._PAUSE", 0.0)
    err = Terminal()
    around = Environment(
        Terminal(), Terminal(), err, {"DOSSIER_VAULT": vault_path, "DOSSIER_TODAY": "2027-03-10"}
    )
    assert diagnostics.run_guarded(build(), ["attachment", "add", "1", "large"], Invocation(around)) == 0
    assert "Encrypting, MB: 1 of 3" in err.getvalue()
    assert err.getvalue().endswith("\r")


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345_678, "12.3 MB"),
        (2**31, "2.1 GB"),
    ],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


def test_show_lists_them(dossier: Run) -> None:
    account = as_json(dossier, "show", "hanoi")
    assert account["attachments"] == as_json(dossier, "show", "lan")["attachments"]
    assert account["attachments"] == as_json(dossier, "attachment", "list")
    assert f"attachments\t{dossier('attachment', 'list').out}" in dossier("show", "hanoi").out
    page = " ".join(dossier("show", "hanoi", "--format", "table").out.split())
    assert "Attachments 1 offer.txt Trần Thị Lan · 2027-03-10 · interaction 1 · 5 bytes" in page


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no folder in memory here")
def test_lock_removes_what_a_killed_viewer_left(dossier: Run) -> None:
    left = f"/dev/shm/{in_memory.PREFIX}test-{os.getpid()}"
    os.mkdir(left, 0o700)
    Path(left, "offer.txt").write_text("hello")
    assert dossier("lock").code == 0
    assert not os.path.exists(left)
