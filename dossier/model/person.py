"""People at an account, and what is known about them."""

from __future__ import annotations

from typing import ClassVar

from dossier.domain.vocabulary import FactKind, Gender, OccasionKind, Role
from dossier.model.fields import Day, Line, Lines, Noun, PartialDay, Text, agenda, link, plain, secret


class Person(Noun):
    """Someone at an account (A2, A3, A4)."""

    table_id: ClassVar[int] = 2
    search_fields: ClassVar[tuple[str, ...]] = ("name", "aliases", "mails", "phones")

    account_id: int = link("account")
    name: Line = plain()
    family_name: Line | None = plain(None)
    given_name: Line | None = plain(None)
    aliases: Lines = plain([])
    position: Line | None = plain(None)
    department: Line | None = plain(None)
    role: Role | None = plain(None)
    mails: Lines = plain([])
    phones: Lines = plain([])
    tags: Lines = plain([])
    created_on: Day = plain()

    birthday: PartialDay | None = agenda()
    marked: bool = agenda(False)

    address_as: Line | None = secret()
    title: Line | None = secret()
    gender: Gender | None = secret()
    language: Line | None = secret()
    private_mails: Lines = secret([])
    private_phones: Lines = secret([])
    private_address: Text | None = secret()
    reports_to: int | None = secret(ge=1)
    """The id of a person of the same account; no `link`, for that would stand in clear (A4)."""
    note: Text | None = secret()


class Fact(Noun):
    """One thing known about a person or an account, with its source and date (A3)."""

    table_id: ClassVar[int] = 3

    account_id: int = link("account")
    person_id: int | None = link("person", optional=True)

    kind: FactKind = secret(FactKind.OTHER)
    text: Text = secret(...)
    source: Line | None = secret()
    learned_on: Day = secret(...)
    confirmed_on: Day = secret(...)


class Relative(Noun):
    """A family member of a person (A3)."""

    table_id: ClassVar[int] = 4

    person_id: int = link("person")

    name: Line = agenda(...)
    relation: Line = agenda(...)
    birthday: PartialDay | None = agenda()

    note: Text | None = secret()


class Occasion(Noun):
    """A date to remember, of an account or of one of its people (A3, B5)."""

    table_id: ClassVar[int] = 5

    account_id: int = link("account")
    person_id: int | None = link("person", optional=True)

    kind: OccasionKind = agenda(OccasionKind.OTHER)
    date: PartialDay = agenda(...)
    title: Line | None = agenda()
    lead_days: int | None = agenda(ge=0, le=365)

    note: Text | None = secret()
