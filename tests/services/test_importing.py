from __future__ import annotations

import base64
import csv
import io
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.errors import Ambiguous, Locked, NotFound, Unavailable
from dossier.services import importing, people
from dossier.services.history import history
from dossier.services.importing import Options
from dossier.services.merging import may_be_one
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.services.undo import undo
from dossier.store.backups import listed
from dossier.store.catalog import Account, Person
from dossier.store.check import check_vault
from dossier.store.database import Database
from tests.conftest import PASSPHRASE, TODAY
from tests.inspection import calendar_days, everything, manifest_agrees

ROOT = Path(__file__).parents[2]


def card(name: str, *lines: str, org: str = "Brightwater Labs") -> str:
    properties = (f"FN:{name}", *((f"ORG:{org}",) if org else ()), *lines)
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *properties, "END:VCARD", ""))


def take(session: Session, *cards: str, **options: Any) -> Shape:
    return importing.vcard(session, "".join(cards).encode(), Options(**options))


def figures(receipt: Shape) -> tuple[int, int, int, int, int]:
    return (
        receipt["rows"],
        receipt["created"],
        receipt["merged"],
        receipt["skipped"],
        receipt["rejected"],
    )


def reasons(receipt: Shape) -> list[tuple[int, str]]:
    return [(problem["row"], problem["reason"]) for problem in receipt["problems"]]


def person(session: Session, number: int = 1) -> Person:
    return session.reader.get(Person, number)


EVERY_SCRIPT = (
    card("Nguyễn Thị Lan", "N:Nguyễn;Lan;;;", "EMAIL;TYPE=WORK:lan@phuson.example", org="Viện Phú Sơn"),
    card("Десислав Орлинов", "BDAY:--04-12", org="Клиника „Сребърна лапа“"),
    card("王小明", "TITLE:采购部经理", org="光明医院"),
    card("فاطمة الزهراء", "TEL;TYPE=WORK:+971 4 000 0000", org="مختبرات النور"),
    card("Anna 🦊 Weber", "NOTE:likes [/b] 茶", "TEL;TYPE=HOME:+49 30 0000", org="Brightwater 🌊 Labs"),
)


def test_people_and_their_accounts_in_every_script(session: Session) -> None:
    receipt = take(session, *EVERY_SCRIPT)
    assert receipt.pop("backup").endswith("-before-import.dossier")
    assert receipt == {
        "rows": 5,
        "created": 5,
        "merged": 0,
        "skipped": 0,
        "rejected": 0,
        "accounts_created": 5,
        "problems": [],
    }
    lan, desislav, wang, fatima, anna = session.reader.find(Person)
    assert (lan.name, lan.family_name, lan.given_name, lan.mails) == (
        "Nguyễn Thị Lan",
        "Nguyễn",
        "Lan",
        ["lan@phuson.example"],
    )
    assert (desislav.family_name, desislav.birthday) == ("Орлинов", "--04-12")
    assert (wang.family_name, wang.given_name, wang.position) == ("王", "小明", "采购部经理")
    assert (fatima.name, fatima.phones) == ("فاطمة الزهراء", ["+971 4 000 0000"])
    assert (anna.name, anna.note, anna.phones, anna.private_phones) == (
        "Anna 🦊 Weber",
        "likes [/b] 茶",
        [],
        ["+49 30 0000"],
    )
    accounts = session.reader.find(Account)
    assert [account.name for account in accounts][:3] == [
        "Viện Phú Sơn",
        "Клиника „Сребърна лапа“",
        "光明医院",
    ]
    assert {(account.tier, account.created_on) for account in accounts} == {("standard", TODAY.isoformat())}
    assert calendar_days(session) == {412: [(1, 2)]}
    assert manifest_agrees(session)


def test_the_same_file_twice_creates_nothing(session: Session) -> None:
    take(session, *EVERY_SCRIPT)
    before = everything(session)
    assert figures(take(session, *EVERY_SCRIPT)) == (5, 0, 0, 5, 0)
    assert everything(session) == before
    assert len(history(session)) == 1


