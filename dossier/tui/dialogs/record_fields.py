"""The forms of all records: which fields each has, in the words of the practice, and the services that take them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from dossier.domain.vocabulary import (
    AccountStatus,
    By,
    Channel,
    Direction,
    FactKind,
    OccasionKind,
    Role,
    Tier,
)
from dossier.services import accounts, facts, interactions, occasions, people, promises, relatives, steps
from dossier.services.dates import Meaning
from dossier.services.session import Session
from dossier.services.shapes import Shape

Kind = Literal["line", "text", "lines", "day", "choice", "number", "switch", "who", "people"]
"""A line, a text, one thing a line, a date, a word to choose, a whole number, yes or no, one name or several."""

Values = dict[str, Any]
"""What was filled in, by field: words, `lines` and `people` as lists; "" or [] where something was cleared."""


class FieldOf(NamedTuple):
    """A field of a form. `when` says whether one fills it in for something new, for what is there, or for both."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    required: bool = False
    when: Literal["add", "edit", "both"] = "both"
    choices: tuple[tuple[str, str], ...] = ()
    """What it says, and the word of the vocabulary."""
    begins: str = ""
    """The choice with which something new begins."""
    meaning: Meaning = "partial"
    """Which days will do."""
    default: str = ""
    """The date for which a blank one stands."""
    nouns: tuple[str, ...] = ("account", "person")
    """Who will do."""


class Form(NamedTuple):
    """The form of a noun. `add` and `edit` give the shape that was written."""

    title: str
    fields: tuple[FieldOf, ...]
    edit: Callable[[Session, int, Values], Shape]
    add: Callable[[Session, Values], Shape] | None = None
    """None for an interaction: that is logged, in a dialog of its own."""

    def asked(self, when: Literal["add", "edit"]) -> list[FieldOf]:
        """The fields that are filled in then."""
        return [field for field in self.fields if field.when in (when, "both")]


def _words(kind: Iterable[StrEnum], **said: str) -> tuple[tuple[str, str], ...]:
    return tuple((said.get(word.name.lower(), word.value), word.value) for word in kind)


_BIRTHDAY = FieldOf("birthday", "Birthday", "day", "12 Apr 1975, 12 Apr")
_NOTE = FieldOf("note", "Note", "text")
_BY = FieldOf("by", "Whose word", "choice", choices=_words(By, us="ours", them="theirs"), begins=By.US)


def _whom(label: str = "About", *nouns: str) -> FieldOf:
    return FieldOf("whom", label, "who", when="add", required=True, nouns=nouns or ("account", "person"))


def _person(label: str) -> FieldOf:
    return FieldOf("person_id", label, "who", "nobody in particular", when="edit", nouns=("person",))


# --- Accounts and people ----------------------------------------------------------------------------------------------

_ACCOUNT = (
    FieldOf("name", "Name", required=True),
    FieldOf("tier", "Tier", "choice", choices=_words(Tier), begins=Tier.STANDARD, required=True),
    FieldOf(
        "status",
        "Status",
        "choice",
        choices=_words(AccountStatus),
        begins=AccountStatus.ACTIVE,
        required=True,
    ),
    FieldOf("cadence_days", "Cadence", "number", "days it may go without contact; else by its tier"),
    FieldOf("tags", "Tags", "lines", "one a line"),
    FieldOf("aliases", "Other names", "lines", "one a line"),
    FieldOf("mails", "Mail", "lines", "one a line"),
    FieldOf("phones", "Phone", "lines", "one a line"),
    FieldOf("industry", "Industry"),
    FieldOf("country", "Country"),
    FieldOf("language", "Language", hint="the one we write to it in"),
    FieldOf("website", "Website"),
    FieldOf("address", "Address", "text"),
    FieldOf("industry_position", "Place in industry", "text"),
    FieldOf("influence", "Influence", "text", "whom it influences, and who influences it"),
    FieldOf("business_model", "Business model", "text", "how it earns its money"),
    FieldOf("financial_strength", "Financial strength", "text"),
    FieldOf("credit", "Credit, reputation", "text"),
    FieldOf("willingness", "Willingness", "text", "how willing it is to work with us"),
    FieldOf("demand", "Demand", "text", "what it needs, and how much"),
    FieldOf("strengths", "Strengths", "text"),
    FieldOf("weak_points", "Weak points", "text"),
    FieldOf("growth_areas", "Growth areas", "text"),
    FieldOf("market", "Market", "text", "its market and surroundings"),
    _NOTE,
)

_PERSON = (
    FieldOf("name", "Name", hint="as they write it", required=True),
    FieldOf("account_id", "Account", "who", required=True, nouns=("account",)),
    FieldOf("position", "Position"),
    FieldOf("department", "Department"),
    FieldOf("role", "Role in decisions", "choice", choices=_words(Role)),
    FieldOf("reports_to", "Reports to", "who", "part of a colleague's name", nouns=("person",)),
    FieldOf("mails", "Work mail", "lines", "one a line"),
    FieldOf("phones", "Work phone", "lines", "one a line"),
    _BIRTHDAY,
    FieldOf("marked", "Mark", "switch", "show their occasions whatever the account's tier"),
    FieldOf("address_as", "Address as", hint="where what is derived is not right"),
    FieldOf("title", "Title", hint="Dr., Prof., 教授 …"),
    FieldOf("gender", "Gender", "choice", choices=(("woman", "f"), ("man", "m"))),
    FieldOf("language", "Language", hint="its code: vi, bg, zh, en …"),
    FieldOf("family_name", "Family name", hint="where it is not guessed right"),
    FieldOf("given_name", "Given name", hint="where it is not guessed right"),
    FieldOf("aliases", "Other names", "lines", "one a line"),
    FieldOf("tags", "Tags", "lines", "one a line"),
    FieldOf("private_mails", "Private mail", "lines", "one a line"),
    FieldOf("private_phones", "Private phone", "lines", "one a line"),
    FieldOf("private_address", "Private address", "text"),
    _NOTE,
)


