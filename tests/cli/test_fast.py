from __future__ import annotations

import io
import sys

import pytest

from dossier import __main__ as entry
from dossier.cli import fast
from dossier.cli.environment import Environment
from dossier.cli.invocation import Invocation
from dossier.services import accounts, promises
from dossier.services.session import Session
from tests.conftest import TODAY, Run


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


UNDERSTOOD = (
    "",
    "agenda",
    "agenda --days 30",
    "agenda --days=0 --limit 2",
    "agenda --only promise_due --only promise_overdue",
    "agenda --only=cadence --format json",
    "--format csv agenda",
    "--format csv agenda --format plain",
    "agenda --format=",
    "agenda --format xml",
    "agenda --format table --color never",
    "agenda --fail-on overdue",
    "agenda --fail-on tomorrow",
    "--no-input agenda --debug",
    "--today 2027-04-01",
    "--today 2027-04-01 agenda --today 2027-05-01",
    "agenda --today tomorrow",
    "--vault /nowhere/at/all agenda",
    "--vault /nowhere/at/all",
    "agenda --passphrase-fd 99",
    "agenda --key-file /nowhere/at/all",
    "--key-file=/nowhere/at/all agenda --key-file=",
    "--key-file /nowhere/at/all",
    "--format json",
)
LEFT = (
    "--help",
    "--version",
    "agenda --help",
    "agenda now",
    "agenda agenda",
    "agenda --days",
    "agenda --days -1",
    "agenda --days 367",
    "agenda --days soon",
    "agenda --limit 0",
    "agenda --only everything",
    "agenda --days --limit 3",
    "agenda -- --days 3",
    "agenda --no-input=yes",
    "agenda --day 3",
    "--days 3 agenda",
    "--days 3",
    "agenda --passphrase-fd three",
    "agenda --key-file",
    "agenda --key-file --days 3",
    "agenda --nothing",
    "account list",
    "nonsense",
)


@pytest.fixture
def book(session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {"tier": "key"})
    promises.add(session, "hanoi", "send the quote", due="2027-03-08", made="2027-03-01")
    promises.add(session, "hanoi", "call back", due="2027-03-12")


@pytest.mark.parametrize("line", UNDERSTOOD)
@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_understood_answers_as_typer_does(
    book: None, dossier: Run, vault_path: str, line: str, terminal: bool
) -> None:
    understood = fast.understood(line.split())
    assert understood is not None
    kind = _Terminal if terminal else io.StringIO
    out, err = kind(), kind()
    around = {"DOSSIER_VAULT": vault_path, "DOSSIER_TODAY": TODAY.isoformat(), "COLUMNS": "100"}
    code = fast.print_for(understood, Invocation(Environment(kind(), out, err, around)))
    assert (code, out.getvalue(), err.getvalue()) == dossier(*line.split(), terminal=terminal)


@pytest.mark.parametrize("line", LEFT)
def test_everything_else_is_left_to_typer(line: str) -> None:
    assert fast.understood(line.split()) is None


def test_the_shell_that_completes_words_gets_no_agenda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_DOSSIER_COMPLETE", "complete_bash")
    assert fast.run([]) is None


def test_the_program_asks_the_fast_path_first(
    book: None, vault_path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "dossier.cli.main", raising=False)
    assert entry.run(["--vault", vault_path, "--today", str(TODAY), "agenda"]) == 0
    assert capsys.readouterr().out.startswith("promise_overdue\t1\t2027-03-08\t2\tHanoi Optics")
    assert "dossier.cli.main" not in sys.modules
