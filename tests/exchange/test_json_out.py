from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dossier.exchange.json_out import SECTIONS, write_export

DAY = date(2031, 5, 14)


def written(*records: tuple[str, dict[str, Any]], includes_sensitive: bool = False) -> str:
    stream = io.StringIO()
    write_export(records, stream, exported_on=DAY, includes_sensitive=includes_sensitive)
    return stream.getvalue()


def test_the_document_reads_as_one_that_json_itself_would_write() -> None:
    records: list[tuple[str, dict[str, Any]]] = [
        ("account", {"id": 1, "name": "Gốm Sông Hậu", "tags": []}),
        ("account", {"id": 2, "name": "远山医疗", "tags": ["vip", 'say "hi"\nthere']}),
        ("person", {"id": 1, "name": "Мария Колева", "birthday": None, "marked": True}),
        ("step", {"id": 7}),
    ]
    expected = {
        "dossier_export": 1,
        "exported_on": "2031-05-14",
        "includes_sensitive": True,
        **{
            section: [fields for noun, fields in records if noun == singular]
            for singular, section in SECTIONS.items()
        },
    }
    text = written(*records, includes_sensitive=True)
    assert text == json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
    assert "Мария" in text


def test_an_empty_vault_has_every_section() -> None:
    document = json.loads(written())
    assert document["includes_sensitive"] is False
    assert all(document[section] == [] for section in SECTIONS.values())


@pytest.mark.parametrize("nouns", [("dragon",), ("person", "account"), ("account", "person", "account")])
def test_a_noun_unknown_or_out_of_order_is_an_error(nouns: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="is no noun of an export"):
        written(*((noun, {}) for noun in nouns))


def test_a_number_that_json_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="JSON"):
        written(("account", {"share": float("nan")}))


def test_records_are_written_as_they_come() -> None:
    stream = io.StringIO()
    seen: list[bool] = []

    def records() -> Iterator[tuple[str, dict[str, Any]]]:
        yield "account", {"name": "first"}
        seen.append("first" in stream.getvalue())
        yield "account", {"name": "second"}

    write_export(records(), stream, exported_on=DAY, includes_sensitive=False)
    assert seen == [True]
