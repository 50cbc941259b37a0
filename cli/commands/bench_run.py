"""`enmusubi bench run` and `compare`: all that is measured in one file, and what got worse since another."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import tell, wrong_usage
from enmusubi.messages import Message, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.measuring.parts import Setting
    from cli.measuring.results import RunFile

PART_NAMES = ("encoder", "match", "http", "import", "night")


def run(
    parts: list[str] | None = typer.Argument(
        None, metavar="[PART]...", help="encoder, match, http, import, night; all without."
    ),
    output: Path = typer.Option(
        Path("bench.json"), "--output", help="File for what is found; replaced if it is there."
    ),
    quick: bool = typer.Option(
        False, "--quick", help="Small data: a minute or two, and less exact."
    ),
    postgresql: str = typer.Option(
        "",
        "--postgresql",
        metavar="URL",
        help="Server where imports are measured, too, in a new database that goes afterwards.",
    ),
) -> None:
    """Measure encoder, matches, service, imports and a night on made-up data, into a JSON file.

    The catalogue is not touched. Without `--quick` it takes about ten minutes. Run it while nothing
    else does. What was measured before an interruption is kept.
    Example: enmusubi bench run --output now.json
    """
    import signal

    from cli.measuring.parts import PARTS, QUICK, WHOLE, Setting
    from cli.measuring.results import RunFile, read_run
    from cli.progress import progress_bars
    from cli.wiring import encoder_of
    from enmusubi.settings import load_settings

    chosen = _chosen(parts or [])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # folders and servers go, too
    encoder = encoder_of(load_settings())
    file = RunFile(output, is_quick=quick, precision=encoder.precision)
    with progress_bars() as report:
        given = Setting(encoder, QUICK if quick else WHOLE, postgresql, report)
        for done, name in enumerate(chosen):
            report("measure", done, len(chosen))
            _measure(name, PARTS[name], given, file)
        report("measure", len(chosen), len(chosen))
    _show(read_run(output))
    tell(Message("Written to %(path)s.", {"path": output}))


def compare(
    old: Path = typer.Argument(..., metavar="OLD", help="A file of `enmusubi bench run`."),
    new: Path = typer.Argument(..., metavar="NEW", help="A later one."),
) -> None:
    """Say which ratios got worse by more than 15 %; exits 1 if any did.

    Example: enmusubi bench compare before.json now.json
    """
    from cli.measuring.results import read_run, worsened

    before, now = read_run(old), read_run(new)
    found, compared = worsened(before, now)
    if before["machine"].get("processor") != now["machine"].get("processor"):
        tell(Message("The runs are of two kinds of processor: ratios may differ for that alone."))
    for one in found:
        worse = {
            "name": one.name,
            "before": f"{one.before:.3g}",
            "now": f"{one.now:.3g}",
            "percent": f"{100 * one.by:.0f}",
        }
        tell(Message("%(name)s: %(before)s → %(now)s, worse by %(percent)s %%", worse))
    counted = {"worse": len(found), "compared": compared}
    tell(Message("%(worse)s of %(compared)s ratios got worse by more than 15 %%.", counted))
    if found:
        raise typer.Exit(1)


def _chosen(parts: Sequence[str]) -> list[str]:
    unknown = [part for part in parts if part not in PART_NAMES]
    if unknown:
        values = {"parts": listed(unknown), "known": listed(PART_NAMES)}
        raise wrong_usage(Message("Not a part: %(parts)s. There are %(known)s.", values))
    return [part for part in PART_NAMES if part in (parts or PART_NAMES)]


def _measure(name: str, measured: Any, given: "Setting", file: "RunFile") -> None:
    import time

    began = time.perf_counter()
    findings = measured(given)
    file.add(name, findings, time.perf_counter() - began)


def _show(run: "Mapping[str, Any]") -> None:
    from cli.measuring.results import ratios_of
    from cli.tables import Heading, print_table

    rows = [(name, f"{ratio.value:.3g}") for name, ratio in ratios_of(run).items()]
    columns = [Heading(Message("ratio")), Heading(Message("value"), is_number=True)]
    print_table(columns, rows, lines=False)
