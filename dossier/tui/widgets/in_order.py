"""Keys acted on in the order in which they were pressed, however fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events

if TYPE_CHECKING:
    from textual.app import App
    from textual.binding import BindingsMap


class InOrder:
    """A field (what it is mixed into is a widget) whose editing keys act at once, as its letters do.

    The toolkit lets a bound key travel up through every container before it acts. Backspace among letters that come in
    a burst, from a slow line or fast fingers, would then take another letter than the one it was meant for.
    """

    _bindings: BindingsMap
    app: App[Any]

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.id is None:  # one of ours may be remapped, and goes the usual way
                if await self.app.run_action(binding.action, self):  # type: ignore[arg-type]
                    event.prevent_default().stop()
                return