def test_one_undo_takes_everything_back(session: Session) -> None:
    take(session, card("Anna Weber", "TITLE:Buyer"))
    before = everything(session)
    take(session, *EVERY_SCRIPT, card("Anna Weber", "EMAIL:anna@brightwater.example"))
    assert len(session.reader.find(Person)) == 6
    undo(session)
    assert everything(session) == before
    assert manifest_agrees(session)


def test_history_says_what_was_imported_and_names_no_file(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "divorce-lawyers.vcf"
    file.write_text(card("Anna Weber") + card("Ivan Kolev"), encoding="utf-8")
    importing.vcard(session, importing.read_file(str(file)), Options())
    take(session, card("Anna Weber", "TITLE:Buyer"), card("Lan Pham"))
    take(session, card("Anna Weber", "BDAY:1975-04-12"))
    assert [change["summary"] for change in history(session)] == [
        "added to 1 person from a vCard file",
        "imported 1 person and added to 1 person from a vCard file",
        "imported 2 people from a vCard file",
    ]
    assert {change["command"] for change in history(session)} == {"import vcard"}
    assert b"divorce" not in Path(session.path).read_bytes()


def test_secrets_never_stand_in_the_vault_in_clear(session: Session) -> None:
    secrets = [
        "1975-04-12",
        "heart-surgery-in-May",
        "anna.private@home.example",
        "+49 30 7654321",
        "7 Elm Lane",
    ]
    birthday, note, mail, phone, street = secrets
    take(
        session,
        card(
            "Anna Weber",
            f"BDAY:{birthday}",
            f"NOTE:{note}",
            f"EMAIL;TYPE=HOME:{mail}",
            f"TEL;TYPE=HOME:{phone}",
            f"ADR;TYPE=HOME:;;{street};;;;",
            "EMAIL;TYPE=WORK:anna@brightwater.example",
        ),
    )
    stored = person(session)
    assert (stored.birthday, stored.note, stored.private_address) == (birthday, note, street)
    data = Path(session.path).read_bytes()
    assert b"anna@brightwater.example" in data  # what may stand in clear can be found this way
    for secret in secrets:
        for spelled in (secret.encode(), secret.encode("utf-16-le"), base64.b64encode(secret.encode())[:-3]):
            assert spelled not in data
            assert spelled.lower() not in data.lower()


class TestAccounts:
    @pytest.fixture(autouse=True)
    def _known(self, session: Session) -> None:
        with session.change("add") as transaction:
            for name, aliases in (("Viện Phú Sơn", ["Phu Son Institute"]), ("Brightwater Labs", [])):
                transaction.insert(Account(name=name, aliases=aliases, created_on="2027-01-04", tier="key"))

    @pytest.mark.parametrize("named", ["Viện Phú Sơn", "VIEN PHU SON", "phu son  institute"])
    def test_an_organisation_is_the_account_of_that_name_or_alias(self, session: Session, named: str) -> None:
        assert take(session, card("Lan Pham", org=named))["accounts_created"] == 0
        assert person(session).account_id == 1

    def test_the_tier_is_for_accounts_that_are_made(self, session: Session) -> None:
        take(session, card("Anna Weber"), card("Ivan Kolev", org="Нова фирма"), tier="prospect")
        assert [account.tier for account in session.reader.find(Account)] == ["key", "key", "prospect"]

    def test_one_account_for_all(self, session: Session) -> None:
        receipt = take(
            session, card("Lan Pham", org=""), card("Ivan Kolev", org="Elsewhere"), account="phu son"
        )
        assert figures(receipt) == (2, 2, 0, 0, 0)
        assert [each.account_id for each in session.reader.find(Person)] == [1, 1]
        assert receipt["accounts_created"] == 0

    def test_without_an_organisation_a_row_is_rejected_with_what_helps(self, session: Session) -> None:
        receipt = take(session, card("Lan Pham", org=""), card("Anna Weber", org="\u200b"))
        assert figures(receipt) == (2, 0, 0, 0, 2)
        assert {reason for _, reason in reasons(receipt)} == {
            "no organisation: say with --account where such people belong"
        }

    @pytest.mark.parametrize(("ref", "fault"), [("nobody", NotFound), ("s", Ambiguous)])
    def test_an_account_that_cannot_be_meant(
        self, session: Session, ref: str, fault: type[Exception]
    ) -> None:
        with pytest.raises(fault):
            take(session, card("Lan Pham"), account=ref)
        assert session.reader.find(Person) == []

    def test_no_account_is_made_for_somebody_who_is_rejected(self, session: Session) -> None:
        receipt = take(session, card("x" * 201, org="New Company"))
        assert (receipt["rejected"], receipt["accounts_created"]) == (1, 0)
        assert len(session.reader.find(Account)) == 2


class TestSamePerson:
    def test_what_the_file_knows_more_is_added(self, session: Session) -> None:
        take(session, card("Anna Weber", "EMAIL:anna@brightwater.example", "NOTE:Likes tea"))
        receipt = take(
            session,
            card(
                "ANNA WEBER",
                "EMAIL:Anna@Brightwater.example",
                "EMAIL:a.weber@brightwater.example",
                "TEL;TYPE=WORK:+49 30 000-111",
                "TEL;TYPE=HOME:+49 30 222",
                "BDAY:1975-04-12",
                "TITLE:Buyer",
                "NOTE:Has a dog",
                "NICKNAME:Anni",
                org="brightwater labs",
            ),
        )
        assert (figures(receipt), receipt["problems"]) == ((1, 0, 1, 0, 0), [])
        anna = person(session)
        assert anna.name == "Anna Weber"
        assert anna.mails == ["anna@brightwater.example", "a.weber@brightwater.example"]
        assert (anna.phones, anna.private_phones) == (["+49 30 000-111"], ["+49 30 222"])
        assert (anna.birthday, anna.position, anna.aliases) == ("1975-04-12", "Buyer", ["Anni"])
        assert anna.note == "Likes tea\n\nHas a dog"
        assert calendar_days(session) == {412: [(1, 1)]}

    def test_what_contradicts_is_named_and_ours_stays(self, session: Session) -> None:
        ours = ("BDAY:1975-04-12", "TITLE:Buyer", "ADR;TYPE=HOME:;;7 Elm Lane;;;;")
        take(session, card("Anna Weber", *ours))
        before = everything(session)
        theirs = ("BDAY:1976-04-12", "TITLE:Head of Purchasing", "ADR;TYPE=HOME:;;9 Oak Road;;;;")
        receipt = take(session, card("Ivan Kolev"), card("Anna Weber", *theirs))
        assert figures(receipt) == (2, 1, 0, 1, 0)
        assert reasons(receipt) == [
            (2, "has another position: ours is kept"),
            (2, "has another private address: ours is kept"),
            (2, "has another birthday: ours is kept"),
        ]
        assert not any(problem["rejected"] for problem in receipt["problems"])
        assert everything(session).items() >= before.items()

    @pytest.mark.parametrize(
        ("ours", "theirs", "both"),
        [
            ("--04-12", "1975-04-12", "1975-04-12"),
            ("1975-04-12", "--04-12", "1975-04-12"),
            ("1975-04", "--04-12", "1975-04-12"),
            ("1975", "--04-12", "1975-04-12"),
            ("1975", "--02-29", "1975"),
            ("--04-12", "1975-04-13", "--04-12"),
        ],
    )
    def test_a_birthday_is_completed_but_never_changed(
        self, session: Session, ours: str, theirs: str, both: str
    ) -> None:
        take(session, card("Anna Weber", f"BDAY:{ours}"))
        take(session, card("Anna Weber", f"BDAY:{theirs}"))
        assert person(session).birthday == both

    def test_a_longer_note_replaces_the_part_of_it_that_we_have(self, session: Session) -> None:
        for note in ("Likes tea", "Likes tea and jazz", "jazz"):
            take(session, card("Anna Weber", f"NOTE:{note}"))
        assert person(session).note == "Likes tea and jazz"

    def test_notes_that_do_not_fit_together(self, session: Session) -> None:
        take(session, card("Anna Weber", "NOTE:" + "a" * 60_000))
        receipt = take(session, card("Anna Weber", "NOTE:" + "b" * 60_000))
        assert reasons(receipt) == [(1, "has another note, and both do not fit: ours is kept")]

    def test_what_we_hold_as_private_stays_private(self, session: Session) -> None:
        take(session, card("Anna Weber", "EMAIL;TYPE=HOME:anna@home.example"))
        assert figures(take(session, card("Anna Weber", "EMAIL;TYPE=WORK:anna@home.example"))) == (
            1,
            0,
            0,
            1,
            0,
        )
        assert person(session).mails == []

    def test_the_same_mail_is_the_same_person_under_another_name(self, session: Session) -> None:
        take(session, card("王伟", "EMAIL:wang.wei@guangming.example", org="光明医院"))
        again = card("Wang Wei", "EMAIL:Wang.Wei@guangming.example", org="Guangming Hospital")
        receipt = take(session, again)
        assert (figures(receipt), receipt["accounts_created"]) == ((1, 0, 1, 0, 0), 0)
        assert reasons(receipt) == [
            (1, "is 王伟 (p1), known at another account: left there"),
            (1, "has the mail address of 王伟 (p1): this name was added to theirs"),
        ]
        assert person(session).aliases == ["Wang Wei"]
        assert figures(take(session, again)) == (1, 0, 0, 1, 0)
        assert figures(take(session, card("Wang Wei", "EMAIL:wang.wei@guangming.example", org=""))) == (
            1,
            0,
            0,
            1,
            0,
        )

    def test_colleagues_who_share_an_office_address_stay_apart(self, session: Session) -> None:
        names = ("Nguyễn Văn An", "Nguyễn Thị Lan", "Trần Hoa", "Lan")
        cards = [card(name, "EMAIL:office@phuson.example") for name in names]
        receipt = take(session, *cards)
        assert figures(receipt) == (4, 3, 1, 0, 0)
        assert person(session, 2).aliases == ["Lan"]
        assert reasons(receipt)[0] == (
            2,
            "shares a mail address with Nguyễn Văn An (p1): taken for somebody else",
        )
        assert figures(take(session, *cards)) == (4, 0, 0, 4, 0)

    @pytest.mark.parametrize(
        ("one", "other", "may"),
        [
            ("Anna Weber", "weber, anna", True),
            ("Anna Weber", "A. Weber", True),
            ("Anna Weber", "Dr. Anna Maria Weber", True),
            ("Nguyễn Thị Lan", "Lan Nguyen", True),
            ("王伟", "Wang Wei", True),
            ("Anna Weber", "Bernd Weber", False),
            ("王伟", "王小明", False),
            ("Li Li", "Li Na", False),
        ],
    )
    def test_names_that_may_be_one(self, one: str, other: str, may: bool) -> None:
        assert may_be_one(one, other) is may
        assert may_be_one(other, one) is may

    def test_the_same_name_elsewhere_is_somebody_else(self, session: Session) -> None:
        assert figures(take(session, card("Anna Weber"), card("Anna Weber", org="Elsewhere"))) == (
            2,
            2,
            0,
            0,
            0,
        )

    def test_duplicates_within_a_file(self, session: Session) -> None:
        receipt = take(session, card("Anna Weber"), card("anna  weber", "TITLE:Buyer"), card("Anna Weber"))
        assert figures(receipt) == (3, 1, 1, 1, 0)
        assert person(session).position == "Buyer"

    def test_namesakes_are_told_apart_by_mail_or_rejected(self, session: Session) -> None:
        take(session, card("Anna Weber", "EMAIL:anna@brightwater.example"))
        people.add(
            session, "Anna Weber", "brightwater", {"mails": ["aw2@brightwater.example"]}, namesake=True
        )
        receipt = take(
            session,
            card("Anna Weber", "EMAIL:aw2@brightwater.example", "TITLE:Buyer"),
            card("Anna Weber", "TITLE:Nurse"),
        )
        assert figures(receipt) == (2, 0, 1, 0, 1)
        assert [each.position for each in session.reader.find(Person)] == [None, "Buyer"]
        assert reasons(receipt) == [
            (2, "several people there bear this name, and no mail or phone tells which is meant")
        ]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("BDAY:sometime",), "birthday cannot be read"),
        (("BDAY:2027-03-11",), "that birthday is still to come"),
        (("TITLE:" + "x" * 201,), "person position is 201 characters long; at most 200 fit"),
        (("NOTE:" + "x" * 1_000_000,), "person note is 1,000,000 characters long; at most 100,000 fit"),
        (("NICKNAME:\x1b[31mred",), "person aliases holds a line break or control character"),
    ],
)
def test_a_row_beyond_a_limit_is_rejected_and_the_others_are_not(
    session: Session, lines: tuple[str, ...], reason: str
) -> None:
    receipt = take(session, card("Anna Weber", *lines), card("Ivan Kolev"))
    assert figures(receipt) == (2, 1, 0, 0, 1)
    assert receipt["problems"] == [{"row": 1, "reason": reason, "rejected": True}]


