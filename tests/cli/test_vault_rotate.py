"""`dossier vault rotate` and `dossier vault compact` as they are typed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dossier.errors import Unavailable
from dossier.services import rotating
from dossier.services.session import Session
from dossier.store import rotation
from tests.cli.typing_person import Person
from tests.conftest import PASSPHRASE, FakeAgent, Run
from tests.services.rotations import Killed, dies_after, leave_room
from tests.services.rotations import Run as Rotation
from tests.store.behind import fill, tamper

Types = Callable[..., Person]


@pytest.fixture
def filled(session: Session) -> str:
    """A vault with something in it; its path."""
    fill(session)
    session.close()
    return session.path


@pytest.fixture
def killed(filled: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same, with a rotation that was killed."""
    monkeypatch.setattr(rotation, "_BATCH_ROWS", 2)
    with pytest.raises(Killed):
        Rotation(copying=dies_after(5))(filled)
    return filled


@pytest.fixture
def in_a_script(tmp_path: Path) -> dict[str, str]:
    """The environment of a script that gets the passphrase from a command."""
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    return {"DOSSIER_PASSPHRASE_COMMAND": f"cat {tmp_path / 'passphrase'}"}


def accounts(dossier: Run) -> list[str]:
    return [account["name"] for account in json.loads(dossier("account", "list", "--format", "json").out)]


# --- rotate ----------------------------------------------------------------------------------------------------------


def test_new_keys_at_the_terminal(dossier: Run, filled: str, types: Types) -> None:
    person = types(PASSPHRASE)
    done = dossier("vault", "rotate", terminal=True, stdin="\n")
    assert done.code == 0
    assert done.out == "The vault has new keys (number 2); 15 records were encrypted anew and checked.\n"
    assert person.asked == ["Passphrase: "]  # though the agent holds the keys
    assert "The recovery code opens the vault" in done.err
    assert "As it was before, it is kept as " in " ".join(done.err.split())
    assert "still opens by what opened it" in done.err
    assert accounts(dossier) == ["Café Zürich", "Đặng & Sons"]
    assert dossier("vault", "check").code == 0


def test_new_keys_in_a_script(dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str]) -> None:
    code = str(tmp_path / "code.txt")
    done = dossier("vault", "rotate", "--recovery-file", code, "--format", "json", variables=in_a_script)
    assert (done.code, done.err) == (
        0,
        f"The recovery code is in {code}. Move it to where the vault is not.\n",
    )
    shape = json.loads(done.out)
    assert list(shape) == ["path", "key_id", "resumed", "kept", "counts", "ended"]
    assert (shape["path"], shape["key_id"], shape["resumed"], shape["ended"]) == (filled, 2, False, [])
    assert os.path.exists(shape["kept"])
    assert shape["counts"]["account"] == 2


def test_in_plain_it_is_a_line(
    dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str]
) -> None:
    code = str(tmp_path / "code.txt")
    done = dossier("vault", "rotate", "--no-backup", "--recovery-file", code, variables=in_a_script)
    assert done.out == f"{filled}\t2\tno\t\t15\t\n"
    assert not os.path.exists(f"{filled}.backups")


def test_without_a_terminal_the_code_needs_a_file(
    dossier: Run, filled: str, in_a_script: dict[str, str]
) -> None:
    done = dossier("vault", "rotate", variables=in_a_script)
    assert done.code == 2
    assert "--recovery-file" in done.err


def test_the_agents_keys_are_not_enough(dossier: Run, filled: str, tmp_path: Path) -> None:
    done = dossier("vault", "rotate", "--recovery-file", str(tmp_path / "code.txt"))
    assert done.code == 5
    assert not (tmp_path / "code.txt").exists()


def test_a_wrong_passphrase_is_said_before_key_files(
    dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str]
) -> None:
    cron = str(tmp_path / "cron.key")
    assert dossier("vault", "slots", "add", "--key-file", cron, variables=in_a_script).code == 0
    (tmp_path / "passphrase").write_text("not the one at all\n")
    done = dossier("vault", "rotate", "--recovery-file", str(tmp_path / "code.txt"), variables=in_a_script)
    assert (done.code, "--yes" in done.err) == (5, False)


def test_three_tries_for_the_passphrase(dossier: Run, filled: str, types: Types) -> None:
    person = types("a", "b", PASSPHRASE)
    assert dossier("vault", "rotate", terminal=True, stdin="\n").code == 0
    assert person.asked == ["Passphrase: ", *["That is not it. Passphrase: "] * 2]
    types("a", "b", "c")
    assert dossier("vault", "rotate", terminal=True, stdin="\n").code == 5


def test_a_file_for_the_code_that_exists_is_refused_before_anything_is_asked(
    dossier: Run, filled: str, tmp_path: Path, types: Types
) -> None:
    (tmp_path / "code.txt").write_text("precious")
    person = types(PASSPHRASE)
    done = dossier("vault", "rotate", "--recovery-file", str(tmp_path / "code.txt"), terminal=True)
    assert done.code == 6
    assert person.asked == []
    assert (tmp_path / "code.txt").read_text() == "precious"


