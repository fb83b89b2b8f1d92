"""The vault behind the screens: a thread owns the open session, and everything asked of it runs there in turn.

SQLite's connections belong to the thread that made them, and a screen must never wait for a disk. What takes its time,
a search through all texts, has a second lane, so that nothing else waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date
from typing import Concatenate, ParamSpec, TypeVar

from dossier.domain.faults import Fault
from dossier.errors import Locked
from dossier.services.passphrases import HOW_TO_UNLOCK, Unlocking
from dossier.services.session import Session

P = ParamSpec("P")
T = TypeVar("T")

_A_WHILE = 1.0
"""Seconds after which whoever leaves is told what they wait for."""


class Desk:
    """A session, opened and used in one thread of its own, and another beside it once something long is asked."""

    def __init__(self, open_session: Callable[[], Session], today: Callable[[], date]) -> None:
        """Open the session at once, in its thread; whatever that raises is raised here."""
        self._today = today
        self._aside: _Aside | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        try:
            self._session = self._executor.submit(open_session).result()
        except BaseException:
            self._executor.shutdown()
            raise

    async def ask(self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What a service answers; its faults are raised here."""
        return await self.begin(do, *args, **kwargs)

    def begin(
        self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """Like `ask`; it has its turn before all that is asked from now on, even if nobody awaits the answer yet."""

        def answer() -> T:
            self._session.today = self._today()  # midnight passes while a view is open
            try:
                return do(self._session, *args, **kwargs)
            finally:
                if (aside := self._aside) is not None:
                    aside.let_go()

        return asyncio.wrap_future(self._executor.submit(answer))

    async def agent_holds(self, *, in_use: bool) -> bool:
        """Whether the agent holds the keys that this session has, or had; it hears of it if they are in use.

        The agent is asked beside the vault, which another program may keep busy.
        """
        session = self._session

        def asked() -> bool:
            if not in_use:
                return session.agent.holds(session.vault_id)
            held = session.agent.get(session.vault_id)
            return held is not None and held.full and held.key_id == session.keys.key_id

        return await asyncio.to_thread(asked)

    async def ask_aside(
        self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What a service that only reads answers, without anything else having to wait for it.

        Whoever is cancelled before their turn is never begun with. Raises Locked if the vault was locked before the
        answer came, and the faults of `Session` and of the service.
        """
        was_open = not self.locked
        if self._aside is None:
            self._aside = _Aside(self._session)

        def answer(session: Session) -> T:
            session.today = self._today()
            return do(session, *args, **kwargs)

        answered = await asyncio.wrap_future(self._aside.submit(answer))
        if was_open and self.locked:
            raise Locked("the vault is locked", HOW_TO_UNLOCK)
        return answered

    async def reopen(self) -> bool:
        """Go on with the file that stands in the vault's place now, if it is the same vault; whether it is."""

        def again() -> bool:
            before = self._session
            try:
                opened = before.anew()
            except Fault:
                return False
            if opened.vault_id != before.vault_id:
                opened.close()
                return False
            self._session = opened
            before.close()
            return True

        if not await asyncio.wrap_future(self._executor.submit(again)):
            return False
        aside, self._aside = self._aside, None
        if aside is not None:
            await asyncio.to_thread(aside.close)
        return True

    @property
    def locked(self) -> bool:
        """Whether secrets are hidden."""
        return self._session.locked

    def close(self, tell_waiting: Callable[[], None] = lambda: None) -> None:
        """Close the vault once everything asked for is done; `tell_waiting` if that takes a while."""
        closed = self._executor.submit(self._session.close)
        if not wait([closed], _A_WHILE).done:
            tell_waiting()
        self._executor.shutdown()
        if self._aside is not None:
            self._aside.close()


class _Aside:
    """The second lane: a thread with a session of its own, which has the keys of the first, no more and no longer."""

    def __init__(self, first: Session) -> None:
        self._first = first
        self._given = first.keys
        self._session: Session | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="aside")

    def submit(self, do: Callable[[Session], T]) -> Future[T]:
        """Do something in this lane once it is free."""
        return self._executor.submit(lambda: do(self._ready()))

    def let_go(self) -> None:
        """Hold no keys that the first session has let go of; what is being read is read to its end."""
        if self._given is not self._first.keys:
            self._executor.submit(self._give)

    def close(self) -> None:
        """Close the session once everything asked for is done."""
        self._executor.submit(self._close)
        self._executor.shutdown()

    def _ready(self) -> Session:
        if self._session is None:
            first = self._first
            self._given = first.keys
            opened = Session(first.path, first.today, first.config, Unlocking(), self._given)
            try:
                first.database.check_still_there(
                    "nothing was read"
                )  # else it is another file that was opened
            except BaseException:
                opened.close()
                raise
            self._session = opened
        self._give()
        return self._session

    def _give(self) -> None:
        if self._given is not self._first.keys:
            self._given = self._first.keys
            if self._session is not None:
                self._session.use(self._given)

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
