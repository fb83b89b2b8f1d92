"""Moving in: people and their accounts from a vCard or CSV file, with a receipt that adds up (C3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeVar

from dossier.domain.faults import BadValue
from dossier.domain.names import is_language_code, split_name
from dossier.domain.occasions import check_birthday
from dossier.domain.text import count_of, fold, one_line
from dossier.errors import Unavailable
from dossier.exchange.contact import Contact, Rejected, RowRefused
from dossier.services import refs
from dossier.services.merging import may_be_one, merge, reach_key
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.backups import keep_before
from dossier.store.catalog import Account, Person
from dossier.store.gate import Transaction

LARGEST_FILE = 200_000_000
"""Bytes; an address book of 100,000 people with their pictures is smaller."""

Progress = Callable[[str], Callable[[int, int], None]]
"""Makes, for `Reading` and for `Writing`, what is told now and then how many rows of how many are done."""

_STEP = 100
"""Rows between two calls of what `Progress` made."""

R = TypeVar("R")

_NO_ORGANISATION = "no organisation: say with --account where such people belong"


class Options(NamedTuple):
    """How to take the rows in: all of them into one account if its reference is given."""

    account: str | None = None
    tier: str | None = None
    """Of accounts that are made; None for the usual one."""
    dry_run: bool = False
    backup: bool = True
    """Whether the vault is copied into its backups folder before anything is written."""


def read_file(path: str) -> bytes:
    """The bytes of an input file.

    Raises Unavailable for a file that is missing, a folder or not ours to read, BadValue beyond `LARGEST_FILE`.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise Unavailable(f"there is no file {one_line(path)}", "check its name and folder") from None
    except IsADirectoryError:
        raise Unavailable(f"{one_line(path)} is a folder, not a file", "name the file in it") from None
    except OSError as error:
        raise Unavailable(
            f"cannot read {one_line(path)}: {error.strerror}", "check its permissions"
        ) from None
    except ValueError:
        raise Unavailable("a file name cannot hold a NUL character", "check the name") from None
    return within_limit(data)


def within_limit(data: bytes) -> bytes:
    """`data` itself; BadValue if there is more of it than an address book can hold."""
    if len(data) > LARGEST_FILE:
        raise BadValue(
            f"the file is larger than {LARGEST_FILE // 1_000_000} MB", "is it an address book? split it if so"
        )
    return data


def vcard(
    session: Session,
    data: bytes,
    options: Options,
    *,
    encoding: str | None = None,
    progress: Progress = lambda doing: lambda done, total: None,
) -> Shape:
    """Take in the people of a vCard file; the receipt (see `_Import.receipt`).

    Raises BadValue, having changed nothing, for a file that is no vCard or breaks off within a card: nobody can say
    how many people are missing behind it. The faults of `refs.account` for an account that cannot be meant.
    """
    from dossier.exchange.vcard import UNFINISHED, read_vcards

    rows = _read(read_vcards(data, encoding=encoding), data.count(b"BEGIN:VCARD"), progress)
    if isinstance(rows[-1], Rejected) and rows[-1].reason == UNFINISHED:
        raise BadValue(
            f"the file breaks off within card {rows[-1].row}; nothing was changed",
            "export it again, or take its unfinished end away",
        )
    return _take_in(session, "vcard", rows, options, progress)


def csv(
    session: Session,
    data: bytes,
    options: Options,
    *,
    encoding: str | None = None,
    day_first: bool | None = None,
    progress: Progress = lambda doing: lambda done, total: None,
) -> Shape:
    """Take in the people of a CSV file; the receipt (see `_Import.receipt`).

    `day_first` settles birthdays such as 03/04/1980, and where it is None the setting `date_order` does. Raises
    BadValue, having changed nothing, for a file that is no such list.
    """
    from dossier.exchange.csv_contacts import read_csv

    if day_first is None:
        day_first = session.config.day_first
    rows = _read(read_csv(data, encoding=encoding, day_first=day_first), data.count(b"\n"), progress)
    return _take_in(session, "csv", rows, options, progress)


def _read(rows: Iterable[Contact | Rejected], about: int, progress: Progress) -> list[Contact | Rejected]:
    """All the rows; `about` is how many there may be."""
    return list(_watched(rows, about, progress("Reading")))


def _watched(rows: Iterable[R], total: int, tell: Callable[[int, int], None]) -> Iterator[R]:
    """The rows as they come, counted for whoever waits."""
    try:
        for number, row in enumerate(rows, start=1):
            yield row
            if number % _STEP == 0:
                tell(number, total)
    finally:
        tell(total, total)