def _add_account(session: Session, values: Values) -> Shape:
    return accounts.add(session, values.pop("name"), values)


def _edit_account(session: Session, number: int, values: Values) -> Shape:
    return accounts.edit(session, f"a{number}", values)


def _add_person(session: Session, values: Values) -> Shape:
    return people.add(
        session,
        values.pop("name"),
        values.pop("account_id"),
        values,
        namesake=values.pop("namesake", False),
        reports_to=values.pop("reports_to", None),
    )


def _edit_person(session: Session, number: int, values: Values) -> Shape:
    return people.edit(
        session,
        f"p{number}",
        values,
        account=values.pop("account_id", None),
        reports_to=values.pop("reports_to", None),
    )


# --- What is known about them -----------------------------------------------------------------------------------------

_FACT = (
    _whom(),
    FieldOf("text", "What is known", "text", required=True),
    FieldOf("kind", "Kind", "choice", choices=_words(FactKind), begins=FactKind.OTHER, required=True),
    FieldOf("source", "Source", hint="who said it, or where it stood"),
    FieldOf("learned_on", "Learned", "day", meaning="past", default="today"),
    FieldOf("confirmed_on", "Last confirmed", "day", meaning="past", when="edit"),
)

_RELATIVE = (
    _whom("Of", "person"),
    FieldOf("name", "Name", required=True),
    FieldOf("relation", "Relation", hint="wife, son, mother …", required=True),
    _BIRTHDAY,
    _NOTE,
)

_OCCASION = (
    _whom("Of"),
    FieldOf("kind", "Kind", "choice", choices=_words(OccasionKind), begins=OccasionKind.OTHER, required=True),
    FieldOf("date", "Date", "day", "3 May 1998, 24.12.", required=True),
    FieldOf("title", "Title", hint="what it is called"),
    FieldOf("lead_days", "Days ahead", "number", "how early it appears; as the settings say if blank"),
    _NOTE,
)


def _add_fact(session: Session, values: Values) -> Shape:
    on = values.pop("learned_on", None)
    return facts.add(session, values.pop("whom"), values.pop("text"), values, on=on)


def _add_relative(session: Session, values: Values) -> Shape:
    return relatives.add(session, values.pop("whom"), values.pop("name"), values.pop("relation"), values)


def _add_occasion(session: Session, values: Values) -> Shape:
    return occasions.add(session, values.pop("whom"), values.pop("kind"), values.pop("date"), values)


# --- What happens with them -------------------------------------------------------------------------------------------

_INTERACTION = (
    FieldOf("at", "On", "day", meaning="past", required=True),
    FieldOf("channel", "Channel", "choice", choices=_words(Channel), required=True),
    FieldOf("participants", "With", "people", "part of a name", nouns=("person",)),
    FieldOf(
        "direction",
        "Direction",
        "choice",
        choices=_words(Direction, **{"in": "they reached out"}, out="we reached out"),
        required=True,
    ),
    FieldOf("initiative", "Initiative", "choice", choices=_words(By, us="ours", them="theirs")),
    FieldOf("subject", "Subject"),
    FieldOf("outcome", "Outcome", "text", "what came of it"),
    _NOTE,
)

_PROMISE = (
    _whom("To, or by"),
    _BY,
    FieldOf("title", "What", hint="what was promised", required=True),
    FieldOf("due_on", "Due", "day", "fri, in 2 weeks", required=True, when="add", meaning="due"),
    FieldOf("made_on", "Made", "day", when="add", meaning="past", default="today"),
    _person("To, or by"),
    FieldOf("detail", "Detail", "text", "more about it"),
)

_STEP = (
    _whom("With"),
    FieldOf("title", "What", hint="what to do", required=True),
    FieldOf("due_on", "On", "day", "mon, in 3 days", required=True, meaning="due"),
    _person("With"),
)


def _edit_interaction(session: Session, number: int, values: Values) -> Shape:
    on, participants = values.pop("at", None), values.pop("participants", None)
    return interactions.edit(session, number, values, on=on, participants=participants)


def _add_promise(session: Session, values: Values) -> Shape:
    return promises.add(
        session,
        values.pop("whom"),
        values.pop("title"),
        due=values.pop("due_on"),
        by=By(values.pop("by")),
        made=values.pop("made_on", None),
        changes=values,
    )


def _edit_promise(session: Session, number: int, values: Values) -> Shape:
    return promises.edit(session, number, values, person=values.pop("person_id", None))


def _add_step(session: Session, values: Values) -> Shape:
    return steps.add(session, values["whom"], values["title"], on=values["due_on"])


def _edit_step(session: Session, number: int, values: Values) -> Shape:
    on, person = values.pop("due_on", None), values.pop("person_id", None)
    return steps.edit(session, number, values, on=on, person=person)


FORMS = {
    "account": Form("account", _ACCOUNT, _edit_account, _add_account),
    "person": Form("person", _PERSON, _edit_person, _add_person),
    "fact": Form("fact", _FACT, facts.edit, _add_fact),
    "relative": Form("relative", _RELATIVE, relatives.edit, _add_relative),
    "occasion": Form("occasion", _OCCASION, occasions.edit, _add_occasion),
    "interaction": Form("interaction", _INTERACTION, _edit_interaction),
    "promise": Form("promise", _PROMISE, _edit_promise, _add_promise),
    "step": Form("next step", _STEP, _edit_step, _add_step),
}
"""The form of each noun."""
