"""`enmusubi neutrality`: how attention and first contacts are shared, on the command line."""

from typing import TYPE_CHECKING

import typer

from cli.telling import language, tell
from cli.wiring import chief, opened
from enmusubi.messages import Message

if TYPE_CHECKING:
    from office.statistics.exposure import Exposure
    from office.statistics.shares import Interval


def neutrality(
    as_json: bool = typer.Option(False, "--json", help="Print JSON, as the API does."),
) -> None:
    """Show attention and first contacts by department, managers' former industry, and company.

    Counted over the last year; whoever runs it counts all needs, as the chief does (docs/neutrality.md).
    Example: enmusubi neutrality
    """
    from office.access.scoped import reading_as
    from office.screening.past_employers import past_employments
    from office.statistics.exposure import exposure

    viewer = chief()
    with opened() as catalogue, reading_as(catalogue, viewer) as connection:
        found = exposure(connection, viewer)
        employments = past_employments(connection, viewer)
    if as_json:
        import json

        from api.v1.schemas.neutrality import NeutralityOut

        told = NeutralityOut.of(found, employments).model_dump(mode="json")
        print(json.dumps(told, ensure_ascii=False, indent=1))
    elif found.departments or found.companies:
        _print(found)
    else:
        tell(Message("There is nothing to list."))


def _print(found: "Exposure") -> None:
    from api.pages.neutrality import industry_name
    from cli.tables import Heading, print_table

    spoken = language()
    contacts = Heading(Message("first contacts"), is_number=True)
    print_table(
        [
            Heading(Message("department")),
            Heading(Message("merit"), is_number=True),
            Heading(Message("attention"), is_number=True),
            Heading(Message("attention per merit"), is_number=True),
            contacts,
        ],
        [
            (
                (one.name_ja if spoken == "ja" else one.name_en) or "–",
                _share(one.merit),
                _share(one.attention),
                _ratio(one.ratio, one.interval),
                f"{one.contacts} {_share(one.contact_share, one.contact_interval)}",
            )
            for one in found.departments
        ],
    )
    if found.origins:
        print()
        print_table(
            [
                Heading(Message("former industry of managers")),
                Heading(Message("managers"), is_number=True),
                Heading(Message("needs and cases"), is_number=True),
                contacts,
                Heading(Message("first contacts per need"), is_number=True),
                Heading(Message("of the former employer's group (needs)"), is_number=True),
            ],
            [
                (
                    industry_name(one.industry, spoken),
                    str(one.managers),
                    f"{one.needs} {_share(one.need_share)}",
                    f"{one.contacts} {_share(one.contact_share, one.interval)}",
                    _ratio(one.ratio, one.ratio_interval),
                    f"{one.own_contacts} ({one.own_needs})" if one.is_known else "–",
                )
                for one in found.origins
            ],
        )
    print()
    print_table(
        [
            Heading(Message("company")),
            Heading(Message("needs of the company"), is_number=True),
            Heading(Message("with a first contact"), is_number=True),
            Heading(Message("mean chance of the first"), is_number=True),
        ],
        [
            (one.name(spoken), str(one.needs), str(one.contacted), _share(one.first_chance))
            for one in found.companies
        ],
    )


def _share(value: float | None, interval: "Interval | None" = None) -> str:
    if value is None:
        return "–"
    return f"{value:.0%}" + (f" ({interval[0]:.0%}–{interval[1]:.0%})" if interval else "")


def _ratio(value: float | None, interval: "Interval | None") -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" + (f" ({interval[0]:.2f}–{interval[1]:.2f})" if interval else "")
