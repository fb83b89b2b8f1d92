from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.faults import BadValue
from dossier.exchange.contact import Contact, Rejected
from dossier.exchange.vcard import read_vcards

FIXTURES = Path(__file__).parent / "fixtures"


def read(name: str) -> list[Contact | Rejected]:
    return list(read_vcards((FIXTURES / name).read_bytes()))


def card(*lines: str | bytes, version: str = "3.0") -> bytes:
    whole = ["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in whole)


def only(source: bytes, *, encoding: str | None = None) -> Contact:
    [contact] = read_vcards(source, encoding=encoding)
    assert isinstance(contact, Contact), contact
    return contact


def reason(source: bytes) -> str:
    [rejected] = read_vcards(source)
    assert isinstance(rejected, Rejected), rejected
    return rejected.reason


class TestDialects:
    def test_android_writes_2_1_in_quoted_printable(self) -> None:
        first, second = read("android-2.1.vcf")
        assert first == Contact(
            row=1,
            name="Nguyễn Thị Ngọc Lan",
            family_name="Nguyễn",
            given_name="Thị Ngọc Lan",
            organisation="Công ty Gốm Sông Hậu",
            position="Giám đốc mua hàng",
            mails=("lan.nguyen@songhau.example",),
            phones=("+84905550121",),
            private_mails=("ngoclan@private.example",),
            private_phones=("+842925550122",),
            birthday="1982-09-30",
            note="Thích cà phê sữa đá.\nCon trai tên Bảo, học lớp 9.",
        )
        assert isinstance(second, Contact)
        assert second.name == "Đặng Minh"

    def test_outlook_writes_2_1_in_the_code_page_that_each_line_names(self) -> None:
        [contact] = read("outlook-2.1-cp1251.vcf")
        assert contact == Contact(
            row=1,
            name="Стоян Петров Димитров",
            family_name="Димитров",
            given_name="Стоян Петров",
            organisation="Балкан Машини АД",
            department="Производство",
            position="Технически директор",
            phones=("+359 2 555 0131",),
            birthday="1971-05-06",
            note="Обича Рила",
        )

    def test_apple_writes_3_0_with_labels_beside_and_a_placeholder_year(self) -> None:
        person, company = read("apple-3.0.vcf")
        assert person == Contact(
            row=1,
            name="Dr. Anna Luise Weber",
            family_name="Weber",
            given_name="Anna Luise",
            organisation="Nordlicht Optik GmbH",
            department="Einkauf",
            position="Head of Purchasing",
            mails=("anna.weber@nordlicht.example",),
            phones=("+49 30 5550 110", "+49 171 5550 111"),
            private_mails=("anna@weber-privat.example",),
            private_phones=("+49 30 5550 112",),
            private_address="Lindenweg 4, Berlin, 10115, Germany",
            birthday="--02-29",
            note="Met at the Basel fair, likes Bach, plays the viola.\nHer team: three buyers; one in Jena.",
            uid="0B8E9C11-0000-4000-8000-000000000002",
        )
        assert company == Rejected(2, "a company, not a person: add it with dossier account add")

    def test_4_0_has_addresses_as_uris_and_names_in_several_scripts(self) -> None:
        first, second, group = read("phone-4.0.vcf")
        assert first == Contact(
            row=1,
            name="张雅婷",
            family_name="张",
            given_name="雅婷",
            organisation="远山医疗器械有限公司",
            department="采购部, 进口组",
            position="采购总监",
            mails=("yating.zhang@yuanshan.example",),
            phones=("+86-21-5550-0142 ext. 12",),
            private_mails=("yating@private.example",),
            private_phones=("+86-139-5550-0177",),
            private_address="梧桐路 8 号, 上海, 200001, 中国",
            birthday="--04-12",
            note="喜欢普洱茶, 不喝咖啡。\n女儿学大提琴。",
            language="zh-CN",
            aliases=("Vivian Zhang", "小张", "Viv"),
            uid="urn:uuid:5f1c7a52-0001-4b6e-9c1d-000000000001",
        )
        assert isinstance(second, Contact)
        assert (second.name, second.birthday) == ("أحمد المنصوري", "1969-11")
        assert group == Rejected(3, "a group of contacts, not a person")

    @pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
    def test_any_line_end_will_do(self, line_end: bytes) -> None:
        whole = (FIXTURES / "apple-3.0.vcf").read_bytes()
        assert list(read_vcards(whole.replace(b"\r\n", line_end))) == list(read_vcards(whole))

    def test_utf_16_and_utf_8_with_byte_order_marks(self) -> None:
        text = (FIXTURES / "phone-4.0.vcf").read_text(encoding="utf-8")
        for encoding in ("utf-16", "utf-8-sig"):
            assert list(read_vcards(text.encode(encoding))) == read("phone-4.0.vcf")

    def test_files_put_one_behind_the_other(self) -> None:
        marked = b"\xef\xbb\xbf" + card("FN:Petra Lindqvist")
        assert [contact.row for contact in read_vcards(marked * 3)] == [1, 2, 3]

    def test_a_stream_is_read_as_it_goes(self) -> None:
        stream = io.BytesIO(card("FN:Petra Lindqvist") * 10_000)
        next(read_vcards(stream))
        assert stream.tell() < 1_000


class TestBadCards:
    def test_each_costs_itself_only(self) -> None:
        assert [getattr(row, "name", None) or row for row in read("broken.vcf")] == [
            "Petra Lindqvist",
            Rejected(2, "no name"),
            Rejected(3, "truncated: END:VCARD is missing"),
            Rejected(4, "birthday cannot be read"),
            Rejected(5, "the line TEL cannot be read"),
            "Zofia Kowalska",
            Rejected(7, "truncated: END:VCARD is missing"),
        ]

    def test_a_card_without_its_beginning(self) -> None:
        assert reason(b"FN:Petra Lindqvist\r\nEND:VCARD\r\n") == "truncated: BEGIN:VCARD is missing"

    @pytest.mark.parametrize(
        "source", [b"", b"\n\n", b"name,company\nPetra,Brightwater\n", b"\x89PNG\r\n\x1a\n\0\0"]
    )
    def test_a_file_without_any(self, source: bytes) -> None:
        with pytest.raises(BadValue, match="no vCard"):
            list(read_vcards(source))

    def test_utf_16_that_breaks_off(self) -> None:
        with pytest.raises(BadValue, match="UTF-16"):
            list(read_vcards(b"\xff\xfeB\0E\0G"))

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (b"FN:\xc8\xe2\xe0\xed", "the line FN cannot be decoded: say --encoding"),
            (b"FN;CHARSET=klingon:Worf", "the line FN cannot be decoded: say --encoding"),
            (b"FN;CHARSET=utf-7;QUOTED-PRINTABLE:+2AA-", "the line FN cannot be decoded: say --encoding"),
            (b"FN:Pe\0tra", "the line FN holds a NUL character"),
            (b"NOTE;ENCODING=BASE64:abc", "the line NOTE is not valid base64"),
        ],
    )
    def test_text_that_is_none(self, line: bytes, why: str) -> None:
        assert reason(card("N:Lindqvist;Petra", line)) == why

    def test_reasons_never_hold_what_the_card_says(self) -> None:
        secret = "Zanzibar"
        sources = [
            card(f'TEL;TYPE="{secret}:1', "FN:Petra"),
            card(f"BDAY:{secret}", "FN:Petra"),
            card(f"BDAY;VALUE=text:circa {secret}", "FN:Petra"),
            card(f"NOTE;CHARSET={secret}:{secret}", "FN:Petra"),
            card(f"NOTE:{secret}"),
        ]
        assert not any(secret in reason(source) for source in sources)

    def test_a_malformed_parameter_list_takes_no_exponential_time(self) -> None:
        assert reason(card("TEL;TYPE=" + "a," * 5_000 + '":1', "FN:Petra")) == "the line TEL cannot be read"


