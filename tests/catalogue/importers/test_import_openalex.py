"""OpenAlex works and authors become seeds and researchers, alone or mixed in one file."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from catalogue.database.models import Organisation
from catalogue.importers.general.mapping import map_by_name
from catalogue.importers.openalex import OPENALEX, read_entity
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions, rows_with
from catalogue.records.drafts import ORGANISATIONS, RESEARCHERS, SEEDS, Merge
from enmusubi.errors import MappingError, UnreadableFileError

SAMPLE = Path(__file__).parents[2] / "samples" / "openalex" / "authors_and_works.jsonl"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMED = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "display_name", "level"), ANY_JSON))
AUTHOR_FIELDS = ("orcid", "display_name", "display_name_alternatives", "last_known_institution")
PARTS = ("topics", "x_concepts", "keywords", "affiliations", "authorships", "concepts")
ENTITY = st.fixed_dictionaries(
    {"id": st.sampled_from(["https://openalex.org/A12", "W34", "T5"]) | ANY_JSON},
    optional=dict.fromkeys((*AUTHOR_FIELDS, "primary_topic", "type", "language"), ANY_JSON)
    | dict.fromkeys(PARTS, st.lists(NAMED, max_size=3) | ANY_JSON),
)


@pytest.fixture
def rows():
    (source,) = OPENALEX.open_sources(InputFile(SAMPLE), ImportOptions())
    return list(source.parsed_rows())


def only(row, table):
    (draft,) = [draft for draft in row.drafts if draft.table == table]
    return draft


def test_every_field_of_an_author_finds_its_column(rows):
    author = only(rows[0], RESEARCHERS)
    assert author.merge is Merge.REPLACE
    assert author.values == {
        "researcher_id": "0000-0002-1825-0097",
        "orcid": "0000-0002-1825-0097",
        "openalex_id": "A9900000001",
        "name_en": "Hana Mori",
        "name_ja": "森 花",
        "aliases": "Mori, H.; H. Mori",
        "keywords_en": "Cellulose Films; Gas Barriers, Coatings",
        "organisation_id": "0aaaaaa11",
    }
    assert only(rows[0], ORGANISATIONS).values["name_en"] == "Kasumino University"


def test_an_author_of_an_older_snapshot_has_one_institution_and_concepts(rows):
    author = only(rows[1], RESEARCHERS).values
    assert author["researcher_id"] == "A9900000003"
    assert author["keywords_en"] == "Structural engineering; Timber"
    assert only(rows[1], ORGANISATIONS).values["name_ja"] == "霞野大学"


def test_the_latest_affiliation_stands_in_for_the_last_known_institution(rows):
    assert only(rows[2], ORGANISATIONS).values["name_en"] == "Wakaba University"


def test_a_wrong_orcid_is_reported_and_the_author_goes_by_the_openalex_id(rows):
    assert only(rows[2], RESEARCHERS).values["researcher_id"] == "A9900000004"
    (rejection,) = rows[2].rejections
    assert (rejection.field, rejection.scope) == ("orcid", "value")


def test_authors_and_works_stand_in_one_file(rows):
    seed = only(rows[4], SEEDS)
    assert seed.values == {
        "seed_id": "W9900000011",
        "kind": "paper",
        "title": "Clay films for paper cups",
        "lang": "en",
        "year": 2024,
        "doi": "10.5555/kasumi.11",
        "field_codes": "openalex:T99002; openalex:T99001",
        "companies": "Kasumi Paper (Japan)",
        "text": "Clay; Gas Barriers; Cellulose Films",
    }
    assert seed.people == ("0000-0002-1825-0097", "A9900000005")  # the one for unknown is left out


def test_topics_stay_out_of_a_text_that_has_an_abstract(rows):
    assert only(rows[5], SEEDS).values["text"] == "A figure was wrong."


def test_an_erratum_is_kept_out_of_matching_and_an_unknown_language_left_to_the_script(rows):
    values = only(rows[5], SEEDS).values
    assert values["visibility"] == "internal"
    assert "lang" not in values


def test_what_is_neither_work_nor_author_is_rejected_with_its_row(rows):
    assert [(row.number, row.rejections[0].field) for row in rows if not row.drafts] == [
        (4, "seed_id"),
        (7, "id"),
    ]
    assert "neither a work nor an author" in rows[6].rejections[0].reason
    assert json.loads(rows[6].raw())["type"] == "education"


def test_old_works_have_concepts_instead_of_topics():
    work = {"id": "W1", "title": "Rust", "concepts": [{"display_name": "Corrosion"}, None]}
    (record,) = read_entity(work)
    assert record.drafts[0].values["text"] == "Corrosion"


def test_a_researcher_can_be_given_to_all_works(rows):
    given_rows = list(rows_with("HU-1", rows))
    assert only(given_rows[4], SEEDS).people == ("0000-0002-1825-0097", "A9900000005", "HU-1")
    assert given_rows[0] == rows[0]
    assert list(rows_with("", rows)) == rows


def test_a_mapping_and_other_files_are_refused(tmp_path):
    options = ImportOptions(mapping=map_by_name(SEEDS, ["seed_id"]))
    with pytest.raises(MappingError, match=r"openalex needs no mapping"):
        OPENALEX.open_sources(InputFile(SAMPLE), options)
    path = tmp_path / "works.csv"
    path.write_text("id\n")
    with pytest.raises(UnreadableFileError, match=r"no file of the format openalex.*\.jsonl"):
        OPENALEX.open_sources(InputFile(path), ImportOptions())


@given(ENTITY)
def test_entities_of_any_shape_give_records(entity):
    for record in read_entity(entity):
        assert record.drafts or record.rejections


@pytest.mark.parametrize(
    ("years", "as_of"), [([2019, 2022, 2020], "2022"), ([2022, 99_999], ""), ([-7], ""), ([], "")]
)
def test_an_authors_place_is_dated_by_a_year_that_there_can_be(years, as_of):
    place = {"institution": {"display_name": "Kasumino University"}, "years": years}
    author = {"id": "https://openalex.org/A55", "display_name": "Hana Mori"}
    (record,) = read_entity({**author, "affiliations": [place]})
    (person,) = [draft for draft in record.drafts if draft.table == RESEARCHERS]
    assert person.as_of == as_of


def test_the_types_of_organisations_are_kept(catalogue, put, load):
    types = {"company": "company", "education": "university", "funder": "other", None: "university"}
    works = []
    for number, kind in enumerate(types):
        place = {
            "display_name": f"Kasumi {'University' if not kind else 'Works'} {number}",
            "type": kind,
        }
        author = {"id": f"https://openalex.org/A{number}1", "display_name": f"Ken No{number}"}
        entry = {"author": author, "institutions": [place]}
        title = f"A work that is number {number}"
        works.append(
            {"id": f"https://openalex.org/W{number}1", "title": title, "authorships": [entry]}
        )
    load(put("works.jsonl", "\n".join(map(json.dumps, works))), format_name="openalex")

    with catalogue.reading() as connection:
        found = connection.execute(select(Organisation.name_en, Organisation.kind)).all()
    assert {int(name[-1]): kind for name, kind in found} == dict(enumerate(types.values()))
