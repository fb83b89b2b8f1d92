from __future__ import annotations

import pytest

from dossier.exchange.birthday import AMBIGUOUS, UNREADABLE, is_day_first, read_birthday
from dossier.exchange.contact import RowRefused


@pytest.mark.parametrize(
    ("text", "birthday"),
    [
        ("1975-04-12", "1975-04-12"),
        ("19750412", "1975-04-12"),
        ("1975-04-12T00:00:00Z", "1975-04-12"),
        ("19750412T000000", "1975-04-12"),
        ("2000-01-01T10:00:00+02:00", "2000-01-01"),
        ("1975-04-12 00:00:00", "1975-04-12"),
        ("4/25/1975 12:00:00 AM", "1975-04-25"),
        ("--0412", "--04-12"),
        (" --04-12", "--04-12"),
        ("--0229", "--02-29"),
        ("1975-04", "1975-04"),
        ("1975", "1975"),
        ("--04", "--04"),
        ("1604-02-29", "--02-29"),
        ("12.04.1975 г.", "1975-04-12"),
        ("8.3.", "--03-08"),
        ("1970年10月1日", "1970-10-01"),
        ("5月4日", "--05-04"),
        ("25/04/1980", "1980-04-25"),
        ("04/04/1980", "1980-04-04"),
    ],
)
def test_birthdays_are_brought_to_one_form(text: str, birthday: str) -> None:
    assert read_birthday(text) == birthday


@pytest.mark.parametrize("text", ["", "  ", "0/0/00", "00/00/0000", "0000-00-00", "0/0/00 00:00"])
def test_a_blank_is_no_birthday(text: str) -> None:
    assert read_birthday(text) is None


@pytest.mark.parametrize(
    "text", ["sometime in spring", "31.02.1980", "1975-13-01", "3/4/75", "---12", "1604", "9" * 10**6]
)
def test_what_is_no_date_is_refused_without_being_named(text: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read_birthday(text)
    assert refused.value.reason == UNREADABLE


@pytest.mark.parametrize("text", ["03/04/1980", "3-4-1980", "3/4", "03/04/1980 00:00"])
def test_a_date_with_two_readings_needs_to_be_told(text: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read_birthday(text)
    assert refused.value.reason == AMBIGUOUS
    assert "--day-first" in AMBIGUOUS
    assert read_birthday(text, day_first=True) in ("1980-04-03", "--04-03")
    assert read_birthday(text, day_first=False) in ("1980-03-04", "--03-04")


def test_a_year_that_the_card_calls_omitted_is_unknown() -> None:
    assert read_birthday("1900-04-12", omitted_year="1900") == "--04-12"
    assert read_birthday("1900-04-12") == "1900-04-12"


def test_only_a_number_above_twelve_tells_that_days_come_first() -> None:
    assert is_day_first("25/04/1980")
    assert not is_day_first("04/25/1980")
    assert not is_day_first("03/04/1980")


@pytest.mark.parametrize("text", ["1" + " " * 10**6 + "x", "0" * 10**6 + "x", "1 " * 10**5])
def test_a_long_text_is_given_up(text: str) -> None:
    with pytest.raises(RowRefused):
        read_birthday(text)
