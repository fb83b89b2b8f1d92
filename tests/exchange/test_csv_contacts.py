from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import BadValue
from dossier.exchange.birthday import AMBIGUOUS
from dossier.exchange.contact import Contact, Rejected
from dossier.exchange.csv_contacts import read_csv
from dossier.exchange.csv_headers import _HEADINGS, key_of

FIXTURES = Path(__file__).parent / "fixtures"
QUOTATION = "a quotation mark is out of place or never closed"


def read(
    name: str, *, encoding: str | None = None, day_first: bool | None = None
) -> list[Contact | Rejected]:
    return list(read_csv((FIXTURES / name).read_bytes(), encoding=encoding, day_first=day_first))


def rows(text: str, *, day_first: bool | None = None) -> list[Contact | Rejected]:
    return list(read_csv(text.encode(), day_first=day_first))


def only(text: str) -> Contact:
    [contact] = rows(text)
    assert isinstance(contact, Contact), contact
    return contact


class TestDialects:
    def test_a_plain_list(self) -> None:
        mary, bao, li, maria, laila = read("plain.csv")
        assert mary == Contact(
            row=2,
            name="Mary Hollis",
            organisation="Brightwater Mills",
            position="Plant Manager",
            mails=("mary.hollis@brightwater.example",),
            phones=("+1 555 0101",),
            birthday="1975-04-12",
            note='Runs marathons, "twice a year"',
        )
        assert isinstance(bao, Contact)
        assert (bao.name, bao.birthday) == ("Trần Quốc Bảo", "--11-20")
        assert isinstance(li, Contact)
        assert (li.row, li.note, li.birthday) == (4, "爱下围棋\n儿子在伦敦", "1968")
        assert isinstance(maria, Contact)
        assert (maria.row, maria.birthday) == (6, "1980-04-03")
        assert maria.mails == ("maria.koleva@balkan.example", "m.koleva@balkan.example")
        assert isinstance(laila, Contact)
        assert (laila.name, laila.birthday) == ("ليلى الحداد", None)

    def test_google_before_2024(self) -> None:
        assert read("google-old.csv") == [
            Contact(
                row=2,
                name="Sofia Marchetti",
                family_name="Marchetti",
                given_name="Sofia",
                organisation="Laguna Vetri",
                position="Owner",
                department="Design",
                mails=("sofia@lagoon.example", "s.marchetti@lagoon.example"),
                phones=("+39 041 555 0114",),
                private_mails=("sofia@private.example",),
                private_phones=("+39 041 555 0115",),
                private_address="Calle Lunga 7, Venezia",
                birthday="--07-14",
                note="Sails in summer",
                language="it",
                aliases=("Sofi",),
            )
        ]

    def test_google_today(self) -> None:
        lan, zhang, nobody = read("google-new.csv")
        assert lan == Contact(
            row=2,
            name="Nguyễn Thị Ngọc Lan",
            family_name="Nguyễn",
            given_name="Thị Ngọc Lan",
            organisation="Gốm Sông Hậu",
            position="Giám đốc mua hàng",
            mails=("lan.nguyen@songhau.example",),
            private_phones=("+84 292 555 0122",),
            birthday="1982-09-30",
            note="Cà phê sữa đá",
        )
        assert isinstance(zhang, Contact)
        assert (zhang.name, zhang.birthday) == ("张雅婷", "1980-03-04")
        assert nobody == Rejected(4, "no name")

    def test_outlook(self) -> None:
        peter, ruth = read("outlook.csv")
        assert peter == Contact(
            row=2,
            name="Peter J. Okafor",
            family_name="Okafor",
            given_name="Peter J.",
            organisation="Brightwater Mills",
            position="CFO",
            department="Finance",
            mails=("peter.okafor@brightwater.example",),
            phones=("+44 113 555 0116", "+44 7700 550118"),
            private_phones=("+44 113 555 0117",),
            private_address="12 Elm Row, Leeds, LS1 1AA, UK",
            birthday="1980-03-04",
            note="Two lines\nof note",
        )
        assert ruth == Contact(
            row=4,
            name="Ruth Abel",
            family_name="Abel",
            given_name="Ruth",
            mails=("ruth.abel@brightwater.example",),
        )

    def test_vietnamese_headings(self) -> None:
        ha, kien = read("vietnamese.csv")
        assert ha == Contact(
            row=2,
            name="Phạm Thu Hà",
            organisation="Gốm Sông Hậu",
            position="Trưởng phòng",
            department="Mua hàng",
            mails=("ha.pham@songhau.example",),
            phones=("0905550107",),
            private_mails=("thuha@private.example",),
            birthday="1985-12-25",
            note="Thích hoa sen",
        )
        assert kien == Rejected(3, AMBIGUOUS)

    def test_bulgarian_headings_in_cp1251(self) -> None:
        georgi, elena = read("bulgarian-cp1251.csv", encoding="cp1251")
        assert georgi == Contact(
            row=2,
            name="Георги Тодоров",
            family_name="Тодоров",
            given_name="Георги",
            organisation="Балкан Машини АД",
            position="Управител",
            phones=("+359 2 555 0109",),
            private_phones=("+359 2 555 0110",),
            birthday="1975-04-12",
            note="Ловец",
        )
        assert isinstance(elena, Contact)
        assert (elena.name, elena.family_name, elena.birthday) == ("Елена Стоянова", "Стоянова", "--03-08")

    def test_chinese_headings_in_utf_16_between_tabs(self) -> None:
        wang, chen = read("chinese.csv")
        assert wang == Contact(
            row=2,
            name="王建国",
            organisation="东湖物流集团",
            position="副总裁",
            department="运营部",
            mails=("jianguo.wang@donghu.example",),
            phones=("+86 27 5550 0112",),
            birthday="1970-10-01",
            note="喝绿茶",
        )
        assert isinstance(chen, Contact)
        assert chen.birthday == "--05-04"

    def test_a_stream_is_as_good_as_bytes(self) -> None:
        data = (FIXTURES / "plain.csv").read_bytes()
        assert list(read_csv(io.BytesIO(data))) == read("plain.csv")


