"""A large invented book of business, the same at every run: names in four scripts, about 250 items on its agenda."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import NamedTuple

from dossier.domain.cadence import CADENCE_DAYS
from dossier.domain.vocabulary import Channel, FactKind, OccasionKind, Tier
from dossier.services.session import Session
from dossier.store.catalog import (
    Account,
    Fact,
    Interaction,
    Occasion,
    Participant,
    Person,
    Promise,
    PromiseMove,
    Relative,
    Step,
)
from dossier.store.gate import Transaction
from dossier.store.record import Record

TODAY = date(2027, 3, 10)

_RECORDS_IN_A_CHANGE = 2000
_YEARS = 3
_SEED = 7


class Size(NamedTuple):
    """How much a vault holds."""

    accounts: int
    people: int
    interactions: int
    promises: int

    def times(self, scale: int) -> Size:
        """So many times as much of everything."""
        return Size(*(number * scale for number in self))


LARGE = Size(accounts=1_000, people=10_000, interactions=100_000, promises=20_000)

# What is on the agenda does not grow with the vault, so that ten times the data can be compared with it.
_KEY, _STRATEGIC = 50, 100
_WAITING, _LATE, _DUE, _UNTOLD_MOVES, _STEPS = 60, 40, 40, 10, 50

_COMPANIES = (
    (
        "Hanoi",
        "Huế",
        "Đà Nẵng",
        "Sofia",
        "Пловдив",
        "Варна",
        "上海",
        "苏州",
        "Leeds",
        "Bremen",
        "Linz",
        "Turku",
    ),
    ("Optics", "Quang học", "Оптика", "光学", "Textiles", "Машини", "仪器", "Marine", "Bearings", "Vật liệu"),
)
_PEOPLE = (
    (
        ("Anna", "Peter", "Grace", "Oliver", "Helen", "Martin"),
        ("Harding", "Lowell", "Marsh", "Brandt", "Keller"),
    ),
    (
        ("Nguyễn Thị", "Trần Văn", "Lê Minh", "Đặng Thu", "Phạm Quốc"),
        ("Lan", "Hùng", "Đức", "Hạnh", "Sơn", "Ngọc"),
    ),
    (
        ("Мария", "Георги", "Елена", "Димитър", "Ралица"),
        ("Иванова", "Петров", "Стоянова", "Колев", "Тодорова"),
    ),
    (("王", "李", "张", "陈", "刘"), ("伟", "秀英", "建国", "丽娜", "晓明", "文静")),
)
_SUBJECTS = (
    "спецификация на лещите",
    "agreed the calibration plan",
    "hỏi giá cho đợt giao sau",
    "讨论了交货时间",
)
_NOTES = (
    "They want the coating tested on both sides before they sign; the lab has room in two weeks.",
    "Chị Lan hỏi thêm về bảo hành, muốn có câu trả lời trước cuối tháng và một bản sao hợp đồng cũ.",
    "Договорихме нова дата за монтажа; чакат потвърждение от склада и чертежите на корпуса.",
    "对方希望先看样品,再谈价格和付款方式。",
)
_TITLES = ("send the quote", "изпрати мострите", "gửi bản hợp đồng", "确认交货日期", "return the test report")


def fill(session: Session, size: Size) -> None:
    """Write the book into an empty vault."""
    records = _Book(size).records()
    while batch := list(islice(records, _RECORDS_IN_A_CHANGE)):
        with session.change("import") as transaction:
            transaction.summary = f"{len(batch)} records"
            _insert(transaction, batch)


def _insert(transaction: Transaction, batch: list[Record]) -> None:
    for record in batch:
        transaction.insert(record)


class _Book:
    """Makes the records, parents first. A record's id is its place among its kind, counted from 1."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.random = Random(_SEED)
        self.last_contact: dict[int, date] = {}

    def records(self) -> Iterator[Record]:
        """Everything, in an order in which each refers only to what came before."""
        yield from self._accounts()
        yield from self._people()
        yield from self._interactions()
        yield from self._promises()
        yield from self._steps()

    def _accounts(self) -> Iterator[Account]:
        for number in range(1, self.size.accounts + 1):
            tier = self._tier(number)
            waits = self.random.randint(0, CADENCE_DAYS[tier] - 1)
            if number % (self.size.accounts // _WAITING) == 0:
                waits = CADENCE_DAYS[tier] + self.random.randint(1, CADENCE_DAYS[tier])
            self.last_contact[number] = TODAY - timedelta(days=waits)
            city, trade = (self.random.choice(words) for words in _COMPANIES)
            yield Account(
                name=f"{city} {trade} {number}",
                created_on=str(TODAY - timedelta(days=365 * _YEARS)),
                tier=tier,
                industry="optics",
                country="VN",
                market=self.random.choice(_NOTES),
            )

    def _tier(self, number: int) -> Tier:
        if number <= _KEY + _STRATEGIC:
            return Tier.KEY if number <= _KEY else Tier.STRATEGIC
        return Tier.PROSPECT if number % 4 == 0 else Tier.STANDARD

    def _people(self) -> Iterator[Record]:
        for number in range(1, self.size.people + 1):
            first, last = (self.random.choice(words) for words in self.random.choice(_PEOPLE))
            account = self._account_of_person(number)
            yield Person(
                account_id=account,
                name=f"{first}{last}" if first in "王李张陈刘" else f"{first} {last}",
                mails=[f"person{number}@client{account}.example"],
                phones=[f"+84 24 {number:07}"],
                position="head of purchasing",
                created_on=str(TODAY - timedelta(days=365)),
                birthday=self._birthday(),
                marked=self.random.random() * self.size.people < 100,
                note=self.random.choice(_NOTES),
            )
            yield Fact(
                account_id=account,
                person_id=number,
                kind=FactKind.INTEREST,
                text="collects old lenses and plays table tennis on Thursdays",
                learned_on=str(TODAY - timedelta(days=200)),
                confirmed_on=str(TODAY - timedelta(days=100)),
            )
            if number % 5 == 0:
                yield Relative(person_id=number, name="Minh", relation="daughter", birthday=self._birthday())
            if number % 20 == 0:
                yield Occasion(
                    account_id=account,
                    person_id=number,
                    kind=OccasionKind.NAMEDAY,
                    date=self._birthday(),
                    title="name day",
                )

    def _account_of_person(self, number: int) -> int:
        return (number - 1) % self.size.accounts + 1

    def _birthday(self) -> str:
        day = date(self.random.randint(1955, 2003), 1, 1) + timedelta(days=self.random.randint(0, 364))
        return str(day)

    def _interactions(self) -> Iterator[Record]:
        """The oldest first, so that one account's lie far apart in the file as they do in life."""
        rounds = self.size.interactions // self.size.accounts
        number = 0
        for back in range(rounds - 1, -1, -1):
            for account, last in self.last_contact.items():
                number += 1
                yield Interaction(
                    account_id=account,
                    at=str(last - timedelta(days=back * 365 * _YEARS // (rounds + 10))),
                    channel=self.random.choice(list(Channel)),
                    subject=self.random.choice(_SUBJECTS),
                    note=self.random.choice(_NOTES) if number % 2 else None,
                )
                yield Participant(interaction_id=number, person_id=self._someone_at(account))

    def _someone_at(self, account: int) -> int:
        return account + self.size.accounts * self.random.randrange(self.size.people // self.size.accounts)

    def _promises(self) -> Iterator[Record]:
        """Mostly kept; a tenth of them moved once, of which the client knows but for a few."""
        for number in range(1, self.size.promises + 1):
            account = (number - 1) % self.size.accounts + 1
            due = self._due_on(number)
            is_open = number <= _LATE + _DUE + _UNTOLD_MOVES or number % 20 == 0
            yield Promise(
                account_id=account,
                person_id=self._someone_at(account),
                by="us" if number % 3 else "them",
                made_on=str(min(due, TODAY) - timedelta(days=30)),
                due_on=str(due),
                state="open" if is_open else "kept",
                settled_on=None if is_open else str(due),
                title=self.random.choice(_TITLES),
                detail=self.random.choice(_NOTES),
            )
            untold = _LATE + _DUE < number <= _LATE + _DUE + _UNTOLD_MOVES
            if untold or (not is_open and number % 10 == 1):
                yield PromiseMove(
                    promise_id=number,
                    from_on=str(due - timedelta(days=14)),
                    to_on=str(due),
                    moved_on=str(due - timedelta(days=15)),
                    told_on=None if untold else str(due - timedelta(days=15)),
                    because="the lab is closed",
                )

    def _due_on(self, number: int) -> date:
        if number <= _LATE:
            return TODAY - timedelta(days=self.random.randint(1, 20))
        if number <= _LATE + _DUE:
            return TODAY + timedelta(days=self.random.randint(0, 7))
        if number % 20 == 0 or number <= _LATE + _DUE + _UNTOLD_MOVES:
            return TODAY + timedelta(days=self.random.randint(8, 120))
        return TODAY - timedelta(days=self.random.randint(10, 365 * _YEARS))

    def _steps(self) -> Iterator[Step]:
        for number in range(1, self.size.promises // 2 + 1):
            is_due = number <= _STEPS
            due = TODAY - timedelta(
                days=self.random.randint(-7, 5) if is_due else self.random.randint(10, 700)
            )
            yield Step(
                account_id=(number - 1) % self.size.accounts + 1,
                created_on=str(due - timedelta(days=20)),
                due_on=str(due),
                state="open" if is_due else "done",
                done_on=None if is_due else str(due),
                title=self.random.choice(_TITLES),
            )
