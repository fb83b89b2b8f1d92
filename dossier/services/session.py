"""A vault in use: opened, perhaps unlocked, with the day it is and the settings in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Self

from dossier import paths
from dossier.config import Config
from dossier.errors import Damaged, Locked, NoVault, Unavailable
from dossier.services import newest
from dossier.services.passphrases import HOW_TO_UNLOCK, QUESTION, Unlocking, obtain, with_three_tries
from dossier.store.database import Database
from dossier.store.gate import Gate, Transaction
from dossier.store.head import read_header, replace_header, wrote
from dossier.store.migrations import migrate_if_older
from dossier.store.reader import Reader
from dossier.store.record import AGENDA
from dossier.store.rows import Rows
from dossier.vault.agent_client import AgentClient
from dossier.vault.header import (
    Header,
    Opened,
    agenda_with_key_file,
    find_key_file,
    open_with_key_file,
    open_with_passphrase,
)
from dossier.vault.keys import Keys
from dossier.vault.seals import Manifest


class _Rehearsed(Exception):
    """No failure: it ends a transaction that must leave nothing behind."""


def the_agent() -> AgentClient:
    """The agent of this user on this machine, whether it runs or not."""
    return AgentClient(paths.runtime_dir())


def hand_to_agent(keys: Keys, config: Config, span: timedelta | None = None) -> None:
    """Let the agent hold keys for as long as the settings say, or for `span`; Unavailable if it cannot."""
    idle, longest = config["idle_minutes"] * 60, config["unlock_hours"] * 3600
    if span is not None:
        idle = longest = int(span.total_seconds())
    the_agent().put(keys, idle, longest)


def _opened(path: str) -> Database:
    """The vault at `path`; whoever misses it hears of its backups."""
    try:
        return Database(path)
    except NoVault as fault:
        from dossier.store.backups import way_back  # everyday commands find a vault

        raise NoVault(fault.message, way_back(path) or fault.hint) from None


class Session:
    """An open vault file. Reading works locked, showing less; `change` needs all keys.

    A command has one for a moment, a screen for days. It belongs to the thread that opened it (SQLite refuses
    another); a second thread opens its own and is given the same `Keys`. Those are never altered, only let go of, and
    each session has ciphers of its own, so that one may be locked while the other reads.
    """

    def __init__(
        self,
        path: str,
        today: date,
        config: Config,
        unlocking: Unlocking,
        keys: Keys | None = None,
        *,
        passing: bool = False,
    ) -> None:
        """Open the vault at `path` with `keys` of another session, else with the agent's if it has them.

        A `passing` copy, about to be checked or filled, is neither remembered nor compared with what was seen before.

        Keys that are another vault's, or those of a root that it has no more, leave it locked. Raises the faults of
        `Database` if it cannot be opened.
        """
        self.path = path
        self.today = today
        """The day it is for all that is asked; whoever stays open over midnight sets it."""
        self.config = config
        self.database = _opened(path)
        self.kept: str | None = None
        """Where the vault was copied to before it was brought up to this program's schema; None if it had it."""
        self.warning: str | None = None
        """What the person should hear although nothing failed."""
        self.noticed: Damaged | None = None
        """What stands against relying on this copy, by what this machine saw before: reads say so, writes raise it."""
        self._passing = passing
        self._unlocking = unlocking
        self._joined: Transaction | None = None
        self.agent = the_agent()
        try:
            self.kept = migrate_if_older(self.database, kept=config["backups_kept"])
            self.header = read_header(self.database)
            parsed = Header.parse(self.header)
            self._seen_version = self.database.data_version()
            self.vault_id = parsed.vault_id
            held = self.agent.get(self.vault_id) if keys is None else keys
            fitting = held if held and self._fit(held, parsed) else Keys(self.vault_id, 0)
        except BaseException:
            self.close()
            raise
        self.use(fitting)
        if self.locked:
            self.compare()

    def _fit(self, keys: Keys, header: Header) -> bool:
        """Whether keys are those of this vault.

        A copy from before its keys were changed has the same id, but others; if two machines changed them, each in its
        own copy, the key id is the same too, and only what the keys open tells.
        """
        if keys.vault_id != header.vault_id or keys.key_id != header.key_id:
            return False
        return not keys.full or wrote(self.database, Rows(keys))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the vault file; the agent keeps its keys."""
        self.database.close()

    def anew(self) -> Session:
        """A session on the file that stands at the path now, with the keys of this one if they fit it.

        For a screen whose vault file was replaced while it was open. Raises what opening raises.
        """
        return Session(self.path, self.today, self.config, self._unlocking, self.keys)

    def use(self, keys: Keys) -> None:
        """Read and write with these keys from now on."""
        self.keys = keys
        self.rows = Rows(keys)
        self.reader = Reader(self.database, self.rows)
        if keys.full:
            self.compare()

    def compare(self) -> None:
        """See anew whether this is the newest copy that this machine saw, and what a check said of it: `noticed`."""
        if not self._passing:
            self.noticed = newest.heed(self.database, self.rows, self.header)

    def lock(self) -> None:
        """Let go of the keys: from now on this session reads as a locked one. The agent and other sessions keep theirs.

        Nothing is overwritten: a key is immutable in Python, and shared with whoever else reads. Its memory is given
        back with the last reference; what was read before is the caller's to forget.
        """
        self.use(Keys(self.vault_id, 0))

    def take_from_agent(self) -> bool:
        """Use the agent's keys if it holds all of this vault's; whether it does. This counts as use of them."""
        held = self.agent.get(self.vault_id)
        if held is None or not held.full or not self._fit(held, Header.parse(self.header_now())):
            return False
        self.use(held)
        return True

    def changed_elsewhere(self) -> bool:
        """Whether another connection, this process's others included, has committed since this was last asked.

        At first: since the vault was opened. It never waits: what is being committed counts the next time. Raises
        Unavailable when the file is gone or another one stands in its place.
        """
        self.database.check_still_there()
        version = self.database.data_version()
        if version is None or version == self._seen_version:
            return False
        self._seen_version = version
        return True

    @property
    def locked(self) -> bool:
        """Whether anything secret stays hidden."""
        return not self.keys.full

    @property
    def knows_agenda(self) -> bool:
        """Whether titles and dates of the agenda can be shown."""
        return self.rows.can_open(AGENDA)

    def unlock(self, question: str = QUESTION) -> None:
        """Get all keys by the first way that there is: agent, key file, command, descriptor, prompt.

        Raises Locked when there is no way or the passphrase is wrong, and what `root` raises for a key file. A
        passphrase typed at the terminal is not asked for again soon: the agent takes the keys. Where it cannot,
        `warning` says so; the vault is open all the same.
        """
        if not self.locked:
            return
        if not (self._passing or self._any_way):
            raise Locked("the vault is locked", HOW_TO_UNLOCK)
        typed = self.open_anew(question)
        if typed:
            about_key_file = self.warning
            self._let_agent_hold()
            self.warning = self.warning or about_key_file

    def unlock_with(self, passphrase: str) -> None:
        """Get all keys by this passphrase, which a person typed, and let the agent hold them.

        Raises Locked if it is wrong, Usage if it is empty, Unavailable if another vault was written into the file.
        `warning` says if the agent cannot hold them; it is None if it can. It takes a while on purpose: a screen does
        it in a thread, in a session there, whose `keys` it then uses.
        """
        with self.root_by(passphrase) as opened:
            self.use(opened.keys)
        self._let_agent_hold()

    def open_anew(self, question: str = QUESTION) -> bool:
        """Get all keys as `root` does, whatever the agent holds. Whether a person typed the passphrase."""
        opened, typed = self.root(question)
        with opened:
            self.use(opened.keys)
        return typed

    def root(self, question: str = QUESTION, *, by_passphrase: bool = False) -> tuple[Opened, bool]:
        """The root by a full key file, else by the passphrase, and whether a person typed that; they have three tries.

        `by_passphrase` alone if no key file will do.

        For what changes slots or keys: the agent holds no root. `header` is the one that was opened.

        Raises Locked when there is no way or the passphrase is wrong. A key file that is not there or not this vault's
        ends it (Unavailable, Locked) if it was named on the command line or nothing else is left to try; else `warning`
        says so. One that others can read is Refused.
        """
        more_to_try = self._other_way or self._unlocking.prompt is not None
        found = None if by_passphrase else self._by_key_file(more_to_try)
        if isinstance(found, Opened):
            return found, False
        if found is not None and not more_to_try:
            raise self._agenda_alone()
        return with_three_tries(self.passphrase, self.root_by, question)

    def root_by(self, passphrase: str) -> Opened:
        """The root by this passphrase. Raises Locked if it is wrong, Usage if it is empty, as `header_now`."""
        return open_with_passphrase(self.header_now(), passphrase)

    def _by_key_file(self, lenient: bool) -> Opened | Keys | None:
        """What the settings' key file opens: all, or the agenda alone; None if there is none.

        A `lenient` search only leaves a `warning` where the file opens nothing, unless the command line named it; else
        it raises as `root`.
        """
        path = self.config["key_file"]
        if not path:
            return None
        from dossier.vault import key_file

        try:
            file = key_file.read(path)
            if find_key_file(self.header_now(), *file) is None:
                raise Locked(f"the key file {path} does not open this vault", "see what does: dossier status")
        except (Locked, Unavailable) as fault:
            if not lenient or self.config.origins["key_file"] == "flag":
                raise
            self.warning = f"{fault.message[:1].upper()}{fault.message[1:]}"
            return None
        open_it = agenda_with_key_file if file.agenda_only else open_with_key_file
        return open_it(self.header, file.secret)

    @property
    def _other_way(self) -> bool:
        """Whether a passphrase is to be had without a person."""
        return bool(self.config["passphrase_command"]) or self._unlocking.passphrase_fd is not None

    @property
    def _any_way(self) -> bool:
        """Whether there is anything to open the vault by, be it a person at the terminal."""
        return self._other_way or bool(self.config["key_file"]) or self._unlocking.prompt is not None

    def _agenda_alone(self) -> Locked:
        return Locked(
            f"the key file {self.config['key_file']} opens the agenda alone",
            "for all else: dossier unlock (in scripts: DOSSIER_PASSPHRASE_COMMAND, --passphrase-fd or a full key file)",
        )

    def header_now(self) -> bytes:
        """The header as it stands in the file now: another program may have changed the passphrase.

        In the file that was opened, that is, even if it is gone from its place: whoever is in the middle of writing
        gets back to the text.
        """
        found = read_header(self.database)
        if Header.parse(found).vault_id != self.vault_id:
            raise Unavailable(f"{self.path} is another vault now", "open it anew: run dossier again")
        self.header = found
        return found

    def _let_agent_hold(self) -> None:
        self.warning = None
        try:
            self.hand_to_agent()
        except Unavailable as fault:
            self.warning = f"The passphrase will be asked for each time: {fault.message}"

    def unlock_if_unattended(self, *, screen: bool = False) -> None:
        """Get the keys if that takes no person: for the agenda and lists, which never prompt and work locked too.

        Those of the agenda alone if there is a key file for no more; a `screen`, which a person is to unlock, is never
        half open. A key file that opens nothing is no reason to show less in silence: it raises as `root` does, but
        where a person sees the `warning`.
        """
        if not self.locked:
            return
        if self._other_way:
            self.unlock()
            return
        found = self._by_key_file(lenient=screen or self._unlocking.prompt is not None)
        if isinstance(found, Opened):
            with found:
                self.use(found.keys)
        elif found is not None and not screen:
            self.use(found)

    def passphrase(self, question: str = QUESTION) -> tuple[str, bool]:
        """The vault's passphrase, and whether a person typed it."""
        what = "the passphrase of the backup" if self._passing else "the passphrase"
        return obtain(self.config["passphrase_command"], self._unlocking, question=question, what=what)

    def hand_to_agent(self, span: timedelta | None = None) -> None:
        """`hand_to_agent` with this vault's keys."""
        hand_to_agent(self.keys, self.config, span)

    def need_keys(self) -> None:
        """Raise Locked unless all keys are at hand."""
        if self.locked:
            raise self._agenda_alone() if self.knows_agenda else Locked("the vault is locked", HOW_TO_UNLOCK)

    @contextmanager
    def change(self, command: str, *, dry_run: bool = False) -> Iterator[Transaction]:
        """One journaled transaction, all or nothing; Locked without all keys, Damaged in a copy that is not the newest.

        A dry run does all of it and leaves nothing behind. Inside `together` a change joins that transaction.
        """
        self.need_keys()
        if self._joined is not None:
            assert not dry_run, "half of a transaction cannot be a dry run"
            yield self._joined
            return
        with suppress(_Rehearsed), Gate(self.database, self.rows).change(command) as transaction:
            self._refuse_unless_newest(transaction.manifest)
            yield transaction
            if dry_run:
                raise _Rehearsed
        if not self._passing:
            newest.note_change(self.rows, transaction)

    def replace_header(self, old: bytes, new: bytes) -> None:
        """Put a header in place of the one that it was made from; raises as `head.replace_header` and `change`."""
        replace_header(self.database, self.rows.cipher, old, new, self._refuse_unless_newest)
        self.header = new
        if not self._passing:
            newest.note_head(self.database, self.rows)

    def _refuse_unless_newest(self, manifest: Manifest) -> None:
        if not self._passing:
            newest.refuse_unless_newest(self.database, self.rows, manifest)

    @contextmanager
    def together(self, command: str) -> Iterator[Transaction]:
        """Let every `change` inside join one transaction: one commit, one entry of the journal, one undo.

        The `summary` that counts is the one set last. What fails inside must fail the whole: an exception that is
        caught on the way would leave half of an inner change to be committed.
        """
        with self.change(command) as transaction:
            self._joined = transaction
            try:
                yield transaction
            finally:
                self._joined = None
