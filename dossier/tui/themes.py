"""The colours: dark, light, or those that the terminal itself has."""

from __future__ import annotations

from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

THEMES = {"dark": "textual-dark", "light": "textual-light", "terminal": "dossier-terminal"}
"""The settings' names of the themes, in the order in which a key goes round."""


def terminal_theme() -> Theme:
    """The terminal's own colours, chosen so that they are read on a dark ground and on a light one.

    Nobody can ask a terminal which one it has. White on blue and magenta stand out on both; yellow, and black on
    white, which Textual's own theme takes, vanish on one of them.
    """
    base = BUILTIN_THEMES["ansi-dark"]
    marked = {"background": "ansi_blue", "foreground": "ansi_bright_white"}
    blocks = ("block-cursor", "input-cursor", "input-selection", "screen-selection")
    return replace(
        base,
        name=THEMES["terminal"],
        warning="ansi_magenta",
        accent="ansi_magenta",
        variables=base.variables
        | {f"{block}-{part}": colour for block in blocks for part, colour in marked.items()}
        | {"border-blurred": "ansi_bright_black"},
    )
