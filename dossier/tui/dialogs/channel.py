"""The choice of how one talked: the same wherever an interaction comes of a dialog."""

from __future__ import annotations

from textual.widgets import Select

from dossier.domain.vocabulary import Channel


def channel_choice() -> Select[str]:
    """A field named `channel`, a call unless another way is chosen."""
    return Select(
        [(channel.value, channel.value) for channel in Channel],
        value=Channel.CALL.value,
        allow_blank=False,
        compact=True,
        id="channel",
    )
