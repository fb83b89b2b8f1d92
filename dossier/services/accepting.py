"""Going on with a vault that is not as it was left: the person decides, once they saw what differs."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest

from dossier.domain.text import count_of
from dossier.errors import SALVAGE, Damaged
from dossier.services import memory, newest
from dossier.services.memory import Seen
from dossier.services.newest import is_seen
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.acceptance import accept as accept_as_found
from dossier.store.acceptance import look_into
from dossier.store.check import Problem, Progress
from dossier.store.check.report import Way, opens_by
from dossier.vault.rotation import needs_passphrase

QUESTION = "Passphrase that opens the vault as it is: "


def about_the_whole(session: Session) -> list[Problem]:
    """What stands against this copy being the newest that this machine saw, as a problem of the vault."""
    found = newest.against(session.database, session.rows, session.header)
    return [Problem("vault", None, None, found, Way.ACCEPT)] if found else []


def accept(session: Session, progress: Progress, confirm: Callable[[list[Shape]], None]) -> Shape:
    """Take the vault as it is, if all that is in it is authentic and `confirm`, told what differs, does not raise.

    The shape: `{path, change, accepted: [{noun, id, uid, problem, how}]}`; `change` is the journal's number of the
    decision, null where nothing differed. From then on writes go on and the check compares with what was accepted.

    A header that is not known to be the one written last may be an older one or somebody else's: then its own secret is
    asked for, which shows that it belongs to this vault, and `confirm` is told what opens the vault by it. Raises
    Damaged for what nobody may accept, Locked without all keys, Failed if the vault was written to meanwhile.
    """
    session.need_keys()
    state = look_into(session.database, session.rows, progress)
    if state.refused:
        memory.note_check(session.vault_id, session.path, len(state.walk.problems), acceptable=False)
        raise _never(session, state.refused)
    seen = memory.recall(session.vault_id).seen
    problems = state.walk.problems + about_the_whole(session)
    problems = [*_about_the_header(session, problems, seen), *problems]
    shapes = [problem.shape() for problem in problems]
    number = None
    if problems:
        confirm(shapes)
        if any(problem.way is Way.ACCEPT_HEADER for problem in problems):
            _prove_header(session, seen)
        summary = f"went on with the vault as it was, with {count_of(len(problems), 'difference')}"
        generation = seen.generation if seen else 0
        number = accept_as_found(session.database, session.rows, state, generation, summary)
        newest.accept(session.database, session.rows)
    memory.note_check(session.vault_id, session.path, 0)
    session.compare()
    return {"path": session.path, "change": number, "accepted": shapes}


def _about_the_header(session: Session, problems: list[Problem], seen: Seen | None) -> list[Problem]:
    """What stands against relying on the header although its manifest knows it: the two may be older copies together.

    A manifest that does not account for the records may be older than they are; and this machine may have seen another.
    """
    header = session.header_now()
    if any(problem.noun == "header" for problem in problems) or is_seen(seen, header):
        return []
    if seen is not None:
        what = "is not the one that this machine saw last"
    elif any(problem.noun == "manifest" for problem in problems):
        what = "may be an older one, as the manifest that knows it"
    else:
        return []
    return [Problem("header", None, None, f"{what}; {opens_by(header)}", Way.ACCEPT_HEADER)]


def _prove_header(session: Session, seen: Seen | None) -> None:
    """Raise Damaged unless whoever opens the header as it is opens this vault's records by it.

    That shows that it is this vault's, and not that it is the newest: a key file opens the headers of all times since
    it was added. So for another one than this machine saw last only the passphrase counts, which a person knows.
    """
    ours, header = session.keys, session.header_now()
    by_passphrase = not is_seen(seen, header)
    if by_passphrase and not needs_passphrase(header):
        raise Damaged(
            f"the header of {session.path} may be an older one, and no passphrase opens it to show that it is meant",
            SALVAGE,
        )
    opened, _ = session.root(QUESTION, by_passphrase=by_passphrase)
    with opened:
        if not compare_digest(opened.keys.seal or b"", ours.seal or b""):
            raise Damaged(f"the header of {session.path} is another vault's", SALVAGE)


def _never(session: Session, refused: list[Problem]) -> Damaged:
    more = f", and {count_of(len(refused) - 1, 'more problem')}" if len(refused) > 1 else ""
    return Damaged(f"{session.path} cannot be accepted as it is: {refused[0]}{more}", SALVAGE)
