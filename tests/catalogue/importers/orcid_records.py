"""Made-up records of ORCID, and what the importer reads in them."""

import json
from pathlib import Path

from catalogue.importers.orcid.source import ORCID, parts_of
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from catalogue.records.drafts import SEEDS

SAMPLES = Path(__file__).parents[2] / "samples" / "orcid"
RECORD = json.loads((SAMPLES / "record.json").read_text())
AYA, REN = "0000-0002-1825-0097", "0000-0001-5109-3700"


def rows_of(path):
    """Return the rows of a file."""
    sources = ORCID.open_sources(InputFile(path), ImportOptions())
    return [row for source in sources for row in source.parsed_rows()]


def drafts_of(path, table):
    """Return the drafts for a table that a file makes."""
    return [draft for row in rows_of(path) for draft in row.drafts if draft.table == table]


def records_of(row):
    """Return what a row of ORCID's says, part by part."""
    return [record for part in parts_of(row) for record in part.read()]


def seeds(row):
    """Return the drafts of seeds that a row of ORCID's makes."""
    drafts = [draft for record in records_of(row) for draft in record.drafts]
    return [draft for draft in drafts if draft.table == SEEDS]


def work(**fields):
    """Return a work of Aya's."""
    title = {"title": {"value": "Title"}}
    return {"path": f"/{AYA}/work/1", "title": title, "type": "journal-article", **fields}


def person(**fields):
    """Return a record of Aya with nothing but who she is."""
    return {"orcid-identifier": {"path": AYA}, "person": fields}