class TestHeadings:
    def test_none_means_two_things(self) -> None:
        keys = [key_of(heading) for headings in _HEADINGS.values() for heading in headings]
        meanings = {
            key_of(heading): meaning for meaning, headings in _HEADINGS.items() for heading in headings
        }
        assert all(
            meanings[key_of(heading)] == meaning
            for meaning, headings in _HEADINGS.items()
            for heading in headings
        )
        assert all(keys)

    def test_spelling_does_not_count(self) -> None:
        assert only("Full_Name;JOB-TITLE;E-Mail\nPetra;Buyer;p@x.example\n").position == "Buyer"
        assert only("ho va ten,so dien thoai\nPhạm Thu Hà,0905550107\n").phones == ("0905550107",)

    def test_title_is_the_position_unless_there_is_another(self) -> None:
        assert only("name,title\nPetra,Buyer\n").position == "Buyer"
        assert only("name,title,job title\nPetra,Dr.,Buyer\n").position == "Buyer"

    def test_excel_may_say_the_delimiter(self) -> None:
        contact = only("sep=;\r\nname;company\r\nPetra;Fir, Oak & Co\r\n")
        assert (contact.row, contact.organisation) == (3, "Fir, Oak & Co")

    def test_a_name_alone_is_a_list(self) -> None:
        assert only("name\nPetra Lindqvist\n").name == "Petra Lindqvist"

    @pytest.mark.parametrize(
        ("head", "row", "name"),
        [
            ("Họ,Tên", "Trần,Bảo", "Trần Bảo"),
            ("姓,名", "李,明哲", "李明哲"),
            ("姓,姓名", "李,李明哲", "李明哲"),
            ("Name,Surname", "Petra,Lindqvist", "Petra Lindqvist"),
            ("Name,Surname", "Petra Lindqvist,Lindqvist", "Petra Lindqvist"),
        ],
    )
    def test_names_in_parts(self, head: str, row: str, name: str) -> None:
        assert only(f"{head}\n{row}\n").name == name

    def test_headings_that_say_nothing_are_named_with_those_that_would(self) -> None:
        with pytest.raises(BadValue) as refused:
            rows("colour,weight\nred,5\n")
        assert "colour, weight" in refused.value.message
        assert refused.value.hint is not None
        assert "company" in refused.value.hint
        assert "Outlook" in refused.value.hint

    def test_a_file_without_headings_gives_nothing_private_away(self) -> None:
        with pytest.raises(BadValue) as refused:
            rows("Petra,petra@private.example,1975-04-12\n")
        assert "private.example" not in refused.value.message
        assert "1975" not in refused.value.message

    @pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
    def test_an_empty_file(self, data: bytes) -> None:
        with pytest.raises(BadValue, match="empty"):
            read_csv(data)


