"""The report folder: page, workbook and run; what is new is marked; it is there whole or not."""

import json
from html.parser import HTMLParser

import openpyxl
import pytest

from enmusubi.errors import EmptyNeedError
from enmusubi.messages import Message, verbatim
from matcher.records import Evidence, Match, Need, NeedPart, Objection, ResearcherCard
from office.reports.publication import (
    free_name,
    previous_run,
    published_report,
    report_folders,
    write_report,
)
from office.reports.records import (
    NeedReport,
    NightReport,
    PreviousRun,
    ReportedMatch,
    mark_new,
    read_run,
)

EMPTY = EmptyNeedError(
    "The need has %(count)s letters; there is nothing to search with. Describe in a sentence or two "
    "what is looked for.",
    count=0,
).message
ATTACK = '</blockquote><script>alert(1)</script><img src=x onerror="x">'
FORMULA = '=HYPERLINK("http://evil.example","x")'


def evidence(seed_id: str, **given) -> Evidence:
    fields = {
        "title": "星と織物",
        "year": 2030,
        "url": "https://doi.org/10.1/a",
        "sentence": "光る糸。",
    }
    fields |= {"kind": "paper", "language": "ja", "passage": "光る糸。", "similarity": 0.5, **given}
    return Evidence(seed_id=seed_id, sentence_field="text", sentence_start=0, **fields)


def match(rank: int, researcher_id: str, *seeds: str, weak: bool = False, **given) -> ReportedMatch:
    card = ResearcherCard(researcher_id, name_ja="森 明", name_en="Akira Mori", **given)
    found = tuple(evidence(seed) for seed in seeds)
    part = NeedPart("=夜道で光る布", 0, 7)
    against = (Objection("old", 2009.0), Objection("part_unmet", 0.25, part))
    strength = (0.12, "weak") if weak else (0.624, "strong")
    return ReportedMatch(Match(rank, card, 1 / rank, found, *strength, against))


def need_report(need_id: str = "n1", *matches: ReportedMatch, **given) -> NeedReport:
    given_error, fits_nobody = given.pop("error", None), given.pop("fits_nobody", False)
    error = Message(given_error) if isinstance(given_error, str) else given_error
    fields = {"title": "光る布", "text": "夜道で光る布がほしい。", **given}
    return NeedReport(Need(need_id=need_id, **fields), matches, error, fits_nobody=fits_nobody)


def night_report(*needs: NeedReport, name: str = "2031-04-01", **given) -> NightReport:
    return NightReport(name, name[:10], "v000001", "words@01", 20, needs, **given)


