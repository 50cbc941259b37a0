"""`enmusubi user`: the accounts of people who sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from cli.telling import tell, wrong_usage
from cli.wiring import asked_password, opened, operator, show
from enmusubi.messages import ROLE, Message, word

if TYPE_CHECKING:
    from office.accounts.users import Also, User, Users

COLUMNS = {
    "user_id": Message("login"),
    "name": Message("name"),
    "role": Message("role"),
    "email": Message("e-mail"),
    "has_password": Message("password"),
    "researcher_id": Message("researcher"),
    "last_login_at": Message("last sign-in"),
    "locked_until": Message("locked until"),
    "disabled_at": Message("disabled"),
    "held_at": Message("waits for confirmation"),
}
LOGIN = typer.Argument(..., help="Login name; small and large letters are the same.")
AS_JSON = typer.Option(False, "--json", help="Print JSON.")
STDIN = typer.Option(
    False, "--password-stdin", help="Read the password from the first line of stdin."
)

EMAIL = typer.Option(
    None, "--email", metavar="ADDRESS", help="Where mails go; empty: none are sent."
)
BY_MAIL = typer.Option(
    False, "--by-mail", help="Make a one-time password and mail it; `serve` sends what waits."
)

user = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@user.callback()
def accounts() -> None:
    """Manage who may sign in. As soon as there is one account, every user must sign in.

    Example: enmusubi user add tanaka --role administrator --name "田中 一"
    """


@contextmanager
def _users() -> Iterator["Users"]:
    """Give the accounts of the settings' catalogue."""
    from enmusubi.settings import load_settings
    from office.accounts.users import Users

    settings = load_settings()
    hours = timedelta(hours=settings.sign_in.one_time_hours)
    with opened() as catalogue:
        yield Users(catalogue, mail=settings.mail, one_time_for=hours)


@user.command("add")
def add(
    login: str = LOGIN,
    role: str = typer.Option(
        ...,
        "--role",
        help="chief, project, ip, legal, finance, hr, analyst, viewer, administrator.",
    ),
    name: str = typer.Option("", "--name", help="The name that pages show."),
    researcher: str = typer.Option(
        "", "--researcher", metavar="ID", help="Who this is in the catalogue, if a researcher."
    ),
    no_password: bool = typer.Option(
        False, "--no-password", help="For those who sign in by OpenID Connect; see `user link`."
    ),
    email: str | None = EMAIL,
    by_mail: bool = BY_MAIL,
    password_stdin: bool = STDIN,
    as_json: bool = AS_JSON,
) -> None:
    """Make an account. The password is asked for, and not shown; it has 10 to 200 characters.

    It is for one time: whoever signs in with it sets their own before anything else.

    Example: enmusubi user add mori --role ip --name "森 花"
    """
    if no_password and by_mail:
        raise wrong_usage(Message("--no-password and --by-mail contradict each other."))
    password = "" if no_password else _password(by_mail=by_mail, from_stdin=password_stdin)
    if not (password or no_password):
        raise wrong_usage(Message("An empty password opens nothing; --no-password says so."))
    with _users() as users:
        made = users.create(
            operator(),
            login,
            role=role,
            name=name,
            password=password,
            researcher_id=researcher or None,
            email=email or "",
            also=_told(by_mail=by_mail) if password else None,
        )
    signed_in = {"login": made.user_id, "role": word(ROLE, made.role)}
    _say([made], Message("%(login)s can sign in as %(role)s.", signed_in), as_json=as_json)


@user.command("list")
def list_(as_json: bool = AS_JSON) -> None:
    """List all accounts. Example: enmusubi user list"""
    with _users() as users:
        show(users.list(), COLUMNS, as_json=as_json)


@user.command("role")
def role(
    login: str = LOGIN,
    new_role: str = typer.Argument(..., metavar="ROLE", help="The role from now on."),
    as_json: bool = AS_JSON,
) -> None:
    """Give a user another role, which holds from their next request on.

    Example: enmusubi user role mori chief
    """
    with _users() as users:
        changed = users.change(operator(), login, role=new_role)
    given = {"login": changed.user_id, "role": word(ROLE, changed.role)}
    _say([changed], Message("%(login)s is %(role)s now.", given), as_json=as_json)


