"""What the torture shares: a place of its own for each test, and a key derivation that costs nothing."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dossier.vault import kdf
from tests.torture.place import Place


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the home that other tests get: `place` has one, and its agent is a real one."""
    tiny = kdf.KdfParams(memory=64, passes=1, lanes=1)
    monkeypatch.setattr(kdf, "DEFAULT", tiny)
    monkeypatch.setattr(kdf, "FLOOR", tiny)


@contextmanager
def a_place() -> Iterator[Place]:
    """A place without a vault, in force for this process too; its path is short, as a socket's must be."""
    with tempfile.TemporaryDirectory(prefix="dossier-") as folder, pytest.MonkeyPatch.context() as patch:
        place = Place(folder)
        for name, value in place.variables.items():
            patch.setenv(name, value)
        yield place
        deadline = time.monotonic() + (5 if place.agent.lock() else 0)
        while os.path.exists(place.runtime / "dossier" / "agent.sock") and time.monotonic() < deadline:
            time.sleep(0.01)


@pytest.fixture
def bare_place() -> Iterator[Place]:
    """A place without a vault."""
    with a_place() as place:
        yield place


@pytest.fixture
def place(bare_place: Place) -> Place:
    """A place with an empty vault that the agent holds open."""
    bare_place.make_vault()
    return bare_place
