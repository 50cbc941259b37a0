"""`enmusubi screen`: what screening finds of a need's people, and the tables that it looks at."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.telling import language, tell, wrong_usage
from cli.wiring import chief, opened, operator, tell_rejections
from enmusubi.messages import Message

if TYPE_CHECKING:
    from office.screening.importing import ScreeningImport

LISTED = 10  # people of the newest list


def screen(
    need_id: str = typer.Argument("", metavar="[NEED", help="Id of a need in the catalogue."),
    researcher_ids: list[str] = typer.Argument(
        None, metavar="RESEARCHER…]", help="Whom to screen; without any, the need's newest list."
    ),
    file: Path | None = typer.Option(
        None,
        "--import",
        metavar="FILE",
        help="Take interests, groups, competitors, limits, former employers or NDAs of a CSV file "
        "or workbook.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Say what has to be looked at before a list is released: conflicts of interest, export control, time.

    Everything is shown: whoever runs it can read the catalogue anyway (docs/screening.md).

    \b
    Example: enmusubi screen N-12
             enmusubi screen N-12 HU-0101 HU-0102
             enmusubi screen --import interests.xlsx
    """
    if bool(need_id) == (file is not None):
        raise wrong_usage(Message("Give the id of a need, or --import FILE."))
    if file is not None:
        _import(file, as_json=as_json)
    else:
        _screen(need_id, researcher_ids or [], as_json=as_json)


def _screen(need_id: str, researcher_ids: list[str], *, as_json: bool) -> None:
    import json

    from cli.tables import Heading, print_table
    from enmusubi.settings import load_settings
    from enmusubi.translation import say
    from office.matching import stored_need
    from office.people import names_of_researchers
    from office.screening.list_screening import newest_people, screen_list
    from office.screening.rule_book import rule_name

    viewer, spoken = chief(), language()
    with opened() as catalogue:
        need = stored_need(catalogue, viewer, need_id)
        people = researcher_ids or newest_people(catalogue, need_id, LISTED)
        found = screen_list(catalogue, viewer, need, people, load_settings().screening).all()
        names = names_of_researchers(catalogue, people, spoken)
    if as_json:
        rows = [{**vars(one), "reason": say(one.reason, spoken)} for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    headings = [Message("researcher"), Message("verdict"), Message("rule"), Message("reason")]
    print_table(
        [Heading(heading) for heading in headings],
        [
            (
                names.get(one.researcher_id, one.researcher_id),
                one.decision or one.verdict,
                rule_name(one.rule_id, spoken),
                say(one.reason, spoken),
            )
            for one in found
        ],
    )
    stops = {"count": sum(one.stops for one in found), "people": len(people)}
    tell(Message("%(people)s researchers screened; %(count)s findings stop a release.", stops))


def _import(path: Path, *, as_json: bool) -> None:
    import json

    from office.screening.importing import import_screening

    with opened() as catalogue:
        reports = import_screening(catalogue, operator(), path)
    if as_json:
        told = [report.as_dict() for report in reports]
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for report in reports:
            _tell_report(report)
    if not any(one.added + one.changed + one.unchanged for one in reports):
        raise typer.Exit(1)


def _tell_report(report: "ScreeningImport") -> None:
    counts = {
        name: f"{getattr(report, name):,}" for name in ("read", "added", "changed", "unchanged")
    }
    tell(
        Message(
            "%(kind)s: %(read)s rows read, %(added)s added, %(changed)s changed, %(unchanged)s known "
            "already, %(left)s not taken.",
            {"kind": report.kind, "left": f"{report.left_out:,}", **counts},
        )
    )
    tell_rejections(report.rejections)
