"""Secrets that nobody would write by chance, in four scripts, and the search for them in every form they might take."""

from __future__ import annotations

import json
import os
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from dossier.domain.text import fold
from dossier.services import (
    accounts,
    attachments,
    facts,
    interactions,
    occasions,
    people,
    promises,
    relatives,
    steps,
)
from dossier.services.interactions import Made, Next
from dossier.services.session import Session
from dossier.store.catalog import Account, Fact, Interaction, Occasion, Person, Promise, PromiseMove, Relative
from dossier.store.record import PLAIN, Field, Record

STEMS = ("Quimbelzorn", "Thuỷngẩndiệuvợi", "Жълтоперест", "鸕鶿饕餮魍魎蘸")
"""Every secret of several letters begins with one, so that a piece of it is found as surely as the whole."""

PUBLIC = "Plainlyseen"
"""The beginning of what stands in clear and is to be found: a search that finds nothing might be a broken one."""

_SHORT_FORMS = ("+99 8471 ", "1931-07-", "1932-08-", "xq-zorn")
"""The beginnings of secrets that cannot hold any word: private phones, days, codes of languages."""


class Secrets:
    """Makes secrets and remembers all of them; the script changes with each."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def line(self) -> str:
        """A line of text."""
        return self._keep(f"{self._stem()} {len(self.all):04} tells nobody")

    def text(self) -> str:
        """Some paragraphs, each with the secret in it."""
        secret = self._keep(f"{self._stem()} {len(self.all):04}")
        return "\n\n".join(f"{secret} paragraph {number} {'of the same ' * 9}" for number in range(4))

    def of(self, field: Field) -> Any:
        """A value for a field; None for one of a closed list or a number, which can hold no secret of ours."""
        number = len(self.all)
        if field.kind == "line":
            return self._keep(f"xq-zorn{number:03}"[:11]) if field.name == "language" else self.line()
        if field.kind == "text":
            return self.text()
        if field.kind == "lines":
            mail = f"{STEMS[0]}.{number:04}@privat.example"
            return [self._keep(mail if "mail" in field.name else f"+99 8471 {number:06}")]
        if field.kind in ("partial", "day"):
            return self._keep(f"193{1 + number % 2}-0{7 + number % 2}-{1 + number % 28:02}")
        return None

    def values(self, kind: type[Record], *without: str) -> dict[str, Any]:
        """A secret for every field of a noun that can hold one."""
        return {field.name: self.of(field) for field in holding_fields(kind) if field.name not in without}

    def _stem(self) -> str:
        return STEMS[len(self.all) % len(STEMS)]

    def _keep(self, secret: str) -> str:
        self.all.append(secret)
        return secret


def holding_fields(kind: type[Record]) -> list[Field]:
    """The encrypted fields of a noun that can hold a secret of ours."""
    kinds = ("line", "text", "lines", "partial", "day")
    return [field for field in kind.table.fields if field.key_class != PLAIN and field.kind in kinds]


def write(session: Session, secrets: Secrets, name: str) -> None:
    """One of every noun, with a secret in every field that can hold one."""
    account = f"a{accounts.add(session, name, secrets.values(Account))['id']}"
    person = f"p{people.add(session, f'{name} Person', account, secrets.values(Person))['id']}"
    known = secrets.values(Fact, "text", "learned_on", "confirmed_on")
    fact = facts.add(session, person, secrets.text(), known, on=secrets.of(Fact.table.field("learned_on")))
    facts.edit(session, fact["id"], {"text": secrets.text()})
    family = secrets.values(Relative, "name", "relation")
    relatives.add(session, person, secrets.line(), secrets.line(), family)
    day = secrets.of(Occasion.table.field("date"))
    occasions.add(session, person, "other", day, secrets.values(Occasion, "date"))
    promise = promises.add(
        session, person, secrets.line(), due="fri", changes=secrets.values(Promise, "title")
    )
    moved = secrets.values(PromiseMove)
    promises.renegotiate(session, promise["id"], to="in 2 weeks", told=person, **moved)
    interactions.log(
        session,
        account,
        None,
        secrets.values(Interaction),
        participants=[person],
        made=[Made(secrets.line(), "in 2 weeks")],
        following=Next(secrets.line(), "in 3 weeks"),
    )
    steps.add(session, account, secrets.line(), on="tomorrow")
    with held_in_memory(f"{secrets.text()}\n" * 40) as file:
        attachments.add(session, person, [file], name=secrets.line())


@contextmanager
def held_in_memory(text: str) -> Iterator[str]:
    """The path of a file with a text in it that lies on no disk and is gone afterwards."""
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            yield file.name
        return
    descriptor = os.memfd_create("text")
    try:
        os.write(descriptor, text.encode())
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def forms(text: str) -> Iterator[bytes]:
    """A text in the forms in which it might lie in a file."""
    decomposed = normalize("NFD", text)
    spellings = {text, text.lower(), text.upper(), fold(text), decomposed, decomposed.lower()}
    for spelling in sorted(spellings):
        yield json.dumps(spelling)[1:-1].encode()
        yield quote(spelling).encode()
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield from forms_of_bytes(spelling.encode(encoding))


def forms_of_bytes(raw: bytes) -> Iterator[bytes]:
    """Bytes as they are, in hexadecimal, and in base64 at each place they may have in its groups of three."""
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):
        encoded = b64encode(bytes(shift) + raw)
        whole = slice((shift * 8 + 5) // 6, (shift + len(raw)) * 8 // 6)
        yield encoded[whole]
        yield encoded[whole].translate(bytes.maketrans(b"+/", b"-_"))


class Scanner:
    """Looks for some texts and byte strings in all their forms."""

    def __init__(self, texts: Iterable[str], keys: Iterable[bytes] = ()) -> None:
        self.needles = {needle: text for text in texts for needle in forms(text)}
        self.needles |= {needle: "a key" for key in keys for needle in forms_of_bytes(key)}

    @classmethod
    def of_stems(cls, keys: Iterable[bytes] = (), also: Iterable[str] = ()) -> Scanner:
        """A quick one for all secrets at once, by their beginnings."""
        return cls((*STEMS, *_SHORT_FORMS, *also), keys)

    def found_in(self, data: bytes) -> set[str]:
        """The texts that are in it."""
        return {text for needle, text in self.needles.items() if needle in data}

    def leaks(self, folder: Path) -> dict[str, set[str]]:
        """What is found in each file below a folder, and in its name."""
        found = {}
        for path, _, names in os.walk(folder):
            for name in names:
                file = Path(path) / name
                data = os.fsencode(name) + b"\n" + (file.read_bytes() if file.is_file() else b"")
                if leaked := self.found_in(data):
                    found[str(file)] = leaked
        return found
