"""Prints a vault's records as JSON: `python -m tests.reader VAULT --passphrase-fd N`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from tests.reader import keys
from tests.reader.reader import open_vault


def main() -> None:
    """Open, verify and print; a refusal ends with 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.reader", description=__doc__)
    parser.add_argument("vault", type=Path)
    opened_by = parser.add_mutually_exclusive_group(required=True)
    opened_by.add_argument("--passphrase-fd", type=int)
    opened_by.add_argument("--recovery-fd", type=int)
    opened_by.add_argument("--key-file", type=Path)
    given = parser.parse_args()
    try:
        if given.key_file is not None:
            secret = keys.key_file(given.key_file)
        elif given.passphrase_fd is not None:
            secret = keys.passphrase(_line(given.passphrase_fd))
        else:
            secret = keys.recovery_code(_line(given.recovery_fd))
        vault = open_vault(given.vault, secret)
    except (keys.Refused, keys.Locked, keys.NoSecret) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    shown = {"schema": vault.schema, "scope": vault.scope, "said": vault.said, **vault.records}
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")


def _line(descriptor: int) -> str:
    with os.fdopen(descriptor, encoding="utf-8", newline="") as file:
        return file.readline().removesuffix("\n").removesuffix("\r")


if __name__ == "__main__":
    main()
