"""`enmusubi project`: projects on the command line."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import language, tell
from cli.wiring import chief, opened, tell_rejections
from enmusubi.messages import VERBATIM, Message

if TYPE_CHECKING:
    from office.projects.portfolio import PortfolioRow

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
NUMBER = typer.Argument(..., metavar="CASE", help="Number of a case in prototype or later.", min=1)

project = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@project.callback()
def projects() -> None:
    """List and look at projects: cases in prototype or later, with lights, money and people.

    Whoever runs it acts as the chief: they can read the catalogue anyway (docs/projects.md).

    \b
    Example: enmusubi project list --light red
             enmusubi project import 12 budget.xlsx
             enmusubi project people
    """


@project.command("list")
def listed(
    light: str = typer.Option("", "--light", help="green, amber, red or grey."),
    state: str = typer.Option(
        "active", "--state", help="active, running, held, declined, completed, all."
    ),
    due: str = typer.Option("", "--due", help="overdue, or soon: milestones of the next 30 days."),
    manager: str = typer.Option("", "--manager", help="Login of who looks after them."),
    as_json: bool = AS_JSON,
) -> None:
    """List projects, those with the worst light first.

    Example: enmusubi project list --due overdue
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.projects.portfolio import portfolio, project_filter

    asked = {"light": light, "state": state, "due": due, "manager": manager}
    wanted = project_filter(asked)
    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        rows = portfolio(connection, chief(), wanted, load_settings())
    if as_json:
        _print_json([_plain(row) for row in rows])
        return
    if not rows:
        tell(Message("There is nothing to list."))
        return
    from cli.tables import Heading, print_table
    from office.cases.case_words import STAGE_WORDS
    from office.projects.project_words import LIGHT_WORDS

    spoken = language()
    headings = (
        Message("case"), Message("title"), Message("stage"), Message("light"),
        Message("next milestone"), Message("budget"), Message("spent"), Message("manager"),
    )  # fmt: skip
    lines = []
    for row in rows:
        found, case = row.project, row.project.case
        following = found.next_milestone.said if found.next_milestone else None
        lines.append(
            (
                str(case.case_id),
                case.title,
                STAGE_WORDS[spoken][case.stage],
                LIGHT_WORDS[spoken][row.lights.whole.color],
                f"{following.planned_on} {following.name}" if following else "",
                f"{found.budget_jpy:,}",
                f"{found.spent_jpy:,}",
                case.manager,
            )
        )
    print_table([Heading(heading) for heading in headings], lines)


@project.command("show")
def show(number: int = NUMBER, as_json: bool = AS_JSON) -> None:
    """Show a project: its lights and why they are so, and all that belongs to it.

    Example: enmusubi project show 12
    """
    from enmusubi.settings import load_settings
    from enmusubi.translation import say
    from office.access.scoped import reading_as
    from office.projects.kept import project_of
    from office.projects.lights import lights_of
    from office.projects.portfolio import PortfolioRow, facts_of

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        found = project_of(connection, chief(), number)
        facts = facts_of(connection, chief(), load_settings())
    row = PortfolioRow(found, lights_of(found, facts))
    if as_json:
        _print_json(_plain(row))
        return
    from cli.tables import Heading, print_table
    from office.projects.project_words import LIGHT_OF_WORDS, LIGHT_WORDS

    spoken = language()
    print(found.case.title)
    lights = [
        (LIGHT_OF_WORDS[spoken][name], LIGHT_WORDS[spoken][one.color], say(one.reason, spoken))
        for name, one in row.lights.of.items()
    ]
    headings = (Message("light"), Message("color"), Message("why"))
    print_table([Heading(heading) for heading in headings], lights)
    entries = [
        (kind, str(one.entry_id), ", ".join(str(v) for v in vars(one.said).values() if v))
        for kind, of in found.entries.items()
        for one in of
    ]
    if entries:
        headings = (Message("kind"), Message("number"), Message("what it says"))
        print_table([Heading(heading) for heading in headings], entries)


