"""The nouns and their plain-Python catalogue are one definition: generated, current, and alike in what they refuse."""

from __future__ import annotations

import inspect
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dossier.domain import vocabulary
from dossier.domain.faults import BadValue
from dossier.domain.limits import LINE_LIMIT, TEXT_LIMIT
from dossier.model import NOUNS
from dossier.model.fields import Noun
from dossier.model.generate import catalogue
from dossier.model.schema import field_specs, table_name
from dossier.store import catalog
from dossier.store.catalog import RECORDS
from dossier.store.record import Field, Record

PAIRS = tuple(zip(NOUNS, RECORDS, strict=True))

VALID: dict[str, Any] = {
    "line": "a line",
    "hex": "c0ffee",
    "text": "a text\nof two lines",
    "day": "2027-03-10",
    "partial": "1975-04",
    "int": 1,
    "bool": True,
    "lines": ["one", "two"],
    "json": [],
}
# Values of the right type that may or may not be fine.
TRIED: dict[str, tuple[Any, ...]] = {
    "line": (
        "x",
        " x ",
        "",
        "  ",
        "a\nb",
        "\x1b[31m",
        "\x00",
        "\ud800",
        "x" * LINE_LIMIT,
        "x" * (LINE_LIMIT + 1),
        "[/b]",
        "Đặng 上海",
    ),
    "text": (
        "x",
        " x\n",
        "",
        " \n",
        "a\nb",
        "\x1b[31m",
        "\x00",
        "\ud800",
        "x" * TEXT_LIMIT,
        "x" * (TEXT_LIMIT + 1),
    ),
    "day": ("2027-03-10", "2028-02-29", "2027-02-29", "2027-3-1", "", "today", "20270310", "2027-03"),
    "partial": (
        "1975-04-12",
        "--04-12",
        "--02-29",
        "1975-02-29",
        "12 Apr 1975",
        "31.2.",
        "",
        "soon",
        "1975",
        "--04",
    ),
    "int": (-1, 0, 1, 365, 366, 3650, 3651, 10**12),
    "bool": (True, False),
    "hex": ("00", "0aff", "", "0", "0A", "0x", "zz", " 00", "00 ", "é"),
    "lines": ([], ["a"], [""], [" "], ["a\nb"], ["x" * (LINE_LIMIT + 1)], [" a "]),
    "json": ([], [{"a": 1}]),
}


def valid(field: Field) -> Any:
    return field.choices[0] if field.choices else VALID[field.kind]


def tried() -> list[Any]:
    cases = []
    for noun, kind in PAIRS:
        for field in kind.table.fields:
            values: tuple[Any, ...] = TRIED.get(field.kind, ())
            if field.choices:
                values = (*field.choices, "", "no such word", field.choices[0].upper())
            cases.append(
                pytest.param(noun, kind, field, (None, *values), id=f"{kind.table.name}.{field.name}")
            )
    return cases


def test_the_catalogue_is_current() -> None:
    """After a change to the nouns: python -m dossier.model.generate > dossier/store/catalog.py."""
    assert Path(catalog.__file__).read_text(encoding="utf-8") == catalogue()


@pytest.mark.parametrize(("noun", "kind"), PAIRS)
def test_names_and_fields_are_the_same(noun: type[Noun], kind: type[Record]) -> None:
    assert (kind.__name__, kind.table.name, kind.table.id) == (noun.__name__, table_name(noun), noun.table_id)
    assert [field.name for field in kind.table.fields] == list(noun.model_fields)
    assert sorted(kind.__slots__) == sorted(noun.model_fields)


def test_table_ids_are_for_ever() -> None:
    """They are bound into every envelope and seal: a changed one makes every vault unreadable."""
    assert {kind.table.name: kind.table.id for kind in RECORDS} == {
        "account": 1,
        "person": 2,
        "fact": 3,
        "relative": 4,
        "occasion": 5,
        "interaction": 6,
        "participant": 7,
        "promise": 8,
        "promise_move": 9,
        "step": 10,
        "attachment": 12,
        "change": 11,
    }


@pytest.mark.parametrize(("noun", "kind", "field", "values"), tried())
def test_both_accept_and_refuse_alike(
    noun: type[Noun], kind: type[Record], field: Field, values: tuple[Any, ...]
) -> None:
    rest = {one.name: valid(one) for one in kind.table.fields}
    for value in values:
        try:
            by_model: Any = getattr(noun.model_validate(rest | {field.name: value}), field.name)
        except ValidationError:
            by_model = ValidationError
        try:
            by_catalogue: Any = field.check(value, kind.table.name)
        except BadValue:
            by_catalogue = ValidationError
        assert by_model == by_catalogue, repr(value)[:60]


@pytest.mark.parametrize(("noun", "kind"), PAIRS)
def test_both_fill_in_the_same_defaults(noun: type[Noun], kind: type[Record]) -> None:
    required = {
        field.name: valid(field)
        for field, parameter in (
            (field, inspect.signature(kind).parameters[field.name]) for field in kind.table.fields
        )
        if parameter.default is parameter.empty
    }
    assert {name for name, info in noun.model_fields.items() if info.is_required()} == set(required)
    model, record = noun.model_validate(required), kind(**required).checked()
    assert {field.name: value for field, value in record.values()} == model.model_dump()


