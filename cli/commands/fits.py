"""`enmusubi fits`: the open needs that a researcher fits, as the needs' own lists say."""

import typer

from cli.telling import language, tell
from enmusubi.messages import Message


def fits(
    researcher: str = typer.Argument(metavar="RESEARCHER", help="Id of a researcher."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List the open needs that a researcher is likely to fit, the likeliest first.

    Rank and probability are those of each need's own list. Example: enmusubi fits HU-0102
    """
    import json

    from catalogue.records.catalogue import open_catalogue
    from cli.tables import Heading, print_table
    from cli.wiring import chief, encoder_of
    from enmusubi.settings import load_settings
    from matcher.explaining.words import strength_text
    from matcher.sharding.opening import open_whole
    from office.configured import open_recommender
    from office.matching import ViewerMatching
    from office.outbound.fitting import FittingSearch

    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue:
        open_whole(settings.index_dir)  # a missing index is told before the encoder is loaded
        recommender = open_recommender(settings, encoder_of(settings))
        search = FittingSearch(ViewerMatching(catalogue, settings))
        found = search.find_with(recommender, chief(), researcher)
    if as_json:
        rows = [
            {
                "need_id": one.need.need_id,
                "rank": one.match.rank,
                "score": one.match.score,
                "probability": one.match.probability,
                "seed_ids": [evidence.seed_id for evidence in one.match.evidence],
            }
            for one in found.needs
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    spoken = language()
    print_table(
        [
            Heading(Message("need")),
            Heading(Message("rank"), is_number=True),
            Heading(Message("fit")),
        ],
        [
            (
                one.need.title or one.need.need_id,
                str(one.match.rank),
                strength_text(one.match, spoken),
            )
            for one in found.needs
        ],
    )
    tell(Message("%(count)s open needs compared.", {"count": found.compared}))
