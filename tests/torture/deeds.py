"""What a person does to a vault in years, each as a thing that `mortal.py` can do and be killed in.

The vault is opened by its passphrase, for no agent has the keys of a root that is new. Each deed can be done again
after a run that was killed in it, whatever came of that one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dossier.config import Config
from dossier.errors import NotFound, Refused
from dossier.services import (
    accepting,
    attachments,
    compacting,
    forgetting,
    importing,
    interactions,
    rotating,
    safekeeping,
    salvaging,
    slots,
)
from dossier.services.passphrases import Unlocking
from dossier.services.rotating import Told, Wanted
from dossier.services.safekeeping import Restoring
from dossier.services.salvaging import Watching
from dossier.services.session import Session
from dossier.services.slots import Scope
from dossier.services.vaults import CodeKeeper
from dossier.store import rotation
from tests.torture.place import PASSPHRASE, TODAY

Deed = Callable[[str], Callable[[], object]]

PERSON = "p2"
"""Who is forgotten; named in an interaction, on a backup, and as the person of an attachment."""

FROZEN = "a frozen vault opens for ever"
"""That of the vault of schema 1 (tests/store/fixtures)."""

ASKED = Unlocking(prompt=lambda question: FROZEN if question.startswith("That is not it") else PASSPHRASE)
SETTINGS = Config({"backups_kept": "2"}, {}, "")


def home_of(vault: str) -> Path:
    """Where the files lie that the deeds take and leave."""
    return Path(vault).parent.parent / "home"


def opened(vault: str) -> Session:
    """A session with all keys, by the passphrase."""
    session = Session(vault, TODAY, SETTINGS, ASKED)
    session.open_anew()
    return session


def _nothing(done: int, total: int) -> None:
    pass


def _attach(vault: str) -> Callable[[], object]:
    session, home = opened(vault), home_of(vault)
    files = [str(home / "a long file"), str(home / "a short file")]
    return lambda: attachments.add(session, "a1", files)


def _log_with_files(vault: str) -> Callable[[], object]:
    session, home = opened(vault), home_of(vault)
    return lambda: interactions.log(
        session, "a1", "talked of a file", {}, attach=[str(home / "a long file")], participants=["p1"]
    )


def _export(vault: str) -> Callable[[], object]:
    session, target = opened(vault), home_of(vault) / "exported"

    def deed() -> None:
        with suppress(Refused):  # it is there already
            attachments.export(session, 1, str(target))

    return deed


def _import(vault: str) -> Callable[[], object]:
    session = opened(vault)
    cards = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Someone {number}\r\nORG:Company {number % 7}\r\nBDAY:1975-04-12\r\n"
        f"NOTE:{'words ' * 300}\r\nEND:VCARD\r\n"
        for number in range(40)
    )
    return lambda: importing.vcard(session, cards.encode(), importing.Options())


def _rotate(vault: str) -> Callable[[], object]:
    rotation._BATCH_ROWS = 5  # so that a small vault is several batches
    session = Session(vault, TODAY, SETTINGS, ASKED)
    told = Told(lambda ended: None, lambda line: None, _nothing, _nothing)
    return lambda: rotating.rotate(session, Wanted(CodeKeeper(None, lambda code: None)), told)


def _compact(vault: str) -> Callable[[], object]:
    session = opened(vault)
    return lambda: compacting.compact(session, _nothing)


def _restore(vault: str) -> Callable[[], object]:
    into = Restoring(vault, TODAY, SETTINGS, ASKED)
    source = str(home_of(vault) / "backup.dossier")
    return lambda: safekeeping.restore(source, into, lambda checked: None, _nothing)


def _salvage(vault: str) -> Callable[[], object]:
    target = str(home_of(vault) / "salvaged.dossier")
    source = Restoring(vault, TODAY, SETTINGS, ASKED)

    def deed() -> None:
        with suppress(Refused):  # it is there already
            salvaging.salvage(target, source, None, Watching(_nothing, _nothing, _nothing))

    return deed


def _forget(vault: str) -> Callable[[], object]:
    session = opened(vault)

    def deed() -> None:
        try:
            forgetting.person(session, PERSON)
        except NotFound:
            forgetting.finish(session)

    return deed


def _forget_history(vault: str) -> Callable[[], object]:
    session = opened(vault)
    session.today = session.today.replace(
        year=9000
    )  # the journal has the day of this machine: all of it is before
    return lambda: forgetting.history(session, "today")


def _accept(vault: str) -> Callable[[], object]:
    session = opened(vault)
    return lambda: accepting.accept(session, _nothing, lambda problems: None)


def _add_key_file(vault: str) -> Callable[[], object]:
    session = Session(vault, TODAY, SETTINGS, ASKED)
    path = str(home_of(vault) / "key")

    def deed() -> None:
        with suppress(Refused):  # it opens the vault already
            slots.add(session, path, Scope.AGENDA)

    return deed


def _remove_key_file(vault: str) -> Callable[[], object]:
    session = Session(vault, TODAY, SETTINGS, ASKED)

    def deed() -> None:
        with suppress(NotFound):
            slots.remove(session, 3, lambda slot, left: None)

    return deed


def _migrate(vault: str) -> Callable[[], object]:
    """The deed is to open it at all."""

    def deed() -> None:
        opened(vault).close()

    return deed


DEEDS: dict[str, Deed] = {
    "attach": _attach,
    "log with files": _log_with_files,
    "export": _export,
    "import cards": _import,
    "rotate": _rotate,
    "compact": _compact,
    "restore over": _restore,
    "salvage": _salvage,
    "forget": _forget,
    "forget history": _forget_history,
    "accept": _accept,
    "add key file": _add_key_file,
    "remove key file": _remove_key_file,
    "migrate": _migrate,
}


def log(vault: str, label: str) -> Callable[[], object]:
    """A short one, for a long row of deeds: it can be told from the others."""
    session = opened(vault)
    return lambda: interactions.log(session, "a1", label, {})
