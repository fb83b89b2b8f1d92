"""The registry of actions, and the keys of the config file."""

from __future__ import annotations

from itertools import combinations

import pytest

from dossier.domain.faults import BadValue
from dossier.services.session import Session
from dossier.tui.keys import ACTIONS, checked
from tests.conftest import Run


def test_every_id_stands_once() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_no_two_actions_of_a_page_have_the_same_key() -> None:
    on_pages = [action for action in ACTIONS if not action.group.startswith("In a ")]
    for one, other in combinations(on_pages, 2):
        assert not set(one.keys.split(",")) & set(other.keys.split(",")), (one.id, other.id)


def test_keys_are_taken_in_every_spelling_and_fixed_ones_stay() -> None:
    assert checked({"done": "K, ctrl+k"}) == {"done": "K,ctrl+k"}
    assert checked({"back": "backspace"}) == {"back": "backspace,escape"}
    assert checked({"filter": "/"}) == {"filter": "slash"}
    assert checked({"quit": "Q"}) == {"quit": "Q,ctrl+q"}
    assert checked({"lock": "L,f9", "next_field": "enter"}) == {"lock": "L,f9", "next_field": "enter"}
    assert checked({"undo": "v", "reveal": "u"}) == {"undo": "v", "reveal": "u"}


@pytest.mark.parametrize(
    ("keymap", "told"),
    [
        ({"kepe": "k"}, "no action"),
        ({"done": ""}, "no key"),
        ({"done": "k,,j"}, "no key"),
        ({"done": "nonsense"}, "no key"),
        ({"done": "cntrl+k"}, "no key"),
        ({"done": "m"}, "which is move's"),
        ({"done": "x", "move": "x"}, "which is move's"),
        ({"done": "ctrl+s"}, "which is save's"),
        ({"done": "down"}, "which is the cursor's"),
        ({"lock": "escape"}, "which is"),
        ({"done": "\x1b[2J"}, "no key"),
        ({"lock": "L"}, "no key that works in a field"),
        ({"help": "question_mark,backspace"}, "no key that works in a field"),
        ({"save": "S"}, "no key that works in a field"),
        ({"lock": "ctrl+q"}, "which is quit's"),
    ],
)
def test_what_cannot_be_is_refused(keymap: dict[str, str], told: str) -> None:
    with pytest.raises(BadValue) as fault:
        checked(keymap)
    assert told in fault.value.message
    assert "\x1b" not in fault.value.message


def test_the_command_refuses_it_before_anything_opens(
    dossier: Run, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dossier.config._read_file", lambda _: {"keys": {"kepe": "k"}})
    result = dossier("tui", terminal=True)
    assert result.code == 2
    assert "kepe" in result.err


def test_without_a_terminal_there_is_no_view(dossier: Run, session: Session) -> None:
    result = dossier("tui")
    assert result.code == 2
    assert "dossier agenda" in result.err
