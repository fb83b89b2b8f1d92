"""What Textual's way to the terminal needs so that neither an odd byte nor a lost terminal ends or holds the view."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread

from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread


class Writer(WriterThread):
    """Writes to the terminal; where that is gone it goes on taking what is drawn, so that nobody waits for it."""

    def run(self) -> None:
        """Write until there is nothing more to write."""
        while (text := self._queue.get()) is not None:
            with suppress(OSError):
                self._file.write(text)
                if self._queue.empty():
                    self._file.flush()
        with suppress(OSError):
            self._file.flush()


def _lenient(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """A decoder that shows a byte which is no text as a replacement sign, where Textual's would end the view."""
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def mend() -> None:
    """Let every view from now on read and write so; Textual has no setting for any of it.

    The thread that reads keys ends when it is told to. Where the view ended without telling it, as it may when its
    terminal is lost while it begins, the process would wait for it for ever: nobody waits for a daemon.
    """
    vars(linux_driver).update(
        getincrementaldecoder=_lenient, WriterThread=Writer, Thread=partial(Thread, daemon=True)
    )