def test_a_language_that_is_no_code_is_left_out_and_named(session: Session) -> None:
    receipt = take(session, card("Anna Weber", "LANG:German"), card("Lan Pham", "LANG:vi"))
    assert figures(receipt) == (2, 2, 0, 0, 0)
    assert reasons(receipt) == [(1, "its language is no code such as vi or zh-TW: left out")]
    assert [each.language for each in session.reader.find(Person)] == [None, "vi"]


class TestNothingIsChanged:
    @pytest.fixture
    def unchanged(self, session: Session) -> Callable[[], bool]:
        take(session, card("Anna Weber", "TITLE:Buyer"))
        before = Path(session.path).read_bytes()
        return lambda: Path(session.path).read_bytes() == before

    def test_by_a_dry_run_which_prints_the_same_receipt(
        self, session: Session, unchanged: Callable[[], bool]
    ) -> None:
        cards = [*EVERY_SCRIPT, card("Anna Weber", "BDAY:--04-12"), card("Nobody", org="")]
        before = listed(session.path)
        rehearsed = take(session, *cards, dry_run=True)
        assert unchanged()
        assert listed(session.path) == before
        receipt = take(session, *cards)
        assert receipt == rehearsed | {"backup": listed(session.path)[0].path}

    def test_by_a_dry_run_larger_than_the_cache_of_the_database(self, session: Session) -> None:
        many = [card(f"Person {number}") for number in range(300)]
        session.database.execute("PRAGMA cache_size = 10")
        take(session, *many)
        undo(session)  # leaves free pages, which SQLite does not put back on a rollback
        before = Path(session.path).read_bytes()
        assert take(session, *many, dry_run=True)["created"] == 300
        assert Path(session.path).read_bytes() == before

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ("".join((*EVERY_SCRIPT, card("Lan Pham")))[:-20].encode(), "breaks off within card 6"),
            (b"", "no vCard"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "no vCard"),
        ],
    )
    def test_by_what_is_no_whole_vcard_file(
        self, session: Session, unchanged: Callable[[], bool], data: bytes, says: str
    ) -> None:
        with pytest.raises(BadValue, match=says):
            importing.vcard(session, data, Options())
        assert unchanged()

    @pytest.mark.parametrize(
        ("data", "says"),
        [(b"PK\x03\x04\0\0\xff\xfe", "binary"), (b"", "empty"), (b"Anna,Weber\nIvan,Kolev\n", "no column")],
    )
    def test_by_what_is_no_csv_of_contacts(
        self, session: Session, unchanged: Callable[[], bool], data: bytes, says: str
    ) -> None:
        with pytest.raises(BadValue, match=says):
            importing.csv(session, data, Options())
        assert unchanged()

    def test_while_locked(
        self, session: Session, unchanged: Callable[[], bool], lock: Callable[[], None]
    ) -> None:
        lock()
        with (
            Session(session.path, TODAY, Config({}, {}, ""), Unlocking()) as locked,
            pytest.raises(Locked),
        ):
            take(locked, card("Ivan Kolev"))
        assert unchanged()

    def test_by_a_run_that_is_killed_half_way(
        self, session: Session, unchanged: Callable[[], bool], tmp_path: Path
    ) -> None:
        cards = tmp_path / "many.vcf"
        cards.write_text("".join(card(f"Person {n}") for n in range(1000)), encoding="utf-8")
        before = everything(session)
        run = subprocess.run(
            [sys.executable, "-c", _KILLED, session.path, PASSPHRASE, str(cards)], cwd=ROOT, check=False
        )
        assert run.returncode == -signal.SIGKILL
        assert everything(session) == before
        assert unchanged()
        assert manifest_agrees(session)


