"""`enmusubi dormant`: closed needs that nobody was judged to suit, and who new seeds make likely for them."""

import typer

from cli.telling import language
from cli.wiring import chief, opened
from enmusubi.messages import Message

HEADINGS = (
    Message("need"),
    Message("company"),
    Message("manager"),
    Message("researcher"),
    Message("fit"),
    Message("new or changed works"),
    Message("found on"),
)


def dormant(
    manager: str = typer.Option("", "--manager", help="Login of whose needs are listed."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List dormant needs that new or changed seeds may suit, the newest news first.

    A need is listed until somebody takes note of its news on the page (docs/outbound.md).
    Example: enmusubi dormant --manager kato
    """
    import json

    from cli.tables import Heading, print_table
    from matcher.explaining.words import percentage
    from office.outbound.dormant import dormant_news
    from office.people import names_of

    spoken = language()
    with opened() as catalogue, catalogue.reading() as connection:
        news = dormant_news(connection, chief(), manager=manager)
        names = names_of(connection, {one.manager for one in news} - {""})
    if as_json:
        from api.v1.schemas.dormant import DormantNeedOut

        shown = [DormantNeedOut.of(one).model_dump(mode="json") for one in news]
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    print_table(
        [Heading(heading) for heading in HEADINGS],
        [
            (
                one.title or one.need_id,
                one.company,
                names.get(one.manager, one.manager),
                card.name(spoken),
                percentage(chance, spoken),
                "\n".join(seed.title or seed.seed_id for seed in seeds),
                one.found_at.date().isoformat(),
            )
            for one in news
            for card, chance, seeds in one.people
        ],
    )
