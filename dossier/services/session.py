"""A vault in use: opened, perhaps unlocked, with the day it is and the settings in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Self

from dossier import paths
from dossier.config import Config
from dossier.errors import Damaged, Locked
from dossier.services.passphrases import HOW_TO_UNLOCK, Unlocking, obtain
from dossier.store.database import Database
from dossier.store.gate import Gate, Transaction
from dossier.store.migrations import migrate_if_older
from dossier.store.reader import Reader
from dossier.store.record import AGENDA
from dossier.store.rows import Rows
from dossier.vault.agent_client import AgentClient
from dossier.vault.header import Header, open_with_passphrase
from dossier.vault.keys import Keys


class Session:
    """An open vault file. Reading works locked, showing less; `change` needs all keys."""

    def __init__(self, path: str, today: date, config: Config, unlocking: Unlocking) -> None:
        """Open the vault at `path`, with the agent's keys if it has them; the faults of `Database` if it cannot."""
        self.path = path
        self.today = today
        self.config = config
        self.database = Database(path)
        migrate_if_older(self.database)
        self._unlocking = unlocking
        self.agent = AgentClient(paths.runtime_dir())
        self.header = self.read_header()
        self.vault_id = Header.parse(self.header).vault_id
        self.use(self.agent.get(self.vault_id) or Keys(self.vault_id, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the vault file; the agent keeps its keys."""
        self.database.close()

    def read_header(self) -> bytes:
        """The vault's header as it stands in the file."""
        found = self.database.row("SELECT header FROM vault")
        if found is None or not isinstance(found[0], bytes):
            raise Damaged(
                f"the header of {self.path} is missing", "restore a backup: dossier vault restore FILE"
            )
        return found[0]

    def use(self, keys: Keys) -> None:
        """Read and write with these keys from now on."""
        self.keys = keys
        self.rows = Rows(keys)
        self.reader = Reader(self.database, self.rows)

    @property
    def locked(self) -> bool:
        """Whether anything secret stays hidden."""
        return not self.keys.full

    @property
    def knows_agenda(self) -> bool:
        """Whether titles and dates of the agenda can be shown."""
        return self.rows.can_open(AGENDA)

    def unlock(self) -> None:
        """Get all keys by the first way that there is: agent, command, descriptor, prompt.

        Raises Locked when there is no way or the passphrase is wrong. A passphrase typed at the terminal is not asked
        for again soon: the agent takes the keys.
        """
        if not self.locked:
            return
        passphrase, typed = self.passphrase()
        self.use(open_with_passphrase(self.header, passphrase).keys)
        if typed:
            self.hand_to_agent()

    def unlock_if_unattended(self) -> None:
        """Get the keys if that takes no person: for the agenda and lists, which never prompt and work locked too."""
        if self.locked and (self.config["passphrase_command"] or self._unlocking.passphrase_fd is not None):
            self.unlock()

    def passphrase(self) -> tuple[str, bool]:
        """The vault's passphrase, and whether a person typed it."""
        return obtain(self.config["passphrase_command"], self._unlocking)

    def hand_to_agent(self, idle_minutes: int | None = None, hours: float | None = None) -> None:
        """Let the agent hold the keys for as long as the settings, or the arguments, say."""
        idle = (idle_minutes or self.config["idle_minutes"]) * 60
        longest = int((hours or self.config["unlock_hours"]) * 3600)
        self.agent.put(self.keys, idle, longest)

    @contextmanager
    def change(self, command: str) -> Iterator[Transaction]:
        """One journaled transaction, all or nothing; Locked without all keys."""
        if self.locked:
            raise Locked("the vault is locked", HOW_TO_UNLOCK)
        with Gate(self.database, self.rows).change(command) as transaction:
            yield transaction
