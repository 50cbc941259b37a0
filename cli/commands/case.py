"""`enmusubi case`: the ledger of cases on the command line."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.commands.case_contract import contract
from cli.commands.case_money import estimate
from cli.commands.case_plan import plan
from cli.telling import language, tell
from cli.wiring import chief, opened, tell_rejections
from enmusubi.messages import Message

if TYPE_CHECKING:
    from office.cases.clocks import Clocks
    from office.cases.kept import KeptCase

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
NUMBER = typer.Argument(..., metavar="CASE", help="Number of a case.", min=1)
MAX_LISTED = 200

case = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
case.add_typer(estimate, name="estimate")
case.add_typer(plan, name="plan")
case.add_typer(contract, name="contract")


@case.callback()
def cases() -> None:
    """List, open and move cases: what became of needs and people, gate by gate.

    Whoever runs it acts as the chief: they can read the catalogue anyway (docs/cases.md).

    \b
    Example: enmusubi case list --due attention
             enmusubi case open N-12 HU-0101 --lead HU-0101
             enmusubi case decide 3 go --reason "第2期からの継続"
    """


@case.command("list")
def listed(
    state: str = typer.Option(
        "active", "--state", help="active, running, held, declined, completed, all."
    ),
    stage: str = typer.Option("", "--stage", help="A stage, such as nda."),
    due: str = typer.Option(
        "", "--due", help="overdue, due_soon, attention (both), paused, to_decide."
    ),
    manager: str = typer.Option("", "--manager", help="Login of who looks after them."),
    as_json: bool = AS_JSON,
) -> None:
    """List cases by the last day of their clocks, the first 200.

    Example: enmusubi case list --due overdue
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.cases.clocks import Clocks
    from office.cases.gates import gates_of
    from office.cases.listing import When, cases_page, filter_from

    wanted = filter_from({"state": state, "stage": stage, "due": due, "manager": manager})
    clocks = Clocks(load_settings().cases)
    today = clocks.days.today()
    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        when, gates = When(today, clocks.soon(today)), gates_of(connection, chief())
        page = cases_page(connection, chief(), wanted, when, gates, limit=MAX_LISTED)
    _show(page.items, clocks, as_json=as_json)


@case.command("show")
def show(number: int = NUMBER, as_json: bool = AS_JSON) -> None:
    """Show a case, what was decided of it, and its timeline.

    Example: enmusubi case show 3
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.cases.clocks import Clocks
    from office.cases.decisions import decisions_of
    from office.cases.kept import case_of
    from office.cases.steps import timeline_of

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        found = case_of(connection, chief(), number)
        decisions, events = decisions_of(connection, found), timeline_of(connection, found)
    if as_json:
        _print_json(
            {
                **_plain(found),
                "decisions": [asdict(one) for one in decisions],
                "timeline": [{**asdict(one), "detail": dict(one.detail)} for one in events],
            }
        )
        return
    _show([found], Clocks(load_settings().cases), as_json=False)
    from cli.tables import Heading, print_table
    from cli.wiring import minute

    headings = [Message("when"), Message("who"), Message("step"), Message("note")]
    rows = [(minute(one.at), one.actor, _said(one.kind, one.detail), one.text) for one in events]
    print_table([Heading(heading) for heading in headings], rows)


@case.command("open")
def open_(
    need: str = typer.Argument(..., help="Id of a need in the catalogue."),
    researchers: list[str] = typer.Argument(None, metavar="[RESEARCHER…]", help="Ids of people."),
    lead: str = typer.Option("", "--lead", help="Id of the researcher who leads."),
    means: str = typer.Option("", "--means", help="A means, such as joint_research."),
    manager: str = typer.Option("", "--manager", help="Login; without one, the need's manager."),
    as_json: bool = AS_JSON,
) -> None:
    """Open a case of a need; its first review waits for its decision.

    Example: enmusubi case open N-12 HU-0101 HU-0102 --lead HU-0101
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import writing_as
    from office.cases.opening import CaseDraft, open_case

    draft = CaseDraft(
        need, researcher_ids=tuple(researchers or ()), lead=lead, means=means, manager=manager
    )
    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        made = open_case(connection, chief(), draft, load_settings())
    _done(made, as_json=as_json)


