"""What the tests of the vault's commands share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dossier.cli.invocation import Invocation
from tests.cli.typing_person import Person


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Person]:
    """Let somebody sit at the terminal who types these secrets in turn."""

    def sit_down(*answers: str) -> Person:
        person = Person(*answers)
        monkeypatch.setattr(Invocation, "ask_secret", person)
        return person

    return sit_down
