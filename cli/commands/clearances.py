"""`enmusubi clearances`: what waits for those who clear findings of screening, and what they decided."""

from typing import TYPE_CHECKING

import typer

from cli.telling import language, told, wrong_usage
from cli.wiring import chief, opened
from enmusubi.messages import Message, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from office.screening.kept_clearances import KeptClearance

WAITS, CLEARED, REFUSED, REVOKED = (
    Message("waits for a decision"),
    Message("cleared"),
    Message("not cleared"),
    Message("taken back"),
)
HEADINGS = (
    Message("clearance number"),
    Message("need"),
    Message("researcher"),
    Message("rule"),
    Message("who decides"),
    Message("asked for on"),
    Message("decision taken"),
    Message("valid until"),
)
WHICH = ("waiting", "cleared", "refused", "all")


def clearances(
    need_id: str = typer.Argument("", metavar="[NEED]", help="Only what was found of this need."),
    which: str = typer.Option("waiting", "--which", help="waiting, cleared, refused or all."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON, with reasons and evidence."),
) -> None:
    """List what waits for legal, IP or the chief before a list may be released, the newest first.

    They decide on the page and through the API (docs/screening.md).
    Example: enmusubi clearances N-12 --which all
    """
    import json

    from cli.tables import Heading, print_table
    from office.people import names_of_researchers
    from office.screening.rule_book import rule_name

    if which not in WHICH:
        raise wrong_usage(Message("--which is waiting, cleared, refused or all."))
    spoken = language()
    with opened() as catalogue:
        with catalogue.reading() as connection:
            found = _found(connection, need_id, which)
        names = names_of_researchers(catalogue, [one.researcher_id for one in found], spoken)
    if as_json:
        from api.v1.schemas.screening import ClearanceOut

        shown = [ClearanceOut.of(one).model_dump(mode="json") for one in found]
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    print_table(
        [Heading(heading) for heading in HEADINGS],
        [
            (
                str(one.clearance_id),
                one.need_id,
                names.get(one.researcher_id, one.researcher_id) or "–",
                rule_name(one.rule_id, spoken),
                told(word("role", one.role)),
                one.asked_at.date().isoformat(),
                told(_state(one)),
                one.valid_until.isoformat() if one.valid_until else "–",
            )
            for one in found
        ],
    )


def _found(connection: "Connection", need_id: str, which: str) -> "list[KeptClearance]":
    """Return all clearances that are asked for, as the chief sees them."""
    from office.screening.kept_clearances import clearances_page

    viewer, after = chief(), ""
    found: list[KeptClearance] = []
    while True:
        page = clearances_page(
            connection, viewer, need_id=need_id, which=which, after=after, limit=200
        )
        found += page.items
        if not (after := page.after):
            return found


def _state(one: "KeptClearance") -> Message:
    if one.revoked_at is not None:
        return REVOKED
    if one.waits:
        return WAITS
    return CLEARED if one.decision == "cleared" else REFUSED
