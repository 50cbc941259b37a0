"""researchmap in the catalogue: works find their owners, keywords follow the source."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from catalogue.database.models import Authorship, Researcher

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

SAMPLES = Path(__file__).parents[2] / "samples" / "researchmap"
SATO = "researchmap:jiro.sato"
BY_ACCOUNT = "researchmap:R000000002/published_papers/301"
RESEARCHER = {"type": "profile", "permalink": "jiro.sato"}


@pytest.fixture
def read(load, put):
    """Import lines of an export from one file."""

    def run(*rows, name="export.jsonl"):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        return load(put(name, lines), format_name="researchmap")

    return run


def interest(word):
    order = {"type": "research_interests", "permalink": "jiro.sato"}
    return {"insert": order, "merge": {"keyword": {"ja": word}}}


def profile(job="准教授"):
    named = {"family_name": {"ja": "佐藤"}, "given_name": {"ja": "次郎"}}
    return {
        "insert": RESEARCHER,
        "force": {**named, "affiliations": [{"affiliation": "霞野大学", "job": job}]},
    }


def told(catalogue):
    query = select(Researcher.position_ja, Researcher.keywords_ja)
    with catalogue.reading() as connection:
        return tuple(connection.execute(query.where(Researcher.researcher_id == SATO)).one())


def test_works_find_their_owners_in_whatever_order_the_lines_stand(load, catalogue):
    report = load(SAMPLES / "export.jsonl", SAMPLES / "profile.json", format_name="researchmap")
    assert report.tables["researchers"].added == 2
    assert report.tables["seeds"].added == 14
    wrong = {(r.file, r.row, r.field) for r in report.rejections if r.scope == "row"}
    assert wrong == {
        ("export.jsonl (people)", 12, "permalink"),
        ("export.jsonl", 10, "researcher_ids"),
        ("export.jsonl", 11, "researcher_ids"),
        ("export.jsonl", 13, "type"),
        ("export.jsonl", 14, ""),
        ("profile.json", 1, "title"),
    }
    with catalogue.reading() as connection:
        query = select(Authorship.researcher_id).where(Authorship.seed_id == BY_ACCOUNT)
        assert connection.execute(query).scalars().all() == [SATO]


def test_the_same_files_twice_change_nothing(load):
    files = (SAMPLES / "export.jsonl", SAMPLES / "profile.json")
    load(*files, format_name="researchmap")
    again = load(*files, format_name="researchmap")
    assert (again.added, again.updated) == (0, 0)


def test_keywords_in_lines_follow_the_source_and_the_profile_keeps_its_own(read, catalogue):
    read(interest("木造建築"), profile(), interest("継手"))
    assert told(catalogue) == ("准教授", "木造建築; 継手")
    read(interest("木造建築"), profile("教授"), interest("地震"))
    assert told(catalogue) == ("教授", "木造建築; 地震")


def test_keywords_may_come_later_in_a_file_of_their_own(read, catalogue):
    read(profile())
    read(interest("木造建築"), interest("継手"), name="interests.jsonl")
    assert told(catalogue) == ("准教授", "木造建築; 継手")


def test_keywords_of_somebody_unknown_are_reported(read):
    report = read(interest("木造建築"))
    assert [(r.field, r.scope) for r in report.rejections] == [("name_ja", "value")]
