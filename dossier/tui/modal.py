"""What lies over a page and goes again."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Modal(ModalScreen[T]):
    """A `ModalScreen` that closes once, and nothing but itself.

    Textual takes away whatever lies on top: two keys in a burst, both for this, would take the page below as well, and
    the last page ends the view.
    """

    changes: ClassVar[bool] = False
    """Whether it is there to change something: in a vault that is read only it does not open."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close, if this is what is seen; what lies below something else, or is closed already, stays as it is."""
        # `is_current` is true of what shines through from below, too.
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    @property
    def is_there(self) -> bool:
        """Whether it is still there after waiting for something; what is in it goes first when it is taken away."""
        return self.display

    def action_cancel(self) -> None:
        """Close and do nothing."""
        self.dismiss()