def test_key_files_that_are_not_named_are_asked_about(
    dossier: Run,
    filled: str,
    tmp_path: Path,
    types: Types,
    in_a_script: dict[str, str],
    lock: Callable[[], None],
) -> None:
    cron = str(tmp_path / "cron.key")
    added = dossier("vault", "slots", "add", "--key-file", cron, "--scope", "agenda", variables=in_a_script)
    assert added.code == 0
    code = str(tmp_path / "code.txt")
    done = dossier("vault", "rotate", "--recovery-file", code, variables=in_a_script)
    assert done.code == 2
    assert "slot 3 (key file for the agenda alone)" in done.err
    assert "--keep-key-file" in done.err
    types(PASSPHRASE)
    done = dossier("vault", "rotate", terminal=True, stdin="n\n")
    assert (done.code, rotation.is_unfinished(filled)) == (1, False)
    assert "called off" in done.err
    types(PASSPHRASE)
    done = dossier("vault", "rotate", terminal=True, stdin="y\n\n")
    assert done.code == 0
    assert "To add it again: dossier vault slots add --key-file FILE --scope agenda" in " ".join(
        done.err.split()
    )
    lock()
    done = dossier("agenda", "--key-file", cron)
    assert done.code == 5


def test_key_files_that_are_named_stay(
    dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str], lock: Callable[[], None]
) -> None:
    cron = str(tmp_path / "cron.key")
    dossier("vault", "slots", "add", "--key-file", cron, "--scope", "agenda", variables=in_a_script)
    code = str(tmp_path / "code.txt")
    done = dossier("vault", "rotate", "--keep-key-file", cron, "--recovery-file", code, variables=in_a_script)
    assert done.code == 0
    lock()
    done = dossier("agenda", "--key-file", cron, "--format", "json")
    assert done.code == 0
    assert "send the quote" in done.out


def test_going_on_is_told(dossier: Run, killed: str, types: Types) -> None:
    types(PASSPHRASE)
    done = dossier("vault", "rotate", terminal=True, stdin="\n")
    assert done.code == 0
    assert "A rotation was not finished; it goes on after the 6 parts" in done.err
    assert accounts(dossier) == ["Café Zürich", "Đặng & Sons"]


def test_an_unfinished_one_is_mentioned(dossier: Run, killed: str) -> None:
    hint = "A rotation of the vault's keys was not finished; go on with it: dossier vault rotate\n"
    assert hint in dossier("vault", "check", terminal=True).err
    assert dossier("vault", "check").err == ""
    status = dossier("status", terminal=True)
    assert hint[1:].strip() in " ".join(status.out.split("opens by")[0].split())
    assert json.loads(dossier("status", "--format", "json").out)["unfinished_rotation"] is True
    assert "dossier vault rotate" not in dossier("status").out


def test_ctrl_c_says_what_became_of_it(
    dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotating, "check_vault", interrupt)
    code = str(tmp_path / "code.txt")
    done = dossier("vault", "rotate", "--recovery-file", code, variables=in_a_script)
    assert done.code == 130
    assert "The vault is as it was before" in done.err
    assert f"The new recovery code is in {code}." in done.err


def test_what_is_hurt_is_named_and_nothing_happens(
    dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str]
) -> None:
    tamper(filled, "UPDATE account SET tier = 'key' WHERE id = 2")
    before = Path(filled).read_bytes()
    code = tmp_path / "code.txt"
    done = dossier("vault", "rotate", "--recovery-file", str(code), variables=in_a_script)
    assert done.code == 7
    assert "account 2 is hurt" in done.err
    assert "dossier vault check" in done.err
    assert Path(filled).read_bytes() == before
    assert not code.exists()
    assert sorted(name for name in os.listdir(tmp_path) if "vault" in name) == ["vault.dossier"]


def test_an_agent_that_takes_no_keys_is_told_of(
    dossier: Run, filled: str, tmp_path: Path, in_a_script: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("the agent does not take the keys")

    monkeypatch.setattr(FakeAgent, "put", refuse)
    done = dossier("vault", "rotate", "--recovery-file", str(tmp_path / "code.txt"), variables=in_a_script)
    assert done.code == 0
    assert "The vault is locked now: the agent does not take the keys" in done.err
    assert FakeAgent.held == {}


# --- compact ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def loose(filled: str) -> str:
    """A vault with much room that it does not use."""
    leave_room(filled)
    return filled


def test_what_is_not_used_is_given_back(dossier: Run, loose: str) -> None:
    before = os.stat(loose).st_size
    done = dossier("vault", "compact", "--format", "json")
    assert (done.code, done.err) == (0, "")
    after = os.stat(loose).st_size
    assert json.loads(done.out) == {"path": loose, "before": before, "after": after}
    assert after < before // 2
    assert accounts(dossier) == ["Café Zürich", "Đặng & Sons"]


def test_it_says_how_much_at_the_terminal(dossier: Run, loose: str) -> None:
    done = dossier("vault", "compact", terminal=True)
    assert re.fullmatch(rf"Compacted {loose}: \d\.\d MB became [\d.]+ kB\.\n", done.out)
    done = dossier("vault", "compact", terminal=True)
    assert done.out == f"Compacted {loose}: there was nothing to give back.\n"


def test_in_plain_compacting_is_a_line(dossier: Run, loose: str) -> None:
    before = os.stat(loose).st_size
    assert dossier("vault", "compact").out == f"{loose}\t{before}\t{os.stat(loose).st_size}\n"


def test_compacting_needs_the_keys(dossier: Run, loose: str, lock: Callable[[], None]) -> None:
    lock()
    assert dossier("vault", "compact").code == 5


def test_what_is_hurt_is_not_compacted(dossier: Run, loose: str) -> None:
    tamper(loose, "UPDATE account SET tier = 'key' WHERE id = 2")
    before = Path(loose).read_bytes()
    done = dossier("vault", "compact")
    assert done.code == 7
    assert "account 2" in done.err
    assert Path(loose).read_bytes() == before
