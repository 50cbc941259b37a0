"""`enmusubi machine`: portals and notebooks that call the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from cli.telling import tell, wrong_usage
from cli.wiring import opened, operator, show
from enmusubi.messages import Message, listed

if TYPE_CHECKING:
    from office.accounts.machines import Machines

COLUMNS = {
    "client_id": Message("machine"),
    "name": Message("name"),
    "role": Message("role"),
    "named_companies": Message("companies"),
    "created_at": Message("made"),
    "disabled_at": Message("disabled"),
}
MACHINE = typer.Argument(..., metavar="MACHINE", help="The machine's id, such as portal-1.")
AS_JSON = typer.Option(False, "--json", help="Print JSON.")

machine = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@machine.callback()
def machines() -> None:
    """Manage which machines may call the API; each needs a key (`enmusubi key add`).

    Example: enmusubi machine add portal-1 --company C-01 --name "Portal of the association"
    """


@contextmanager
def _machines() -> Iterator["Machines"]:
    """Give the machines of the settings' catalogue."""
    from office.accounts.machines import Machines

    with opened() as catalogue:
        yield Machines(catalogue)


@machine.command("add")
def add(
    client_id: str = MACHINE,
    role: str = typer.Option(
        "portal", "--role", help="portal (sees its companies' needs), or analyst (open needs)."
    ),
    companies: list[str] = typer.Option(
        [], "--company", metavar="ID|NAME", help="A portal's company, by id or name; repeatable."
    ),
    name: str = typer.Option("", "--name", help="What people call it."),
    as_json: bool = AS_JSON,
) -> None:
    """Make a machine known. Example: enmusubi machine add portal-1 --company C-01 --company C-02"""
    with _machines() as machines:
        made = machines.create(operator(), client_id, role=role, name=name, companies=companies)
    if as_json:
        show([made], COLUMNS, as_json=True)
    else:
        tell(
            Message(
                "%(machine)s is known. Next: `enmusubi key add %(machine)s`.",
                {"machine": made.client_id},
            )
        )


@machine.command("companies")
def companies_(
    text: str = typer.Argument("", metavar="[TEXT]", help="Only those with this in their names."),
    as_json: bool = AS_JSON,
) -> None:
    """List the companies that a portal may be bound to, with their ids.

    Example: enmusubi machine companies 化学
    """
    from office.accounts.machines import known_companies

    columns = {
        "organisation_id": Message("company's id"),
        "name_ja": Message("name (ja)"),
        "name_en": Message("name (en)"),
    }
    with opened() as catalogue, catalogue.reading() as connection:
        show(known_companies(connection, text), columns, as_json=as_json)


@machine.command("list")
def list_(as_json: bool = AS_JSON) -> None:
    """List all machines. Example: enmusubi machine list"""
    with _machines() as machines:
        show(machines.list(), COLUMNS, as_json=as_json)


@machine.command("change")
def change(
    client_id: str = MACHINE,
    companies: list[str] = typer.Option(
        [], "--company", metavar="ID|NAME", help="Its companies from now on, all; repeatable."
    ),
    name: str | None = typer.Option(None, "--name", help="What people call it."),
) -> None:
    """Change a machine's companies or name; its keys stay good.

    Example: enmusubi machine change portal-1 --company C-01 --company C-03
    """
    if not companies and name is None:
        raise wrong_usage(Message("Give --company or --name."))
    with _machines() as machines:
        changed = machines.change(operator(), client_id, companies=companies or None, name=name)
    companies_now = listed(changed.named_companies) if changed.named_companies else Message("none")
    tell(
        Message(
            "%(machine)s is changed. Its companies: %(companies)s.",
            {"machine": changed.client_id, "companies": companies_now},
        )
    )


@machine.command("webhooks")
def webhooks(
    client_id: str = MACHINE,
    end: str = typer.Option("", "--end", metavar="WEBHOOK", help="Send nothing more to this one."),
    as_json: bool = AS_JSON,
) -> None:
    """List where a machine is told what happens: whoever had its key may have set one.

    Example: enmusubi machine webhooks portal-1 --end wh_0123456789abcdef
    """
    from office.accounts.machines import required_machine
    from office.webhooks.webhooks import end_webhook, webhooks_of_machine

    columns = {
        "webhook_id": Message("webhook"),
        "url": Message("address"),
        "created_at": Message("made"),
    }
    with opened() as catalogue, catalogue.writing() as connection:
        required_machine(connection, client_id)
        if end:
            end_webhook(connection, operator(), client_id, end)
        found = webhooks_of_machine(connection, client_id)
    show(found, columns, as_json=as_json)


@machine.command("disable")
def disable(client_id: str = MACHINE) -> None:
    """Let a machine in no longer, whatever key it has. Example: enmusubi machine disable portal-1"""
    with _machines() as machines:
        done = machines.disable(operator(), client_id)
    tell(Message("%(machine)s is disabled.", {"machine": done.client_id}))


@machine.command("enable")
def enable(client_id: str = MACHINE) -> None:
    """Let a disabled machine in again. Example: enmusubi machine enable portal-1"""
    with _machines() as machines:
        done = machines.enable(operator(), client_id)
    tell(Message("%(machine)s may call the API.", {"machine": done.client_id}))
