"""Whoever works at a known organisation is led to it, however the affiliation is written.

Measured through the import itself. `--organisations FILE` measures a whole register besides, such as
all of a country in ROR's columns (ror_id, name_en, name_ja, types, other_names; .csv or .csv.gz).
"""

import csv
import gzip
import io
import json
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from catalogue.database.models import Organisation, Researcher
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import open_catalogue
from tests.quality.affiliations import ways

SAMPLE = Path(__file__).parent / "organisations.csv"
FLOOR = 0.99


def rows_of(path):
    whole = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(whole.decode("utf-8"))))


def letters(number):
    """Return a name that no other number has: digits say nothing in names."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:06d}").title()


def orcid(number):
    digits = f"{number:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[start : start + 4] for start in range(0, 16, 4))


def led_home(register, folder):
    """Return the ways, each with how many were led to exactly their own organisation, and of how many."""
    chance = random.Random(0)
    written = [
        (way, row["ror_id"], text) for row in rows_of(register) for way, text in ways(row, chance)
    ]
    works = folder / "works.jsonl"
    with works.open("w", encoding="utf-8") as file:
        for number, (_, _, text) in enumerate(written):
            author = {
                "family": letters(number),
                "given": "Hana",
                "ORCID": orcid(number),
                "affiliation": [{"name": text}],
            }
            work = {
                "DOI": f"10.5555/{number}",
                "title": [f"A work of number {number}"],
                "author": [author],
            }
            file.write(json.dumps(work) + "\n")
    with open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}") as catalogue:
        import_files(catalogue, "ror", [register])
        import_files(catalogue, "crossref", [works])
        query = select(Researcher.researcher_id, Organisation.ror_id).join(
            Organisation, Organisation.organisation_id == Researcher.organisation_id
        )
        with catalogue.reading() as connection:
            found = dict(connection.execute(query).all())
    counts, right = Counter(), Counter()
    for number, (way, ror_id, _) in enumerate(written):
        counts[way] += 1
        right[way] += found.get(orcid(number)) == ror_id.removeprefix("https://ror.org/")
    return right, counts


def test_made_up_organisations_are_found_however_they_are_written(tmp_path):
    right, counts = led_home(SAMPLE, tmp_path)
    assert len(counts) >= 10
    assert {way: counts[way] - right[way] for way in counts if right[way] < counts[way]} == {}


def test_of_a_whole_register_nearly_all_are_led_to_exactly_their_own(request, tmp_path):
    register = request.config.getoption("organisations") or SAMPLE
    copy = tmp_path / Path(register).name
    shutil.copy(register, copy)
    right, counts = led_home(copy, tmp_path)
    for way in counts:  # seen with -s
        sys.stdout.write(
            f"{way:28} {right[way]:6} of {counts[way]:6} {right[way] / counts[way]:.4f}\n"
        )
    sys.stdout.write(
        f"all {right.total()} of {counts.total()} {right.total() / counts.total():.4f}\n"
    )
    assert right.total() / counts.total() >= FLOOR
