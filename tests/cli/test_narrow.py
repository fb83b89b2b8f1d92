"""Lists on a terminal that is too narrow for a table: each record in a few lines, nothing torn from its name."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from dossier.services import accounts, interactions, promises
from dossier.services.session import Session
from tests.conftest import Run


def _book(session: Session) -> None:
    accounts.add(session, "Bệnh viện Đa khoa Mai Khê", {"tier": "key"})
    interactions.log(session, "a1", "call", {}, on="2027-02-08")
    title = "send the signed order for the reagent rental of line three"
    promises.add(session, "a1", title, due="2027-03-01", made="2027-02-01")


def test_what_belongs_together_stays_on_a_line(dossier: Run, session: Session) -> None:
    _book(session)
    out = dossier("account", "list", "--format", "table", variables={"COLUMNS": "60"}).out
    assert out.splitlines() == [
        "1  Bệnh viện Đa khoa Mai Khê",
        "   tier key · status active · cadence 14",
        "   last contact 2027-02-08 · days ago 30 · open 1 · late 1",
    ]


def test_nothing_is_said_of_what_is_none(dossier: Run, session: Session) -> None:
    accounts.add(session, "Hanoi Optics", {})
    out = dossier("account", "list", "--format", "table", variables={"COLUMNS": "50"}).out
    assert out.splitlines() == [
        "1  Hanoi Optics",
        "   tier standard · status active · cadence 60",
    ]


def test_long_texts_break_between_words_below_the_number(dossier: Run, session: Session) -> None:
    _book(session)
    lines = dossier("promise", "list", "--format", "table", variables={"COLUMNS": "40"}).out.splitlines()
    assert lines[:3] == [
        "1  Bệnh viện Đa khoa Mai Khê",
        "   send the signed order for the reagent",
        "   rental of line three",
    ]
    assert all(cell_len(line) <= 40 for line in lines)


def test_what_is_locked_is_marked(dossier: Run, session: Session, lock: Callable[[], None]) -> None:
    _book(session)
    lock()
    assert "(locked)" in dossier("agenda", "--format", "table").out
    assert "locked" not in dossier("agenda", "--format", "plain").out
