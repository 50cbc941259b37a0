"""Owns where the demonstration's files lie and in which order they are imported.

Everything in them is made up; `data/README.md` says so and describes them.
"""

from dataclasses import replace
from pathlib import Path

from catalogue.importers.importing import ImportChoices
from catalogue.importers.registry import import_files
from catalogue.importers.report import ImportReport, OnProgress, TableCounts
from catalogue.records.catalogue import Catalogue

DATA = Path(__file__).parent / "data"

DEMONSTRATION_FILES: tuple[tuple[str, Path], ...] = (  # (format, file); people come first
    ("general", DATA / "researchers.csv"),
    ("openalex", DATA / "works.openalex.jsonl"),
    ("researchmap", DATA / "researchmap.jsonl"),
    ("general", DATA / "patents.csv"),
    ("general", DATA / "grants_courses_profiles.xlsx"),
    ("general", DATA / "needs.csv"),
)

SCREENING_FILES = tuple(  # of screening, which `enmusubi demo` imports behind the others
    DATA / name for name in ("interests.csv", "company_groups.csv", "competitors.csv", "limits.csv")
)

PROFILES_FILE = DATA / "company_profiles.csv"
FITS_WELL = 2  # of the judgements' levels
demonstration_needs_shown = ("N-02", "N-09")  # one in Japanese, one in English


def import_demonstration(
    catalogue: Catalogue,
    on_progress: OnProgress | None = None,
    *,
    choices: ImportChoices | None = None,
) -> ImportReport:
    """Import all files and return one report of them.

    A second import changes nothing. Records are counted file by file: an author of papers counts as
    unchanged besides. `on_progress` tells the rows and bytes of one file at a time.
    """
    total = ImportReport()
    for format_name, path in DEMONSTRATION_FILES:
        report = import_files(
            catalogue, format_name, [path], choices=choices, on_progress=on_progress
        )
        total = _joined(total, report)
    return total


def demonstration_qrels() -> Path:
    """Return the judgements as TREC qrels; `judgements.csv` beside it has their reasons."""
    return DATA / "qrels.txt"


def demonstration_suits() -> list[tuple[str, str]]:
    """Return needs, each with a researcher who fits it well: the first of each need, then the second."""
    found: dict[str, list[str]] = {}
    for line in demonstration_qrels().read_text("utf-8").split("\n"):
        if line:
            need_id, _, researcher_id, relevance = line.split()
            if int(relevance) >= FITS_WELL:
                found.setdefault(need_id, []).append(researcher_id)
    most = max(map(len, found.values()), default=0)
    return [
        (need, people[n]) for n in range(most) for need, people in found.items() if n < len(people)
    ]


def _joined(first: ImportReport, second: ImportReport) -> ImportReport:
    tables = dict(first.tables)
    for name, counts in second.tables.items():
        before = tables.get(name, TableCounts())
        tables[name] = TableCounts(
            added=before.added + counts.added,
            updated=before.updated + counts.updated,
            merged=before.merged + counts.merged,
            unchanged=before.unchanged + counts.unchanged,
        )
    return replace(
        first,
        read=first.read + second.read,
        rejected=first.rejected + second.rejected,
        tables=tables,
        rejections=first.rejections + second.rejections,
        unreadable=first.unreadable + second.unreadable,
        joined=first.joined + second.joined,
        queued=first.queued + second.queued,
    )