class TestValues:
    def test_a_bare_comma_ends_nothing(self) -> None:
        contact = only(
            card("FN:Lindqvist, Petra", "NOTE:one, two", "TITLE:Sales, Nordics", "ORG:Fir, Oak & Co")
        )
        assert contact.name == "Lindqvist, Petra"
        assert (contact.note, contact.position, contact.organisation) == (
            "one, two",
            "Sales, Nordics",
            "Fir, Oak & Co",
        )

    def test_backslashes(self) -> None:
        contact = only(card("FN:Petra", r"NOTE:a\\b\, c\; d\ne\q" + "\\", r"ORG:A\;B;C\\"))
        assert contact.note == "a\\b, c; d\ne\\q\\"
        assert (contact.organisation, contact.department) == ("A;B", "C\\")

    def test_a_fold_may_cut_a_character_in_two(self) -> None:
        name = "Đặng Minh".encode()
        assert only(card(b"FN:" + name[:1] + b"\r\n " + name[1:])).name == "Đặng Minh"

    def test_a_soft_break_before_the_end_of_the_card_swallows_nothing(self) -> None:
        assert only(card("FN:Petra", "NOTE;QUOTED-PRINTABLE:gone=")).note == "gone"

    def test_base64_text(self) -> None:
        assert only(card("FN;ENCODING=b:0JjQstCw0L0=")).name == "Иван"

    def test_what_a_contact_does_not_take_may_be_broken(self) -> None:
        assert (
            only(
                card("FN:Petra", 'X-PLACE;X-TITLE=\\"Depot\\":geo:1,2', "PHOTO;ENCODING=b:%%%", "stray")
            ).name
            == "Petra"
        )

    def test_home_is_private_and_work_beside_it_is_not(self) -> None:
        contact = only(
            card("FN:Petra", "TEL;TYPE=HOME,VOICE:1", "TEL;TYPE=home;TYPE=work:2", "TEL:3", "tel;home:4")
        )
        assert (contact.phones, contact.private_phones) == (("2", "3"), ("1", "4"))

    def test_a_label_called_private_wins_over_the_type(self) -> None:
        contact = only(
            card(
                "FN:Petra", "a.TEL;TYPE=WORK:1", "A.X-ABLABEL:Личен", "b.TEL;TYPE=HOME:2", "b.X-ABLabel:Desk"
            )
        )
        assert (contact.phones, contact.private_phones) == ((), ("1", "2"))

    def test_an_address_at_work_is_not_private(self) -> None:
        assert only(card("FN:Petra", "ADR;TYPE=WORK:;;Mill Lane 1;Leeds;;;UK")).private_address == ""

    def test_a_role_stands_in_for_a_missing_title(self) -> None:
        assert only(card("FN:Petra", "ROLE:Buyer")).position == "Buyer"

    def test_a_name_from_its_parts(self) -> None:
        assert only(card("N:Kowalska;Zofia;Maria,Anna;Dr.;PhD", "FN: ")).name == "Zofia Maria Anna Kowalska"

    def test_several_notes_are_all_kept(self) -> None:
        assert only(card("FN:Petra", "NOTE:one", "NOTE:", "NOTE:two")).note == "one\n\ntwo"

    def test_an_encoding_that_the_file_does_not_name(self) -> None:
        assert only(card("FN:Иван".encode("cp1251")), encoding="cp1251").name == "Иван"

    @pytest.mark.parametrize("encoding", ["klingon", "rot13", "a\0b"])
    def test_an_encoding_that_there_is_not(self, encoding: str) -> None:
        with pytest.raises(BadValue, match="no text encoding"):
            read_vcards(card("FN:Petra"), encoding=encoding)

    def test_a_long_note_in_quoted_printable(self) -> None:
        line = b"=D0=96" * 12 + b"=\r\n"
        assert only(card("FN:Petra", b"NOTE;QUOTED-PRINTABLE:" + line * 14_000)).note == "Ж" * 12 * 14_000


