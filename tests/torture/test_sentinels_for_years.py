"""No secret in clear in anything that a vault leaves in years, and nothing of a person who was forgotten (C1)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from dossier.services import attachments, in_memory
from dossier.store import rotation
from dossier.store.catalog import Attachment
from dossier.vault import header
from dossier.vault.stream import StreamKey
from tests.torture import traced
from tests.torture.deeds import home_of
from tests.torture.mortal import Mortal
from tests.torture.place import PASSPHRASE, Place, counts
from tests.torture.sentinels import PUBLIC, Scanner, Secrets, held_in_memory
from tests.torture.test_agent_attacks import linux, wait_until
from tests.torture.test_kill import spread
from tests.torture.test_kill_for_years import EVER, Kept
from tests.torture.test_sentinels import Written, template  # noqa: F401 - a fixture

ASKED = {"DOSSIER_PASSPHRASE_COMMAND": f"printf %s '{PASSPHRASE}'"}
traceable = pytest.mark.skipif(
    not traced.possible, reason="traces system calls of Linux on x86_64 or aarch64"
)


@pytest.fixture
def written(template: tuple[Path, Secrets], place: Place) -> Written:  # noqa: F811
    """A place with a copy of the vault full of secrets; the keys of its attachments are secrets as well."""
    shutil.copy2(template[0], place.vault)
    found = Written(place, template[1])
    with place.session() as session:
        for record in session.reader.find(Attachment):
            assert record.key is not None
            found.keys.append(StreamKey.parse(record.key).key)
    found.scanner = Scanner.of_stems(found.keys, (PASSPHRASE, place.recovery_code))
    return found


def ok(place: Place, *arguments: str, **more: object) -> str:
    """Run a command that works; all that it printed."""
    ended = place.run(*arguments, variables=ASKED, **more)  # type: ignore[arg-type]
    assert ended.code == 0, ended
    return ended.out + ended.err


def cards(secrets: Secrets) -> str:
    return "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{PUBLIC} Card {number}\r\nORG:{PUBLIC} Cards\r\nBDAY:1931-07-0{number}\r\n"
        f"NOTE:{secrets.line()}\r\nEND:VCARD\r\n"
        for number in range(1, 6)
    )


def test_nothing_is_found_in_backups_of_every_reason_and_in_what_they_were_made_before(
    written: Written,
) -> None:
    """Import, rotation, restore; compacting, salvage, and what the machine remembers of all that."""
    place, secrets = written.place, Secrets()
    said = [ok(place, "import", "vcard", "-", stdin=cards(secrets))]
    assert written.leaks(*said) == {}
    kept = str(place.home / "a backup")
    said.append(ok(place, "vault", "backup", kept))
    said.append(ok(place, "vault", "rotate", "--yes", "--recovery-file", str(place.home / "new code")))
    new_code = (place.home / "new code").read_text().split()[0]
    new = keys_of(place)
    (place.home / "new code").unlink()
    written.scanner = Scanner.of_stems([*written.keys, *new], (PASSPHRASE, place.recovery_code, new_code))
    assert written.leaks(*said) == {}
    ok(place, "attachment", "rm", "1")  # it says what it removed
    said.append(ok(place, "vault", "forget-history", "--before", "today", "--yes"))
    said.append(ok(place, "vault", "compact"))
    said.append(ok(place, "vault", "salvage", str(place.home / "salvaged")))
    assert written.leaks(*said) == {}
    said.append(ok(place, "vault", "restore", kept, "--yes"))
    said.append(ok(place, "vault", "backups"))
    assert written.leaks(*said) == {}
    reasons = {name.split("-before-")[1].split(".")[0] for name in os.listdir(f"{place.vault}.backups")}
    assert reasons >= {"import", "rotation", "restore"}
    assert (place.home / "state").exists(), "the machine remembers something, and it was searched"


def keys_of(place: Place) -> list[bytes]:
    """The class keys that the vault has now."""
    with place.session() as session, header.open_with_passphrase(session.header, PASSPHRASE) as opened:
        return [key for key in (opened.keys.agenda, opened.keys.dossier, opened.keys.seal) if key]


def test_an_attachment_is_found_nowhere_by_its_name_or_content(written: Written) -> None:
    """Two megabytes of it: more than SQLite's cache would hold. Stored, listed, removed, brought back."""
    place, secrets = written.place, Secrets()
    with (
        held_in_memory(f"{secrets.line()} and more of the same\n" * 50_000) as file,
        place.session() as session,
    ):
        attachments.add(session, "a1", [file], name=secrets.line())
        assert written.leaks() == {}
    number = str(len(ok(place, "attachment", "list", "--format", "plain").splitlines()))
    place.agent.lock()
    locked = place.run("attachment", "list", "--format", "json")
    assert locked.code == 0
    assert written.leaks(locked.out, locked.err) == {}
    ok(place, "attachment", "rm", number)
    assert written.leaks() == {}
    ok(place, "undo")
    assert written.leaks() == {}
    assert written.scanner.found_in(ok(place, "attachment", "export", number, "-").encode())
    assert written.leaks() == {}


