"""A night's run over made-up works and needs: what a need takes once all that is new is encoded."""

import datetime
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cli.measuring.clock import cpu_s, usual_cpu_s
from cli.measuring.imports import import_works
from cli.measuring.made_up_works import write_works
from cli.measuring.matches import needs_to_match
from cli.measuring.results import Findings, Ratio
from cli.measuring.service import settings_in

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from matcher.corpus_source import OnTotal
    from matcher.encoder.encoder import Encoder

FIRST_NIGHT = datetime.date(2026, 1, 1)
REPEATS = 3


def measure_night(
    encoder: "Encoder", *, n_seeds: int, n_needs: int, on_progress: "OnTotal"
) -> Findings:
    """Run two nights over so many seeds and needs, and return what the second takes for a need."""
    from functools import partial

    from matcher.queries import encode_needs
    from office.nightly.parts import open_nightly_parts
    from office.nightly.run import run_nightly

    with TemporaryDirectory(prefix="enmusubi-bench-") as folder:
        settings = settings_in(Path(folder))
        _fill(settings, n_seeds, n_needs)
        open_parts = partial(open_nightly_parts, load_encoder=lambda settings: encoder)

        def night(day: int) -> None:
            today = FIRST_NIGHT + datetime.timedelta(days=day)
            run_nightly(settings, open_parts=open_parts, today=today, on_progress=on_progress)

        first, second = cpu_s(lambda: night(0)), cpu_s(lambda: night(1))
        needs = needs_to_match(n_needs)
        encoding = usual_cpu_s(lambda: encode_needs(needs, encoder, None), REPEATS)
    return Findings(
        {"need / one encoding": Ratio(second / encoding)},
        {"first_night_s": first, "second_night_s": second, "need_ms": 1000 * second / n_needs},
    )


def _fill(settings: "Settings", n_seeds: int, n_needs: int) -> None:
    """Import made-up works and needs into the catalogue of the settings."""
    from catalogue.importers.importing import ImportChoices
    from catalogue.importers.registry import import_files
    from catalogue.records.catalogue import open_catalogue

    works = settings.data_dir / "works.jsonl.gz"
    needs = settings.data_dir / "needs.jsonl"
    write_works(n_seeds, works)
    rows = [{"need_id": n.need_id, "text": n.text} for n in needs_to_match(n_needs)]
    needs.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    choices = ImportChoices(rejects=settings.rejects_dir)
    with open_catalogue(settings.catalogue_url) as catalogue:
        import_works(catalogue, works)
        import_files(catalogue, "general", [needs], choices=choices)