def _take_in(
    session: Session,
    kind: Literal["vcard", "csv"],
    rows: Sequence[Contact | Rejected],
    options: Options,
    progress: Progress,
) -> Shape:
    with session.change(f"import {kind}", dry_run=options.dry_run) as transaction:
        work = _Import(session, transaction, options)
        work.take_all(rows, progress)
        transaction.summary = work.summary({"vcard": "vCard", "csv": "CSV"}[kind])
        kept = None
        if options.backup and not options.dry_run and not transaction.empty:
            kept = _backup(session)
    return {**work.receipt(), "backup": kept}


def _backup(session: Session) -> str | None:
    """Keep the vault as it is before the import, which is known to write now, but has not yet."""
    try:
        return keep_before(session.database, "import", session.config["backups_kept"])
    except Unavailable as fault:
        raise Unavailable(
            f"nothing was imported, for no backup could be made before: {fault.message}",
            "see to that first, or import without a backup: --no-backup",
        ) from None


class _Known:
    """Who is in the vault, by what a file can know them by; plain columns only."""

    def __init__(self, session: Session) -> None:
        self.accounts: dict[str, int] = {}
        self.people: dict[int, Person] = {}
        self._by_name: dict[tuple[int, str], list[int]] = {}
        self._by_mail: dict[str, list[int]] = {}
        accounts = session.reader.find(Account, classes=())
        for account in accounts:
            self.accounts.setdefault(fold(account.name), account.id)
        for account in accounts:  # a name goes before another account's alias
            for alias in account.aliases:
                self.accounts.setdefault(fold(alias), account.id)
        for person in session.reader.each(Person, classes=()):
            self.learn(person)

    def learn(self, person: Person) -> None:
        """Take note of a person as they stand now."""
        self.people[person.id] = person
        places = [self._by_name.setdefault((person.account_id, fold(person.name)), [])]
        places += [self._by_mail.setdefault(reach_key(mail), []) for mail in person.mails]
        for place in places:
            if person.id not in place:
                place.append(person.id)

    def namesake(self, person: Person, account_id: int) -> Person | None:
        """Who bears the same name at this account; of several, the one who shares a mail or phone.

        Raises RowRefused where that does not single out one.
        """
        found = [self.people[number] for number in self._by_name.get((account_id, fold(person.name)), ())]
        if len(found) > 1:
            reached = set(map(reach_key, person.mails + person.phones))
            found = [
                each for each in found if not reached.isdisjoint(map(reach_key, each.mails + each.phones))
            ]
            if len(found) != 1:
                raise RowRefused(
                    "several people there bear this name, and no mail or phone tells which is meant"
                )
        return found[0] if found else None

    def sharing_mail(self, person: Person) -> list[Person]:
        """Who has one of this person's mail addresses, the longest known first."""
        numbers = {
            number
            for mail in person.mails + person.private_mails
            for number in self._by_mail.get(reach_key(mail), ())
        }
        return [self.people[number] for number in sorted(numbers)]