def test_messages_about_attachments_do_not_repeat_their_names(written: Written) -> None:
    place = written.place
    taken = place.home / "taken"
    taken.write_text("")
    said = []
    for code, arguments in (
        (3, ("attachment", "export", "999")),
        (6, ("attachment", "export", "1", str(taken))),
        (8, ("attachment", "export", "1", str(place.home / "no" / "such"))),
        (2, ("attachment", "open", "1")),
        (1, ("attachment", "open", "1", "--with", "false")),
        (1, ("attachment", "open", "1", "--with", "/nonexistent/viewer")),
    ):
        ended = place.run(*arguments, variables=ASKED)
        assert ended.failed_well(code), ended
        said.append(ended.err)
    assert written.leaks(*said) == {}


# --- Shown in a viewer


class Showing(NamedTuple):
    """An attachment that a viewer shows for as long as nobody stops it, in a folder in memory that is ours alone."""

    written: Written
    run: subprocess.Popen[bytes]
    memory: Path
    variables: dict[str, str]

    @property
    def open(self) -> list[Path]:
        """What lies in memory of attachments that are shown."""
        return list(self.memory.glob(f"{in_memory.PREFIX}*"))

    def is_shown(self) -> bool:
        """Whether the viewer has something to show: a search finds it."""
        return bool(Scanner.of_stems().leaks(self.memory))


@pytest.fixture
def in_memory_alone() -> Iterator[Path]:
    """A runtime folder in memory."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("has no folder in memory")
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="dossier-test-") as folder:
        yield Path(folder)


@pytest.fixture
def showing(written: Written, in_memory_alone: Path) -> Iterator[Showing]:
    variables = {**written.place.variables, **ASKED, "XDG_RUNTIME_DIR": str(in_memory_alone)}
    shown = subprocess.Popen(
        written.place.command("attachment", "open", "1", "--with", "/bin/sh -c 'sleep 60' viewer"),
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    found = Showing(written, shown, in_memory_alone, variables)
    try:
        wait_until(found.is_shown, 20)
        yield found
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shown.pid, signal.SIGKILL)
        shown.wait()
        wait_until(lambda: found.open == [], 5)


@linux
def test_while_it_is_shown_it_is_in_memory_alone_and_nobody_elses(showing: Showing) -> None:
    assert showing.written.leaks() == {}
    (folder,) = showing.open
    assert folder.stat().st_mode & 0o777 == 0o700
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_it_however_the_run_ends(showing: Showing, number: int) -> None:
    """Kill -9 included: a process of its own, which Ctrl-C does not reach, takes it away."""
    os.kill(showing.run.pid, number)
    wait_until(lambda: showing.open == [], 5)
    assert showing.written.leaks() == {}
    assert not showing.is_shown()


@linux
def test_what_even_the_watcher_could_not_take_away_the_next_run_does(showing: Showing) -> None:
    (folder,) = showing.open
    for process in processes_with(str(folder)):
        os.kill(process, signal.SIGKILL)
    os.killpg(showing.run.pid, signal.SIGKILL)
    showing.run.wait()
    assert showing.open == [folder]
    ended = showing.written.place.run(
        "attachment", "open", "1", "--with", "true", variables=showing.variables
    )
    assert ended.code == 0, ended
    assert showing.open == []


def processes_with(word: str) -> list[int]:
    """The processes that have a word as an argument."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if os.fsencode(word) in words:
                found.append(int(entry))
    return found


# --- Killed in the middle


@traceable
@pytest.mark.parametrize("deed", ["rotate", "attach", "export", "salvage", "compact", "import cards"])
@counts(3, 60)
def test_nothing_is_found_after_kill_9_in_the_middle(written: Written, deed: str, count: int) -> None:
    """Unfinished rotations, halves of copies and exports, journals, spilled pages, memories of the machine."""
    place, secrets = written.place, Secrets()
    home = home_of(place.vault)
    written.scanner = Scanner.of_stems(written.keys, (PASSPHRASE, place.recovery_code))
    for name in ("a long file", "a short file"):
        (home / name).write_text("plain words, for what somebody attaches lies on their disk\n" * 4000)
    with held_in_memory(f"{secrets.line()}\n" * 6000) as file, place.session() as session:
        attachments.add(session, "a1", [file], name=secrets.line())
    kept = Kept(place)
    left = 0
    with Mortal(place, deed) as mortal:
        total = len(mortal.die_at(EVER).calls)
        for point in spread(total, count):
            kept.put_back()
            mortal.die_at(point)
            exported = home / "exported"
            if deed == "export" and exported.exists():  # what was asked for, and whole
                assert Scanner.of_stems().found_in(exported.read_bytes())
                exported.unlink()
            assert written.leaks() == {}
            left += len(place.beside()) + rotation.is_unfinished(place.vault)
    assert left or deed in ("export", "salvage")