_KILLED = """
import os, signal, sys
from datetime import date
from dossier.config import Config
from dossier.services import importing
from dossier.services.passphrases import Unlocking
from dossier.services.session import Session
from dossier.vault import header, kdf

path, passphrase, cards = sys.argv[1:]
kdf.FLOOR = kdf.KdfParams(memory=64, passes=1, lanes=1)

def watch(doing):
    def tell(done, total):
        if doing == "Writing" and done == 500:
            os.kill(os.getpid(), signal.SIGKILL)
    return tell

with Session(path, date(2027, 3, 10), Config({}, {}, ""), Unlocking()) as session:
    with header.open_with_passphrase(session.header, passphrase) as opened:
        session.use(opened.keys)
        importing.vcard(session, importing.read_file(cards), importing.Options(), progress=watch)
"""


def test_others_can_read_while_an_import_goes_on(session: Session) -> None:
    session.database.execute("PRAGMA cache_size = 10")
    seen: list[list[tuple[int]]] = []

    def watch(doing: str) -> Callable[[int, int], None]:
        return lambda done, total: seen.append(other.rows("SELECT count(*) FROM person"))

    data = "".join(card(f"Person {number}") for number in range(500)).encode()
    with Database(session.path) as other:
        other.execute("PRAGMA busy_timeout = 0")
        importing.vcard(session, data, Options(), progress=watch)
        assert seen == [[(0,)]] * 12
        assert other.rows("SELECT count(*) FROM person") == [(500,)]


