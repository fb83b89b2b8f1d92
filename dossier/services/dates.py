"""Dates as people say them, in English by our own rules and in other languages through `dateparser`."""

from __future__ import annotations

from datetime import date

from dossier.domain.faults import BadValue
from dossier.domain.partial_date import PartialDate
from dossier.domain.when import Look, UnknownWords, parse_when
from dossier.services.session import Session


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


def _in_another_language(text: str, today: date, look: Look) -> date | None:
    from datetime import datetime, time

    import dateparser

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "future" if look == "forward" else "past",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    found = dateparser.parse(text, settings=settings)
    return found.date() if found else None
