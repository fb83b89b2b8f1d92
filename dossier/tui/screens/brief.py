"""The brief: one page before a meeting, in the same words as the command line prints."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from dossier.domain.text import joined
from dossier.services import brief_words as words
from dossier.services.brief import brief
from dossier.tui.deeds import Target
from dossier.tui.page import Page
from dossier.tui.widgets.detail import Detail
from dossier.tui.widgets.sheet import Entry, Section, Sheet

_LOOKS = {words.Look.PLAIN: "", words.Look.LATE: "bad", words.Look.CARE: "warn"}


class Brief(Page):
    """What to know before meeting an account or one of its people. All of it is secret but who and when."""

    HELP: ClassVar[str] = (
        "One page before a meeting: how to address them, what was said last, what we owe each other, what to talk "
        "about, what to ask."
    )

    def __init__(self, whom: str) -> None:
        """The brief on the account or person that `whom` names: `a3`, `p12`."""
        super().__init__()
        self._whom = whom
        self._account_id = 0

    def body(self) -> ComposeResult:
        """Whom it is about, and what there is to know."""
        yield Detail()
        yield Sheet()

    async def load(self) -> None:
        """Fetch the brief; it needs the keys."""
        shape = await self.dossier.desk.ask(brief, self._whom)
        self._account_id = shape["account"]["id"]
        self.query_one(Detail).tell([(words.heading(shape), False)])
        self.query_one(Sheet).show([_section(section) for section in words.sections(shape)])

    def target(self) -> Target | None:
        """The account or person."""
        if not self._account_id:
            return None
        number = int(self._whom[1:])
        noun, person_id = ("person", number) if self._whom.startswith("p") else ("account", None)
        return Target(noun, number, self._account_id, person_id)


def _section(section: words.Section) -> Section:
    return Section(
        section.label,
        [Entry("", joined(one.main, one.tail, by="  "), True, _LOOKS[one.look]) for one in section.entries],
    )