class TestFile:
    def test_missing_a_folder_or_out_of_reach(self, tmp_path: Path) -> None:
        looped = tmp_path / "loop"
        looped.symlink_to(looped)
        for path, says in (
            (tmp_path / "none.vcf", "there is no file"),
            (tmp_path, "is a folder"),
            (looped, "cannot read"),
        ):
            with pytest.raises(Unavailable, match=says):
                importing.read_file(str(path))
        with pytest.raises(Unavailable, match="NUL"):
            importing.read_file("a\0b")

    def test_beyond_the_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importing, "LARGEST_FILE", 2_000_000)
        (tmp_path / "large.vcf").write_bytes(b"x" * 2_000_001)
        (tmp_path / "full.vcf").write_bytes(b"x" * 2_000_000)
        with pytest.raises(BadValue, match="larger than 2 MB"):
            importing.read_file(str(tmp_path / "large.vcf"))
        assert len(importing.read_file(str(tmp_path / "full.vcf"))) == 2_000_000


class TestCsv:
    LIST = "name,company,birthday,note\nАнна Колева,Клиника,03/04/1980,чай\nLan Phạm,,,\n"

    def test_line_numbers_and_the_order_of_day_and_month(self, session: Session) -> None:
        refused = importing.csv(session, self.LIST.encode(), Options())
        assert [row for row, _ in reasons(refused)] == [2, 3]
        assert importing.csv(session, self.LIST.encode(), Options(), day_first=True)["created"] == 1
        assert person(session).birthday == "1980-04-03"

    def test_the_setting_decides_where_no_option_does(self, session: Session) -> None:
        session.config.values["date_order"] = "month"
        importing.csv(session, self.LIST.encode(), Options())
        assert person(session).birthday == "1980-03-04"

    def test_another_encoding(self, session: Session) -> None:
        importing.csv(
            session,
            self.LIST.replace("ạ", "a").encode("cp1251"),
            Options(),
            encoding="cp1251",
            day_first=True,
        )
        assert (person(session).name, person(session).note) == ("Анна Колева", "чай")


