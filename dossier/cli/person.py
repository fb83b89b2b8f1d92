"""`dossier person …`: people at an account (A2, A3)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.cli.arguments import Cascade, PersonRef, complete_accounts, complete_people
from dossier.cli.cells import secret
from dossier.cli.fields import FieldOption, examples, takes_fields
from dossier.cli.invocation import invocation
from dossier.cli.output import Column, Shape
from dossier.domain.text import joined, one_line
from dossier.domain.vocabulary import Role
from dossier.services import occasions, people
from dossier.store.catalog import Person

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "word"),
    Column("name", "name"),
    Column("account", "account"),
    Column("position", "position"),
    Column("role", "role", "word"),
    Column("birthday", "birthday", "word"),
    Column("address as", "address_as"),
    Column("department", "department"),
    Column("mails", "mails"),
    Column("phones", "phones"),
    Column("tags", "tags"),
    Column("reports to", "reports_to"),
)
SHOWN = (
    Column("id", "id", "word"),
    Column("name", "name"),
    Column("account", "account"),
    Column("position, role", lambda shape: joined(shape["position"], shape["role"], by=", ")),
    Column("birthday", secret("birthday"), "word"),
)
"""The columns for people, who see the rest with `show`."""

_OPTIONS = (
    FieldOption("position", "Their position."),
    FieldOption("department", "Their department."),
    FieldOption("role", "Their part in decisions."),
    FieldOption("birthday", "1975-04-12, 12 Apr 1975, 12.4., Apr 1975 or 1975."),
    FieldOption("address_as", "How to address them, where what is derived is not right."),
    FieldOption("title", "Dr., Prof., 教授 …; decides how to address them."),
    FieldOption("gender", "Decides how to address them."),
    FieldOption("language", "Code of the language they like best: vi, bg, zh, en …"),
    FieldOption("mails", "A mail address at work (repeat).", "mail"),
    FieldOption("phones", "A phone number at work (repeat).", "phone"),
    FieldOption("private_mails", "A private mail address (repeat).", "private-mail"),
    FieldOption("private_phones", "A private phone number (repeat).", "private-phone"),
    FieldOption("private_address", "Where they live."),
    FieldOption("aliases", "Another name they go by (repeat).", "alias"),
    FieldOption("tags", "A tag (repeat).", "tag"),
    FieldOption("family_name", "The family's part of the name, where it is not guessed right."),
    FieldOption("given_name", "The rest of the name, where it is not guessed right."),
    FieldOption("marked", "Show their occasions whatever the account's tier."),
    FieldOption("note", "Anything else."),
)
_RENAME = FieldOption("name", "A new name.")

ReportsTo = Annotated[
    str | None,
    typer.Option(
        metavar="PERSON", help="Whom they report to, at the same account.", autocompletion=complete_people
    ),
]


@app.command(
    cls=takes_fields(Person, _OPTIONS),
    epilog=examples(
        'person add "Trần Thị Lan" --account hanoi --position CTO --role decision-maker --gender f',
        'person add "Trần Minh" --account hanoi --reports-to lan',
        'person add "王小明" --account 1 --title 医生 --birthday "12 Apr" --mail wang@example.com',
    ),
)
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Their name, as they write it.")],
    account: Annotated[
        str,
        typer.Option(metavar="ACCOUNT", help="Where they work.", autocompletion=complete_accounts),
    ],
    namesake: Annotated[
        bool, typer.Option("--namesake", help="Add them although someone of that name is there.")
    ] = False,
    reports_to: ReportsTo = None,
) -> None:
    """Add a person to an account."""
    run = invocation(context)
    session = run.unlocked()
    shape = people.add(session, name, account, run.changes, namesake=namesake, reports_to=reports_to)
    run.out.written(shape, COLUMNS, f"Added person {_described(shape)}.")
    run.advise(occasions.why_unseen(session, shape["birthday"], shape["account_id"], shape["id"]))


@app.command("list", epilog=examples("person list --account hanoi", "person list --role champion"))
def list_(
    context: typer.Context,
    account: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", help="Only of this account.", autocompletion=complete_accounts),
    ] = None,
    role: Annotated[Role | None, typer.Option(help="Only with this part in decisions.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only with this tag.")] = None,
) -> None:
    """List people by family name."""
    run = invocation(context)
    found = people.listed(run.vault(), account=account, role=role, tag=tag)
    run.out.items(
        found,
        COLUMNS,
        shown=SHOWN,
        empty="No such people. Add one: dossier person add NAME --account ACCOUNT",
    )


@app.command(epilog=examples("person show lan"))
def show(context: typer.Context, ref: PersonRef) -> None:
    """Show everything known about a person."""
    from dossier.cli.show import show_person

    show_person(invocation(context), ref)


@app.command(
    cls=takes_fields(Person, (_RENAME, *_OPTIONS)),
    epilog=examples(
        'person edit lan --position CEO --birthday "3 May"',
        "person edit lan --account 2   # she went there, with what is known about her",
        'person edit lan --address-as "" --mail ""   # clears them',
    ),
)
def edit(
    context: typer.Context,
    ref: PersonRef,
    account: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", help="Where they work now.", autocompletion=complete_accounts),
    ] = None,
    reports_to: ReportsTo = None,
) -> None:
    """Change a person; an empty text clears a field."""
    run = invocation(context)
    shape = people.edit(run.unlocked(), ref, run.changes, account=account, reports_to=reports_to)
    run.out.written(shape, COLUMNS, f"Changed person {_described(shape)}.")


@app.command(epilog=examples("person rm lan --cascade"))
def rm(context: typer.Context, ref: PersonRef, cascade: Cascade = False) -> None:
    """Remove a person; refused while something refers to them."""
    run = invocation(context)
    run.out.done(people.rm(run.unlocked(), ref, cascade=cascade))


@app.command(
    epilog=examples(
        "person forget lan --dry-run   # only says what would go",
        "person forget lan --yes       # in a script",
    )
)
def forget(
    context: typer.Context,
    ref: PersonRef,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a person for good, with every trace of them.

    Facts, relatives, occasions and attached files about them go with them, and so does what the history says of all
    that. Interactions stay, without them among those who took part, and promises and next steps stay with the account.
    The automatic backups are removed, for they hold the person. None of it can be undone, nor can older changes that
    were about them.

    Texts of other records that name them still (by a name, mail or phone of theirs) are listed and stay, for you to
    edit. Edit them before you forget the person: the history then forgets what they said as well, while what you change
    afterwards stays in it until dossier vault forget-history. The contents of attached files are not looked into. Out
    of reach are backups and exports that you made yourself, and other copies of the vault.

    Somebody who was removed is still in the history: bring them back by dossier undo, then forget them.

    JSON gives {person, person_id, account, account_id, removed: {noun: n}, cleared: {noun: n}, history_entries,
    backups_removed: [path], still_named_in: [{noun, id, account}], forgotten: true|false}.
    """
    from dossier.cli import person_forgetting  # rare, and not cheap to load

    person_forgetting.forget(invocation(context), ref, dry_run=dry_run, yes=yes)


def _described(shape: Shape) -> str:
    """Who was written and what was understood: a derived form of address or a date may want to be set right."""
    said = f"{shape['id']}: {one_line(shape['name'])} at {one_line(shape['account'])}"
    if shape["address_as"] != shape["name"]:
        said += f", addressed as {one_line(shape['address_as'])}"
    said += f", born {shape['birthday']}" if shape["birthday"] else ""
    return said + (f", reports to {one_line(shape['reports_to'])}" if shape["reports_to"] else "")
