"""Going on with a vault that is not as it was left: the person decides, once they saw what differs."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest

from dossier.domain.text import count_of
from dossier.errors import ACCEPT, SALVAGE, Damaged
from dossier.services import memory, newest
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.acceptance import accept as accept_as_found
from dossier.store.acceptance import look_into
from dossier.store.check import Problem, Progress
from dossier.store.check.report import ACCEPT_HEADER

QUESTION = "Passphrase that opens the vault as it is: "


def about_the_whole(session: Session) -> list[Problem]:
    """What stands against this copy being the newest that this machine saw, as a problem of the vault."""
    found = newest.against(session.database, session.rows, session.header)
    return [Problem("vault", None, None, found, ACCEPT)] if found else []


def accept(session: Session, progress: Progress, confirm: Callable[[list[Shape]], None]) -> Shape:
    """Take the vault as it is, if all that is in it is authentic and `confirm`, told what differs, does not raise.

    The shape: `{path, change, accepted: [{noun, id, uid, problem, how}]}`; `change` is the journal's number of the
    decision, null where nothing differed. From then on writes go on and the check compares with what was accepted.

    A header that is not the one written last may be somebody else's: then the root is asked for, which shows that it
    belongs to this vault. Raises Damaged for what nobody may accept, Locked without all keys, Failed if the vault was
    written to meanwhile.
    """
    session.need_keys()
    state = look_into(session.database, session.rows, progress)
    if state.refused:
        memory.note_check(session.vault_id, session.path, len(state.walk.problems), acceptable=False)
        raise _never(session, state.refused)
    problems = state.walk.problems + about_the_whole(session)
    shapes = [problem._asdict() for problem in problems]
    number = None
    if problems:
        confirm(shapes)
        if any(problem.how == ACCEPT_HEADER for problem in problems):
            _prove_header(session)
        seen = memory.recall(session.vault_id).seen
        summary = f"went on with the vault as it was, with {count_of(len(problems), 'difference')}"
        generation = seen.generation if seen else 0
        number = accept_as_found(session.database, session.rows, state, generation, summary)
        newest.accept(session.database, session.rows)
    memory.note_check(session.vault_id, session.path, 0)
    session.compare()
    return {"path": session.path, "change": number, "accepted": shapes}


def _prove_header(session: Session) -> None:
    """Raise Damaged unless whoever opens the header as it is opens this vault's records by it."""
    ours = session.keys
    opened, _ = session.root(QUESTION)
    with opened:
        if not compare_digest(opened.keys.seal or b"", ours.seal or b""):
            raise Damaged(f"the header of {session.path} is another vault's", SALVAGE)


def _never(session: Session, refused: list[Problem]) -> Damaged:
    more = f", and {count_of(len(refused) - 1, 'more problem')}" if len(refused) > 1 else ""
    return Damaged(f"{session.path} cannot be accepted as it is: {refused[0]}{more}", SALVAGE)
