"""The agenda: what is due today, worst first, why, and what to do about it.

What decides is how much trust is lost by leaving the item for another day:

1. A late promise of ours of which the client has not been told (B2): the worst there is, the latest on top.
2. A promise that we moved without telling: it is broken already, the client just does not know.
3. A late promise of which they know: they wait, and count the days.
4. A promise due today: the last day on which it can be kept, or moved in time.
5. An account left alone for twice its cadence (B4): not late any more but forgotten.
6. Their late promise: it holds up our work, and only we remind them.
7. An account beyond its cadence, by the ratio to its own interval: call before they call.
8. Our next steps (B1), late before today's: nobody but us was told of them.
9. Today's occasions (A3): they cannot be made up for tomorrow, but cost one greeting.
10. Their promise due today, then whatever is still to come, by date.

`URGENCY` says so in numbers; between them there is room for cases, proposals, tenders and trips.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from dossier.domain.cadence import Clock
from dossier.domain.occasions import Upcoming
from dossier.domain.promises import Move, needs_notice, notified
from dossier.domain.text import count_of, due_words, fold
from dossier.domain.vocabulary import By, ItemKind, PromiseState

URGENCY = {
    "late, untold": 100,
    "moved, untold": 90,
    "late, told": 80,
    "due today": 75,
    "forgotten": 65,
    "their promise late": 60,
    "beyond cadence": 50,
    "step late": 45,
    "step today": 40,
    "occasion today": 35,
    "their promise today": 30,
    "to come": 10,
}

# An account that has waited for this many times its cadence is forgotten.
FORGOTTEN_RATIO = 2


GROUPS = (
    "Late or moved, and nobody there was told",
    "Promises late or due today",
    "Too long without contact",
    "They owe us",
    "Today",
    "Coming up",
)
"""The headings under which a person reads the agenda, the worst first; `group_of` says what stands where."""


class Item(NamedTuple):
    """One line of the agenda.

    `title` is None while the vault is locked. `days_late` is negative while still ahead. `urgency` runs from
    0 to 100; `rank` orders items of the same urgency: days late, for accounts the ratio to their cadence.
    `why` is the whole reason, `action` what to do, with the command. `by` and `notified` belong to promises.
    """

    kind: ItemKind
    id: int
    account: str
    account_id: int
    person: str | None
    title: str | None
    due: date
    days_late: int
    why: str
    urgency: int
    action: str
    by: By | None = None
    notified: bool | None = None
    person_id: int | None = None
    rank: float = 0.0


def _our_promise_overdue(item: Item) -> bool:
    return item.kind == ItemKind.PROMISE_OVERDUE and item.by == By.US


# What a script can ask the agenda to fail on: `overdue` is a late promise of ours, told or not.
FAIL_ON: dict[str, Callable[[Item], bool]] = {"overdue": _our_promise_overdue}


def promise_item(
    *,
    id: int,
    account: str,
    account_id: int,
    person: str | None,
    person_id: int | None,
    title: str | None,
    by: By,
    due_on: date,
    told_for: date | None,
    moves: Sequence[Move],
    today: date,
) -> Item:
    """The item of an open promise, ours or theirs, late or to come (B2)."""
    days_late = (today - due_on).days
    if by == By.US:
        untold = needs_notice(by, PromiseState.OPEN, due_on, told_for, moves, today)
        urgency, why, action = _our_promise(id, person or account, due_on, days_late, untold, moves)
    else:
        urgency, why, action = _their_promise(id, account_id, person or account, days_late)
    return Item(
        kind=ItemKind.PROMISE_OVERDUE if days_late > 0 else ItemKind.PROMISE_DUE,
        id=id,
        account=account,
        account_id=account_id,
        person=person,
        person_id=person_id,
        title=title,
        due=due_on,
        days_late=days_late,
        why=why,
        urgency=URGENCY[urgency],
        action=action,
        by=by,
        notified=notified(by, PromiseState.OPEN, due_on, told_for, moves, today),
        rank=days_late,
    )


def cadence_item(
    *, account: str, account_id: int, clock: Clock, last_contact_on: date | None, due_on: date
) -> Item:
    """The item of an account that has waited beyond its cadence (B4); `due_on` is its last day in time."""
    waited = f"for {count_of(clock.days_since, 'day')}; at most every {clock.cadence_days}"
    return Item(
        kind=ItemKind.CADENCE,
        id=account_id,
        account=account,
        account_id=account_id,
        person=None,
        title="get in touch",
        due=due_on,
        days_late=clock.days_over,
        why=f"no contact {waited}" if last_contact_on else f"on the books without any contact {waited}",
        urgency=URGENCY["forgotten" if clock.ratio >= FORGOTTEN_RATIO else "beyond cadence"],
        action=f"call them: dossier brief a{account_id} · then: dossier log a{account_id} TEXT",
        rank=clock.ratio,
    )


def step_item(
    *,
    id: int,
    account: str,
    account_id: int,
    person: str | None,
    person_id: int | None,
    title: str | None,
    due_on: date,
    today: date,
) -> Item:
    """The item of an open next step (B1)."""
    days_late = (today - due_on).days
    return Item(
        kind=ItemKind.NEXT_STEP,
        id=id,
        account=account,
        account_id=account_id,
        person=person,
        person_id=person_id,
        title=title,
        due=due_on,
        days_late=days_late,
        why=due_words(days_late),
        urgency=URGENCY["step late" if days_late > 0 else "to come" if days_late else "step today"],
        action=f"done: dossier step done {id} · later: dossier step snooze {id} --to DATE",
        rank=days_late,
    )


def occasion_item(
    *,
    id: int,
    account: str,
    account_id: int,
    person: str | None,
    person_id: int | None,
    title: str,
    coming: Upcoming,
    why: str,
) -> Item:
    """The item of an occasion that comes near (A3); `why` is `occasions.wording`."""
    ref = f"p{person_id}" if person_id else f"a{account_id}"
    return Item(
        kind=ItemKind.OCCASION,
        id=id,
        account=account,
        account_id=account_id,
        person=person,
        person_id=person_id,
        title=title,
        due=coming.on,
        days_late=-coming.days,
        why=why,
        urgency=URGENCY["to come" if coming.days else "occasion today"],
        action=f"greet them: dossier brief {ref} · then: dossier log {ref} TEXT",
        rank=-coming.days,
    )


def group_of(kind: str, urgency: int, by: str | None, days_late: int) -> str:
    """The heading of `GROUPS` under which an item stands."""
    untold, late, waiting, owed, today, coming = GROUPS
    if urgency >= URGENCY["moved, untold"]:
        return untold
    if urgency >= URGENCY["due today"]:
        return late
    if kind == ItemKind.CADENCE:
        return waiting
    if by == By.THEM and days_late > 0:
        return owed
    return today if days_late >= 0 else coming


def worst_first(items: Iterable[Item]) -> list[Item]:
    """The items in the order in which they want attention; the same for the same items, however they come."""
    return sorted(items, key=lambda item: (-item.urgency, -item.rank, fold(item.account), item.kind, item.id))


def select(items: Iterable[Item], kinds: Collection[ItemKind]) -> list[Item]:
    """The items of these kinds, in their order; all of them when no kind is named (`--only`)."""
    return [item for item in items if not kinds or item.kind in kinds]


def fails_on(items: Iterable[Item], condition: str) -> bool:
    """Whether any item meets a condition of `FAIL_ON` (`--fail-on`); KeyError for another word."""
    return any(map(FAIL_ON[condition], items))


def _our_promise(
    id: int, whom: str, due_on: date, days_late: int, untold: bool, moves: Sequence[Move]
) -> tuple[str, str, str]:
    """Key of urgency, reason and action of an open promise of ours to `whom`."""
    tell = f"tell them: dossier promise told {id}"
    move = f"or move it: dossier promise renegotiate {id} --to DATE --because TEXT"
    keep = f"keep it: dossier promise keep {id}"
    if untold and days_late > 0:
        why = f"{count_of(days_late, 'day')} late, and {whom} has not been told"
        return "late, untold", why, f"{tell} · {move}"
    if untold:
        why = f"moved from {moves[-1].from_on} to {due_on}, and {whom} has not been told"
        return "moved, untold", why, tell
    if days_late > 0:
        why = f"{count_of(days_late, 'day')} late; {whom} has been told"
        return "late, told", why, f"{keep} · {move}"
    return "to come" if days_late else "due today", due_words(days_late), f"{keep} · {move}"


def _their_promise(id: int, account_id: int, whom: str, days_late: int) -> tuple[str, str, str]:
    """Key of urgency, reason and action of an open promise that `whom` made to us."""
    keep = f"kept: dossier promise keep {id}"
    if days_late > 0:
        why = f"{whom} is {count_of(days_late, 'day')} late with it"
        return "their promise late", why, f"remind them: dossier log a{account_id} TEXT · {keep}"
    return "to come" if days_late else "their promise today", f"{whom}: {due_words(days_late)}", keep
