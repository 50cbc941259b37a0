"""One person is taken alone from an export, under whatever ids it has of them."""

import pytest

from catalogue.importers import one_person
from catalogue.importers.one_person import Identifier, only_of
from catalogue.importers.sources import ParsedRow
from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft
from enmusubi.errors import InputError

ORCID = "0000-0002-1825-0097"


class Rows:
    """A source of some drafts, a row each, which counts how often it is read."""

    file = path = None
    label, table, source, repeating = "rows", SEEDS, "rows", frozenset()

    def __init__(self, *drafts):
        self.drafts, self.readings = drafts, 0

    def parsed_rows(self):
        self.readings += 1
        return iter([ParsedRow(n, (draft,)) for n, draft in enumerate(self.drafts)])


def person(own_id, **ids):
    return Draft(RESEARCHERS, {"researcher_id": own_id, **ids})


def seed(seed_id, *people):
    return Draft(SEEDS, {"seed_id": seed_id}, people=people)


def rows_taken(*drafts):
    source = Rows(*drafts)
    (only,) = only_of(Identifier("orcid", ORCID), [source])
    readings = source.readings
    return [row.number for row in only.parsed_rows()], readings


CHAIN = (
    seed("s1", "A1"),
    person("A1", openalex_id="A1", researchmap_id="mori"),
    person("B7", openalex_id="A7"),
    seed("s2", "B7"),
    person("R1", researchmap_id="mori", kaken_id="K1"),
    person(ORCID, orcid=ORCID, kaken_id="K1"),
    seed("s3", "R1", "B7"),
)


def test_whatever_a_file_says_of_a_person_under_other_ids_is_taken_in_one_reading():
    assert rows_taken(*CHAIN) == ([0, 1, 4, 5, 6], 1)


def test_of_too_many_people_the_files_are_read_once_more(monkeypatch):
    monkeypatch.setattr(one_person, "MAX_REMEMBERED", 3)
    drafts = (CHAIN[5], *CHAIN[:5], CHAIN[6])
    taken, readings = rows_taken(*drafts)
    assert readings == 2
    assert {0, 5, 6} <= set(taken)


def test_a_long_row_of_ids_is_followed_to_its_end():
    many = [person(f"p{n}", researchmap_id=f"p{n + 1}") for n in range(20_000)]
    taken, _ = rows_taken(*many, person("p0", orcid=ORCID))
    assert len(taken) == 20_001


def test_a_file_without_the_person_is_told():
    with pytest.raises(InputError, match="nothing on orcid"):
        rows_taken(person("B7", openalex_id="A7"))
