"""What was typed and is saved nowhere yet: in memory alone, until it is saved, thrown away or given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dossier.tui.app import DossierApp


class Unsaved:
    """The drafts of dialogs, open or closed."""

    def __init__(self, app: DossierApp) -> None:
        self._app = app
        self.drafts: dict[str, dict[str, Any]] = {}
        """What stands in the fields, by dialog."""
        self.typed_in: dict[str, str] = {}
        """The titles of the dialogs that drafts are of; no secret stands in them."""
        self.given_up: list[str] = []
        """What was typed and not saved when the view ended by no will of the person."""

    def titles(self) -> list[str]:
        """The dialogs that hold something unsaved."""
        return [self.typed_in.get(key) or "a dialog" for key in self.drafts]

    def is_in(self, screen: object) -> bool:
        """Whether something typed before waits in a dialog that is to be opened."""
        return getattr(screen, "draft_key", None) in self.drafts

    @property
    def is_any(self) -> bool:
        """Whether there is anything typed, or a dialog to type in."""
        from dossier.tui.dialog import Dialog

        return bool(self.drafts) or any(isinstance(screen, Dialog) for screen in self._app.screens())

    def keep(self) -> None:
        """Make a draft of what stands in every dialog that is open, wherever."""
        from dossier.tui.dialog import Dialog

        for screen in self._app.screens():
            if isinstance(screen, Dialog):
                screen.keep_draft()

    def give_up(self) -> None:
        """Put by what was typed, for whoever ran the view to give back; from behind a blank screen nothing is shown."""
        if self._app.blank.is_on or self.given_up:
            return
        from dossier.tui.dialog import Dialog, texts_of

        self.keep()
        drafts = dict(self.drafts)
        for screen in self._app.screens():
            if isinstance(screen, Dialog) and screen.draft_key in drafts:
                drafts[screen.draft_key] = screen.altered
        self.given_up = [text for draft in drafts.values() for text in texts_of(draft)]
