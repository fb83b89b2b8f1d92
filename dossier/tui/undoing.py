"""Back and forth through what was changed: what was done since the view was opened at once, older things once asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dossier.services import history
from dossier.services.undo import back_or_forth

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class Undoing:
    """Takes back the newest change, and brings back what was taken back last."""

    def __init__(self, app: DossierApp) -> None:
        self._app = app
        self._opened_after: int | None = None
        """The newest change when the view was opened; None until that is known."""

    async def open(self) -> None:
        """Note which change is the newest: what follows is done while one looks on."""
        self._opened_after = await self._app.desk.ask(history.newest)

    async def go(self, *, forth: bool) -> None:
        """Take back, or bring back; what was there before the view was, only after asking."""
        from dossier.tui.dialogs.take_back import TakeBack, tell

        if self._opened_after is None:
            await self.open()
        assert self._opened_after is not None
        found = await self._app.desk.ask(back_or_forth, self._opened_after, forth=forth)
        if found["done"]:
            tell(self._app, found)
        elif not isinstance(self._app.screen, TakeBack):
            await self._app.push_screen(TakeBack(found))
