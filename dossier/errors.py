"""Every way a command can fail, with the exit code that scripts rely on."""

from __future__ import annotations

from dossier.domain.faults import BadValue, Fault, RuleBroken


class DossierError(Fault):
    """A failure that ends a command with one line on stderr and `exit_code`."""

    exit_code = 1


class Failed(DossierError):
    """Something went wrong that fits none of the others."""


class Usage(DossierError):
    """The command line or a value on it cannot be understood."""

    exit_code = 2


class NotFound(DossierError):
    """Nothing in the vault goes by that reference."""

    exit_code = 3


class Ambiguous(DossierError):
    """A reference fits several records; the message lists them."""

    exit_code = 4


class Locked(DossierError):
    """The vault is locked and nothing at hand opens it, or the passphrase is wrong."""

    exit_code = 5


class Refused(DossierError):
    """A rule refuses the change."""

    exit_code = 6


class Damaged(DossierError):
    """The vault is damaged, not authentic, or not a vault at all."""

    exit_code = 7


class Unavailable(DossierError):
    """No vault there, the disk is full, or permission is missing."""

    exit_code = 8


class NoVault(Unavailable):
    """Nothing is at the vault's path."""


class TooNew(DossierError):
    """The vault was written by a newer program than this one."""

    exit_code = 9


RESTORE = "restore a backup: dossier vault restore FILE"
"""What to do about a vault that is Damaged beyond what a run can know."""

ACCEPT = f"{RESTORE}; or go on with it as it is: dossier vault accept"
"""What to do about a vault that is authentic, but not all that it was, or not the newest: the person decides."""

SALVAGE = (
    "restore a backup: dossier vault restore --newest; or take what can be read into a new vault: "
    "dossier vault salvage NEW.dossier"
)
"""What to do about a file that is hurt, or holds what dossier did not write: that is never accepted."""

UPDATE = "update: pipx upgrade client-dossier"
"""What to do about a vault that is TooNew."""

OVERDUE_EXIT = 10
"""`agenda --fail-on` found what it was told to look for."""

INTERRUPTED_EXIT = 130
"""Ctrl-C: 128 + SIGINT, as shells expect."""


def exit_code_of(fault: Fault) -> int:
    """The exit code of any fault, those of the domain included."""
    if isinstance(fault, DossierError):
        return fault.exit_code
    if isinstance(fault, BadValue):
        return Usage.exit_code
    if isinstance(fault, RuleBroken):
        return Refused.exit_code
    return DossierError.exit_code
