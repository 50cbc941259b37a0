"""`enmusubi inquiries`: letters to researchers and their answers."""

import typer

from cli.telling import language, told
from cli.wiring import chief, opened
from enmusubi.messages import Message, word

STATE = "state of an inquiry"  # the context of its words
WHICH = ("all", "waiting", "answered", "expired", "revoked")


def inquiries(
    need_id: str = typer.Argument("", metavar="[NEED]", help="Only those about this need."),
    which: str = typer.Option("all", "--which", help="all, waiting, answered, expired or revoked."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON, with letters and remarks."),
) -> None:
    """List letters to researchers and what they answered, the newest first.

    Letters are written on the pages and through the API, by whoever the need's manager is.
    Example: enmusubi inquiries N-12 --which answered
    """
    import json
    from datetime import UTC, datetime

    from cli.tables import Heading, print_table
    from cli.telling import wrong_usage
    from office.inquiries.kept import KeptInquiry, inquiries_page
    from office.people import names_of_researchers

    if which not in WHICH:
        raise wrong_usage(Message("--which is all, waiting, answered, expired or revoked."))
    viewer, after, now = chief(), "", datetime.now(UTC)
    found: list[KeptInquiry] = []
    with opened() as catalogue:
        with catalogue.reading() as connection:
            while True:
                page = inquiries_page(
                    connection, viewer, need_id=need_id, which=which, after=after, limit=200
                )
                found += page.items
                if not (after := page.after):
                    break
        names = names_of_researchers(catalogue, [one.researcher_id for one in found], language())
    if as_json:
        rows = [{**vars(one), "state": one.state(now)} for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    headings = [
        *(Message("number"), Message("need"), Message("researcher")),
        *(Message("asked on"), Message("state"), Message("from when")),
    ]
    print_table(
        [Heading(heading) for heading in headings],
        [
            (
                str(one.inquiry_id),
                one.need_id,
                names.get(one.researcher_id, one.researcher_id),
                one.asked_at.date().isoformat(),
                told(word(STATE, (one.answer or one.state(now)).replace("_", " "))),
                one.not_before.isoformat() if one.not_before else "–",
            )
            for one in found
        ],
    )
