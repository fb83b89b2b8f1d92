"""What happens with an account: interactions, promises and next steps."""

from __future__ import annotations

from typing import ClassVar

from dossier.domain.vocabulary import By, Channel, Direction, PromiseState, StepState
from dossier.model.fields import Day, Line, Noun, Text, agenda, link, plain, secret


class Interaction(Noun):
    """A call, meeting, visit, mail … with an account (B1)."""

    table_id: ClassVar[int] = 6
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("account_id", "at"),)

    account_id: int = link("account")
    at: Day = plain()

    channel: Channel = secret(Channel.CALL)
    direction: Direction = secret(Direction.OUT)
    initiative: By | None = secret()
    subject: Line | None = secret()
    outcome: Text | None = secret()
    note: Text | None = secret()


class Participant(Noun):
    """A person's part in an interaction (B1)."""

    table_id: ClassVar[int] = 7

    interaction_id: int = link("interaction")
    person_id: int = link("person")


class Promise(Noun):
    """A word given: ours to them, or theirs to us (B2)."""

    table_id: ClassVar[int] = 8
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "due_on"),)

    account_id: int = link("account")
    person_id: int | None = link("person", optional=True, on_delete="clear")
    interaction_id: int | None = link("interaction", optional=True, on_delete="clear")
    by: By = plain(By.US)
    made_on: Day = plain()
    due_on: Day = plain()
    state: PromiseState = plain(PromiseState.OPEN)
    settled_on: Day | None = plain(None)
    told_for: Day | None = plain(None)
    """The due date whose failing the client has been told of."""

    title: Line = agenda(...)

    detail: Text | None = secret()


class PromiseMove(Noun):
    """One recorded renegotiation of a promise; never overwritten (B2)."""

    table_id: ClassVar[int] = 9
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("told_on", "promise_id"),)

    promise_id: int = link("promise")
    from_on: Day = plain()
    to_on: Day = plain()
    moved_on: Day = plain()
    told_on: Day | None = plain(None)
    told_person_id: int | None = link("person", optional=True, on_delete="clear")
    interaction_id: int | None = link("interaction", optional=True, on_delete="clear")

    because: Text = secret(...)
    apology: Text | None = secret()
    channel: Channel | None = secret()


class Step(Noun):
    """The next step agreed or intended with an account (B1)."""

    table_id: ClassVar[int] = 10
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "due_on"),)

    account_id: int = link("account")
    person_id: int | None = link("person", optional=True, on_delete="clear")
    interaction_id: int | None = link("interaction", optional=True, on_delete="clear")
    created_on: Day = plain()
    due_on: Day = plain()
    state: StepState = plain(StepState.OPEN)
    done_on: Day | None = plain(None)

    title: Line = agenda(...)