class TestEncodings:
    def test_bytes_that_are_not_utf_8_ask_for_the_encoding(self) -> None:
        with pytest.raises(BadValue, match="not in UTF-8") as refused:
            read("bulgarian-cp1251.csv")
        assert refused.value.hint is not None
        assert "--encoding" in refused.value.hint

    def test_utf_8_is_seen_before_the_option(self) -> None:
        assert read("plain.csv", encoding="cp1251") == read("plain.csv")

    def test_utf_16_without_a_mark_by_the_option(self) -> None:
        data = "name,company\nPetra,Brightwater\n".encode("utf-16-le")
        assert isinstance(next(read_csv(data, encoding="utf-16-le")), Contact)
        with pytest.raises(BadValue, match="not a text file"):
            read_csv(data)

    @pytest.mark.parametrize(
        "data",
        [
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1",
            b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
            b"\0\1\2\3",
        ],
    )
    def test_a_binary_file(self, data: bytes) -> None:
        with pytest.raises(BadValue, match="not a text file"):
            read_csv(data)
        with pytest.raises(BadValue):
            read_csv(data, encoding="cp1252")

    @pytest.mark.parametrize("encoding", ["klingon", "rot13", "a\0b"])
    def test_an_encoding_that_there_is_not(self, encoding: str) -> None:
        with pytest.raises(BadValue, match="no text encoding"):
            read_csv(b"name\n\xff\n", encoding=encoding)

    @pytest.mark.parametrize("encoding", ["ascii", "utf-7", "gb18030"])
    def test_the_wrong_encoding(self, encoding: str) -> None:
        with pytest.raises(BadValue, match="the text is not in"):
            read_csv(b"name\n+2AA-\xff\xff\n", encoding=encoding)


class TestBadRows:
    def test_the_wrong_number_of_columns(self) -> None:
        text = "name,company\nPetra,A,B\nMarco\nIvana,C,\n"
        first, second, third = rows(text)
        assert first == Rejected(2, "has 3 columns where the first line has 2")
        assert second == Rejected(3, "has 1 column where the first line has 2")
        assert isinstance(third, Contact)

    def test_no_name(self) -> None:
        assert rows("name,company\n ,Brightwater\n") == [Rejected(2, "no name")]

    def test_blank_lines_are_no_rows_but_count_as_lines(self) -> None:
        assert [row.row for row in rows("\nname,company\n\nPetra,A\n,\n\nMarco,B\n")] == [4, 7]

    def test_a_quotation_mark_never_closed_costs_its_line_only(self) -> None:
        first, *others = rows('name,company\n"Petra,A\nMarco,B\nIvana,"C\nZofia,D\n')
        assert first == Rejected(2, QUOTATION)
        assert [getattr(row, "name", row) for row in others] == ["Marco", Rejected(4, QUOTATION), "Zofia"]

    def test_a_quotation_mark_out_of_place(self) -> None:
        assert rows('name,company\n"Petra"x,A\nMarco,B\n')[0] == Rejected(2, QUOTATION)

    def test_many_marks_never_closed_are_not_read_over_and_over(self) -> None:
        assert rows("name,company\n" + 'a","b\n' * 100_000)

    def test_a_nul_byte(self) -> None:
        first, second = rows("name,company\nPe\0tra,A\nMarco,B\n")
        assert first == Rejected(2, "holds a NUL character")
        assert isinstance(second, Contact)

    def test_a_field_of_a_megabyte(self) -> None:
        usual_limit = csv.field_size_limit()
        assert len(only("name,note\nPetra," + "x" * 2**20 + "\n").note) == 2**20
        assert csv.field_size_limit() == usual_limit

    def test_a_birthday_that_cannot_be_read_is_not_named(self) -> None:
        assert rows("name,birthday\nPetra,Zanzibar\n") == [Rejected(2, "birthday cannot be read")]


