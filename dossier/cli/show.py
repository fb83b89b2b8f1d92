"""`dossier show REF`: everything known about an account or a person on one page.

Plain output is a line per field, `account<TAB>name<TAB>Hanoi Optics`, then a line per record of each section,
`facts<TAB>…` with the columns of that noun's list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from dossier.cli import attachment, fact, interaction, occasion, person, promise, relative, step
from dossier.cli.arguments import AnyRef
from dossier.cli.fields import examples
from dossier.cli.invocation import Invocation, invocation
from dossier.cli.output import Column, Shape, as_text
from dossier.services import dossier_page, refs
from dossier.store.catalog import Account

app = typer.Typer(add_completion=False, rich_markup_mode=None)

SECTIONS: Mapping[str, Sequence[Column]] = {
    "people": person.COLUMNS,
    "facts": fact.COLUMNS,
    "relatives": relative.COLUMNS,
    "occasions": occasion.COLUMNS,
    "promises": promise.COLUMNS,
    "steps": step.COLUMNS,
    "interactions": interaction.COLUMNS,
    "attachments": attachment.COLUMNS,
}
"""The lists of a dossier by their key in the shape, in the order in which they print."""


@app.command(epilog=examples("show hanoi", "show lan --format json", "show p1 | grep '^facts'"))
def show(context: typer.Context, ref: AnyRef) -> None:
    """Show everything known about an account or a person."""
    run = invocation(context)
    session = run.unlocked_if_someone_is_here()
    found = refs.account_or_person(session, ref)
    if isinstance(found, Account):
        _print_account(run, dossier_page.account(session, found))
    else:
        _print_person(run, dossier_page.person(session, found))


def show_account(run: Invocation, ref: str) -> None:
    """Print the dossier of the account that `ref` means."""
    session = run.unlocked_if_someone_is_here()
    _print_account(run, dossier_page.account(session, refs.account(session, ref)))


def show_person(run: Invocation, ref: str) -> None:
    """Print the dossier of the person that `ref` means."""
    session = run.unlocked_if_someone_is_here()
    _print_person(run, dossier_page.person(session, refs.person(session, ref)))


def _print_account(run: Invocation, shape: Shape) -> None:
    if run.out.format == "table":
        from dossier.cli.show_page import print_account

        print_account(run, shape)
    else:
        _print_for_programs(run, "account", shape)


def _print_person(run: Invocation, shape: Shape) -> None:
    if run.out.format == "table":
        from dossier.cli.show_page import print_person

        print_person(run, shape)
    else:
        _print_for_programs(run, "person", shape)


def _print_for_programs(run: Invocation, noun: str, shape: Shape) -> None:
    if run.out.format != "plain":
        run.out.record(shape)
        return
    for key, value in shape.items():
        if key not in SECTIONS:
            run.out.line(f"{noun}\t{key}\t{as_text(value)}")
    for key, columns in SECTIONS.items():
        for record in shape.get(key, ()):
            run.out.line("\t".join([key, *(column.of(record) for column in columns)]))