_PIECES = st.sampled_from(
    [
        *(b"BEGIN:VCARD", b"END:VCARD", b"\xef\xbb\xbfBEGIN:VCARD", b"FN:Petra", b"FN", b"N:;;", b"KIND:org"),
        *(
            b"N;QUOTED-PRINTABLE:=D0=",
            b"=41=42;;",
            b"BDAY:--0412",
            b"BDAY:x",
            b"NOTE:a\\",
            b"NOTE;ENCODING=B:?",
        ),
        *(b"TEL;HOME;;:1", b'EMAIL;TYPE="a', b"item1.X-ABLABEL:Home", b" folded", b"\tfolded", b""),
        *(b"ORG;CHARSET=utf-7:+2AA-", b"ORG;CHARSET=idna:\xff"),
    ]
)


@given(
    st.lists(st.one_of(_PIECES, st.binary(max_size=12)), max_size=40),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_whatever_the_file_every_card_comes_out_once(lines: list[bytes], line_end: bytes) -> None:
    source = line_end.join(lines)
    try:
        rows = list(read_vcards(source))
    except BadValue:
        return
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        "".join(str(field) for field in row).encode()


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_bad_value(data: bytes) -> None:
    for source in (
        data,
        b"BEGIN:VCARD\n" + data,
        b"BEGIN:VCARD\nFN:" + data + b"\nEND:VCARD",
        b"\xff\xfe" + data,
    ):
        try:
            rows = list(read_vcards(source))
        except BadValue:
            continue
        assert all(isinstance(row, Contact | Rejected) for row in rows)