class PageReader(HTMLParser):
    """Collects tags, link targets, anchors and visible text."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.attributes |= set(given)
        self.links += [given["href"]] if "href" in given else []
        self.ids |= {given["id"]} if "id" in given else set()

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def written(tmp_path):
    def write(report, previous=PreviousRun()):  # noqa: B008
        folder = write_report(report, previous, tmp_path / "reports")
        page = PageReader((folder / "index.html").read_text("utf-8"))
        return folder, page, openpyxl.load_workbook(folder / "matches.xlsx")

    return write


def all_cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_a_report_has_a_page_a_workbook_and_a_run(written):
    folder, page, book = written(night_report(need_report("n1", match(1, "r1", "s1", "s2"))))
    assert sorted(path.name for path in folder.iterdir()) == [
        "index.html",
        "matches.xlsx",
        "run.json",
    ]
    assert book.sheetnames == ["目次 Contents", "1 光る布"]
    assert {"光る糸。", "夜道で光る布がほしい。", "Akira Mori"} <= set(page.words)


def test_the_page_needs_no_other_file_and_every_inner_link_has_its_anchor(written):
    needs = [need_report(f"n{i}", match(1, "r1", "s1")) for i in range(3)]
    _, page, _ = written(night_report(*needs))
    assert not page.tags & {"script", "img", "link", "iframe", "object", "form", "base"}
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert {"need-1", "need-2", "need-3"} <= inner <= page.ids
    assert {link for link in page.links if not link.startswith("#")} == {"https://doi.org/10.1/a"}


def test_hostile_text_stays_text_on_the_page(written):
    hostile = match(1, "r1")
    seed = evidence("s1", title=ATTACK, sentence=ATTACK, url='javascript:alert("x")', kind=ATTACK)
    hostile = ReportedMatch(Match(1, hostile.match.researcher, 1.0, (seed,)))
    report = need_report(ATTACK, hostile, title=ATTACK, text=ATTACK, company=ATTACK, area=ATTACK)
    _, page, _ = written(night_report(report, problems=(verbatim(ATTACK),)))
    assert not page.tags & {"script", "img"}
    assert not any(name.startswith("on") for name in page.attributes)
    assert all(link.startswith("#") for link in page.links)


def test_no_cell_of_the_workbook_is_a_formula(written):
    seed = evidence(FORMULA, title=FORMULA, sentence=FORMULA, url=FORMULA, kind=FORMULA)
    names = dict.fromkeys(["name_ja", "name_en", "department_ja", "institution_en"], FORMULA)
    card = ResearcherCard(FORMULA, position_ja="@x", **names)
    matches = ReportedMatch(Match(1, card, float("nan"), (seed,)))
    need = {"title": FORMULA, "text": "+1\x00\x0b", "company": "-1", "area": "\t=1"}
    ok = need_report(FORMULA, matches, **need)
    broken = need_report("@n2", error="=1+1")
    _, _, book = written(night_report(ok, broken, problems=(verbatim(FORMULA),), imported=("-x",)))
    assert {cell.data_type for cell in all_cells(book)} <= {"s", "n"}
    texts = [cell.value for cell in all_cells(book) if isinstance(cell.value, str)]
    assert not [text for text in texts if text[0] in "=+-@\t\r"]
    assert "'" + FORMULA in texts


def test_sheets_of_hostile_and_equal_titles_lead_back_and_forth(written):
    titles = ["同じ", "同じ", "a'b[c]:*?/\\" * 5, "'", "", "HISTORY", "𠮷" * 40]
    needs = [need_report(f"n{i}", title=title) for i, title in enumerate(titles)]
    _, _, book = written(night_report(*needs))
    assert len({name.casefold() for name in book.sheetnames}) == len(titles) + 1
    links = [book["目次 Contents"].cell(6 + i, 1).hyperlink.location for i in range(len(titles))]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]


def test_a_need_without_matches_and_one_with_an_error_say_so(written):
    report = night_report(need_report("n1"), need_report("n2", error=EMPTY))
    _, page, book = written(report)
    assert any("Nobody matches" in word for word in page.words)
    told = page.words[page.words.index("Not matched", page.words.index("Not matched") + 1) + 1]
    assert told.startswith(": ニーズに文字が0字しかなく")
    assert "The need has 0 letters;" in told
    assert "failed" in page.ids
    assert "Nobody matches" in book["1 光る布"]["A7"].value
    assert book["2 光る布"]["A7"].value == told.removeprefix(": ")


def test_strength_and_what_speaks_against_are_told_in_words_and_no_score_is(written):
    _, page, book = written(night_report(need_report("n1", match(1, "r1", "s1"))))
    text = " ".join(page.words)
    assert {"有力 ", "Strong", "62%"} <= set(page.words)
    assert "公開されている最新の業績は2009年です" in text
    assert "Little evidence for this part of the need: “=夜道で光る布”" in "".join(page.words)
    sheet = book["1 光る布"]
    row = dict(zip([c.value for c in sheet[6]], sheet[7], strict=True))
    assert row["適合の見込み Fit"].value == "有力 Strong"
    assert (row["確率 Probability"].value, row["確率 Probability"].number_format) == (0.624, "0%")
    assert "The newest public work is from 2009" in row["留意点 To consider"].value
    assert not any("Score" in str(cell.value) for cell in sheet[6])


def test_a_need_whom_nobody_fits_well_says_so_with_its_title_and_folds_its_list(written):
    weak = match(1, "r1", "s1", weak=True)
    found = mark_new(need_report("n1", weak, fits_nobody=True), PreviousRun())
    _, page, book = written(night_report(found, need_report("n2", match(1, "r1", "s1"))))
    [notice] = [word for word in page.words if "Nobody here fits" in word]
    assert "「光る布」に適任と見込まれる研究者は見つかりませんでした。" in notice
    assert "Nobody here fits “光る布” well. The nearest are listed all the same." in notice
    assert page.words.count("比較的近い研究者 The nearest researchers") == 1
    assert any(word.startswith("見込みの低い研究者を表示（1名）") for word in page.words)
    assert "nobody" in page.ids and "適任者なし Nobody fits" in page.words
    sheet = book["1 光る布"]
    assert sheet["A5"].value.startswith(
        "比較的近い研究者 The nearest researchers: 「光る布」に適任"
    )
    assert sheet["A7"].value.startswith("見込みの低い研究者を表示（1名）")
    assert (sheet["A8"].value, sheet.row_dimensions[8].hidden) == (1, True)
    assert sheet.row_dimensions[8].outlineLevel == 1
    assert "Nobody here fits “光る布” well." in book["目次 Contents"]["J6"].value
    assert (book["2 光る布"]["A5"].value, book["目次 Contents"]["J7"].value) == (None, None)


def test_who_is_less_likely_to_fit_stands_folded_below_the_others(written):
    found = need_report("n1", match(1, "r1", "s1"), match(2, "r2", "s2", weak=True))
    folder, page, book = written(night_report(found))
    sheet = book["1 光る布"]
    assert [sheet.cell(row, 1).value for row in (7, 9)] == [1, 2]
    assert [sheet.row_dimensions[row].hidden for row in (7, 8, 9)] == [False, False, True]
    html = (folder / "index.html").read_text("utf-8")
    assert html.count("森 明") == 2 and html[: html.index("<details")].count("森 明") == 1
    assert book["目次 Contents"]["F6"].value == book["目次 Contents"]["G6"].value == 1
    assert "nobody" not in page.ids


def test_a_night_without_needs_is_a_report_too(written):
    _, _, book = written(night_report())
    assert book.sheetnames == ["目次 Contents"]


def test_what_the_run_before_did_not_have_is_marked(written):
    before = PreviousRun("2031-03-31", "words@01", {"n1": {"r1": ["s1"], "r2": ["s3"]}})
    found = need_report(
        "n1", match(1, "r1", "s1", "s2"), match(2, "r3", "s4"), match(3, "r2", "s3")
    )
    marked = mark_new(found, before)
    assert [m.is_new for m in marked.matches] == [False, True, False]
    assert [sorted(m.new_seeds) for m in marked.matches] == [["s2"], [], []]
    _, page, book = written(night_report(marked, previous=before.name))
    rows = book["1 光る布"].iter_rows(min_row=7, max_col=2, values_only=True)
    expected = [(1, None), (1, "新根拠 New evidence"), (2, "新 New researcher"), (3, None)]
    assert list(rows) == expected
    assert page.words.count("新 New researcher") == 1
    assert page.words.count("新根拠 New evidence") == 1


def test_a_first_run_marks_nothing_and_a_new_need_is_marked_as_a_whole():
    found = need_report("n1", match(1, "r1", "s1"))
    first = mark_new(found, PreviousRun())
    assert not first.is_new
    assert first.new_researchers == 0
    later = mark_new(found, PreviousRun("2031-03-31", "m", {"n9": {}}))
    assert later.is_new
    assert later.new_researchers == 0


def test_a_need_is_new_in_the_first_night_that_it_is_matched(written):
    before = PreviousRun("2031-03-31", "m", {})
    failing = mark_new(need_report("n1", error="x"), before)
    assert not failing.is_new
    folder, _, _ = written(night_report(failing), before)
    known = read_run(folder)
    assert known is not None
    assert mark_new(need_report("n1", match(1, "r1", "s1")), known).is_new


def test_the_run_keeps_ids_and_no_text(written):
    folder, _, _ = written(night_report(need_report("n1", match(1, "r1", "s1", "s2"))))
    stored = (folder / "run.json").read_text("utf-8")
    assert json.loads(stored)["needs"]["n1"]["researchers"] == [
        {
            "researcher_id": "r1", "seeds": ["s1", "s2"], "strength": "strong",
            "probability": 0.624, "key_seed": "s1", "reasons": [],
        }
    ]  # fmt: skip
    assert json.loads(stored)["needs"]["n1"]["fits_nobody"] is False
    assert "布" not in stored
    assert read_run(folder) == PreviousRun("2031-04-01", "words@01", {"n1": {"r1": ["s1", "s2"]}})


def test_a_need_that_fails_for_a_night_keeps_what_was_known_of_it(written):
    before = PreviousRun("2031-03-31", "m", {"n1": {"r1": ["s1"]}})
    failing = need_report("n1", error="x"), need_report("n2", error="x")
    folder, _, _ = written(night_report(*failing), before)
    assert read_run(folder).needs == {"n1": {"r1": ["s1"]}}


@pytest.mark.parametrize("content", ["", "{}", '{"format": 9}', '{"format": 1, "needs": []}', "[]"])
def test_a_damaged_run_is_passed_over_for_the_one_before(written, tmp_path, content):
    written(night_report(need_report("n1"), name="2031-04-01"))
    folder, _, _ = written(night_report(need_report("n1"), name="2031-04-02"))
    (folder / "run.json").write_text(content)
    assert previous_run(tmp_path / "reports", "2031-04-03").name == "2031-04-01"


def test_reports_are_ordered_by_day_and_number_and_never_overwritten(tmp_path):
    assert free_name(tmp_path, "2031-04-01") == "2031-04-01"
    for name in ("2031-04-01", "2031-04-01-2", "2031-04-01-10", "2031-03-09", "notes", "2031-4-1"):
        (tmp_path / name).mkdir()
    names = [path.name for path in report_folders(tmp_path)]
    assert names == ["2031-03-09", "2031-04-01", "2031-04-01-2", "2031-04-01-10"]
    assert free_name(tmp_path, "2031-04-01") == "2031-04-01-11"


def test_a_report_that_fails_half_way_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="full"), published_report(tmp_path, "2031-04-01") as folder:
        (folder / "index.html").write_text("half")
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept_away(tmp_path):
    (tmp_path / ".staging-2031-04-01").mkdir()
    (tmp_path / ".staging-2031-04-01" / "index.html").write_text("half")
    with published_report(tmp_path, "2031-04-01") as folder:
        assert list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["2031-04-01"]


@pytest.mark.parametrize(
    "title", ["", " ", "\x00\u202e", "=1+1", "光る布", "a/b:c" * 20, "𠮷" * 40]
)
def test_links_lead_where_their_cells_say_for_untitled_needs_too(written, title):
    needs = [need_report("N7", match(1, "r1", "s1"), title=title), need_report("n2", title="b")]
    _, _, book = written(night_report(*needs))
    contents = book["目次 Contents"]
    shown = [contents.cell(row, 3).value for row in (6, 7)]
    assert shown[0] in (title, f"'{title}") if title.strip("\x00\u202e ") else shown[0] == "N7"
    for row, sheet in zip((6, 7), book.sheetnames[1:], strict=True):
        for column in (1, 3):
            assert contents.cell(row, column).hyperlink.location == f"'{sheet}'!A1"
        assert book[sheet]["A1"].value == contents.cell(row, 3).value
        assert book[sheet]["A2"].hyperlink.location == "'目次 Contents'!A1"
    links = [cell for row in book.worksheets[1].iter_rows() for cell in row if cell.hyperlink]
    assert all(cell.hyperlink.target in (None, cell.value) for cell in links)
