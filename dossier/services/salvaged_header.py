"""Which of the headers in a damaged file opens what is salvaged: whoever can write the file can put others there.

So the agent's keys do not count, which open no header. Every one is tried with the secret that the person has; of those
that it opens, and whose keys prove records, the one counts that the newest manifest knows, or that this machine saw
last. Any other may be an older one: what opened the vault at its time, a passphrase or a key file that was given up
since, would open what is salvaged. That is for the person to decide, who names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dossier.errors import Damaged, Locked, Unavailable
from dossier.services import memory
from dossier.services.memory import Seen
from dossier.services.newest import is_seen
from dossier.services.passphrases import obtain, with_three_tries
from dossier.services.safekeeping import Restoring
from dossier.store.rows import Rows
from dossier.store.salvage import Head, newest_manifest
from dossier.vault.header import Header, find_key_file, open_with_key_file, open_with_passphrase
from dossier.vault.keys import Keys
from dossier.vault.rotation import needs_passphrase

QUESTION = "Passphrase of the damaged vault: "

_MOST = 16
"""Headers that are tried with a passphrase: each costs what a wrong one costs, and a file may be full of them."""


class Chosen(NamedTuple):
    """A header that was opened, and its keys."""

    header: bytes
    keys: Keys
    known: bool
    """Whether the newest manifest knows it, or this machine saw it last."""

    def __repr__(self) -> str:
        return "Chosen(…)"


def choose(heads: Sequence[Head], source: Restoring) -> list[Chosen]:
    """The headers that may be meant, one for each root, the known ones first.

    Raises Locked where there is nothing to open one with or it opens none, Damaged for one that is not authentic.
    """
    headers = list(dict.fromkeys(head.header for head in heads))
    headers.sort(key=lambda header: not is_seen(_seen(header), header))  # the likeliest first
    roots: dict[bytes | None, list[tuple[bytes, Keys]]] = {}
    for header, keys in _by_key_file(headers, source) or _by_passphrase(headers, source):
        roots.setdefault(keys.seal, []).append((header, keys))
    chosen = [_newest(opened, heads) for opened in roots.values()]
    return sorted(chosen, key=lambda one: not one.known)


def _newest(opened: Sequence[tuple[bytes, Keys]], heads: Iterable[Head]) -> Chosen:
    """Of the headers of one root the newest that is known, else the newest."""
    keys = opened[0][1]
    headers = [header for header, _ in opened]
    seen = memory.recall(keys.vault_id).seen
    manifest = newest_manifest(heads, Rows(keys))
    in_file = (keys.key_id, manifest.generation) if manifest else (0, 0)
    here = (seen.key_id, seen.generation) if seen else (0, 0)
    for header in headers:
        by_manifest = manifest is not None and manifest.knows_header(header) and in_file >= here
        if by_manifest or (is_seen(seen, header) and here >= in_file):
            return Chosen(header, keys, known=True)
    return Chosen(max(headers, key=lambda header: Header.parse(header).next_slot_id()), keys, known=False)


def _by_key_file(headers: Sequence[bytes], source: Restoring) -> list[tuple[bytes, Keys]]:
    """What the settings' key file opens wholly; one that cannot be read only ends it if the command line named it."""
    path = source.config["key_file"]
    if not path:
        return []
    from dossier.vault import key_file

    named = source.config.origins["key_file"] == "flag"
    try:
        file = key_file.read(path)
    except Unavailable:
        if named:
            raise
        return []
    opened = []
    for header in headers:
        if not file.agenda_only and find_key_file(header, *file) is not None:
            with open_with_key_file(header, file.secret) as opening:
                opened.append((header, opening.keys))
    if named and not opened:
        raise Locked(
            f"the key file {path} does not open all of this vault", "leave it out, and type the passphrase"
        )
    return opened


def _by_passphrase(headers: Sequence[bytes], source: Restoring) -> list[tuple[bytes, Keys]]:
    """What the passphrase opens; whoever types it has three tries."""
    tried = [header for header in headers if needs_passphrase(header)][:_MOST]
    if not tried:
        raise Locked("the vault has no passphrase", "give a key file that opens all of it: --key-file FILE")

    def ask(question: str) -> tuple[str, bool]:
        return obtain(
            source.config["passphrase_command"],
            source.unlocking,
            question=question,
            what="the passphrase of the damaged vault",
        )

    opened, _ = with_three_tries(ask, lambda passphrase: _opened(tried, passphrase), QUESTION)
    return opened


def _opened(headers: Sequence[bytes], passphrase: str) -> list[tuple[bytes, Keys]]:
    """What a passphrase opens; Locked if that is nothing, Damaged if one that it fits is not authentic."""
    opened = []
    fault: Damaged | Locked = Locked(
        "wrong passphrase", "try again; it is the one that the vault had at that time"
    )
    for header in headers:
        try:
            with open_with_passphrase(header, passphrase) as opening:
                opened.append((header, opening.keys))
        except Locked:
            pass
        except Damaged as found:
            fault = found
    if not opened:
        raise fault
    return opened


def _seen(header: bytes) -> Seen | None:
    return memory.recall(Header.parse(header).vault_id).seen
