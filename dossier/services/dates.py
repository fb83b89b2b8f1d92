"""Dates as people say them, in English by our own rules and in other languages through `dateparser`."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import PartialDate
from dossier.domain.text import in_days
from dossier.domain.when import Look, UnknownWords, parse_when
from dossier.services.session import Session
from dossier.services.shapes import Shape

Meaning = Literal["to come", "due", "past", "partial"]
"""Which days will do: today and later, any day looking forward, today and earlier, a date with unknown parts."""

_A_WEEKDAY = 5
"""Bytes of its name at least: shorter words are slips of the keyboard that the library takes for weekdays."""


def day(session: Session, text: str, look: Look = "forward") -> date:
    """The day that `text` means: `back` for what happened, `forward` for what is due. BadValue if none."""
    try:
        return parse_when(text, session.today, look=look, day_first=session.config.day_first)
    except UnknownWords:
        if text.isascii():
            raise
        found = _in_another_language(text, session.today, look)
        if found is None:
            raise
        return found


def partial(session: Session, text: str) -> str:
    """The stored form of a date whose year or day may be unknown. BadValue if it cannot be read."""
    return str(PartialDate.parse(text, day_first=session.config.day_first))


def past_day(session: Session, text: str | None) -> str:
    """The ISO day on which something happened, today unless told; BadValue if it lies ahead."""
    if text is None:
        return session.today.isoformat()
    found = day(session, text, "back")
    if found > session.today:
        raise BadValue(
            f"{found.isoformat()} has not come yet", "say when it happened: today, yesterday, mon, 24.12"
        )
    return found.isoformat()


def day_to_come(session: Session, text: str) -> str:
    """The ISO day on which something is due; BadValue if it is past."""
    found = day(session, text)
    if found < session.today:
        raise BadValue(f"{found} is in the past", "give a day to come: tomorrow, fri, in 2 weeks")
    return found.isoformat()


def read(session: Session, text: str, meaning: Meaning) -> str:
    """The stored form of a date that may mean one of these days; BadValue if it does not."""
    if meaning == "partial":
        return partial(session, text)
    if meaning == "due":
        return day(session, text).isoformat()
    return past_day(session, text) if meaning == "past" else day_to_come(session, text)


def preview(session: Session, text: str, meaning: Meaning) -> Shape:
    """What a date that somebody is typing means so far: `{stored, words}`.

    `stored` is what would be stored, `words` say it for people: `Fri 12 March 2027, in 2 days`. Where the text is no
    date that will do, `stored` is null and `words` say why.
    """
    try:
        stored = read(session, text, meaning)
    except BadValue as fault:
        return {"stored": None, "words": fault.message}
    if meaning == "partial":
        return {"stored": stored, "words": PartialDate.parse(stored).in_words()}
    found = date.fromisoformat(stored)
    distance = in_days((found - session.today).days)
    return {"stored": stored, "words": f"{found:%a} {found.day} {found:%B} {found.year}, {distance}"}


def _in_another_language(text: str, today: date, look: Look) -> date | None:
    """The day that words of another language name, or None. A month or a year alone names no day."""
    import dateparser

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "future" if look == "forward" else "past",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }

    def named(*parts: str) -> date | None:
        found = dateparser.parse(text, settings=settings | {"REQUIRE_PARTS": list(parts)})
        return found.date() if found else None

    found = named("day")
    if (
        found is None
        and len(text.encode(errors="replace")) >= _A_WEEKDAY
        and not (named("month") or named("year"))
    ):
        found = named()
    return found
