"""The walk over a whole vault that proves it sound: every page, record and reference, and that nothing is missing.

A vault that was changed behind our back is reported record by record. What the walk compares with:

- SQLite's own check of pages, indexes and constraints, and the SQL that `dossier` made the vault with;
- each record's seal, and each envelope, which must open in its place;
- the manifest, recounted from the records that are there; when it does not add up, the journal names the culprits:
  it says which records there must be, and how often each was written;
- the calendar and the last contacts, made anew from the records; the journal's numbers, which have no gaps but those
  that a person accepted (`dossier.store.acceptance`).
"""

from __future__ import annotations

from dossier.store.check.report import Problem, Progress, Report, Way
from dossier.store.check.walk import check_vault

__all__ = ["Problem", "Progress", "Report", "Way", "check_vault"]
