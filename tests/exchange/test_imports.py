from __future__ import annotations

import subprocess
import sys

MODULES = ("contact", "birthday", "csv_headers", "csv_contacts", "vcard", "json_out")
HEAVY = {"vobject", "csv", "dateutil", "pydantic", "sqlalchemy", "sqlmodel", "rich", "dataclasses", "inspect"}


def test_reading_and_writing_modules_are_cheap_to_import() -> None:
    imports = "; ".join(f"import dossier.exchange.{module}" for module in MODULES)
    program = f"import sys; {imports}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not HEAVY & set(loaded)
