"""The vault behind the screens: a thread owns the open session, and everything asked of it runs there in turn.

SQLite's connections belong to the thread that made them, and a screen must never wait for a disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Concatenate, ParamSpec, TypeVar

from dossier.services.session import Session

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """One session, opened and used in one thread of its own."""

    def __init__(self, open_session: Callable[[], Session], today: Callable[[], date]) -> None:
        """Open the session at once, in its thread; whatever that raises is raised here."""
        self._today = today
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        try:
            self._session = self._executor.submit(open_session).result()
        except BaseException:
            self._executor.shutdown()
            raise

    async def ask(self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What a service answers; its faults are raised here."""

        def answer() -> T:
            self._session.today = self._today()  # midnight passes while a view is open
            return do(self._session, *args, **kwargs)

        return await asyncio.wrap_future(self._executor.submit(answer))

    @property
    def locked(self) -> bool:
        """Whether secrets are hidden."""
        return self._session.locked

    def close(self) -> None:
        """Close the vault once everything asked for is done."""
        self._executor.submit(self._session.close)
        self._executor.shutdown()
