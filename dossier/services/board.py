"""The promises board: all that is open between us and the clients, in groups, the worst first (B2)."""

from __future__ import annotations

from datetime import date

from dossier.domain.board import TITLES, Group, group_of
from dossier.domain.promises import Move
from dossier.domain.vocabulary import By
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.store import agenda_view, board_view, names_view, views
from dossier.store.board_view import OpenPromise


def board(session: Session, *, text: str = "") -> list[Shape]:
    """The groups `{group, title, ids}`, all five of them; `ids` of open promises, the first due first.

    With a text only promises of whose account or person each of its words is a part: of name, alias, mail or phone.
    Nothing is decrypted, so it works locked and for thousands; `promises.page` gives what shows of them.
    """
    found = _concerning(session, board_view.open_promises(session.database), text)
    ours = [one.id for one in found if one.by == By.US]
    moves = agenda_view.moves(session.database, ours)
    ids: dict[Group, list[int]] = {group: [] for group in Group}
    for one in found:
        made = [
            Move(date.fromisoformat(from_on), date.fromisoformat(to_on), day(told_on))
            for from_on, to_on, told_on in moves.get(one.id, ())
        ]
        due_on, told_for = date.fromisoformat(one.due_on), day(one.told_for)
        ids[group_of(By(one.by), due_on, told_for, made, session.today)].append(one.id)
    return [{"group": str(group), "title": TITLES[group], "ids": ids[group]} for group in Group]


def _concerning(session: Session, found: list[OpenPromise], text: str) -> list[OpenPromise]:
    words, number = names_view.asked(text)
    ids = {needle: _who_goes_by(session, needle) for needle in (*words, number) if needle}

    def concerns(one: OpenPromise, needle: str) -> bool:
        accounts, people = ids[needle]
        return one.account_id in accounts or one.person_id in people

    return [
        one
        for one in found
        if all(concerns(one, word) for word in words) or (number and concerns(one, number))
    ]


def _who_goes_by(session: Session, needle: str) -> tuple[set[int], set[int]]:
    accounts, people = (
        set(views.ids_by_name(session.database, noun, needle)) for noun in ("account", "person")
    )
    return accounts, people