NAMES = st.sampled_from(
    (
        "Anna Weber",
        "A. Weber",
        "anna weber",
        "Nguyễn Thị Lan",
        "Lan",
        "Lan Nguyen",
        "王伟",
        "Иван",
        "",
        "x" * 201,
        "🦊",
    )
)
WORDS = st.one_of(
    st.sampled_from(("", "Brightwater", "BRIGHTWATER ", "Фирма", "\u200b", "x" * 201)), st.text(max_size=8)
)
MAILS = st.sampled_from(("", "office@a.example", "anna@a.example", "OFFICE@a.example; lan@a.example"))
BIRTHDAYS = st.sampled_from(("", "1975-04-12", "--04-12", "1976", "31.2.1980", "2031-01-01"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NAMES, WORDS, MAILS, MAILS, BIRTHDAYS, WORDS), max_size=12))
def test_a_receipt_always_adds_up_and_the_second_time_nobody_is_created(
    session: Session, rows: list[tuple[str, ...]]
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(("name", "company", "email", "private email", "birthday", "note"))
    writer.writerows(rows)
    data = file.getvalue().encode("utf-8", "replace")
    known = len(session.reader.find(Person))
    rehearsed = importing.csv(session, data, Options(dry_run=True))
    assert len(session.reader.find(Person)) == known
    first = importing.csv(session, data, Options())
    assert first == rehearsed | {"backup": first["backup"]}
    assert (first["backup"] is not None) == (first["created"] + first["merged"] > 0)
    assert len(session.reader.find(Person)) == known + first["created"]
    second = importing.csv(session, data, Options())
    assert (second["created"], second["accounts_created"]) == (0, 0)
    for receipt in (first, second):
        assert receipt["rows"] == sum(receipt[name] for name in ("created", "merged", "skipped", "rejected"))
        rejected = {problem["row"] for problem in receipt["problems"] if problem["rejected"]}
        assert len(rejected) == receipt["rejected"]
    if first["created"] or first["merged"]:
        before = everything(session)
        if second["merged"]:
            undo(session)
        undo(session)
        assert len(everything(session)) == len(before) - first["created"] - first["accounts_created"]


class TestABackup:
    """The vault as it was before is kept, once the import is known to write."""

    def test_is_the_vault_before_it(self, session: Session) -> None:
        take(session, card("Anna Weber"))
        receipt = take(session, card("Lan Pham"))
        with Session(receipt["backup"], session.today, session.config, Unlocking()) as kept:
            assert [one.name for one in kept.reader.find(Person)] == ["Anna Weber"]
            assert check_vault(kept.database, kept.rows).problems == []

    def test_is_not_made_if_nothing_changes(self, session: Session) -> None:
        take(session, card("Anna Weber"))
        assert take(session, card("Anna Weber"))["backup"] is None
        assert take(session, card("Nobody", org=""))["backup"] is None
        assert len(listed(session.path)) == 1

    def test_that_cannot_be_made_stops_the_import(self, session: Session) -> None:
        Path(f"{session.path}.backups").write_text("in the way")
        with pytest.raises(Unavailable, match="nothing was imported, for no backup could be made") as raised:
            take(session, card("Anna Weber"))
        assert "--no-backup" in str(raised.value.hint)
        assert session.reader.find(Person) == []
        assert importing.vcard(session, card("Anna Weber").encode(), Options(backup=False))["created"] == 1

    def test_is_not_made_where_none_are_kept(self, session: Session) -> None:
        session.config.values["backups_kept"] = 0
        assert take(session, card("Anna Weber"))["backup"] is None
        assert listed(session.path) == []


def test_the_day_of_the_session_is_the_day_of_what_is_made(session: Session) -> None:
    session.today = date(2030, 1, 2)
    take(session, card("Anna Weber"))
    assert (person(session).created_on, session.reader.get(Account, 1).created_on) == (
        "2030-01-02",
        "2030-01-02",
    )


def test_a_row_found_by_mail_is_found_again_when_others_share_that_mail(session: Session) -> None:
    head = "name,company,email\n"
    first = head + "Anna Weber,Brightwater,anna@a.example\n王伟,,anna@a.example\n"
    assert importing.csv(session, first.encode(), Options())["merged"] == 1
    other = head + "Boris Stone,Thornmere,boris@b.example\n"
    importing.csv(session, other.encode(), Options())
    record = next(one for one in session.reader.find(Person) if one.name == "Boris Stone")
    with session.change("test") as transaction:
        transaction.update(record, mails=["anna@a.example"])
    again = importing.csv(session, first.encode(), Options())
    assert (again["created"], again["merged"], again["skipped"], again["rejected"]) == (0, 0, 2, 0)


def test_what_comes_in_of_somebody_known_leaves_the_lines(session: Session) -> None:
    take(session, card("Anna Weber"), card("Ben Holt"))
    people.edit(session, "ben", {}, reports_to="anna")
    assert figures(take(session, card("Ben Holt", "TITLE:Engineer")))[2] == 1
    assert (person(session, 2).position, person(session, 2).reports_to) == ("Engineer", 1)
