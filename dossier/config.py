"""One table of settings. A value comes from the flag, else the environment, else the config file, else its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dossier.domain.faults import BadValue
from dossier.domain.text import one_line


class Setting(NamedTuple):
    """One setting: `read` turns its text into its value and raises ValueError if it cannot."""

    name: str
    default: Any
    read: Callable[[str], Any]
    help: str
    env: str | None = None


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number from `low` to `high`; raises ValueError, which says so, for anything else."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return read


FORMATS = ("auto", "table", "plain", "json", "csv")

SETTINGS: tuple[Setting, ...] = (
    Setting("vault", "", str, "the vault file; empty: the usual place", "DOSSIER_VAULT"),
    Setting("format", "auto", _one_of(*FORMATS), "how lists and records print", "DOSSIER_FORMAT"),
    Setting("color", "auto", _one_of("auto", "always", "never"), "colour on a terminal; NO_COLOR turns it off"),
    Setting("date_order", "ask", _one_of("ask", "day", "month"), "what comes first in 03/04; `ask` refuses it"),
    Setting("leap_day", "feb28", _one_of("feb28", "mar1"), "when a 29 February is kept in a common year"),
    Setting("agenda_days", 7, whole_number(0, 366), "how many days ahead the agenda looks"),
    Setting("occasion_days", 7, whole_number(0, 366), "how many days before an occasion it appears"),
    Setting("passphrase_command", "", str, "prints the passphrase; run without a shell", "DOSSIER_PASSPHRASE_COMMAND"),
    Setting("key_file", "", str, "a key file that opens the vault, or its agenda", "DOSSIER_KEY_FILE"),
    Setting("idle_minutes", 15, whole_number(1, 1440), "the vault locks after this long without use"),
    Setting("unlock_hours", 8, whole_number(1, 168), "the vault locks after this long in any case"),
    Setting("backups_kept", 5, whole_number(0, 100), "automatic backups kept of each kind; 0: none are made"),
    Setting("opener", "", str, "the viewer of attachments; run without a shell; empty: the system's own"),
    Setting("theme", "dark", _one_of("dark", "light", "terminal"), "colours of the full-screen view"),
    Setting(
        "mask", "all", _one_of("all", "dossier", "none"),
        "what the full-screen view hides until asked; `dossier`: titles of the agenda show",
    ),
    Setting(
        "screen_lock_minutes", 5, whole_number(1, 1440),
        "the full-screen view goes blank and asks for the passphrase after this long without a key or the mouse",
    ),
    Setting("today", "", str, "rehearse another day: an ISO date instead of today's", "DOSSIER_TODAY"),
)  # fmt: skip

KEYS = "keys"
"""The table of the config file that gives actions of the full-screen view other keys."""


class Config:
    """The settings in force, each with where it came from: `flag`, `environment`, `file` or `default`.

    `keys` are those that the config file sets for actions of the full-screen view, by action: `{"keep": "k"}`, several
    keys in one string: `"k,ctrl+k"`. Which actions and keys there are is the view's to say.
    """

    def __init__(self, flags: Mapping[str, str], environment: Mapping[str, str], file: str) -> None:
        """Read the settings; BadValue names the setting, where it stands, and what would be understood."""
        self.values: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        found = _read_file(file)
        self.keys = _keys_in(found.pop(KEYS, {}), file)
        from_file = {name: str(value) for name, value in found.items()}
        for setting in SETTINGS:
            text, origin = flags.get(setting.name), "flag"
            if text is None and setting.env and environment.get(setting.env):
                text, origin = environment[setting.env], "environment"
            if text is None and setting.name in from_file:
                text, origin = from_file[setting.name], "file"
            if text is None:
                self.values[setting.name], self.origins[setting.name] = setting.default, "default"
                continue
            try:
                self.values[setting.name], self.origins[setting.name] = setting.read(text), origin
            except ValueError as error:
                place = {"flag": f"--{setting.name}", "environment": str(setting.env)}.get(
                    origin, f"{setting.name} in {file}"
                )
                raise BadValue(f"{place} is not understood", f"it takes {error}") from None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def day_first(self) -> bool | None:
        """How an ambiguous slash date is read; None refuses it."""
        order = self.values["date_order"]
        return None if order == "ask" else bool(order == "day")


def _keys_in(found: Any, path: str) -> dict[str, str]:
    if not isinstance(found, dict):
        raise BadValue(
            f"{KEYS} in {path} is not understood", f'it takes a table: a line [{KEYS}], below it keep = "k"'
        )
    for action, key in found.items():
        if not isinstance(key, str):
            raise BadValue(
                f"{KEYS}.{one_line(action)} in {path} is not understood",
                f'it takes a key in quotes: {one_line(action)} = "k", or several: "k,ctrl+k"',
            )
    return found


def _read_file(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            import tomllib

            found = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadValue(f"the config file {path} cannot be read: {error}", "mend or move it") from None
    known = {KEYS, *(setting.name for setting in SETTINGS)}
    if unknown := sorted(set(found) - known):
        raise BadValue(
            f"the config file {path} names unknown settings: {', '.join(unknown)}",
            "dossier config lists them all",
        )
    return found
