"""Forgetting a person, as `dossier person forget` does it: what will go, the question, what went."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby

from dossier.cli.invocation import Invocation
from dossier.cli.output import Column, Shape
from dossier.cli.progress import Progress
from dossier.cli.status import counted
from dossier.domain.text import count_of, one_line
from dossier.errors import Failed, Usage
from dossier.services import forgetting

COLUMNS = (
    Column("person id", "person_id"),
    Column("person", "person"),
    Column("account", "account"),
    Column("removed", lambda shape: sum(shape["removed"].values())),
    Column("cleared", lambda shape: sum(shape["cleared"].values())),
    Column("history entries", "history_entries"),
    Column("backups removed", "backups_removed"),
    Column("still named in", lambda shape: [_place(one) for one in shape["still_named_in"]]),
    Column("forgotten", "forgotten"),
)


def forget(run: Invocation, ref: str, *, dry_run: bool, yes: bool) -> None:
    """Say what will go, ask, and forget. What a run that was killed has left goes first: that was agreed to then."""
    session = run.unlocked()
    if not dry_run and (finished := forgetting.finish(session)):
        run.tell(f"Removed what an earlier forgetting had left: {', '.join(finished)}")
    if dry_run or not yes:
        looking = Progress(run.environment, "Looking for traces")
        shape = forgetting.person(session, ref, dry_run=True, progress=looking)
        if dry_run:
            run.out.written(shape, COLUMNS, "\n".join(_what_goes(shape)))
            return
        _ask(run, shape)
        ref = f"p{shape['person_id']}"
    shape = forgetting.person(session, ref, progress=Progress(run.environment, "Forgetting"))
    run.out.written(shape, COLUMNS, "\n".join(_what_went(shape)))


def _ask(run: Invocation, shape: Shape) -> None:
    if not run.can_ask:
        raise Usage(
            "whom you forget cannot be brought back, and nobody can be asked", "say that it is meant: --yes"
        )
    for line in _what_goes(shape):
        run.tell(line)
    run.tell("This cannot be undone.")
    if not run.confirm(f"Forget {one_line(shape['person'])} (p{shape['person_id']})?"):
        raise Failed("it was called off; nothing was changed")


def _what_goes(shape: Shape) -> Iterator[str]:
    who = f"person {shape['person_id']} {one_line(shape['person'])} at {one_line(shape['account'])}"
    yield f"To go: {who}{_and_theirs(shape)}."
    if shape["cleared"]:
        yield f"To stay, without them: {', '.join(counted(shape['cleared']))}."
    yield f"The history of {count_of(shape['history_entries'], 'change')} will be forgotten."
    yield from _copies(shape["backups_removed"])
    yield from _still_named(shape, "first")
    yield "Out of reach: backups, exports and copies of the vault that you made yourself."


def _copies(paths: list[str]) -> Iterator[str]:
    """The files that go, below the folder that they are in."""
    for folder, found in groupby(paths, os.path.dirname):
        names = [os.path.basename(path) for path in found]
        yield f"To be removed from {folder}, for {'it holds' if len(names) == 1 else 'they hold'} them:"
        yield from (f"  {name}" for name in names)


def _what_went(shape: Shape) -> Iterator[str]:
    history, backups = count_of(shape["history_entries"], "change"), len(shape["backups_removed"])
    said = f"Forgot person {shape['person_id']}{_and_theirs(shape)}, and the history of {history}."
    yield said + (
        f" Removed {count_of(backups, 'copy') if backups == 1 else f'{backups} copies'}." if backups else ""
    )
    yield from _still_named(shape, "now")


def _still_named(shape: Shape, when: str) -> Iterator[str]:
    if shape["still_named_in"]:
        yield f"These texts name them still; edit them {when}:"
    for one in shape["still_named_in"]:
        yield f"  {_place(one)}, {one_line(one['account'])}"


def _and_theirs(shape: Shape) -> str:
    found = counted({noun: number for noun, number in shape["removed"].items() if noun != "person"})
    return f", with {', '.join(found)}" if found else ""


def _place(one: Shape) -> str:
    return f"{one['noun'].replace('_', ' ')} {one['id']}"