class TestSlashedBirthdays:
    OUTLOOK = "First Name,Last Name,E-mail Address,Business Phone,Birthday\n"

    def birthdays(self, text: str, *, day_first: bool | None = None) -> list[str | None]:
        return [
            row.birthday if isinstance(row, Contact) else row.reason
            for row in rows(text, day_first=day_first)
        ]

    def test_elsewhere_the_order_has_to_be_told(self) -> None:
        text = "name,birthday\nPetra,03/04/1980\n"
        assert self.birthdays(text) == [AMBIGUOUS]
        assert self.birthdays(text, day_first=True) == ["1980-04-03"]
        assert self.birthdays(text, day_first=False) == ["1980-03-04"]

    def test_outlook_puts_the_month_first(self) -> None:
        assert self.birthdays(self.OUTLOOK + "Petra,L,,,3/4/1980\n") == ["1980-03-04"]
        assert self.birthdays(self.OUTLOOK + "Petra,L,,,3/4/1980\n", day_first=True) == ["1980-04-03"]

    def test_unless_the_file_shows_otherwise(self) -> None:
        text = self.OUTLOOK + "Petra,L,,,3/4/1980\nMarco,B,,,25/4/1980\n"
        assert self.birthdays(text) == [AMBIGUOUS, "1980-04-25"]


class TestValues:
    def test_several_in_one_cell(self) -> None:
        contact = only('name,email,phone\nPetra,"Petra <p@x.example>, q@x.example","1; 2 ::: 3"\n')
        assert (contact.mails, contact.phones) == (("p@x.example", "q@x.example"), ("1", "2", "3"))

    def test_a_mail_address_that_is_none_is_left_to_be_judged(self) -> None:
        assert only("name,email\nPetra,petra at x\n").mails == ("petra at x",)

    def test_two_notes_are_both_kept(self) -> None:
        assert only("name,note,comment\nPetra,one,two\n").note == "one\n\ntwo"


_CELLS = st.sampled_from(
    ["name", "email", '"', '""', ",", ";", "\t", "\n", "\r", "\r\n", "sep=;", "\0", "Petra", "3/4/1980"]
)


@given(st.lists(st.one_of(_CELLS, st.text(max_size=5))))
def test_whatever_the_file_every_record_comes_out_once(pieces: list[str]) -> None:
    text = "name,birthday\n" + "".join(pieces)
    data = text.encode(errors="replace")
    lines = [row.row for row in read_csv(data)]
    assert lines == sorted(set(lines))
    assert all(2 <= line <= len(data.splitlines()) for line in lines)


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2))
)
def test_rows_add_up(table: list[list[str]]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([["name", "note"], *table])
    filled = sum(any(cell.strip() for cell in row) for row in table)
    assert len(rows(stream.getvalue())) == filled


@given(st.binary(max_size=300), st.sampled_from([None, "cp1251", "utf-16", "utf-7", "gb18030", "cp037"]))
def test_random_bytes_raise_nothing_but_bad_value(data: bytes, encoding: str | None) -> None:
    for source in (data, b"name,birthday,email\n" + data, b"\xff\xfe" + data):
        try:
            found = list(read_csv(source, encoding=encoding))
        except BadValue:
            continue
        for row in found:
            "".join(str(field) for field in row).encode()
