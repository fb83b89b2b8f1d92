"""Dates as people say them, in English by our own rules, in other languages through a library."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.services import dates
from dossier.services.session import Session

# The session's day is Wednesday 10 March 2027.


@pytest.mark.parametrize(
    ("words", "ahead", "back"),
    [
        ("fri", "2027-03-12", "2027-03-05"),
        ("24.12", "2027-12-24", "2026-12-24"),
        ("in 3 weeks", "2027-03-31", "2027-03-31"),
        ("2 days", "2027-03-12", "2027-03-08"),
        ("eom", "2027-03-31", "2027-02-28"),
        ("2026-12-31", "2026-12-31", "2026-12-31"),
    ],
)
def test_what_is_due_lies_ahead_what_happened_lies_back(
    session: Session, words: str, ahead: str, back: str
) -> None:
    assert dates.day(session, words) == date.fromisoformat(ahead)
    assert dates.day(session, words, "back") == date.fromisoformat(back)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("ngày mai", "2027-03-11"),
        ("hôm nay", "2027-03-10"),
        ("утре", "2027-03-11"),
        ("12 май 2027", "2027-05-12"),
        ("明天", "2027-03-11"),
        ("5月1日", "2027-05-01"),
        ("2027年5月1日", "2027-05-01"),
        ("thứ sáu", "2027-03-12"),
        ("петък", "2027-03-12"),
        ("星期五", "2027-03-12"),
        ("след 2 седмици", "2027-03-24"),
        ("3天后", "2027-03-13"),
    ],
)
def test_the_languages_of_the_notes(session: Session, words: str, day: str) -> None:
    assert dates.day(session, words) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "  ",
        "soon",
        "31 feb",
        "32.1.",
        "0.0.",
        "13/13",
        "ñ",
        "да",
        "март",
        "2027 г.",
        "é" * 500,
        "\ud800",
        "\x00",
        "明",
    ],
)
def test_what_is_no_date(session: Session, words: str) -> None:
    with pytest.raises(BadValue) as caught:
        dates.day(session, words)
    assert caught.value.hint


def test_a_slash_date_is_refused_until_the_settings_say_which_part_comes_first(session: Session) -> None:
    with pytest.raises(BadValue, match="two ways") as caught:
        dates.day(session, "03/04")
    assert caught.value.hint == "it is 3 April or 4 March: write the month as a word"
    for order, meant in (("day", date(2027, 4, 3)), ("month", date(2028, 3, 4))):
        session.config = Config({"date_order": order}, {}, "")
        assert dates.day(session, "03/04") == meant
        assert dates.partial(session, "03/04") == f"--{meant:%m-%d}"


def test_what_happened_is_today_unless_told_and_never_ahead(session: Session) -> None:
    assert dates.past_day(session, None) == "2027-03-10"
    assert dates.past_day(session, "today") == "2027-03-10"
    assert dates.past_day(session, "1.4.") == "2026-04-01"
    with pytest.raises(BadValue, match="2027-03-11 has not come yet"):
        dates.past_day(session, "2027-03-11")


@pytest.mark.parametrize("text", ["1975-04-12", "--04-12", "1975-04", "1975", "--04", "--02-29"])
def test_a_date_with_unknown_parts_is_stored_as_it_is(session: Session, text: str) -> None:
    assert dates.partial(session, text) == text


def test_the_library_is_only_imported_for_words_that_are_not_ours() -> None:
    code = (
        "import sys; from types import SimpleNamespace as N; from datetime import date\n"
        "from dossier.services import dates\n"
        "session = N(today=date(2027, 3, 10), config=N(day_first=None))\n"
        "dates.day(session, 'next fri'); assert 'dateparser' not in sys.modules\n"
        "dates.day(session, 'утре'); assert 'dateparser' in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "meaning", "stored", "words"),
    [
        ("fri", "to come", "2027-03-12", "Fri 12 March 2027, in 2 days"),
        ("today", "to come", "2027-03-10", "Wed 10 March 2027, today"),
        ("yesterday", "to come", None, "2027-03-09 is in the past"),
        ("yesterday", "due", "2027-03-09", "Tue 9 March 2027, yesterday"),
        ("fri", "past", "2027-03-05", "Fri 5 March 2027, 5 days ago"),
        ("tomorrow", "past", None, "2027-03-11 has not come yet"),
        ("утре", "to come", "2027-03-11", "Thu 11 March 2027, tomorrow"),
        ("12.4.", "partial", "--04-12", "12 April, no year"),
        ("Apr 1975", "partial", "1975-04", "April 1975"),
        ("12.4.1975", "partial", "1975-04-12", "12 April 1975"),
        ("--04", "partial", "--04", "April, no year"),
        ("1975", "partial", "1975", "1975"),
        ("fri", "partial", None, "that is no date"),
        ("fr[/b]", "due", None, '"fr[/b]" is no date'),
    ],
)
def test_what_a_date_means_so_far_is_said_while_it_is_typed(
    session: Session, text: str, meaning: dates.Meaning, stored: str | None, words: str
) -> None:
    assert dates.preview(session, text, meaning) == {"stored": stored, "words": words}
