"""Making a vault, opening and locking it, and what can be said about it."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any, NamedTuple

from dossier import paths
from dossier.domain.faults import BadValue
from dossier.errors import Refused
from dossier.services.session import Session
from dossier.store.catalog import RECORDS
from dossier.store.create import create_vault
from dossier.vault.agent_client import AgentClient

SHORTEST_PASSPHRASE = 8


class Made(NamedTuple):
    """A vault that was just made: `recovery_code` is shown once and stored nowhere."""

    path: str
    recovery_code: str


def check_new_passphrase(passphrase: str) -> str:
    """`passphrase` itself; BadValue if it is too short to withstand guessing at a stolen file."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BadValue(
            f"a passphrase needs at least {SHORTEST_PASSPHRASE} characters",
            "five or more random words are easy to keep",
        )
    return passphrase
