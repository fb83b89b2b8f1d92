"""A record as it is stored, for whoever edits it: no value derived, none of it in words."""

from __future__ import annotations

from dossier.services import reporting
from dossier.services.session import Session
from dossier.services.shapes import Shape
from dossier.store.catalog import RECORDS, Interaction, Participant, Person
from dossier.store.where import equal

_KINDS = {kind.table.name: kind for kind in RECORDS}


def stored(session: Session, noun: str, number: int) -> Shape:
    """`{id, …}` with every field of a record by its name, null where nothing is set.

    An interaction has `participants`, the ids of who took part; a person's `reports_to` is an id of the same account,
    or null. NotFound if there is no such record, Locked without all keys: an editor of what it cannot see would empty
    it.
    """
    session.need_keys()
    record = session.reader.get(_KINDS[noun], number)
    shape = {"id": record.id} | {field.name: value for field, value in record.values()}
    if isinstance(record, Person):
        above = reporting.superiors(session, [record]).get(record.id)
        shape["reports_to"] = above.id if above else None
    if isinstance(record, Interaction):
        took_part = session.reader.find(Participant, equal(interaction_id=number))
        shape["participants"] = [one.person_id for one in took_part]
    return shape
