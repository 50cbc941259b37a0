"""`enmusubi account`: what guards accounts besides passwords."""

import typer

from cli.telling import tell
from cli.wiring import opened, operator, show
from enmusubi.messages import Message

LOGIN = typer.Argument(..., help="Login name; small and large letters are the same.")
AS_JSON = typer.Option(False, "--json", help="Print JSON.")
COLUMNS = {
    "kind": Message("kind"),
    "name": Message("name"),
    "created_at": Message("made"),
    "last_used_at": Message("last used"),
}

account = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
second_factor = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
account.add_typer(second_factor, name="second-factor")


@account.callback()
def accounts() -> None:
    """Look after what guards accounts besides passwords.

    Example: enmusubi account second-factor reset mori
    """


@account.command("new-key")
def new_key() -> None:
    """Seal the secrets of authenticator apps and webhooks with a new key, at any time.

    Apps and webhooks go on as before. With keys in the settings (`sealing_keys`), put the new one before
    the old one, restart, run this, then take the old one away. Example: enmusubi account new-key
    """
    from enmusubi.settings import load_settings
    from office.accounts.sealed_secrets import change_key

    settings = load_settings()
    with opened() as catalogue:
        count = change_key(catalogue, settings.sealing, operator(), settings.data_dir)
    tell(Message("%(count)s secrets were sealed with the newest key.", {"count": count}))


@second_factor.callback()
def second_factors() -> None:
    """List or take away the second factors of an account: apps and passkeys.

    Example: enmusubi account second-factor list mori
    """


@second_factor.command("list")
def list_(login: str = LOGIN, as_json: bool = AS_JSON) -> None:
    """List the second factors of an account. Example: enmusubi account second-factor list mori"""
    from enmusubi.settings import load_settings
    from office.accounts.second_factors import SecondFactors
    from office.accounts.users import Users

    with opened() as catalogue:
        factors = SecondFactors(catalogue, load_settings().sealing)
        found = factors.of(Users(catalogue).get(login).user_id)
    show(found, COLUMNS, as_json=as_json)


@second_factor.command("reset")
def reset(login: str = LOGIN) -> None:
    """Take all second factors of an account away, for somebody who lost them; they are signed out.

    Example: enmusubi account second-factor reset mori
    """
    from enmusubi.settings import load_settings
    from office.accounts.second_factors import SecondFactors

    settings = load_settings()
    with opened() as catalogue:
        factors = SecondFactors(catalogue, settings.sealing, settings.mail)
        count = factors.reset(operator(), login)
    said = {"login": login, "count": count}
    tell(Message("%(count)s second factors of %(login)s were taken away.", said))