@user.command("change")
def change(
    login: str = LOGIN,
    name: str | None = typer.Option(None, "--name", help="The name that pages show."),
    researcher: str | None = typer.Option(
        None, "--researcher", metavar="ID", help="Who this is in the catalogue; empty: none."
    ),
    email: str | None = EMAIL,
    as_json: bool = AS_JSON,
) -> None:
    """Change a user's name or e-mail address, or say which researcher they are.

    Example: enmusubi user change mori --researcher HU-0101
    """
    asked = {"name": name, "researcher_id": researcher, "email": email}
    given = {key: value for key, value in asked.items() if value is not None}
    if not given:
        raise wrong_usage(Message("Give --name, --researcher or --email."))
    with _users() as users:
        changed = users.change(operator(), login, **given)
    _say([changed], Message("%(login)s is changed.", {"login": changed.user_id}), as_json=as_json)


@user.command("password")
def password(login: str = LOGIN, by_mail: bool = BY_MAIL, password_stdin: bool = STDIN) -> None:
    """Give a user a one-time password; they are unlocked, and signed out everywhere.

    Example: enmusubi user password mori
    """
    with _users() as users:
        known = users.get(login)  # before anything is typed
        given = _password(by_mail=by_mail, from_stdin=password_stdin)
        users.set_password(operator(), known.user_id, given, also=_told(by_mail=by_mail))
    tell(
        Message(
            "%(login)s has a new password and is signed out everywhere.", {"login": known.user_id}
        )
    )


def _password(*, by_mail: bool, from_stdin: bool) -> str:
    """Return a one-time password: asked for, or one that nobody gets to see, until a mail has another."""
    from office.accounts.passwords import one_time_password

    return one_time_password() if by_mail else asked_password(from_stdin=from_stdin)


def _told(*, by_mail: bool) -> "Also":
    """Return what writes the mail about a one-time password."""
    from enmusubi.settings import load_settings
    from office.mail.passwords import told_by_mail

    return told_by_mail(load_settings().mail, with_it=by_mail)


@user.command("disable")
def disable(login: str = LOGIN) -> None:
    """Disable a user; their notes and entries in the audit trail stay.

    Example: enmusubi user disable mori
    """
    with _users() as users:
        done = users.disable(operator(), login)
    tell(Message("%(login)s is disabled and signed out everywhere.", {"login": done.user_id}))


@user.command("enable")
def enable(login: str = LOGIN) -> None:
    """Let a user in again who was disabled, or locked after wrong passwords.

    Example: enmusubi user enable mori
    """
    with _users() as users:
        done = users.enable(operator(), login)
    tell(Message("%(login)s can sign in.", {"login": done.user_id}))


@user.command("confirm")
def confirm(login: str = LOGIN) -> None:
    """Confirm an account that waits: its login name stood somewhere before it came by OpenID Connect.

    Example: enmusubi user confirm mori
    """
    with _users() as users:
        done = users.enable(operator(), login)
    tell(Message("%(login)s can sign in.", {"login": done.user_id}))


@user.command("link")
def link(
    login: str = LOGIN,
    subject: str = typer.Argument(
        ..., help="Who it is at the OpenID provider of the settings: the claim `sub`."
    ),
) -> None:
    """Let a user come by OpenID Connect into an account that there is already.

    Example: enmusubi user link mori 6f1c0b0e
    """
    from enmusubi.errors import SettingsError
    from enmusubi.settings import load_settings

    issuer = load_settings().sign_in.oidc.issuer
    if not issuer:
        raise SettingsError("There is no OpenID provider: set sign_in.oidc.issuer first.")
    with _users() as users:
        done = users.change(operator(), login, oidc_subject=f"{issuer}|{subject}")
    tell(Message("%(login)s can sign in by %(issuer)s.", {"login": done.user_id, "issuer": issuer}))


def _say(users: "list[User]", message: Message, *, as_json: bool) -> None:
    if as_json:
        show(users, COLUMNS, as_json=True)
    else:
        tell(message)