@pytest.mark.parametrize("kind", RECORDS)
def test_a_missing_value_is_named_without_any_secret(kind: type[Record]) -> None:
    for field in kind.table.fields:
        if field.required and field.kind not in ("bool", "json"):
            with pytest.raises(BadValue) as caught:
                field.check(None, kind.table.name)
            assert field.name.removesuffix("_id").replace("_", " ") in caught.value.message


@pytest.mark.parametrize("kind", RECORDS)
def test_no_message_of_a_check_quotes_the_value(kind: type[Record]) -> None:
    for field in kind.table.fields:
        for value in ("s3cr3t\x00", "s3cr3t" * 40_000):
            if field.kind in ("line", "hex", "text", "day", "partial", "choice"):
                with pytest.raises(BadValue) as caught:
                    field.check(value, kind.table.name)
                assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint} {caught.value.__cause__}"


def test_what_is_plain_is_exactly_what_the_design_lists() -> None:
    """A field moved into clear must be a decision, not an accident (C1)."""
    plain = {kind.table.name: [field.name for field in kind.table.plain] for kind in RECORDS}
    assert plain == {
        "account": ["name", "aliases", "tier", "status", "tags", "mails", "phones", "created_on"],
        "person": [
            "account_id", "name", "family_name", "given_name", "aliases", "position", "department", "role",
            "mails", "phones", "tags", "created_on",
        ],
        "fact": ["account_id", "person_id"],
        "relative": ["person_id"],
        "occasion": ["account_id", "person_id"],
        "interaction": ["account_id", "at"],
        "participant": ["interaction_id", "person_id"],
        "promise": [
            "account_id", "person_id", "interaction_id", "by", "made_on", "due_on", "state", "settled_on", "told_for",
        ],
        "promise_move": [
            "promise_id", "from_on", "to_on", "moved_on", "told_on", "told_person_id", "interaction_id",
        ],
        "step": ["account_id", "person_id", "interaction_id", "created_on", "due_on", "state", "done_on"],
        "attachment": ["account_id", "person_id", "interaction_id", "added_on"],
        "change": ["at", "command"],
    }  # fmt: skip


def test_choices_are_the_vocabulary_of_the_practice() -> None:
    words = {
        ("account", "tier"): vocabulary.Tier,
        ("account", "status"): vocabulary.AccountStatus,
        ("person", "role"): vocabulary.Role,
        ("person", "gender"): vocabulary.Gender,
        ("fact", "kind"): vocabulary.FactKind,
        ("occasion", "kind"): vocabulary.OccasionKind,
        ("interaction", "channel"): vocabulary.Channel,
        ("interaction", "direction"): vocabulary.Direction,
        ("interaction", "initiative"): vocabulary.By,
        ("promise", "by"): vocabulary.By,
        ("promise", "state"): vocabulary.PromiseState,
        ("promise_move", "channel"): vocabulary.Channel,
        ("step", "state"): vocabulary.StepState,
    }
    found = {
        (kind.table.name, field.name): field.choices
        for kind in RECORDS
        for field in kind.table.fields
        if field.choices
    }
    assert found == {place: tuple(word) for place, word in words.items()}


def test_the_sql_makes_every_table_with_its_checks_and_keys() -> None:
    connection = sqlite3.connect(":memory:")
    for kind in RECORDS:
        for statement in kind.table.ddl:
            connection.execute(statement)
    for kind in RECORDS:
        ((sql,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (kind.table.name,))
        assert "AUTOINCREMENT" in sql  # numbers are never used again
        for field in kind.table.plain:
            if field.choices:
                listed = ", ".join(f"'{word}'" for word in field.choices)
                assert f"CHECK ({field.name} IN ({listed}))" in sql
            if field.references:
                assert (
                    f"FOREIGN KEY({field.name}) REFERENCES {field.references} (id) DEFERRABLE INITIALLY DEFERRED"
                    in sql
                )
        secrets = {field.name for field in kind.table.fields if field.key_class != "plain"}
        columns = {name for (_, name, *_) in connection.execute(f"PRAGMA table_info({kind.table.name})")}
        assert not secrets & (columns - {"agenda", "dossier"})
    connection.close()


def test_a_field_of_an_unknown_type_has_no_kind() -> None:
    class Odd(Noun):
        table_id = 99
        weight: float

    with pytest.raises((TypeError, AssertionError)):
        field_specs(Odd)


def test_replacing_an_unknown_field_is_a_mistake() -> None:
    step = catalog.Step(account_id=1, created_on="2027-03-10", due_on="2027-03-10", title="x")
    with pytest.raises(TypeError, match="step has no field wight"):
        step.replace(wight=1)
    assert step.replace(title="y").title == "y"
    assert step.title == "x"


def test_types_in_the_catalogue_admit_what_is_hidden() -> None:
    """While locked every secret is None, whatever the model demands of it."""
    hints = {name: str(hint) for name, hint in catalog.Promise.__init__.__annotations__.items()}
    assert hints["title"] == "str | None"
    assert hints["due_on"] == "str"
