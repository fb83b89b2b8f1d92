"""Getting everything readable out of a damaged vault, into a new one beside it."""

from __future__ import annotations

import os
from contextlib import ExitStack

from dossier.errors import Damaged
from dossier.services import memory
from dossier.services.reheading import A_NEW_FILE
from dossier.services.safekeeping import Restoring, refuse_unsound
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.services.vaults import refuse_if_taken
from dossier.store.backups import listed
from dossier.store.check import Progress, check_vault
from dossier.store.create import cannot_write, lay_out, sync_folder, taken, unfinished
from dossier.store.database import SQLITE_ERRORS, connect, fault_of
from dossier.store.pages import Image
from dossier.store.salvage import Found, Head, Rescued, fill, heads_in, images_of, manifest_after

QUESTION = "Passphrase of the damaged vault: "


class Watching:
    """Who is told how far a salvage is, in each of its three parts."""

    def __init__(self, looking: Progress, writing: Progress, checking: Progress) -> None:
        self.looking = looking
        self.writing = writing
        self.checking = checking


def salvage(target: str, source: Restoring, header_from: str | None, watching: Watching) -> Shape:
    """Write all that can be read of the damaged vault at `source.path` into a new vault at `target`.

    The damaged file is only read, and what lies beside it is not touched. It opens by its own passphrase; where its
    header is lost, `header_from` names a vault or backup with the same keys to take it from. The new vault is checked
    before it appears. The shape::

        {path, from, rescued: {noun: n}, rebuilt: [{noun, id, uid}], placeholders: [{noun, id, uid}],
         outdated: [{noun, id, uid}], lost: [{noun, id, uid}],
         attachments_incomplete: [{id, name, chunks, missing}]}

    `rescued` counts rows that came over as they were, changes of the journal among them. `rebuilt` are records made
    anew from the journal, `placeholders` what stands for lost ones that others refer to, `outdated` those that came
    over as copies older than the journal tells of. Of what is `lost`, noun and uid are null where nothing says them.

    Raises Refused if something is at `target`, Unavailable for a file that cannot be read or written, Locked, Damaged
    if there is no header or nothing can be proven. So it does for a header that is not the one written last, unless
    `header_from` names it: a passphrase that was replaced would open the new vault.
    """
    refuse_if_taken(target, A_NEW_FILE)
    with ExitStack() as files:
        images = [files.enter_context(image) for image in images_of(source.path)]
        head = _head(images, source.path, header_from)
        try:
            with unfinished(target) as file:
                rescued = _fill(file, images, head, source, header_from, watching)
                os.link(file, target)
            sync_folder(target)
        except FileExistsError:
            raise taken(target, A_NEW_FILE) from None
        except OSError as error:
            raise cannot_write(target, error) from None
    return {
        "path": target,
        "from": source.path,
        "rescued": rescued.counts,
        "rebuilt": [finding._asdict() for finding in rescued.rebuilt],
        "placeholders": [finding._asdict() for finding in rescued.placeholders],
        "outdated": [finding._asdict() for finding in rescued.outdated],
        "lost": [finding._asdict() for finding in rescued.lost],
        "attachments_incomplete": [one._asdict() for one in rescued.incomplete],
    }


def _head(images: list[Image], path: str, header_from: str | None) -> Head:
    """The header of the damaged file, or that of another one if such is named."""
    if header_from is not None:
        with Image(header_from) as other:
            found = heads_in(other)
        if not found:
            raise Damaged(
                f"there is no header of a vault in {header_from}", "name another backup of this vault"
            )
        there = {head.header: head for image in images for head in heads_in(image)}
        return there.get(found[0].header, Head(found[0].header, b""))
    for image in images:
        if found := heads_in(image):
            return found[0]
    backups = listed(path)
    backup = backups[0].path if backups else "BACKUP"
    raise Damaged(
        f"there is no header of a vault in {path}, without which nothing opens",
        f"take it from a backup of the same vault: dossier vault salvage FILE --header-from {backup}",
    )


def _fill(
    file: str,
    images: list[Image],
    head: Head,
    source: Restoring,
    header_from: str | None,
    watching: Watching,
) -> Rescued:
    """Fill an empty file and check it."""
    _lay_out(file, head.header)
    with Session(file, source.today, source.config, source.unlocking, passing=True) as session:
        session.unlock(QUESTION)
        manifest = manifest_after(head, session.rows)
        if header_from is None and manifest is not None and not manifest.knows_header(head.header):
            raise Damaged(
                f"the header of {source.path} is an older one: what opened the vault before would open it again",
                f"take it from a backup: --header-from BACKUP; or, if it is meant: --header-from {source.path}",
            )
        found = Found(images, session.rows)
        found.look(watching.looking)
        if not found.kept:
            raise Damaged(
                f"nothing in {source.path} can be proven with these keys",
                "name a backup from about the same time: --header-from BACKUP",
            )
        seen = memory.recall(session.vault_id).seen
        generation, today = seen.generation if seen else 0, source.today.isoformat()
        with session.database.transaction():
            rescued = fill(session.database, found, head, today, generation, watching.writing)
        report = check_vault(session.database, session.rows, watching.checking)
        refuse_unsound(
            report, "what was salvaged", "nothing was written; keep the damaged file and report this"
        )
    return rescued


def _lay_out(file: str, header: bytes) -> None:
    """Make the file a vault with a header and nothing else."""
    connection = connect(file)
    try:
        connection.execute(
            "PRAGMA journal_mode = MEMORY"
        )  # an unfinished file is thrown away, not rolled back
        connection.execute("BEGIN")
        lay_out(connection)
        connection.execute("INSERT INTO vault VALUES (1, ?, x'')", (header,))
        connection.execute("COMMIT")
    except SQLITE_ERRORS as error:
        raise fault_of(error, file) from None
    finally:
        connection.close()
