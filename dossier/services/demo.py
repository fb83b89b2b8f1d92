"""A throw-away vault with the book of business in `examples/`: to look around, and to try things without harm."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import NamedTuple

from dossier.config import Config
from dossier.errors import Unavailable
from dossier.paths import VAULT_NAME
from dossier.services import book, importing, vaults
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.store.create import cannot_write, make_private_folder, taken

_NOTE_NAME = "passphrase"
"""The file beside the vault that holds its passphrase."""
_NAMES = (VAULT_NAME, _NOTE_NAME)

OPEN_FOR = timedelta(hours=8)
"""How long the agent holds the keys: nothing in there is worth locking, and whoever looks around takes breaks."""


class Demo(NamedTuple):
    """A demo that stands: its folder, the files in it, and its vault, open."""

    folder: str
    passphrase_file: str
    session: Session
    warning: str | None
    """Why the agent does not hold the keys; None if it does."""


def make(today: date, config: Config, keep: str | None, tell: Callable[[str], None]) -> Demo:
    """Make a vault in a new temporary folder, or in the folder `keep`, and write the book of business into it.

    `tell` hears what goes on. A failure or an interruption leaves nothing behind. Raises Refused if there is a demo in
    `keep` already, Unavailable if it cannot be written, or if the examples are not installed.
    """
    with _place(keep) as folder:
        path, passphrase_file = (os.path.join(folder, name) for name in _NAMES)
        tell("Making a throw-away vault …")
        passphrase = _new_passphrase(passphrase_file)
        # The recovery code is let go: the passphrase lies beside the vault, for there is nothing real to protect.
        keys = vaults.make(path, passphrase, today, vaults.CodeKeeper(None, lambda code: None))
        # Nothing of it is remembered: who throws it away need not clean up elsewhere.
        session = Session(path, today, config, Unlocking(), passing=True)
        try:
            session.use(keys)
            tell("Writing a year and a half of work into it …")
            fill(session)
            return Demo(folder, passphrase_file, session, _hand_to_agent(session))
        except BaseException:
            session.close()
            raise


def fill(session: Session) -> None:
    """Write the whole book of business into an empty vault; its days count from the session's today."""
    examples = book.folder()
    book.write(session, os.path.join(examples, "book"))
    options = importing.Options(backup=False)  # nobody would miss it
    importing.vcard(session, importing.read_file(os.path.join(examples, "contacts.vcf")), options)
    importing.csv(session, importing.read_file(os.path.join(examples, "leads.csv")), options)


def _hand_to_agent(session: Session) -> str | None:
    try:
        session.hand_to_agent(OPEN_FOR)
    except Unavailable as fault:
        return fault.message
    return None


@contextmanager
def _place(keep: str | None) -> Iterator[str]:
    """The folder of a demo, which goes again, or is left as it was, if what follows fails or is interrupted."""
    import shutil
    import tempfile

    if keep is None:
        folder, ours = tempfile.mkdtemp(prefix="dossier-demo-"), True
    else:
        folder = os.path.abspath(keep)
        ours = not os.path.lexists(folder)
        _refuse_if_used(folder)
        make_private_folder(folder)
    try:
        yield folder
    except BaseException:
        if ours:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for name in _NAMES:
                with suppress(OSError):
                    os.unlink(os.path.join(folder, name))
        raise


def _refuse_if_used(folder: str) -> None:
    for name in _NAMES:
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            raise taken(path, "name another folder: dossier demo --keep DIR")


def _new_passphrase(path: str) -> str:
    """A random passphrase, kept in a new file that only its owner can read."""
    import secrets

    passphrase = secrets.token_hex(8)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{passphrase}\n")
    except OSError as error:
        raise cannot_write(path, error) from None
    return passphrase
