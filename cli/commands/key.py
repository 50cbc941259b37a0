"""`enmusubi key`: the keys by which machines come in."""

import typer

from cli.telling import tell
from cli.wiring import opened, operator, show
from enmusubi.messages import Message

COLUMNS = {
    "key_id": Message("key"),
    "client_id": Message("machine"),
    "scopes": Message("scopes"),
    "created_at": Message("made"),
    "expires_at": Message("over"),
    "last_used_at": Message("last used"),
    "revoked_at": Message("revoked"),
}
AS_JSON = typer.Option(False, "--json", help="Print JSON.")
DEFAULT_DAYS = 365

key = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@key.callback()
def keys() -> None:
    """Manage the keys of machines. A key is shown once, when it is made; only its hash is kept.

    Example: enmusubi key add portal-1 --scope needs:read --scope matches:read
    """


@key.command("add")
def add(
    client_id: str = typer.Argument(..., metavar="MACHINE", help="Whose key it is."),
    scopes: list[str] = typer.Option(
        ...,
        "--scope",
        help="What it may do; repeatable: needs:read, needs:write, matches:read, feedback:write, "
        "members:read, webhooks:write, metrics:read.",
    ),
    days: int = typer.Option(
        DEFAULT_DAYS, "--days", min=0, max=3650, help="Days that it is good for; 0: no end."
    ),
    as_json: bool = AS_JSON,
) -> None:
    """Make a key and print it, this once. To change a key, add one, then revoke the old one.

    Example: enmusubi key add portal-1 --scope matches:read --days 180
    """
    import json
    from datetime import UTC, datetime, timedelta

    from office.accounts.keys import Keys

    until = datetime.now(UTC) + timedelta(days=days) if days else None
    with opened() as catalogue:
        made = Keys(catalogue).create(operator(), client_id, scopes, expires_at=until)
    if as_json:
        end = until.isoformat() if until else None
        print(json.dumps({"key_id": made.key.key_id, "key": made.text, "expires_at": end}))
        return
    print(made.text)
    good = {"key": made.key.key_id, "machine": client_id}
    if until:
        end = f"{until.astimezone():%Y-%m-%d}"
        sentence = Message(
            "Key %(key)s of %(machine)s, good until %(end)s. Keep it now: it is not shown again.",
            {**good, "end": end},
        )
    else:
        sentence = Message(
            "Key %(key)s of %(machine)s, good without an end. Keep it now: it is not shown again.",
            good,
        )
    tell(sentence, error=True)


@key.command("list")
def list_(
    client_id: str = typer.Argument("", metavar="[MACHINE]", help="Only this machine's keys."),
    as_json: bool = AS_JSON,
) -> None:
    """List keys, the newest first, without their secrets. Example: enmusubi key list portal-1"""
    from office.accounts.keys import Keys

    with opened() as catalogue:
        show(Keys(catalogue).list(client_id), COLUMNS, as_json=as_json)


@key.command("revoke")
def revoke(
    key_id: str = typer.Argument(..., metavar="KEY", help="The key's id: its part after enm_."),
) -> None:
    """Make a key useless at once, with the tokens that were got for it.

    Example: enmusubi key revoke k3v9x0a1b2c3
    """
    from office.accounts.keys import Keys
    from office.webhooks.webhooks import webhooks_of_machine

    with opened() as catalogue:
        done = Keys(catalogue).revoke(operator(), key_id)
        with catalogue.reading() as connection:
            hooks = webhooks_of_machine(connection, done.client_id)
    tell(
        Message(
            "Key %(key)s of %(machine)s is revoked.",
            {"key": done.key_id, "machine": done.client_id},
        )
    )
    if hooks:
        tell(
            Message(
                "It has %(count)s webhooks, which do not end with a key. If somebody else had the key, look "
                "at them: `enmusubi machine webhooks %(machine)s`.",
                {"count": len(hooks), "machine": done.client_id},
            ),
            error=True,
        )
