"""Everything that can still be read of a damaged vault, in a new one: nothing comes back that is not proven.

The damaged file is only read, by `store/pages.py`, which needs neither SQLite nor a whole tree. A row counts if the
seal of one of the tables fits it, so nothing that somebody else wrote comes along, and if its envelopes open. Of
several copies the journal says which one was the last, else it is the one written most often; what the journal says was
removed stays so. Rows are taken as they are, with their ids, uids and seals. Besides:

- A record whose row is hurt, or an older copy, is made anew where the journal still says what it held: what it was when
  it was added, and each change since.
- What others refer to and nothing tells of is made anew under its id, by a name that says so: `(lost account 12)`.
- A file of which some chunks are hurt keeps the others, with zeros for what is missing, and a name that says so.
- Calendar, last contacts, counters and manifest are made from what is there.

An entry `vault salvage` ends the journal. It says of every record that is not as the entries before it tell, and of
every entry that is lost, that it was taken as it stands now, so that `vault check` goes on from there.
"""

from __future__ import annotations

from dossier.store.salvage.filling import Rescued, fill
from dossier.store.salvage.found import Finding, Found
from dossier.store.salvage.heads import Head, heads_in, images_of, newest_manifest

__all__ = ["Finding", "Found", "Head", "Rescued", "fill", "heads_in", "images_of", "newest_manifest"]