class _Import:
    """One import under way: what is known, and what became of the rows so far."""

    def __init__(self, session: Session, transaction: Transaction, options: Options) -> None:
        """Look at the vault as the transaction sees it; the faults of `refs.account` if no account is meant."""
        self._today = session.today
        self._transaction = transaction
        self._tier = options.tier
        self._target = refs.account(session, options.account) if options.account is not None else None
        self._known = _Known(session)
        self._rows = 0
        self._counts = {"created": 0, "merged": 0, "skipped": 0, "rejected": 0}
        self._accounts_created = 0
        self._problems: list[Shape] = []
        self._notes: list[str] = []
        """What there is to tell of the row in hand, should it be taken in."""

    def take_all(self, rows: Sequence[Contact | Rejected], progress: Progress) -> None:
        """Take in every row; the faults of the vault and of the disk go up."""
        for row in _watched(rows, len(rows), progress("Writing")):
            self._rows += 1
            self._counts[self._take(row)] += 1

    def receipt(self) -> Shape:
        """`{rows, created, merged, skipped, rejected, accounts_created, problems}`, to which `backup` is added.

        All but `accounts_created` count people, and rows = created + merged + skipped + rejected, always. `problems`
        holds `{row, reason, rejected}` of every rejected row, and of rows that were taken in with something to tell.
        `backup` is where the vault was copied to before, null where it was not.
        """
        assert self._rows == sum(self._counts.values())
        return {
            "rows": self._rows,
            **self._counts,
            "accounts_created": self._accounts_created,
            "problems": self._problems,
        }

    def summary(self, kind: str) -> str:
        """The import in a line for the journal. It names no file: where a file lies may be private."""
        created, merged = self._counts["created"], self._counts["merged"]
        done = [f"imported {count_of(created, 'person')}"] if created or not merged else []
        done += [f"added to {count_of(merged, 'person')}"] if merged else []
        return f"{' and '.join(done)} from a {kind} file"

    def _take(self, row: Contact | Rejected) -> Literal["created", "merged", "skipped", "rejected"]:
        self._notes.clear()
        try:
            outcome = self._take_person(row)
        except RowRefused as refusal:
            self._tell(row, refusal.reason, rejected=True)
            return "rejected"
        except BadValue as fault:
            self._tell(row, fault.message, rejected=True)
            return "rejected"
        for note in self._notes:
            self._tell(row, note, rejected=False)
        return outcome

    def _tell(self, row: Contact | Rejected, reason: str, *, rejected: bool) -> None:
        self._problems.append({"row": row.row, "reason": reason, "rejected": rejected})

    def _take_person(self, row: Contact | Rejected) -> Literal["created", "merged", "skipped"]:
        if isinstance(row, Rejected):
            raise RowRefused(row.reason)
        new = self._checked(row)
        known = self._same_person(row, new)
        if known is not None:
            return self._merge(row, known, new)
        self._create(row, new)
        return "created"

    def _checked(self, contact: Contact) -> Person:
        """The person that a row tells of, within all limits; whose account it is comes later."""
        family, given = contact.family_name, contact.given_name
        if not family:
            family, given, _ = split_name(contact.name, contact.language or None)
        language = contact.language or None
        if language and not is_language_code(language):
            language = None
            self._notes.append("its language is no code such as vi or zh-TW: left out")
        check_birthday(contact.birthday, self._today)
        return Person(
            account_id=1,  # stands in until the account is known, which is only made for a person who can be taken in
            name=contact.name,
            created_on=self._today.isoformat(),
            family_name=family or None,
            given_name=given or None,
            aliases=list(contact.aliases),
            position=contact.position or None,
            department=contact.department or None,
            mails=list(contact.mails),
            phones=list(contact.phones),
            birthday=contact.birthday,
            language=language,
            private_mails=list(contact.private_mails),
            private_phones=list(contact.private_phones),
            private_address=contact.private_address or None,
            note=contact.note or None,
        ).checked()

    def _account_of(self, contact: Contact) -> int | None:
        """The id of the account where a row's person belongs, if there is one already."""
        if self._target is not None:
            return self._target.id
        key = fold(contact.organisation)
        return self._known.accounts.get(key) if key else None

    def _same_person(self, contact: Contact, new: Person) -> Person | None:
        """Whoever the row means among those we know: the same name at the account, or else the same mail."""
        account_id = self._account_of(contact)
        known = self._known.namesake(new, account_id) if account_id is not None else None
        if known is not None:
            return known
        sharing = self._known.sharing_mail(new)
        fitting = [
            one for one in sharing if any(may_be_one(new.name, name) for name in (one.name, *one.aliases))
        ]
        # Whoever was found by mail once goes by this name since; nobody who came later takes the row from them.
        known_so = [
            one for one in fitting if fold(new.name) in {fold(name) for name in (one.name, *one.aliases)}
        ]
        if known_so or len(fitting) == 1:
            return (known_so or fitting)[0]
        if sharing:
            self._notes.append(f"shares a mail address with {_named(sharing[0])}: taken for somebody else")
        return None

    def _create(self, contact: Contact, new: Person) -> None:
        account_id = self._account_of(contact)
        if account_id is None:
            account_id = self._new_account(contact.organisation)
        self._known.learn(self._transaction.insert(new.replace(account_id=account_id)))

    def _new_account(self, name: str) -> int:
        key = fold(name)
        if not key:
            raise RowRefused(_NO_ORGANISATION)
        new = Account(name=name, created_on=self._today.isoformat())
        if self._tier is not None:
            new = new.replace(tier=self._tier)
        self._known.accounts[key] = self._transaction.insert(new).id
        self._accounts_created += 1
        return self._known.accounts[key]

    def _merge(self, contact: Contact, known: Person, new: Person) -> Literal["merged", "skipped"]:
        stored = self._transaction.get(Person, known.id)
        changes, notes = merge(stored, new)
        check_birthday(changes.get("birthday"), self._today)
        if (self._target or contact.organisation) and self._account_of(contact) != stored.account_id:
            self._notes.append(f"is {_named(stored)}, known at another account: left there")
        if fold(new.name) not in map(fold, (stored.name, *stored.aliases)):
            self._notes.append(f"has the mail address of {_named(stored)}: this name was added to theirs")
        self._notes += notes
        if not changes:
            return "skipped"
        self._known.learn(self._transaction.update(stored, **changes))
        return "merged"


def _named(person: Person) -> str:
    return f"{one_line(person.name)} (p{person.id})"
