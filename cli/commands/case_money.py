"""`enmusubi case estimate`: what a case costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import language
from cli.wiring import chief, opened, write_file
from enmusubi.messages import Message

if TYPE_CHECKING:
    from office.estimates.kept import KeptEstimate

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
CASE = typer.Argument(..., metavar="CASE", help="Number of a case.", min=1)
ESTIMATE = typer.Argument(..., metavar="ESTIMATE", help="Number of an estimate.", min=1)
VERSION = typer.Option(0, "--version", help="A version; the newest without.", min=0)
TONGUE = typer.Option("", "--language", help="ja or en; the command line's without.")

estimate = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@estimate.callback()
def estimates() -> None:
    """Estimates of a case: write, check, export.

    Whoever runs it acts as the chief (docs/estimates.md).

    \b
    Example: enmusubi case estimate list 3
             enmusubi case estimate export 3 1 estimate.xlsx
    """


@estimate.command("list")
def listed(number: int = CASE, as_json: bool = AS_JSON) -> None:
    """List the estimates of a case.

    Example: enmusubi case estimate list 3
    """
    from office.access.scoped import reading_as
    from office.cases.kept import case_of
    from office.estimates.kept import estimates_of

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        case = case_of(connection, chief(), number)
        found = estimates_of(connection, chief(), case)
    _show(found, as_json=as_json)


@estimate.command("show")
def show(
    number: int = CASE, which: int = ESTIMATE, version: int = VERSION, as_json: bool = AS_JSON
) -> None:
    """Show what an estimate comes to, year by year.

    Example: enmusubi case estimate show 3 1
    """
    from cli.tables import Heading, print_table
    from office.access.scoped import reading_as
    from office.estimates.kept import estimate_of
    from office.estimates.words import SAID, year_words

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        kept = estimate_of(connection, chief(), number, which, version)
    _show_one(kept, as_json=as_json)
    if as_json:
        return
    spoken, said = language(), kept.estimate
    names = ("direct", "indirect", "strategic", "fees", "net", "tax", "total")
    headings: list[Message | str] = [Message("year"), *(SAID[spoken][name] for name in names)]
    rows = [
        (year_words(year, said.first_year, spoken), *_amounts(sums, names))
        for year, sums in enumerate(said.by_year(), start=1)
    ]
    rows.append((SAID[spoken]["all"], *_amounts(said.total(), names)))
    print_table([Heading(heading) for heading in headings], rows)


@estimate.command("write")
def write(
    number: int = CASE,
    file: Path = typer.Argument(..., help="A JSON file in the form of the API's estimates."),
    which: int = typer.Option(0, "--of", help="Number of the estimate whose next version it is."),
    as_json: bool = AS_JSON,
) -> None:
    """Write an estimate of a case, or the next version of one.

    Example: enmusubi case estimate write 3 estimate.json
    """
    from pydantic import ValidationError

    from api.v1.schemas.estimates import EstimateIn
    from enmusubi.errors import UnreadableFileError
    from enmusubi.settings import load_settings
    from office.access.scoped import writing_as
    from office.estimates.kept import save_estimate

    settings = load_settings().estimates
    names = ("indirect_percent", "strategic_percent", "tax_percent")
    usual = {name: str(getattr(settings, name)) for name in names}
    try:
        asked = EstimateIn.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnreadableFileError(
            "%(path)s cannot be read: %(reason)s.", path=file, reason=type(error).__name__
        ) from None
    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        made = save_estimate(connection, chief(), number, asked.estimate(usual), estimate_id=which)
    _show_one(made, as_json=as_json)


@estimate.command("check")
def check(
    number: int = CASE,
    which: int = ESTIMATE,
    remark: str = typer.Option("", "--remark", help="What finance says of it."),
    send_back: bool = typer.Option(False, "--return", help="Send it back; needs a remark."),
    ask: bool = typer.Option(False, "--ask", help="Put it up for a check instead."),
    as_json: bool = AS_JSON,
) -> None:
    """Check an estimate that another wrote, send it back, or put it up for a check.

    Example: enmusubi case estimate check 3 1 --remark "旅費を確認"
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import writing_as
    from office.estimates.kept import ask_for_check, check_estimate

    mail = load_settings().mail
    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        if ask:
            kept = ask_for_check(connection, chief(), number, which, expected_tag=None, mail=mail)
        else:
            kept = check_estimate(
                connection, chief(), number, which, accepts=not send_back, remark=remark,
                expected_tag=None, mail=mail,
            )  # fmt: skip
    _show_one(kept, as_json=as_json)


@estimate.command("export")
def export(
    number: int = CASE,
    which: int = ESTIMATE,
    file: Path = typer.Argument(..., help="Where to write it; .xlsx or .pdf."),
    version: int = VERSION,
    tongue: str = TONGUE,
) -> None:
    """Write an estimate as an Excel file with formulas, or as a page (PDF).

    Example: enmusubi case estimate export 3 1 estimate.pdf --language en
    """
    from enmusubi.settings import load_settings
    from office.estimates.exporting import export_estimate

    ending: Any = file.suffix.removeprefix(".").lower()
    if ending not in {"xlsx", "pdf"}:
        raise typer.BadParameter("expected a file that ends with .xlsx or .pdf")
    with opened() as catalogue:
        made = export_estimate(
            catalogue, chief(), load_settings(), number, which, version, ending=ending,
            language=tongue_of(tongue),
        )  # fmt: skip
    write_file(file, made.content)


def _amounts(sums: Any, names: tuple[str, ...]) -> list[str]:
    return [f"{getattr(sums, f'{name}_jpy'):,}" for name in names]


def _show_one(kept: "KeptEstimate", *, as_json: bool) -> None:
    if as_json:
        print_json(_plain(kept))
        return
    _show([kept], as_json=False)


def _show(found: "list[KeptEstimate]", *, as_json: bool) -> None:
    from cli.tables import Heading, print_table
    from office.estimates.words import STATE_WORDS

    if as_json:
        print_json([_plain(one) for one in found])
        return
    headings = [
        Message("estimate"), Message("version"), Message("state"), Message("total in yen"), Message("title"),
    ]  # fmt: skip
    words = STATE_WORDS[language()]
    rows = [
        (
            str(one.estimate_id),
            str(one.version),
            words[one.state],
            f"{one.total_jpy:,}",
            one.estimate.title,
        )
        for one in found
    ]
    print_table([Heading(heading) for heading in headings], rows)


def _plain(kept: "KeptEstimate") -> Any:
    from api.v1.schemas.estimates import EstimateOut

    return EstimateOut.of(kept).model_dump(mode="json")


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    import json

    print(json.dumps(value, ensure_ascii=False))


def tongue_of(asked: str) -> str:
    """Return the language that was asked for, or the command line's."""
    return asked if asked in {"ja", "en"} else language()
