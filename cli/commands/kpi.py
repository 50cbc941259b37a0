"""`enmusubi kpi`: figures of the office on the command line."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import language, tell
from cli.wiring import chief, opened, tell_rejections
from enmusubi.messages import Message

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from office.figures.periods import Period

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
PERIOD = typer.Option("", "--period", help="The last period, such as 2026 or 2026Q1.")
YEAR = typer.Argument(..., help="The fiscal year, that in which its April lies.")

kpi = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@kpi.callback()
def kpis() -> None:
    """Count finance, speed and learning from the ledger of cases, by quarter and fiscal year.

    Whoever runs it counts all cases, as the chief does (docs/kpi.md).

    \b
    Example: enmusubi kpi show --period 2026Q1
             enmusubi kpi cost 2026 9000000
             enmusubi kpi review 2026Q1
    """


@kpi.command("show")
def show(
    period: str = PERIOD,
    by: str = typer.Option("quarter", "--by", help="quarter or year, for the present period."),
    as_json: bool = AS_JSON,
) -> None:
    """Show every figure, the period before it, the change and the target.

    Example: enmusubi kpi show --by year
    """
    from enmusubi.settings import load_settings
    from office.figures.counting import Wanted
    from office.figures.exporting import figures_for
    from office.figures.review import say_change, say_value, views_of

    settings = load_settings()
    with opened() as catalogue:
        last = _period(settings, period, by)
        views = views_of(figures_for(catalogue, chief(), settings, Wanted()), last)
    if as_json:
        _print_json(
            {
                "period": last.code,
                "kpis": [
                    {
                        "name": view.figure.name,
                        "unit": view.figure.unit,
                        "change": view.change,
                        "values": [
                            {**asdict(value), "period": value.period.code} for value in view.series
                        ],
                    }
                    for view in views
                ],
            }
        )
        return
    from cli.tables import Heading, print_table

    spoken = language()
    print(last.name(spoken))
    headings = (
        Message("figure"), Message("value"), Message("before"), Message("change"),
        Message("target"),
    )  # fmt: skip
    rows = [
        (
            view.figure.title(spoken),
            say_value(view.current.value, view.figure, spoken),
            say_value(view.before.value, view.figure, spoken),
            say_change(view.change, view.figure, spoken),
            say_value(view.current.target, view.figure, spoken),
        )
        for view in views
    ]
    print_table([Heading(heading) for heading in headings], rows)


@kpi.command("cases")
def cases(
    figure: str = typer.Argument(..., help="A figure, such as win_rate."),
    period: str = PERIOD,
    as_json: bool = AS_JSON,
) -> None:
    """List which cases made a figure, the greatest change first.

    Example: enmusubi kpi cases indirect --period 2026Q1
    """
    from enmusubi.settings import load_settings
    from office.figures.counting import Wanted
    from office.figures.exporting import figures_for
    from office.figures.recording import figure_of
    from office.figures.review import by_case, say_value

    settings, known = load_settings(), figure_of(figure)
    with opened() as catalogue:
        figures = figures_for(catalogue, chief(), settings, Wanted())
        found = by_case(figures, figure, _period(settings, period, "quarter"))
    if as_json:
        _print_json([asdict(one) for one in found])
        return
    from cli.tables import Heading, print_table

    spoken = language()
    rows = [
        (
            str(one.case_id),
            say_value(one.value, known, spoken),
            say_value(one.before, known, spoken),
        )
        for one in found
    ]
    headings = Message("case"), Message("value"), Message("before")
    print_table([Heading(heading) for heading in headings], rows)


@kpi.command("review")
def review(
    period: str = typer.Argument(..., help="A quarter or year, such as 2026Q1."),
    out: Path = typer.Option(Path(), "--out", help="Folder that the file is written into."),
) -> None:
    """Write the review of a quarter or year as one PDF.

    Example: enmusubi kpi review 2026Q1 --out reviews
    """
    from enmusubi.settings import load_settings
    from office.figures.exporting import review_as_pdf
    from office.figures.periods import parse_period

    with opened() as catalogue:
        file = review_as_pdf(
            catalogue,
            chief(),
            load_settings(),
            period=parse_period(period),
            language=language(),
        )
    out.mkdir(parents=True, exist_ok=True)
    path = out / file.name
    path.write_bytes(file.content)
    tell(Message("The review is in %(path)s.", {"path": str(path)}))


@kpi.command("cost")
def cost(
    year: int = YEAR,
    amount: int = typer.Argument(..., help="Yen that the office costs in that year."),
    note: str = typer.Option("", "--note", help="A remark."),
) -> None:
    """Enter what the office costs in a fiscal year; an earlier entry is replaced.

    Example: enmusubi kpi cost 2026 9000000
    """
    from office.access.scoped import writing_as
    from office.figures.recording import set_cost

    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        set_cost(connection, chief(), year, amount, note=note, expected_version=None)
    tell(Message("The cost of %(year)s is entered.", {"year": str(year)}))


@kpi.command("target")
def target(
    figure: str = typer.Argument(..., help="A figure, such as indirect."),
    year: int = YEAR,
    value: float = typer.Argument(
        None, help="Yen, days or a count; shares from 0 to 1. None takes the target away."
    ),
) -> None:
    """Set what a figure is to reach in a fiscal year.

    Example: enmusubi kpi target win_rate 2026 0.4
    """
    from office.access.scoped import writing_as
    from office.figures.recording import set_target

    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        set_target(connection, chief(), figure, year, value)
    tell(Message("The target of %(year)s is set.", {"year": str(year)}))


@kpi.command("import")
def import_(
    file: Path = typer.Argument(..., help="An Excel or CSV file with income or costs."),
    as_json: bool = AS_JSON,
) -> None:
    """Take income of cases and costs of the office from a spreadsheet; bad rows are told.

    Example: enmusubi kpi import income.xlsx
    """
    from office.figures.importing import import_figures

    with opened() as catalogue:
        report = import_figures(catalogue, chief(), file)
    if as_json:
        _print_json(report.as_dict())
        return
    counts = {
        "read": report.read, "entries": report.entries, "costs": report.costs,
        "left": report.left_out,
    }  # fmt: skip
    tell(
        Message(
            "%(read)s rows read, %(entries)s entries and %(costs)s costs taken over, %(left)s rows "
            "not taken.",
            counts,
        )
    )
    tell_rejections(report.rejections)


@kpi.command("odds")
def odds(
    number: int = typer.Argument(..., metavar="CASE", help="Number of a case.", min=1),
    as_json: bool = AS_JSON,
) -> None:
    """Say how likely a case reaches each next stage, and when; or why nothing is said.

    Example: enmusubi kpi odds 3
    """
    from catalogue.database.case_models import CASE_STAGES
    from cli.tables import Heading, print_table
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.cases.case_words import STAGE_WORDS
    from office.cases.kept import case_of
    from office.odds.finder import OddsFinder

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        case_of(connection, chief(), number)
        learned = OddsFinder(load_settings()).find(connection, chief())
        found = learned.of_case(number)
    if as_json:
        from api.v1.schemas.kpis import CaseOddsOut

        _print_json(CaseOddsOut.of(learned, number, CASE_STAGES).model_dump(mode="json"))
        return
    if not found:
        tell(Message("There is nothing to list."))
        return
    words = STAGE_WORDS[language()]
    rows = [
        (
            words[CASE_STAGES[one.stage]],
            one.silent or f"{one.chance:.0%} ({one.low:.0%}–{one.high:.0%})",
            "" if one.days is None else f"{one.days[1]} ({one.days[0]}–{one.days[2]})",
        )
        for one in found
    ]
    headings = Message("stage"), Message("chance"), Message("business days")
    print_table([Heading(heading) for heading in headings], rows)
    record = learned.record
    if record.since:
        tell(
            Message(
                "Rests on %(cases)s cases. Since %(since)s the odds of the time let %(expected)s passed "
                "gates be expected, %(corrected)s corrected by the past; %(happened)s came.",
                {
                    "cases": learned.cases,
                    "since": record.since.date().isoformat(),
                    "expected": f"{record.expected:.1f}",
                    "corrected": f"{record.corrected:.1f}",
                    "happened": record.happened,
                },
            )
        )


def _period(settings: "Settings", period: str, by: str) -> "Period":
    from enmusubi.errors import InputError
    from office.business_days import BusinessDays
    from office.figures.periods import SPANS, parse_period, period_of

    if period:
        return parse_period(period)
    if by not in SPANS:
        raise InputError("expected quarter or year.", of_field="by")
    return period_of(BusinessDays(settings.cases).today(datetime.now(UTC)), by)


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))
