"""`dossier import …`: people from the address books that one has."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from dossier.cli.arguments import complete_accounts
from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape
from dossier.cli.progress import Progress
from dossier.domain.text import count_of
from dossier.domain.vocabulary import Tier
from dossier.errors import Failed, Usage
from dossier.services import importing
from dossier.services.importing import Options

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("rows", "rows"),
    Column("created", "created"),
    Column("merged", "merged"),
    Column("skipped", "skipped"),
    Column("rejected", "rejected"),
    Column("accounts", "accounts_created"),
)

File = Annotated[str, typer.Argument(metavar="FILE", help="The file to read; - is stdin.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do everything but write: print the receipt, change nothing.")
]
Encoding = Annotated[
    str | None,
    typer.Option(metavar="E", help="What the text is in if not UTF-8: cp1251, cp1258, gb18030, cp1252 …"),
]
IntoAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="ACCOUNT",
        help="Put everybody here, whatever organisation the file names.",
        autocompletion=complete_accounts,
    ),
]
NoBackup = Annotated[
    bool, typer.Option("--no-backup", help="Do not copy the vault into its backups folder before.")
]
NewTier = Annotated[
    Tier | None, typer.Option("--tier", help="The tier of accounts that are made; standard unless told.")
]

_RULES = """

Organisations become accounts, unless there is one of that name or alias. Whoever is known already (the same name at
the account, or the same mail) gets what the file knows beyond us; nothing is overwritten, and the same file twice
creates nothing. People without an organisation need --account. One dossier undo takes it all back, and a copy of the
vault as it was before goes to its backups folder: dossier vault backups.

Exit code 0 even if some rows were rejected, each of them named on stderr; 1 if all of them were.
"""


@app.command(
    help="Take in the people of a vCard file (.vcf)." + _RULES,
    epilog=examples(
        "import vcard contacts.vcf --dry-run",
        "import vcard contacts.vcf --tier prospect",
        "import vcard contacts.vcf --account hanoi   # all of them into one account",
    ),
)
def vcard(
    context: typer.Context,
    file: File,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    account: IntoAccount = None,
    tier: NewTier = None,
    no_backup: NoBackup = False,
) -> None:
    """Take in the people of a vCard file."""
    run = invocation(context)
    data = _read(run, file)
    receipt = importing.vcard(
        run.unlocked(),
        data,
        Options(account, tier, dry_run, not no_backup),
        encoding=encoding,
        progress=partial(Progress, run.environment),
    )
    _report(run, receipt, "card", dry_run)


@app.command(
    help="Take in the people of a CSV file: plain, or of Google Contacts or Outlook." + _RULES,
    epilog=examples(
        "import csv leads.csv --dry-run",
        "import csv leads.csv --tier prospect",
        "import csv leads.csv --encoding cp1251 --day-first",
    ),
)
def csv(
    context: typer.Context,
    file: File,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    day_first: Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first",
            help="How birthdays such as 03/04/1980 are meant; as the setting date_order says unless told.",
        ),
    ] = None,
    account: IntoAccount = None,
    tier: NewTier = None,
    no_backup: NoBackup = False,
) -> None:
    """Take in the people of a CSV file."""
    run = invocation(context)
    data = _read(run, file)
    receipt = importing.csv(
        run.unlocked(),
        data,
        Options(account, tier, dry_run, not no_backup),
        encoding=encoding,
        day_first=day_first,
        progress=partial(Progress, run.environment),
    )
    _report(run, receipt, "line", dry_run)


def _read(run: Invocation, file: str) -> bytes:
    if file != "-":
        return importing.read_file(file)
    if run.environment.stdin is None:
        raise Usage("there is no stdin to read the file from")
    return importing.within_limit(run.environment.stdin.buffer.read(importing.LARGEST_FILE + 1))


def _report(run: Invocation, receipt: Shape, row: str, dry_run: bool) -> None:
    """The receipt on stdout, what there is to say of single rows on stderr; Failed if every row was rejected."""
    if run.out.format != "json":
        for problem in receipt["problems"]:
            rejected = " rejected" if problem["rejected"] else ""
            run.tell(f"{row} {problem['row']}{rejected}: {problem['reason']}")
    run.out.written(receipt, COLUMNS, _sentence(receipt, row, dry_run))
    if receipt["backup"]:
        run.advise(f"As it was before, the vault is kept in {receipt['backup']}")
    if receipt["rejected"] == receipt["rows"] > 0:
        raise Failed(
            "every row was rejected; nothing was changed", "put right what is said above, and import again"
        )


def _sentence(receipt: Shape, row: str, dry_run: bool) -> str:
    counted = ", ".join(f"{receipt[name]} {name}" for name in ("created", "merged", "skipped", "rejected"))
    said = f"{count_of(receipt['rows'], 'card' if row == 'card' else 'row')}: {counted}."
    if receipt["accounts_created"]:
        said += f" {count_of(receipt['accounts_created'], 'account')} created."
    if dry_run:
        return f"{said}\nNothing was written: this was a dry run."
    if receipt["created"] or receipt["merged"]:
        return f"{said}\nTo take it back: dossier undo"
    return said