# --- Somebody who is to be forgotten

GONE = "Vergissmeinnicht"


def everything_about(place: Place) -> None:
    """All that can be known of a person, and changed of it, through the command line; found in clear and in backups."""

    def say(*arguments: str) -> None:
        ok(place, *arguments)

    say(
        "person",
        "add",
        f"{GONE} Eins",
        "--account",
        "a1",
        "--mail",
        f"{GONE}@eins.example",
        "--alias",
        f"{GONE}chen",
    )
    (line,) = [one for one in ok(place, "person", "list", "--format", "plain").splitlines() if GONE in one]
    p = f"p{line.split(chr(9))[0]}"
    say("person", "edit", p, "--note", f"{GONE} likes tea", "--private-mail", f"{GONE}@zwei.example")
    say("person", "edit", p, "--name", f"{GONE} Zwei", "--position", f"{GONE} of the board")
    say("fact", "add", p, f"{GONE} collects stamps")
    say("relative", "add", p, f"{GONE} Junior", "--relation", "child")
    say("occasion", "add", p, "other", "1950-01-02", "--title", f"{GONE} day")
    say("promise", "add", p, "send the quote", "--due", "fri")
    say("log", "a1", "a talk", "--with", p)
    with held_in_memory(f"{GONE} in a file\n" * 9000) as file, place.session() as session:
        attachments.add(session, p, [file], name=f"{GONE}.txt")


@pytest.mark.parametrize("rotated", [False, True])
def test_after_forgetting_no_byte_of_that_person_is_in_any_file_of_ours(
    written: Written, rotated: bool
) -> None:
    """Their names stand in clear in columns, pages and backups before; searched for in every form afterwards."""
    place = written.place
    scanner = Scanner([GONE])
    everything_about(place)
    ok(place, "import", "vcard", "-", stdin=cards(Secrets()))
    if rotated:
        ok(place, "vault", "rotate", "--yes", "--recovery-file", str(place.home / "new code"))
    before = scanner.leaks(place.folder)
    assert place.vault in before, "a search that finds nothing might be a broken one"
    assert any(".backups/" in path for path in before)
    said = ok(place, "person", "forget", GONE, "--yes", "--format", "json")
    assert GONE in said, "it says whom it forgot"
    assert json.loads(said)["still_named_in"] == []
    assert scanner.leaks(place.folder) == {}
    assert written.leaks() == {}
    ok(place, "vault", "check")
    opened = ok(place, "search", GONE, "--format", "json") + ok(place, "history", "--format", "json")
    assert GONE not in opened
    assert GONE.lower() not in opened.lower()


@traceable
@counts(3, 60)
def test_forgetting_that_is_killed_leaves_nothing_once_it_is_done_again(written: Written, count: int) -> None:
    """Somebody named as the deed names them: person 2 of the vault."""
    place = written.place
    name = f"{PUBLIC} 1 Person"
    scanner = Scanner([name])
    ok(place, "import", "vcard", "-", stdin=cards(Secrets()))
    kept = Kept(place)
    with Mortal(place, "forget") as mortal:
        total = len(mortal.die_at(EVER).calls)
        assert scanner.leaks(place.data) == {}
        for point in spread(total, count):
            kept.put_back()
            mortal.die_at(point)
            assert mortal.die_at(EVER).acknowledged
            assert scanner.leaks(place.data) == {}
            assert scanner.leaks(place.home) == {}


def test_no_core_is_dumped_of_a_command_that_crashes(written: Written) -> None:
    """Whatever the shell allows: it would hold keys and text."""
    if not shutil.which("prlimit"):
        pytest.skip("needs prlimit")
    place = written.place
    command = place.command("log", "1", "-")
    running = subprocess.Popen(
        ["prlimit", "--core=unlimited", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**place.variables, **ASKED},
        cwd=place.home,
    )
    wait_until(lambda: core_limit(running.pid) == "0", 20)
    running.send_signal(signal.SIGSEGV)
    running.communicate()
    assert running.returncode == -signal.SIGSEGV
    assert [path.name for path in place.home.iterdir() if "core" in path.name] == []
    assert written.leaks() == {}


def core_limit(process: int) -> str:
    """The size that a core dump of a process may have."""
    try:
        text = Path(f"/proc/{process}/limits").read_text()
    except OSError:
        return ""
    (line,) = [one for one in text.splitlines() if one.startswith("Max core file size")]
    return line.split()[4]
