"""Who is meant first by what somebody begins to type."""

from __future__ import annotations

import pytest

from dossier.domain.ranking import WORST, rank


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("lan petrova", "lan", 0),
        ("lan petrova", "lan pet", 0),
        ("anything", "", 0),
        ("tran thi lan", "lan", 1),
        ("tran thi lan", "lan tr", 1),
        ("дкц „орехова градина“", "орех", 1),
        ("milan landis", "lan", 1),
        ("milan roth", "lan", 2),
        ("milan roth", "roth lan", 2),
        ("王小明", "小明", 2),
        ("anna pike", "lan", WORST),
        ("lan petrova", "lan x", WORST),
    ],
)
def test_how_well_a_name_fits(name: str, text: str, expected: int) -> None:
    assert rank(name, text.split()) == expected
