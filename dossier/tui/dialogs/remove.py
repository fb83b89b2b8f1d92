"""Removing a record: asked once; where others refer to it, once more whether they go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Button, Static

from dossier.errors import Refused
from dossier.services import (
    accounts,
    facts,
    interactions,
    occasions,
    people,
    promises,
    relatives,
    search,
    steps,
)
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.tui.dialog import Dialog
from dossier.tui.inert import inert
from dossier.tui.keys import bindings


def _rm_account(session: Session, number: int, *, cascade: bool) -> str:
    return accounts.rm(session, f"a{number}", cascade=cascade)


def _rm_person(session: Session, number: int, *, cascade: bool) -> str:
    return people.rm(session, f"p{number}", cascade=cascade)


_RM: dict[str, Callable[..., str]] = {
    "account": _rm_account,
    "person": _rm_person,
    "fact": facts.rm,
    "relative": relatives.rm,
    "occasion": occasions.rm,
    "interaction": interactions.rm,
    "promise": promises.rm,
    "step": steps.rm,
}
_ALONE = ("fact", "relative", "occasion")
"""Nothing ever refers to these."""

_GET: dict[str, Callable[[Session, int], Shape]] = {
    "fact": facts.get,
    "relative": relatives.get,
    "occasion": occasions.get,
    "interaction": interactions.get,
    "promise": promises.get,
    "step": steps.get,
}


class Remove(Dialog):
    """Says what goes and how it comes back. Enter, the key that asked, or the button does it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("remove")
    HELP: ClassVar[str] = (
        "What others refer to is not removed alone: they are named, and go with it if you say so again. Undo brings "
        "back all that went together."
    )

    save_label = "Remove"
    begin_at = "save"

    def __init__(self, noun: str, number: int) -> None:
        super().__init__()
        self.noun, self.number = noun, number
        self.named = f"{'next step' if noun == 'step' else noun} {number}"
        self.title_text = f"Remove {self.named}?"
        self.with_all = False
        """Whether what belongs to it goes too."""

    def fields(self) -> ComposeResult:
        """Whose it is, and how it comes back."""
        yield Static(classes="remove--whose", markup=False)
        yield Static(
            f"{self.dossier.key_of('undo')} takes that back, with all that went along.",
            classes="dialog--hint",
            markup=False,
        )

    async def prepare(self) -> None:
        """Say whose it is, in what stands in clear."""
        desk = self.dossier.desk
        if self.noun in ("account", "person"):
            shape = await desk.ask(search.named, f"{self.noun[0]}{self.number}")
            parts = [shape["account"] if self.noun == "person" else None]
            self.named += f", {shape['name']}"
            self.query_one(".dialog--title", Static).update(inert(f"Remove {self.named}?"))
        else:
            shape = await desk.ask(_GET[self.noun], self.number)
            on = shape.get("at") or shape.get("due_on")
            parts = [shape.get("person"), shape["account"], on]
        self.query_one(".remove--whose", Static).update(inert(" · ".join(filter(None, parts))))

    async def save(self) -> str:
        """Remove it; where that is refused, say what refers to it and ask whether all of it shall go."""
        options: dict[str, Any] = {} if self.noun in _ALONE else {"cascade": self.with_all}
        try:
            await self.dossier.desk.ask(_RM[self.noun], self.number, **options)
        except Refused as refused:
            self.with_all = True
            button = self.query_one("#save", Button)
            button.label = Content(f"Remove all  {self.dossier.key_of('save')}")
            button.refresh(layout=True)
            raise Refused(refused.message, "Remove again to let all that belongs to it go too.") from None
        return f"Removed {self.named}{' and all that belonged to it' if self.with_all else ''}."

    def action_remove(self) -> None:
        """The key that asked says yes."""
        self.action_save()
