"""The night with the real catalogue, importers, index and recommender; only the model is made up."""

import datetime
import json
import shutil
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.judgements.shown_lists import shown
from catalogue.records.catalogue import open_catalogue
from cli.wiring import operator
from enmusubi.errors import InputError
from enmusubi.settings import NightlySettings, Settings
from matcher.records import Filters
from office.access.audit import AuditFilter, entries_page
from office.index_versions import roll_back
from office.nightly.parts import open_nightly_parts
from office.nightly.run import NightlyResult, run_nightly
from office.saved_searches import SearchDraft, save_search, search_of
from office.search_conditions import Conditions

DAY = datetime.date(2031, 4, 1)
PEOPLE = """researcher_id,name_ja,name_en,institution_en,department_en
r-mori,森 明,Akira Mori,Hoshimino University,Weaving
r-kawa,川 葵,Aoi Kawa,Hoshimino University,Water
"""
SEEDS = """seed_id,kind,title,text,year,researcher_ids
s-1,paper,Luminous yarn,A luminous yarn for safety jackets glows at night.,2030,r-mori
s-2,paper,River silt,River silt is measured with a floating probe.,2029,r-kawa
"""
NEEDS = """need_id,title,text,company,status
n-1,=Glow,Safety jackets that glow at night without a battery.,Yamabuki Works,open
n-2,Old,Closed long ago: a floating probe.,Yamabuki Works,closed
"""


@pytest.fixture
def inbox(tmp_path) -> Path:
    folder = tmp_path / "inbox" / "general"
    folder.mkdir(parents=True)
    for name, content in {"people": PEOPLE, "seeds": SEEDS, "needs": NEEDS}.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return folder


@pytest.fixture
def settings(tmp_path, inbox) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        cache_dir=tmp_path / "cache",
        nightly=NightlySettings(inbox=inbox.parent),
    )


@pytest.fixture
def night(settings, word_encoder):
    """Runs a night, days after the first, and returns its result."""
    open_parts = partial(open_nightly_parts, load_encoder=lambda _: word_encoder, by=operator())

    def run(days: int = 0) -> NightlyResult:
        today = DAY + datetime.timedelta(days=days)
        return run_nightly(settings, open_parts=open_parts, today=today)

    return run


def researchers(result: NightlyResult) -> list[str]:
    run = json.loads((result.report_folder / "run.json").read_text("utf-8"))
    return [entry["researcher_id"] for entry in run["needs"]["n-1"]["researchers"]]


def test_a_night_goes_from_the_inbox_to_the_report(night, settings):
    result = night()
    assert (result.inbox.files_imported, result.inbox.problems) == (3, ())
    assert (result.needs, result.matched) == (1, 1)
    assert researchers(result)[0] == "r-mori"
    page = (result.report_folder / "index.html").read_text("utf-8")
    assert "A luminous yarn for safety jackets glows at night." in page
    book = openpyxl.load_workbook(result.report_folder / "matches.xlsx")
    assert book.sheetnames == ["目次 Contents", "1 =Glow"]
    assert book["1 =Glow"]["A1"].value == "'=Glow"
    with open_catalogue(settings.catalogue_url) as catalogue:
        assert catalogue.counts()["seeds"] == 2
        with catalogue.reading() as connection:
            shown_people = shown(connection)
    assert shown_people.query("need_id == 'n-1'")["researcher_id"].tolist() == researchers(result)


def test_what_the_night_imports_is_in_the_trail(night, settings):
    night()
    with open_catalogue(settings.catalogue_url) as catalogue, catalogue.reading() as connection:
        found = entries_page(connection, operator(), AuditFilter(action="import")).items
    assert {one.actor for one in found} == {operator().owner}
    assert {one.detail["format"] for one in found} == {"general"}


def test_a_second_night_without_news_imports_and_encodes_nothing(night, word_encoder):
    first = night()
    encoded = word_encoder.encoded
    second = night(days=1)
    assert (second.inbox.files_imported, second.inbox.files_skipped) == (0, 3)
    assert second.index_version == first.index_version
    assert word_encoder.encoded == encoded + 1  # the need itself, which is never cached
    assert (second.new_researchers, second.new_evidence) == (0, 0)


def test_new_seeds_make_a_new_index_and_are_marked(night, inbox):
    night()
    more = "s-3,paper,Night glow,Jackets that glow at night without a battery.,2031,r-mori\n"
    (inbox / "seeds.csv").write_text(SEEDS + more, "utf-8")
    result = night(days=1)
    assert result.inbox.rows_added == 1
    assert result.index_version == "v000002"
    assert result.new_evidence == 1
    assert "新根拠" in (result.report_folder / "index.html").read_text("utf-8")


def test_seeds_that_came_before_their_researchers_go_in_a_night_later(night, inbox):
    later = "s-4,paper,Late,A battery that glows.,2031,r-late\n"
    (inbox / "seeds.csv").write_text(SEEDS + later, "utf-8")
    assert any("r-late" in str(problem) for problem in night().inbox.problems)
    (inbox / "people.csv").write_text(PEOPLE + "r-late,,Late Comer,,\n", "utf-8")
    result = night(days=1)
    assert result.inbox.problems == ()
    assert "r-late" in researchers(result)
    assert result.new_researchers == 1


def test_a_broken_file_in_the_inbox_is_told_and_the_rest_is_matched(night, inbox):
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    result = night()
    assert result.matched == 1
    assert any("broken.xlsx" in str(problem) for problem in result.inbox.problems)


def test_a_lost_catalogue_is_filled_from_the_inbox_again(night, settings):
    night()
    for path in settings.data_dir.glob("catalogue.sqlite*"):
        path.unlink()
    assert night(days=1).inbox.files_imported == 3


def test_a_catalogue_without_seeds_is_an_error_and_no_report(night, inbox, settings):
    shutil.rmtree(inbox)
    with pytest.raises(InputError, match="nothing to index"):
        night()
    assert not settings.reports_dir.exists()


def test_a_night_keeps_to_the_version_that_someone_went_back_to(
    night, settings, inbox, word_encoder
):
    night()
    (inbox / "seeds.csv").write_text(
        SEEDS + "s-3,paper,Glowing jackets,Safety jackets glow.,2031,r-kawa\n", "utf-8"
    )
    assert night(days=1).index_version == "v000002"
    roll_back(settings, model_checksum=word_encoder.checksum)
    (inbox / "seeds.csv").write_text(SEEDS, "utf-8")
    result = night(days=2)
    assert result.inbox.files_imported == 1
    assert result.index_version == "v000001"


def test_the_night_looks_for_news_of_the_searches_that_somebody_watches(night, settings):
    night()
    filters = Filters(institutions=("Hoshimino",), since=2028)
    with open_catalogue(settings.catalogue_url) as catalogue:
        watched, resting = (
            save_search(
                catalogue,
                LOCAL_VIEWER,
                SearchDraft(
                    "a", "A luminous yarn for jackets", conditions=Conditions(filters), alert=alert
                ),
            )
            for alert in (True, False)
        )
        result = night(1)
        assert result.searches_with_news == 0
        assert search_of(catalogue, LOCAL_VIEWER, watched).checked_at is not None
        assert search_of(catalogue, LOCAL_VIEWER, resting).checked_at is None
