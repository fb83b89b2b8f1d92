"""What a dossier holds: the one definition of tables, fields, limits and secrecy.

For your own Python: `from dossier.model import Account`. Objects are validated, detached copies.
"""

from __future__ import annotations

from dossier.model.account import Account
from dossier.model.attachment import Attachment
from dossier.model.fields import Noun
from dossier.model.journal import Change
from dossier.model.person import Fact, Occasion, Person, Relative
from dossier.model.work import Interaction, Participant, Promise, PromiseMove, Step

NOUNS: tuple[type[Noun], ...] = (
    Account,
    Person,
    Fact,
    Relative,
    Occasion,
    Interaction,
    Participant,
    Promise,
    PromiseMove,
    Step,
    Attachment,
    Change,
)
"""Every table of the vault, parents before children."""

__all__ = [
    "NOUNS",
    "Account",
    "Attachment",
    "Change",
    "Fact",
    "Interaction",
    "Occasion",
    "Participant",
    "Person",
    "Promise",
    "PromiseMove",
    "Relative",
    "Step",
]
