"""Getting everything readable out of a damaged vault, into a new one beside it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from shlex import quote

from dossier.errors import Damaged
from dossier.services import memory, slots
from dossier.services.reheading import A_NEW_FILE
from dossier.services.safekeeping import Restoring, refuse_unsound
from dossier.services.salvaged_header import Chosen, choose
from dossier.services.shapes import Shape
from dossier.services.vaults import refuse_if_taken
from dossier.store.backups import listed
from dossier.store.check import Progress, check_vault
from dossier.store.check.report import opens_by
from dossier.store.create import cannot_write, lay_out, sync_folder, taken, unfinished
from dossier.store.database import SQLITE_ERRORS, Database, connect, fault_of
from dossier.store.pages import Image
from dossier.store.rows import Rows
from dossier.store.salvage import Found, Rescued, fill, heads_in, images_of, newest_manifest
from dossier.vault.header import Header
from dossier.vault.seals import Manifest


class Watching:
    """Who is told how far a salvage is, in each of its three parts."""

    def __init__(self, looking: Progress, writing: Progress, checking: Progress) -> None:
        self.looking = looking
        self.writing = writing
        self.checking = checking


def salvage(target: str, source: Restoring, header_from: str | None, watching: Watching) -> Shape:
    """Write all that can be read of the damaged vault at `source.path` into a new vault at `target`.

    The damaged file is only read, and what lies beside it is not touched. It opens by its own passphrase or key file,
    whatever the agent holds (`salvaged_header`); where its header is lost, `header_from` names a vault or backup with
    the same keys to take it from. The new vault is checked before it appears. The shape::

        {path, from, slots: [slot], newest_header, rescued: {noun: n}, rebuilt: [{noun, id, uid}],
         placeholders: [{noun, id, uid}], outdated: [{noun, id, uid}], lost: [{noun, id, uid}],
         attachments_incomplete: [{id, name, chunks, missing}]}

    `slots` are what opens the new vault, as `dossier vault slots list` gives them, and `newest_header` is whether that
    is known to be the newest header there was: by the manifest, or because this machine saw it last.

    `rescued` counts rows that came over as they were, changes of the journal among them. `rebuilt` are records made
    anew from the journal, `placeholders` what stands for lost ones that others refer to, `outdated` those that came
    over as copies older than the journal tells of. Of what is `lost`, noun and uid are null where nothing says them.

    Raises Refused if something is at `target`, Unavailable for a file that cannot be read or written, Locked, Damaged
    if there is no header or nothing can be proven. So it does for a header that is not known to be the newest, unless
    `header_from` names it: what opened the vault before would open the new one.
    """
    refuse_if_taken(target, A_NEW_FILE)
    with ExitStack() as files:
        images = [files.enter_context(image) for image in images_of(source.path)]
        chosen, old, found = _look(images, source, header_from, watching.looking)
        try:
            with unfinished(target) as file:
                rescued = _fill(file, chosen, old, found, source, watching)
                os.link(file, target)
            sync_folder(target)
        except FileExistsError:
            raise taken(target, A_NEW_FILE) from None
        except OSError as error:
            raise cannot_write(target, error) from None
    return {
        "path": target,
        "from": source.path,
        "slots": [slots.shape(slot) for slot in Header.parse(chosen.header).slots],
        "newest_header": chosen.known,
        "rescued": rescued.counts,
        "rebuilt": [finding._asdict() for finding in rescued.rebuilt],
        "placeholders": [finding._asdict() for finding in rescued.placeholders],
        "outdated": [finding._asdict() for finding in rescued.outdated],
        "lost": [finding._asdict() for finding in rescued.lost],
        "attachments_incomplete": [one._asdict() for one in rescued.incomplete],
    }


def _no_header(path: str) -> Damaged:
    backups = listed(path)
    backup = quote(backups[0].path) if backups else "BACKUP"
    return Damaged(
        f"there is no header of a vault in {path}, without which nothing opens",
        "take it from a backup of the same vault: "
        f"dossier vault salvage NEW.dossier --from {quote(path)} --header-from {backup}",
    )


def _look(
    images: list[Image], source: Restoring, header_from: str | None, looking: Progress
) -> tuple[Chosen, Manifest | None, Found]:
    """The header to take, the newest manifest of its keys, and all that its keys prove."""
    heads = [head for image in images for head in heads_in(image)]
    named = heads
    if header_from is not None:
        with Image(header_from) as other:
            named = heads_in(other)
        if not named:
            raise Damaged(
                f"there is no header of a vault in {header_from}", "name another backup of this vault"
            )
    if not named:
        raise _no_header(source.path)
    for chosen in choose(named, source):
        found = Found(images, Rows(chosen.keys))
        found.look(looking)
        if found.kept:
            if header_from is None and not chosen.known:
                raise _may_be_older(source.path, chosen.header)
            return chosen, newest_manifest(heads, found.rows), found
    raise Damaged(
        f"nothing in {source.path} can be proven with these keys",
        "name a backup from about the same time: "
        f"dossier vault salvage NEW.dossier --from {quote(source.path)} --header-from BACKUP",
    )


def _may_be_older(path: str, header: bytes) -> Damaged:
    return Damaged(
        f"the header in {path} that this opens may be an older one: {opens_by(header)}",
        f"take it from a backup: dossier vault salvage NEW.dossier --from {quote(path)} --header-from BACKUP; "
        f"or, if it is meant: --header-from {quote(path)}",
    )


def _fill(
    file: str, chosen: Chosen, old: Manifest | None, found: Found, source: Restoring, watching: Watching
) -> Rescued:
    """Fill an empty file and check it."""
    _lay_out(file, chosen.header)
    seen = memory.recall(chosen.keys.vault_id).seen
    generation, today = seen.generation if seen else 0, source.today.isoformat()
    with Database(file) as database:
        with database.transaction():
            rescued = fill(database, found, chosen.header, old, today, generation, watching.writing)
        report = check_vault(database, found.rows, watching.checking)
    refuse_unsound(report, "what was salvaged", "nothing was written; keep the damaged file and report this")
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
