"""`dossier account …`: client companies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dossier.cli.account import _OPTIONS
from dossier.store.catalog import Account
from tests.conftest import Run

ACCOUNT = [
    "id", "name", "tier", "status", "cadence_days", "last_contact_on", "days_since_contact", "open_promises",
    "overdue_promises",
]  # fmt: skip
IN_FULL = [
    *ACCOUNT, "aliases", "tags", "mails", "phones", "created_on", "industry", "country", "language", "website",
    "address", "industry_position", "influence", "business_model", "financial_strength", "credit", "willingness",
    "demand", "strengths", "weak_points", "growth_areas", "market", "note",
]  # fmt: skip


def as_json(dossier: Run, *arguments: str) -> Any:
    result = dossier(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_the_shape_of_an_account(dossier: Run) -> None:
    assert list(as_json(dossier, "account", "add", "Hanoi Optics")) == IN_FULL
    assert list(as_json(dossier, "account", "edit", "1", "--tier", "key")) == IN_FULL
    assert [list(one) for one in as_json(dossier, "account", "list")] == [ACCOUNT]


def test_while_locked_its_own_cadence_is_hidden(dossier: Run, lock: Callable[[], None]) -> None:
    dossier("account", "add", "Hanoi Optics", "--cadence", "9")
    lock()
    (shape,) = as_json(dossier, "account", "list")
    assert list(shape) == [*ACCOUNT, "locked"]
    assert (shape["cadence_days"], shape["tier"], shape["locked"]) == (None, "standard", True)


def test_plain_columns_are_only_ever_appended_to(dossier: Run) -> None:
    dossier("account", "add", "Hanoi Optics", "--tier", "key")
    dossier("log", "1", "x", "--on", "yesterday", "--promise", "a", "--due", "today")
    row = "1\tHanoi Optics\tkey\tactive\t14\t2027-03-09\t1\t1\t0\n"
    assert dossier("account", "list").out == row
    assert dossier("account", "list", "--format", "csv").out == (
        "id,name,tier,status,cadence,last contact,days,open,late\n" + row.replace("\t", ",")
    )


def test_every_field_has_an_option(dossier: Run) -> None:
    """But for those that the program fills in by itself."""
    offered = {option.field for option in _OPTIONS}
    assert offered == {field.name for field in Account.table.fields} - {"name", "created_on"}


def test_every_option_arrives(dossier: Run) -> None:
    arguments, wanted = [], {}
    for option in _OPTIONS:
        field = Account.table.field(option.field)
        value: Any = field.choices[-1] if field.choices else 9 if field.kind == "int" else f"a {option.field}"
        arguments += [f"--{option.spelled or option.field.replace('_', '-')}", str(value)]
        wanted[option.field] = [value] if field.kind == "lines" else value
    shape = as_json(dossier, "account", "add", "Hanoi Optics", *arguments)
    assert {name: shape[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("option", "field", "cleared"),
    [
        ("--note", "note", None),
        ("--alias", "aliases", []),
        ("--cadence", "cadence_days", 60),
        ("--tier", "tier", "standard"),
        ("--country", "country", None),
    ],
)
def test_an_empty_text_clears(dossier: Run, option: str, field: str, cleared: Any) -> None:
    value = {"--cadence": "9", "--tier": "standard"}.get(option, "x")
    dossier("account", "add", "Hanoi Optics", option, value)
    assert as_json(dossier, "account", "edit", "1", option, "")[field] == cleared


def test_several_of_a_kind(dossier: Run) -> None:
    shape = as_json(dossier, "account", "add", "Hanoi Optics", "--alias", "HO", "--alias", "河内")
    assert shape["aliases"] == ["HO", "河内"]


def test_what_a_person_reads(dossier: Run) -> None:
    said = dossier("account", "add", "Hanoi Optics", "--tier", "key", terminal=True).out
    assert said == "Added account 1: Hanoi Optics (key).\n"
    assert dossier("account", "edit", "1", "--name", "Hanoi OPTICS", terminal=True).out == (
        "Changed account 1: Hanoi OPTICS (key).\n"
    )
    dossier("log", "1", "x")
    assert dossier("account", "rm", "1").err.splitlines() == [
        "dossier: account 1 is still referred to by 1 interaction",
        "  add --cascade to remove all of it; dossier undo brings it back",
    ]
    assert dossier("account", "rm", "1", "--cascade", terminal=True).out == (
        "Removed account 1 Hanoi OPTICS and 1 record that belonged to it.\n"
    )
    assert (
        dossier("account", "list", terminal=True).out
        == "No such accounts. Add one: dossier account add NAME\n"
    )


def test_the_list_narrows(dossier: Run) -> None:
    dossier("account", "add", "A", "--tier", "key", "--tag", "rail")
    dossier("account", "add", "B", "--status", "former")
    for arguments, names in (
        (("--tier", "key"), ["A"]),
        (("--status", "former"), ["B"]),
        (("--tag", "rail"), ["A"]),
        (("--tag", "rai"), []),
    ):
        assert [one["name"] for one in as_json(dossier, "account", "list", *arguments)] == names