@project.command("people")
def people(as_json: bool = AS_JSON) -> None:
    """Show people's time across all projects, in percent by month; who is overloaded first.

    Example: enmusubi project people
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.projects.portfolio import allocation

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        time = allocation(connection, chief(), load_settings())
    if as_json:
        told = [
            {
                "researcher_id": one.card.researcher_id,
                "months": dict(zip(map(str, time.months), one.months, strict=True)),
                "is_overloaded": bool(one.overloads),
            }
            for one in time.people
        ]
        _print_json({"limit_percent": time.limit_percent, "people": told})
        return
    if not time.people:
        tell(Message("There is nothing to list."))
        return
    from cli.tables import Heading, print_table

    spoken = language()
    months = [Message(VERBATIM, {"value": f"{month:%m}"}) for month in time.months]
    headings = [Message("researcher"), *months]
    lines = [
        (one.card.name(spoken), *(_percent(p, time.limit_percent) for p in one.months))
        for one in time.people
    ]
    print_table([Heading(heading) for heading in headings], lines)


@project.command("import")
def import_(
    number: int = NUMBER,
    file: Path = typer.Argument(..., help="An Excel or CSV file with a line or a payment a row."),
    as_json: bool = AS_JSON,
) -> None:
    """Take budget and spending over from a spreadsheet; bad rows are told by row and column.

    Example: enmusubi project import 12 budget.xlsx
    """
    from office.projects.importing import import_money

    with opened() as catalogue:
        report = import_money(catalogue, chief(), number, file)
    if as_json:
        _print_json(report.as_dict())
        return
    counts = {
        "read": report.read, "budgets": report.budgets, "spendings": report.spendings,
        "left": report.left_out,
    }  # fmt: skip
    tell(
        Message(
            "%(read)s rows read: %(budgets)s lines of the budget and %(spendings)s payments added, "
            "%(left)s rows not taken.",
            counts,
        )
    )
    tell_rejections(report.rejections)


@project.command("reach")
def reach(
    number: int = NUMBER,
    milestone: int = typer.Argument(..., help="Number of the milestone, as `show` has it.", min=1),
    day: datetime = typer.Option(
        None, "--on", formats=["%Y-%m-%d"], help="The day; today without."
    ),
) -> None:
    """Say that a milestone was reached.

    Example: enmusubi project reach 12 3 --on 2026-06-30
    """
    from catalogue.database.project_models import REACHED_IT
    from enmusubi.errors import UnknownIdError
    from enmusubi.settings import load_settings
    from office.access.scoped import writing_as
    from office.cases.clocks import Clocks
    from office.projects.changing import change_entry
    from office.projects.drafts import MILESTONE
    from office.projects.kept import project_of

    on = day.date() if day else Clocks(load_settings().cases).days.today()
    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        found = project_of(connection, chief(), number)
        entry = found.entry(MILESTONE, milestone)
        if entry is None:
            raise UnknownIdError("The project has none of that number.")
        draft = replace(entry.said, state=REACHED_IT, actual_on=on)
        change_entry(
            connection, chief(), number, MILESTONE, milestone, draft,
            expected_version=found.version,
        )  # fmt: skip
    tell(Message("Milestone %(number)s was reached on %(day)s.", {"number": milestone, "day": on}))


def _percent(percent: int, limit: int) -> str:
    return "" if not percent else f"{percent}!" if percent > limit else str(percent)


def _plain(row: "PortfolioRow") -> dict[str, Any]:
    found, case = row.project, row.project.case
    return {
        "case_id": case.case_id, "title": case.title, "stage": case.stage, "state": case.state,
        "manager": case.manager, "starts_on": found.starts_on, "ends_on": found.ends_on,
        "version": found.version, "budget_jpy": found.budget_jpy, "spent_jpy": found.spent_jpy,
        "light": row.lights.whole.color, "light_by_hand": row.lights.by_hand,
        "lights": {n: {"color": o.color, "why": str(o.reason)} for n, o in row.lights.of.items()},
        "entries": {
            kind: [{"entry_id": one.entry_id, **vars(one.said)} for one in of]
            for kind, of in found.entries.items()
        },
    }  # fmt: skip


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1, default=_text))


def _text(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
