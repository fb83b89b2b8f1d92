"""What every tab of a dossier has: it loads itself, and says what its cursor is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical

from dossier.tui.deeds import Target

if TYPE_CHECKING:
    from dossier.tui.screens.account import AccountPage


class Pane(Vertical):
    """What a tab shows of an account; `load` is called whenever it is shown, and when the vault has changed."""

    FIRST: ClassVar[str] = "PagedTable"
    """The selector of what has the keyboard at first."""

    def __init__(self, account_id: int) -> None:
        super().__init__()
        self.account_id = account_id

    @property
    def page(self) -> AccountPage:
        """The page, by its own type."""
        return cast("AccountPage", self.screen)

    async def load(self) -> None:
        """Fetch and show; faults are told by the page."""
        raise NotImplementedError

    def target(self) -> Target | None:
        """What the cursor is on."""
        return None

    def forget(self) -> None:
        """Hold nothing of the vault, beside what the widgets hold, which forget by themselves."""

    def reveal(self, *, revealed: bool) -> None:
        """Secrets are shown now, or hidden; the widgets know already."""

    def read(self) -> None:
        """Open the record under the cursor, to be read."""
        if target := self.target():
            from dossier.tui.screens.record import RecordInFull

            self.app.push_screen(RecordInFull(target.noun, target.id))

    def take_focus(self) -> None:
        """Let the keyboard act here."""
        self.screen.set_focus(self.query_one(self.FIRST))  # at once: the next key may follow at any moment

    def on_mount(self) -> None:
        """Ask for what is to be shown."""
        self.page.pane_came(self)
