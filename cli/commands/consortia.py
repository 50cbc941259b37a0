"""`enmusubi consortia`: needs of several companies that ask for the same thing."""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from cli import wiring
from cli.telling import language, tell
from enmusubi.messages import Message

if TYPE_CHECKING:
    from office.consortia import Consortium
    from office.screening.company_meetings import CompanyMeeting

SHOWN_WORDS = 8


def consortia(
    as_json: bool = typer.Option(False, "--json", help="Print JSON, with the needs' ids."),
) -> None:
    """List themes that open non-competitive needs of several companies share.

    For the office alone. Shared words may be told to each company; which needs a theme has, and
    where competitors meet, may not. Example: enmusubi consortia
    """
    import json

    import anyio

    from cli.tables import Heading, print_table
    from office.screening.company_ties import COMPETITOR

    found = anyio.run(_found)
    if as_json:
        rows = [
            {
                "consortium_id": group.key,
                "companies": group.companies,
                "likeness": group.likeness,
                "words": list(group.words),
                "need_ids": [need.need_id for need in group.needs],
                "meetings": [
                    {
                        "organisation_ids": list(one.organisation_ids),
                        "relation": one.relation,
                        "field_id": one.field_id,
                    }
                    for one in meetings
                ],
            }
            for group, meetings in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not found:
        tell(Message("No open needs of two companies ask for the same thing yet."))
        return
    headings = [
        Heading(Message("number"), is_number=True),
        Heading(Message("companies in the theme"), is_number=True),
        Heading(Message("needs in the theme"), is_number=True),
        Heading(Message("shared words")),
        Heading(Message("pairs of competitors"), is_number=True),
    ]
    comma = "、" if language() == "ja" else ", "
    print_table(
        headings,
        [
            (
                str(number),
                str(group.companies),
                str(len(group.needs)),
                comma.join(group.words[:SHOWN_WORDS]),
                str(sum(one.relation == COMPETITOR for one in meetings)),
            )
            for number, (group, meetings) in enumerate(found, start=1)
        ],
    )


async def _found() -> "list[tuple[Consortium, tuple[CompanyMeeting, ...]]]":
    """Return the themes among all needs, with how their companies meet."""
    from catalogue.database.viewer import CHIEF
    from enmusubi.settings import load_settings
    from office.configured import open_recommender
    from office.consortia import ConsortiumFinder
    from office.encoder_gate import EncoderGate
    from office.live_recommender import LiveRecommender
    from office.matching import ServedMatching

    settings = load_settings()
    viewer = replace(wiring.operator(), role=CHIEF)  # who can read the catalogue anyway
    recommender = open_recommender(settings, wiring.encoder_of(settings))
    live = LiveRecommender(lambda _: recommender, lambda: recommender.index_version)
    with wiring.opened() as catalogue:
        finder = ConsortiumFinder(ServedMatching(catalogue, settings, live, EncoderGate(1)))
        found = await finder.find(viewer)
        return [(group, await finder.meetings(viewer, group)) for group in found.groups]