@case.command("decide")
def decide(
    number: int = NUMBER,
    decision: str = typer.Argument(..., help="go, hold, stop or recycle."),
    met: list[str] = typer.Option(None, "--met", help="Id of a criterion that is met; repeatable."),
    all_met: bool = typer.Option(False, "--all-met", help="All criteria of the gate are met."),
    reason: str = typer.Option("", "--reason", help="Why; needed unless everything is met."),
    code: str = typer.Option("", "--code", help="Of a stop: too_early, no_benefit, …"),
    to: str = typer.Option("", "--to", help="The stage; the next one without."),
    as_json: bool = AS_JSON,
) -> None:
    """Decide the gate before which a case stands.

    Example: enmusubi case decide 3 stop --code too_early --reason "予算がつかない"
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.cases.deciding import GateChoice, decide_gate
    from office.cases.gates import gates_of
    from office.cases.kept import case_of

    viewer = chief()
    with opened() as catalogue:
        with reading_as(catalogue, viewer) as connection:
            found = case_of(connection, viewer, number)
            gate = gates_of(connection, viewer).get(found.gate)
        names = [one.id for one in gate.criteria] if all_met and gate else met or ()
        choice = GateChoice(decision, dict.fromkeys(names, "met"), reason, code, to)
        made = decide_gate(
            catalogue, viewer, number, choice, load_settings(), expected_version=found.version
        )
    _done(made, as_json=as_json)


@case.command("import")
def import_(
    file: Path = typer.Argument(..., help="An Excel or CSV file with a case a row."),
    as_json: bool = AS_JSON,
) -> None:
    """Take running cases over from a spreadsheet; bad rows are told by row and column.

    Example: enmusubi case import cases.xlsx
    """
    from enmusubi.settings import load_settings
    from office.cases.importing import import_cases

    with opened() as catalogue:
        report = import_cases(catalogue, chief(), file, load_settings())
    if as_json:
        _print_json(report.as_dict())
        return
    counts = {"read": report.read, "added": len(report.added), "left": report.left_out}
    tell(Message("%(read)s rows read, %(added)s cases added, %(left)s rows not taken.", counts))
    tell_rejections(report.rejections)


@case.command("clocks")
def clocks_(as_json: bool = AS_JSON) -> None:
    """Look at all clocks as the nightly run does: write the mails, escalate what is overdue.

    Example: enmusubi case clocks
    """
    from enmusubi.settings import load_settings
    from office.cases.telling import check_clocks

    with opened() as catalogue:
        found = check_clocks(catalogue, load_settings())
    if as_json:
        _print_json(asdict(found))
        return
    counts = {
        "soon": len(found.due_soon), "overdue": len(found.overdue),
        "escalated": len(found.escalated), "mails": found.mails,
    }  # fmt: skip
    tell(
        Message(
            "%(soon)s cases are due soon, %(overdue)s overdue, %(escalated)s of them escalated now; "
            "%(mails)s mails wait.",
            counts,
        )
    )


def _show(found: Any, clocks: "Clocks", *, as_json: bool) -> None:
    if as_json:
        _print_json([_plain(one) for one in found])
        return
    if not found:
        tell(Message("There is nothing to list."))
        return
    from cli.tables import Heading, print_table
    from office.cases.case_words import CLOCK_WORDS, STAGE_WORDS, STATE_WORDS

    spoken, today = language(), clocks.days.today()
    headings = (
        Message("case"), Message("title"), Message("company"), Message("stage"), Message("state"),
        Message("last day"), Message("manager"),
    )  # fmt: skip
    rows = [
        (
            str(one.case_id),
            one.title,
            one.company,
            STAGE_WORDS[spoken][one.stage],
            STATE_WORDS[spoken][one.state],
            f"{one.due_on or ''} {CLOCK_WORDS[spoken][clocks.state(one, today)]}".strip(),
            one.manager,
        )
        for one in found
    ]
    print_table([Heading(heading) for heading in headings], rows)


def _said(kind: str, detail: Any) -> str:
    """Return what a step was, by its codes."""
    told = [str(v) for k, v in detail.items() if k in {"gate", "decision", "turn", "origin"} and v]
    return " ".join([kind, *told])


def _done(made: "KeptCase", *, as_json: bool) -> None:
    if as_json:
        _print_json(_plain(made))
        return
    values = {"case": made.case_id, "stage": made.stage, "state": made.state}
    tell(Message("Case %(case)s: %(stage)s, %(state)s.", values))


def _plain(found: "KeptCase") -> dict[str, Any]:
    people = [
        {"researcher_id": one.card.researcher_id, "is_lead": one.is_lead} for one in found.people
    ]
    return {**asdict(replace(found, people=())), "gate": found.gate, "people": people}


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1, default=_text))


def _text(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
