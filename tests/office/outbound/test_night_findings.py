"""What a night finds besides lists: themes that companies share, companies for patents that nobody uses."""

import json

import openpyxl
import pytest

from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, SEEDS, Draft
from enmusubi.settings import NightlySettings
from matcher.records import ResearcherCard
from office.matching import ViewerMatching
from office.nightly.findings import find_more
from office.reports.findings import (
    KnownFindings,
    NightFindings,
    ThemeReport,
    marked_theme,
    read_findings,
)
from office.reports.past_nights import read_night
from office.reports.publication import write_report
from office.reports.records import DormantPerson, DormantReport, NightReport, PreviousRun, read_run
from tests.office.outbound.conftest import ASLEEP, HUSHED
from tests.support.small_recommender import SmallRecommender

BOTH = NightlySettings(shared_needs=True, unused_patents=2)
SAME = "果物を傷つけずにつかむ手を探しています。"


def need(need_id: str, company: str, text: str = SAME, area: str = "non-competitive") -> Draft:
    row = {"need_id": need_id, "title": f"{company}の題名", "text": text, "lang": "ja",
           "organisation_id": company, "area": area, "confidentiality": "public",
           "manager": "kato"}  # fmt: skip
    return Draft(NEEDS, row)


def patent(seed_id: str, text: str, **values: object) -> Draft:
    row = {"seed_id": seed_id, "kind": "patent", "lang": "ja", "title": f"{seed_id}の発明",
           "text": text, "patent_status": "granted", **values}  # fmt: skip
    return Draft(SEEDS, row, people=("R-01",))


def put(catalogue: Catalogue, *drafts: Draft) -> None:
    assert "refused" not in {one.change for one in catalogue.write(drafts, source="test")}


@pytest.mark.parametrize(
    ("known", "is_new", "joined"),
    [
        (None, False, ()),  # the first look marks nothing
        ((), True, ("N-1", "N-2", "N-3")),
        ((("N-1", "N-9"), ("N-3", "N-8")), True, ("N-1", "N-2", "N-3")),  # two shared at least
        ((("N-1", "N-2"), ("N-2", "N-3", "N-1")), False, ()),
        ((("N-1", "N-2", "N-7"),), False, ("N-3",)),
    ],
)
def test_a_theme_goes_on_from_the_one_of_the_night_before(
    known: tuple[tuple[str, ...], ...] | None, is_new: bool, joined: tuple[str, ...]
) -> None:
    before = KnownFindings(None if known is None else tuple(map(frozenset, known)))
    theme = marked_theme(ThemeReport(("N-1", "N-2", "N-3"), 2, ()), before)
    assert (theme.is_new, theme.joined) == (is_new, joined)


def test_two_nights_tell_new_themes_and_each_patent_in_its_turn_once(
    catalogue: Catalogue, matching: ViewerMatching
) -> None:
    recommender = SmallRecommender()
    put(
        catalogue,
        patent("P-1", "酸素を通しにくい薄い膜を作った。"),
        patent("P-2", "酸素に強い薄い膜を作った。"),
        patent("P-3", "薄い膜を作った。"),
        patent("P-used", "薄い膜。", companies="白山機工株式会社"),
        patent("P-secret", "薄い膜。", patent_status="unpublished", visibility="internal"),
    )
    first = find_more(matching, BOTH, recommender, KnownFindings(), "2031-04-01")
    assert first.themes == () and [one.seed_id for one in first.unused] == ["P-1", "P-2"]
    told = {one.need_id: one for report in first.unused for one in report.companies if one.need_id}
    assert (
        HUSHED in told and ASLEEP not in told
    )  # the chief's report; closed needs are left to dormancy
    assert (told[HUSHED].name, bool(told[HUSHED].probability)) == ("黒瀬製紙株式会社", True)
    assert HUSHED in first.told_need_ids

    put(catalogue, need("N-a", "aonami"), need("N-b", "kurose"))
    put(catalogue, need("N-c", "kurose", area="competitive"))
    run = json.loads(json.dumps(_stored(first)))
    second = find_more(matching, BOTH, recommender, read_findings(run), "2031-04-02")
    (theme,) = second.themes or ()
    assert (set(theme.need_ids), theme.companies, theme.is_new) == ({"N-a", "N-b"}, 2, True)
    assert [one.seed_id for one in second.unused][:1] == ["P-3"]  # what never looked goes first
    third = find_more(matching, BOTH, recommender, read_findings(_stored(second)), "2031-04-03")
    assert not third.new_themes
    fourth = find_more(matching, BOTH, recommender, read_findings(_stored(third)), "2031-04-04")
    assert fourth.unused == ()  # all have looked since the needs came, and found nothing else

    off = NightlySettings(shared_needs=False, unused_patents=0)
    nothing = find_more(matching, off, recommender, read_findings(_stored(second)), "2031-04-05")
    assert nothing.themes is None and nothing.unused == () and nothing.looked == second.looked
    assert read_findings(_stored(nothing)).themes is None


def test_page_workbook_and_run_tell_them_and_no_company_of_another(
    catalogue: Catalogue, matching: ViewerMatching, tmp_path: object
) -> None:
    put(catalogue, need("N-a", "aonami"), need("N-b", "kurose"), patent("P-1", "薄い膜を作った。"))
    known = KnownFindings(())
    found = find_more(matching, BOTH, SmallRecommender(), known, "2031-04-01")
    person = DormantPerson(
        ResearcherCard("R-01", "森 花", "Hana Mori"), 0.62, ("S-1",), ("新しい膜",)
    )
    report = NightReport(
        "2031-04-01", "2031-04-01", "v1", "m", 5, (), findings=found,
        dormant=(DormantReport("N-asleep", "=紙の膜", "黒瀬製紙株式会社", (person,)),),
    )  # fmt: skip
    folder = write_report(report, PreviousRun(), matching.settings.reports_dir)

    page = (folder / "index.html").read_text("utf-8")
    themes = page[page.index('id="themes"') : page.index("</section>", page.index('id="themes"'))]
    assert "新しいテーマ" in themes and "N-a" in themes and "果" in themes
    assert not any(word in themes for word in ("題名", "青波", "黒瀬", "傷つけず"))
    unused = page[page.index('id="unused"') :]
    assert "P-1の発明" in unused and "青波化学株式会社" in unused
    book = openpyxl.load_workbook(folder / "matches.xlsx")
    assert book.sheetnames[1:] == [
        "休眠ニーズ Dormant needs", "共通テーマ Shared themes", "未活用特許 Unused patents",
    ]  # fmt: skip
    dormant = [cell.value for cell in book["休眠ニーズ Dormant needs"][5]]
    assert dormant[:5] == ["N-asleep", "'=紙の膜", "黒瀬製紙株式会社", "森 花", "Hana Mori"]
    assert dormant[5:] == [0.62, "新しい膜", "R-01"]
    shared = " ".join(str(c.value) for row in book["共通テーマ Shared themes"] for c in row)
    assert "N-b" in shared and "題名" not in shared and "黒瀬" not in shared
    run = (folder / "run.json").read_text("utf-8")
    assert not any(word in run for word in ("発明", "題名", "青波", "果物"))
    again = read_run(folder)
    assert again and again.findings.themes == (frozenset({"N-a", "N-b"}),)
    night = read_night(folder)
    assert night is not None and night.themes[0].is_new


def _stored(found: NightFindings) -> dict[str, object]:
    from office.reports.findings import findings_as_dict

    return findings_as_dict(found)
