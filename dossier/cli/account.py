"""`dossier account …`: client companies."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import AccountRef, Cascade
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.text import one_line
from dossier.domain.vocabulary import AccountStatus, Tier
from dossier.services import accounts
from dossier.store.catalog import Account

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("name", "name"),
    Column("tier", "tier", "word"),
    Column("status", "status", "word"),
    Column("cadence", "cadence_days", "word"),
    Column("last contact", "last_contact_on", "word"),
    Column("days", "days_since_contact", "word"),
    Column("open", "open_promises", "word"),
    Column("late", "overdue_promises", "word"),
)

_SHOWN = tuple(one._replace(heading="days ago") if one.heading == "days" else one for one in COLUMNS)
"""For people, who see the heading without the one before it where there is little room."""

_OPTIONS = (
    FieldOption("tier", "How much it matters; sets the cadence."),
    FieldOption("cadence_days", "The longest it may go without contact, in days.", "cadence"),
    FieldOption("status", "Whether we work with it."),
    FieldOption("aliases", "Another name it goes by (repeat).", "alias"),
    FieldOption("tags", "A tag (repeat).", "tag"),
    FieldOption("mails", "A mail address of the company (repeat).", "mail"),
    FieldOption("phones", "A phone number of the company (repeat).", "phone"),
    FieldOption("industry", "Its industry."),
    FieldOption("country", "Its country."),
    FieldOption("language", "The language we write to it in."),
    FieldOption("website", "Its website."),
    FieldOption("address", "Its postal address."),
    FieldOption("industry_position", "Its place in its industry."),
    FieldOption("influence", "Whom it influences, and who influences it."),
    FieldOption("business_model", "How it earns its money."),
    FieldOption("financial_strength", "How strong it is."),
    FieldOption("credit", "Its credit and reputation."),
    FieldOption("willingness", "How willing it is to work with us."),
    FieldOption("demand", "What it needs and how much."),
    FieldOption("strengths", "What it is good at."),
    FieldOption("weak_points", "Where it is weak."),
    FieldOption("growth_areas", "Where it may grow."),
    FieldOption("market", "Its market and surroundings."),
    FieldOption("note", "Anything else."),
)
_RENAME = FieldOption("name", "A new name.")


@app.command(
    cls=takes_fields(Account, _OPTIONS),
    epilog=examples(
        'account add "Hanoi Optics" --tier key --country VN --alias HO',
        'account add "Café Zürich" --cadence 45 --note "met at the spring fair"',
    ),
)
def add(context: typer.Context, name: Annotated[str, typer.Argument(help="The company's name.")]) -> None:
    """Add a client company."""
    run = invocation(context)
    shape = accounts.add(run.unlocked(), name, run.changes)
    run.out.written(shape, COLUMNS, f"Added account {_described(shape)}.")


@app.command("list", epilog=examples("account list --tier key", "account list --format json"))
def list_(
    context: typer.Context,
    tier: Annotated[Tier | None, typer.Option(help="Only this tier.")] = None,
    status: Annotated[AccountStatus | None, typer.Option(help="Only this status.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only with this tag.")] = None,
) -> None:
    """List accounts by name, with last contact and promises."""
    run = invocation(context)
    found = accounts.listed(run.vault(), tier=tier, status=status, tag=tag)
    run.out.items(found, COLUMNS, shown=_SHOWN, empty="No such accounts. Add one: dossier account add NAME")


@app.command(epilog=examples("account show 1"))
def show(context: typer.Context, ref: AccountRef) -> None:
    """Show everything known about an account."""
    from dossier.cli.show import show_account

    show_account(invocation(context), ref)


@app.command(
    cls=takes_fields(Account, (_RENAME, *_OPTIONS)),
    epilog=examples(
        "account edit 1 --tier strategic", 'account edit hanoi --note "" --alias ""   # clears them'
    ),
)
def edit(context: typer.Context, ref: AccountRef) -> None:
    """Change an account; an empty text clears a field."""
    run = invocation(context)
    shape = accounts.edit(run.unlocked(), ref, run.changes)
    run.out.written(shape, COLUMNS, f"Changed account {_described(shape)}.")


@app.command(epilog=examples("account rm 1 --cascade"))
def rm(context: typer.Context, ref: AccountRef, cascade: Cascade = False) -> None:
    """Remove an account; refused while something refers to it."""
    run = invocation(context)
    run.out.done(accounts.rm(run.unlocked(), ref, cascade=cascade))


def _described(shape: Shape) -> str:
    return f"{shape['id']}: {one_line(shape['name'])} ({shape['tier']})"
