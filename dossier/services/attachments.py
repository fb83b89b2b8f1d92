"""Attachments: files kept in the vault, encrypted, each of an account, one of its people or an interaction (B1, C1)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from dossier.domain.faults import RuleBroken
from dossier.domain.file_names import safe_name
from dossier.domain.text import count_of, one_line
from dossier.errors import Refused, Usage
from dossier.services import about, edits, files, refs, shapes_work
from dossier.services.about import Links
from dossier.services.edits import Changes
from dossier.services.files import Progress, Reading, no_progress
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store import chunks
from dossier.store.catalog import Attachment, Interaction
from dossier.store.create import cannot_write, sync_folder, taken
from dossier.store.gate import Transaction
from dossier.store.new_file import appearing
from dossier.store.where import among
from dossier.vault import stream
from dossier.vault.stream import StreamKey

_NAMED = 5
"""Files that the history names of those added at once."""


def add(
    session: Session,
    ref: str,
    paths: Sequence[str],
    *,
    interaction: int | None = None,
    name: str | None = None,
    progress: Callable[[], Progress] = lambda: no_progress,
) -> list[Shape]:
    """Keep files in the vault, all of them or none, as attachments of an account, a person, perhaps an interaction.

    `name` is another name for the one file that there is then; `progress` makes what is told of each file. Raises what
    `files.look_at` and reading raise, Usage for one name for several files, RuleBroken if the interaction is another
    account's.
    """
    session.need_keys()
    if name is not None and len(paths) != 1:
        raise Usage(f"one name cannot be that of {count_of(len(paths), 'file')}", "add them one by one")
    check(session, paths)
    with session.change("attachment add") as transaction:
        whom = refs.account_or_person(session, ref)
        links = about.links(whom)
        if interaction is not None:
            talk = transaction.get(Interaction, interaction)
            if talk.account_id != links["account_id"]:
                raise RuleBroken(
                    f"interaction {interaction} is with another account",
                    "look with: dossier interaction list",
                )
        records = [
            store(session, transaction, path, links, interaction, name=name, progress=progress())
            for path in paths
        ]
        summary = count_of(len(records), "attachment") if len(records) > 1 else f"attachment {records[0].id}"
        names = ", ".join(one_line(record.name or "") for record in records[:_NAMED])
        more = ", …" if len(records) > _NAMED else ""
        transaction.summary = f"added {summary} {about.whom_of(session, records[0])}: {names}{more}"
    return with_names(session, records)


def check(session: Session, paths: Sequence[str]) -> None:
    """Raise for the first of some files that cannot be kept, before anything is asked or written."""
    for path in paths:
        files.look_at(path, session.path)


def store(
    session: Session,
    transaction: Transaction,
    path: str,
    links: Links,
    interaction: int | None,
    *,
    name: str | None = None,
    progress: Progress = no_progress,
) -> Attachment:
    """Keep one file, inside a larger change: read, encrypted and written a chunk at a time."""
    reading = Reading(path, progress)
    key, uid = StreamKey.new(), os.urandom(16)
    number = transaction.next_id(Attachment)
    encrypted = stream.encrypt(key, stream.place(session.keys, uid), reading.pieces())
    count = chunks.write(session.database, number, encrypted)
    record = Attachment(
        **links,
        interaction_id=interaction,
        added_on=session.today.isoformat(),
        name=name or reading.name,
        size=reading.size,
        chunks=count,
        key=key.hex(),
        digest=reading.digest,
    )
    return transaction.insert(record, as_id=number, uid=uid)


def listed(session: Session, *, ref: str | None = None) -> list[Shape]:
    """Attachments by account, the newest last; of an account with its people, or of a person, if one is named."""
    whom = refs.account_or_person(session, ref) if ref is not None else None
    return with_names(session, session.reader.find(Attachment, about.condition(whom), order="account_id, id"))


def get(session: Session, number: int) -> Shape:
    """One attachment; NotFound if there is none of that number."""
    return with_names(session, [session.reader.get(Attachment, number)])[0]


def with_names(session: Session, records: Sequence[Attachment]) -> list[Shape]:
    """The shapes of some attachments, with the names of whom they are about."""
    accounts, people = about.names(session, records)
    return [shapes_work.attachment(record, accounts, people, session.locked) for record in records]


def of_interactions(session: Session, interaction_ids: Sequence[int]) -> dict[int, list[Shape]]:
    """The attachments of each of some interactions, in the order in which they were added."""
    records = (
        session.reader.find(Attachment, among("interaction_id", interaction_ids)) if interaction_ids else []
    )
    found: dict[int, list[Shape]] = {}
    for record, shape in zip(records, with_names(session, records), strict=True):
        found.setdefault(record.interaction_id or 0, []).append(shape)
    return found


def edit(session: Session, number: int, changes: Changes) -> Shape:
    """Change an attachment's name; its bytes are what they were."""
    values = edits.values(session, Attachment, changes)
    with session.change("attachment edit") as transaction:
        record = transaction.update(transaction.get(Attachment, number), **values)
        transaction.summary = f"{about.summary(session, 'edited', record)}: {one_line(record.name or '')}"
    return get(session, number)


def rm(session: Session, number: int) -> str:
    """Remove an attachment; says what was done.

    Its encrypted bytes stay for `undo` until the history that tells of it is forgotten.
    """
    session.need_keys()
    record = session.reader.get(Attachment, number)
    label = f"{about.whom_of(session, record)}: {one_line(record.name or '')}"
    return edits.rm(session, record, label, cascade=False)


def content(session: Session, number: int, progress: Progress = no_progress) -> Iterator[bytes]:
    """The bytes of an attachment, in pieces, each of them authentic.

    Raises Locked, NotFound, and Damaged, in the end at the latest, if it is not the whole file that was stored.
    """
    session.need_keys()
    record = session.reader.get(Attachment, number)
    done, total = 0, record.size or 0
    for piece in chunks.content(session.database, session.keys, record):
        done += len(piece)
        yield piece
        progress(done, total)
    progress(total, total)


def export(
    session: Session, number: int, target: str | None = None, progress: Progress = no_progress
) -> Shape:
    """Write an attachment to a new file (0600), or into a folder under its own name; its shape with `file`, the path.

    The file appears once all of it was written and proved to be what was stored. Raises Refused if something is there,
    be it a link; Unavailable if it cannot be written; Locked, NotFound, Damaged.
    """
    session.need_keys()
    shape = get(session, number)
    folder = "." if target is None else target
    into_folder = os.path.isdir(folder)
    path = os.path.join(folder, safe_name(shape["name"])) if into_folder else folder
    try:
        if os.path.lexists(path):
            raise FileExistsError
        with appearing(path) as descriptor:
            _write(descriptor, content(session, number, progress))
            os.fsync(descriptor)
        sync_folder(path)
    except FileExistsError:
        if into_folder:  # its own name is a secret, and a message may end up anywhere
            raise Refused(
                f"something in {one_line(folder)} has the name of attachment {number} already",
                f"choose another: dossier attachment export {number} FILE",
            ) from None
        raise taken(one_line(path)) from None
    except OSError as error:
        raise cannot_write(one_line(folder), error) from None
    return {**shape, "file": os.path.normpath(path)}


def _write(descriptor: int, pieces: Iterator[bytes]) -> None:
    with open(descriptor, "wb", buffering=0, closefd=False) as file:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[file.write(view) :]
