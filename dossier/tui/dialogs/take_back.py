"""Taking back what was not done just now, or bringing it back: asked first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from dossier.domain.text import count_of, joined
from dossier.services.history import in_words
from dossier.services.shapes import Shape
from dossier.services.undo import undo
from dossier.tui.dialog import Dialog
from dossier.tui.inert import inert

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class TakeBack(Dialog):
    """Says what it was, when, and how much. Enter or the button does it."""

    HELP = (
        "This was done before the view was opened, or not as the last thing: so it asks first. Every record of the "
        "change becomes what it was before; where later changes stand in the way, nothing is done and they are named."
    )
    begin_at = "save"

    def __init__(self, outlook: Shape) -> None:
        """To take back the change of this `services.undo.outlook`."""
        super().__init__()
        self._outlook = outlook
        verb = "Bring" if outlook["brings_back"] else "Take"
        self.title_text, self.save_label = f"{verb} back change {outlook['change']}?", f"{verb} back"

    def fields(self) -> ComposeResult:
        """What, when, how many records."""
        found = self._outlook
        what, when = in_words(found["command"]), found["at"][:16].replace("T", " ")
        by = f"taken back by change {found['id']}" if found["brings_back"] else ""
        yield Static(
            inert(joined(what, by, when, count_of(found["records"], "record")), "bold"), markup=False
        )

    async def save(self) -> str:
        """Do it."""
        await self.dossier.desk.ask(undo, self._outlook["id"])
        return ""

    def tell_saved(self, said: str) -> None:
        """Say what was taken back, and how that is undone again."""
        tell(self.dossier, self._outlook)


def tell(app: DossierApp, outlook: Shape) -> None:
    """Say what was taken or brought back, and let every page show it; what is secret is not said."""
    what = f"{in_words(outlook['command'])} (change {outlook['change']})."
    if outlook["brings_back"]:
        app.tell(f"Brought back: {what}")
    else:
        app.tell(f"Taken back: {what} {app.key_of('redo')} brings it back.")
    app.reload()
