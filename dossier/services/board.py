"""The promises board: all that is open between us and the clients, in groups, the worst first (B2)."""

from __future__ import annotations

import json
from datetime import date

from dossier.domain.board import TITLES, Group, group_of
from dossier.domain.needle import needles
from dossier.domain.promises import Move
from dossier.domain.vocabulary import By
from dossier.services.session import Session
from dossier.services.shapes import Shape, day
from dossier.store import agenda_view, board_view, names_view, views
from dossier.store.board_view import OpenPromise


def board(session: Session, *, text: str = "") -> list[Shape]:
    """The groups `{group, title, ids}`, all five of them; `ids` of open promises, the first due first.

    With a text only promises of which each of its words is a part: of the title, where its key is at hand, or of the
    name, an alias, mail or phone of whose they are. Without one nothing is decrypted, so it works locked and for
    thousands; `promises.page` gives what shows of them.
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


def count(session: Session) -> int:
    """How many promises are open."""
    return len(board_view.open_promises(session.database))


def _concerning(session: Session, found: list[OpenPromise], text: str) -> list[OpenPromise]:
    words, number = names_view.asked(text)
    ids = {needle: _who_goes_by(session, needle) for needle in (*words, number) if needle}
    titled = _titled(session, text)

    def concerns(one: OpenPromise, needle: str) -> bool:
        accounts, people = ids[needle]
        return one.account_id in accounts or one.person_id in people

    return [
        one
        for one in found
        if all(concerns(one, word) or one.id in titled[word] for word in words)
        or (number and concerns(one, number))
    ]


def _titled(session: Session, text: str) -> dict[str, set[int]]:
    """The open promises in whose title each word stands, by the word."""
    wanted = needles(text)
    titles = board_view.titles(session.reader) if wanted else []
    raws = [raw for _, raw in titles]
    return {
        needle.word: {
            titles[place][0] for place in needle.among(raws) if needle.is_in(json.loads(raws[place])["title"])
        }
        for needle in wanted
    }


def _who_goes_by(session: Session, needle: str) -> tuple[set[int], set[int]]:
    accounts, people = (
        set(views.ids_by_name(session.database, noun, needle)) for noun in ("account", "person")
    )
    return accounts, people
