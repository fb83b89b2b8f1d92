"""Key files: what is one, what is read of it, and who else may be able to."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from dossier.errors import Locked, Refused, Unavailable
from dossier.vault import key_file
from tests.vault.conftest import TODAY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cron.key"
    path.write_text(key_file.new_text(TODAY))
    path.chmod(0o600)
    return path


def test_what_is_written_is_what_is_read(file: Path) -> None:
    line, remark = file.read_text().splitlines()
    secret, agenda_only = key_file.read(str(file))
    assert not agenda_only
    assert line[14:78] == secret.hex()
    assert (len(secret), len(line), line[:14]) == (32, 86, "dossier-key-1-")
    assert remark.startswith("# ")
    assert "2026-03-02" in remark


def test_a_file_for_the_agenda_alone_says_so() -> None:
    text = key_file.new_text(TODAY, agenda_only=True)
    secret, agenda_only = key_file.parse(text.encode(), "F")
    assert agenda_only
    assert text.startswith(f"dossier-agenda-key-1-{secret.hex()}")
    assert "opens the agenda of what it was added to" in text
    assert secret.hex() not in repr(key_file.parse(text.encode(), "F"))


def test_no_two_are_the_same() -> None:
    assert len({key_file.new_text(TODAY) for _ in range(100)}) == 100


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r\nand more\n", "\n\0\xff"])
def test_whatever_follows_the_first_line_is_left_alone(file: Path, ending: str) -> None:
    secret = key_file.read(str(file))
    file.write_bytes((file.read_text().splitlines()[0] + ending).encode("latin-1"))
    assert key_file.read(str(file)) == secret


def test_every_changed_character_is_noticed_and_none_is_told(file: Path) -> None:
    text = file.read_text()
    for position in range(86):
        for other in "0", "f", "G", " ", "\n", "é":
            mangled = text[:position] + other + text[position + 1 :]
            if mangled != text:
                with pytest.raises(Locked, match="no key file of dossier, or a damaged one") as caught:
                    key_file.parse(mangled.encode(), "F")
                assert text[20:60] not in f"{caught.value.message}{caught.value.hint}"
                assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"dossier-key-1-", b"dossier-key-2-" + b"0" * 72, b"\xff" * 5000, b"\0" * 90]
)
def test_what_is_no_key_file_is_told_so(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    with pytest.raises(Locked, match="no key file"):
        key_file.read(str(file))


def test_upper_case_is_not_what_we_write(file: Path) -> None:
    head, digits = file.read_text().splitlines()[0][:14], file.read_text().splitlines()[0][14:]
    with pytest.raises(Locked):
        key_file.parse((head + digits.upper()).encode(), "F")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert key_file.read(str(file))


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o777])
def test_a_file_that_others_can_get_at_is_refused_with_what_to_run(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(Refused, match="others on this machine") as caught:
        key_file.read(str(file))
    assert caught.value.hint == f"run: chmod 600 {file}"


def test_what_to_run_is_quoted_for_the_shell(tmp_path: Path) -> None:
    path = tmp_path / "it's a key"
    path.write_text("")
    path.chmod(0o644)
    with pytest.raises(Refused) as caught:
        key_file.read(str(path))
    assert caught.value.hint is not None
    assert os.system(caught.value.hint.removeprefix("run: ")) == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_user_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(file).st_uid + 1)
    with pytest.raises(Refused, match="belongs to another user"):
        key_file.read(str(file))


def test_what_is_asked_is_asked_of_the_file_that_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody puts another file in its place between the question and the reading."""
    secret, real = key_file.read(str(file)), os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        os.replace(file, file.with_suffix(".away"))
        file.write_text(key_file.new_text(TODAY))
        file.chmod(0o666)
        return found

    monkeypatch.setattr(os, "fstat", fstat)
    assert key_file.read(str(file)) == secret


@pytest.mark.parametrize("what", ["folder", "fifo", "device", "socket"])
def test_what_is_no_file_never_hangs(tmp_path: Path, what: str) -> None:
    path = tmp_path / "thing"
    if what == "folder":
        path.mkdir(mode=0o700)
    elif what == "fifo":
        os.mkfifo(path, 0o600)
    elif what == "socket":
        import socket

        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    else:
        path = Path("/dev/zero")
    done: list[BaseException] = []

    def read() -> None:
        try:
            key_file.read(str(path))
        except (Refused, Unavailable) as fault:
            done.append(fault)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    reading.join(5)
    assert len(done) == 1


def test_a_link_is_followed_to_a_file_that_must_be_private(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    assert key_file.read(str(link)) == key_file.read(str(file))
    file.chmod(0o644)
    with pytest.raises(Refused):
        key_file.read(str(link))


@pytest.mark.parametrize("name", ["none", "none/below", "nul\0", "x" * 300])
def test_a_file_that_is_not_there_is_unavailable(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable, match="cannot read the key file") as caught:
        key_file.read(str(tmp_path / name))
    assert caught.value.hint is not None
