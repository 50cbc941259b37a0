"""`enmusubi nda`: NDAs with companies."""

from datetime import date, datetime

import typer

from cli.telling import language, tell, told
from cli.wiring import chief, opened, operator
from enmusubi.messages import Message, word

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
DAY = ["%Y-%m-%d"]
STATE = "state of an nda"  # the context of its words

nda = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@nda.callback()
def ndas() -> None:
    """Record NDAs with companies: what researchers may be told of a need rests on them.

    A table of them is taken by `enmusubi screen --import FILE`.
    Example: enmusubi nda add "青波化学株式会社" --signed 2026-04-01 --until 2029-03-31
    """


@nda.command("add")
def add(
    company: str = typer.Argument(..., metavar="COMPANY", help="Its id or its name."),
    signed: datetime = typer.Option(..., "--signed", formats=DAY, help="Day of signing."),
    until: datetime = typer.Option(None, "--until", formats=DAY, help="Last day; none: no end."),
    need_id: str = typer.Option("", "--need", help="For this need alone."),
    remark: str = typer.Option("", "--remark", help="A remark."),
) -> None:
    """Record an NDA, or another end of the one that was signed on that day.

    Example: enmusubi nda add org-4f1c7a527d0e4a8e --signed 2026-04-01 --need N-12
    """
    from office.companies.ndas import UNCHANGED, NdaDraft, keep_nda

    end = until.date() if until else None
    draft = NdaDraft(company, signed.date(), end, need_id, remark)
    with opened() as catalogue, catalogue.writing() as connection:
        kept, done = keep_nda(connection, operator(), draft)
    said = {"number": kept.nda_id}
    known = Message("NDA %(number)s is known already: nothing was changed.", said)
    tell(known if done == UNCHANGED else Message("NDA %(number)s is recorded.", said))


@nda.command("list")
def list_(
    company: str = typer.Argument("", metavar="[COMPANY]", help="Only this company's."),
    as_json: bool = AS_JSON,
) -> None:
    """List NDAs, the newest first. Example: enmusubi nda list"""
    import json

    from cli.tables import Heading, print_table
    from office.companies.finding import find_company
    from office.companies.ndas import KeptNda, ndas_page
    from office.companies.reading import companies_seen

    viewer, spoken, after = chief(), language(), ""
    with opened() as catalogue, catalogue.reading() as connection:
        wanted = find_company(connection, company) if company else ""
        found: list[KeptNda] = []
        while True:
            page = ndas_page(connection, viewer, organisation_id=wanted, after=after, limit=200)
            found += page.items
            if not (after := page.after):
                break
        companies = companies_seen(connection, viewer)
        names = {one.organisation_id: one.name(spoken) for one in companies}
    if as_json:
        rows = [{**vars(one), "state": one.state(date.today())} for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    headings = [
        *(Message("number"), Message("company"), Message("need")),
        *(Message("signed on"), Message("valid until"), Message("state")),
    ]
    print_table(
        [Heading(heading) for heading in headings],
        [
            (
                str(one.nda_id),
                names.get(one.organisation_id, ""),
                one.need_id or "–",
                one.signed_on.isoformat(),
                one.valid_until.isoformat() if one.valid_until else "–",
                told(word(STATE, one.state(date.today()))),
            )
            for one in found
        ],
    )


@nda.command("withdraw")
def withdraw(
    number: int = typer.Argument(..., metavar="NUMBER", help="As `list` shows it."),
) -> None:
    """Take an NDA back: it holds no more from now on. Example: enmusubi nda withdraw 3"""
    from office.companies.ndas import drop_nda, nda_of

    with opened() as catalogue, catalogue.writing() as connection:
        drop_nda(connection, operator(), nda_of(connection, chief(), number))
    tell(Message("NDA %(number)s is withdrawn.", {"number": number}))
