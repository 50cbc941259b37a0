"""`enmusubi member`: companies that are members, and links for their users."""

from datetime import datetime
from pathlib import Path

import typer

from cli.telling import language, tell
from cli.wiring import chief, opened
from enmusubi.messages import Message

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
DAY = ["%Y-%m-%d"]

member = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@member.callback()
def members() -> None:
    """Keep which companies are members, and let their people in.

    Example: enmusubi member add "青波化学株式会社" --since 2026-04-01 --until 2027-03-31
    """


@member.command("add")
def add(
    company: str = typer.Argument(..., metavar="COMPANY", help="Its id or its name."),
    since: datetime = typer.Option(..., "--since", formats=DAY, help="First day."),
    until: datetime = typer.Option(None, "--until", formats=DAY, help="Last day; none: no end."),
    kind: str = typer.Option(
        "regular", "--kind", help="regular, special, supporting, trial or other."
    ),
    contacts: str = typer.Option("", "--contacts", help="Whom the office talks to."),
    terms: str = typer.Option("", "--terms", help="What was agreed."),
) -> None:
    """Keep a membership, or what else is said of the one that began on that day.

    Example: enmusubi member add org-4f1c7a527d0e4a8e --since 2026-04-01
    """
    from office.members.importing import found_or_made
    from office.members.memberships import MembershipDraft, keep_membership

    end = until.date() if until else None
    with opened() as catalogue, catalogue.writing() as connection:
        found = found_or_made(connection, chief(), company)
        draft = MembershipDraft(found, since.date(), end, kind, contacts, terms)
        kept, _ = keep_membership(connection, chief(), draft)
    tell(Message("Membership %(number)s is recorded.", {"number": kept.membership_id}))


@member.command("list")
def list_(as_json: bool = AS_JSON) -> None:
    """List memberships, the newest first. Example: enmusubi member list"""
    import json

    from cli.tables import Heading, print_table
    from enmusubi.settings import local_time
    from office.companies.reading import names_by_id
    from office.members.kept import KeptMembership, memberships_page
    from office.members.words import MEMBERSHIP_WORDS

    spoken, after, found = language(), "", list[KeptMembership]()
    today = local_time(datetime.now().astimezone(), "ja").date()
    with opened() as catalogue, catalogue.reading() as connection:
        while True:
            page = memberships_page(connection, chief(), after=after, limit=200)
            found += page.items
            if not (after := page.after):
                break
        names = names_by_id(connection, {one.organisation_id for one in found})
    if as_json:
        rows = [{**vars(one), "state": one.state(today)} for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    headings = [
        Message("number"),
        Message("company"),
        Message("kind"),
        Message("since"),
        Message("until"),
    ]
    print_table(
        [Heading(heading) for heading in headings],
        [
            (
                str(one.membership_id),
                names[one.organisation_id].name(spoken) if one.organisation_id in names else "",
                MEMBERSHIP_WORDS[spoken][one.kind],
                one.since.isoformat(),
                one.until.isoformat() if one.until else "–",
            )
            for one in found
        ],
    )


@member.command("import")
def import_(
    file: Path = typer.Argument(..., metavar="FILE", help="A CSV file or a workbook."),
    as_json: bool = AS_JSON,
) -> None:
    """Take over a table of members: company and the day it began, kind, last day, contacts, terms.

    Example: enmusubi member import members.xlsx
    """
    import json

    from cli.wiring import tell_rejections
    from office.members.importing import import_members

    with opened() as catalogue:
        report = import_members(catalogue, chief(), file)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        names = ("read", "added", "changed", "unchanged")
        counts = {name: f"{getattr(report, name):,}" for name in names}
        tell(
            Message(
                "%(read)s rows read, %(added)s added, %(changed)s changed, %(unchanged)s known already, "
                "%(left)s not taken.",
                {"left": f"{report.left_out:,}", **counts},
            )
        )
        tell_rejections(report.rejections)
    if not report.added + report.changed + report.unchanged:
        raise typer.Exit(1)


@member.command("invite")
def invite(
    company: str = typer.Argument(..., metavar="COMPANY", help="Its id or its name."),
    email: str = typer.Argument(..., metavar="ADDRESS", help="Whom to let in."),
    name: str = typer.Option("", "--name", help="The name that pages show."),
) -> None:
    """Make an account for a company's user, and print the link that opens it once, within two weeks.

    Example: enmusubi member invite "青波化学株式会社" sato@aonami.example.jp
    """
    from enmusubi.settings import load_settings
    from office.companies.finding import find_company
    from office.members.links import LINKS_PATH
    from office.members.users import invite as invite_user

    settings = load_settings()
    with opened() as catalogue, catalogue.writing() as connection:
        found = find_company(connection, company)
        made = invite_user(
            connection, chief(), found, email=email, name=name, language="", mail=settings.mail,
            by_mail=False,
        )  # fmt: skip
    tell(Message("The link signs in once. Pass it on by a way that nobody else reads:"))
    print(f"{settings.sign_in.public_url}{LINKS_PATH}/{made.token}")
