"""Match lists as files: whole, guarded against formulas, named without the need, written down."""

import csv
import io

import openpyxl
import pypdf
import pytest

from catalogue.database.viewer import Viewer
from office.reports.list_tables import CSV_HEADINGS, HEADINGS
from tests.support.service import as_viewer
from tests.support.small_recommender import HOSTILE_TITLE

NEED = "=薄い膜で食品を包装したい。a thin film for food packaging"


def export(client, ending, language="ja", **fields):
    data = {"need": NEED, **fields}
    return client.post(f"/export/{ending}", data=data, headers={"accept-language": language})


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_csv_file_has_a_row_for_each_piece_of_evidence(client, language):
    answer = export(client, "csv", language)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="enmusubi-2')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == CSV_HEADINGS[language]
    assert [row[-1] for row in rows[1:]] == ["R-01", "R-02"]
    assert rows[2][HEADINGS[language].index("Title" if language == "en" else "根拠の題名") + 2] == (
        HOSTILE_TITLE
    )
    assert [row[:2] for row in rows[1:]] == [["", ""]] * 2


def test_a_workbook_has_the_need_above_its_rows_and_no_formula(client):
    book = openpyxl.load_workbook(io.BytesIO(export(client, "xlsx").content))
    sheet = book.active
    assert sheet["A1"].value == sheet.title == "該当する研究者"
    assert sheet["A3"].value == "'" + NEED
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet.max_row == 7
    assert sheet["O6"].hyperlink.target == "https://example.org/s1"
    assert sheet["O7"].hyperlink is None


def test_a_file_and_the_print_view_say_the_wording_that_their_list_is_of(client):
    reworded = {"need": "", "need_id": "N-01", "reworded": "薄い膜で酸素を通さない包装"}
    sheet = openpyxl.load_workbook(io.BytesIO(export(client, "xlsx", **reworded).content)).active
    assert sheet["A3"].value == reworded["reworded"]
    assert (
        f'class="passage" lang="ja">{reworded["reworded"]}<'
        in client.post("/print", data=reworded).text
    )


def text_of(answer):
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return [page.extract_text().replace("\x00", "") for page in pages]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "ja",
            [
                "森 花",
                "●●●●○ 有望",
                "論文 2019  食品包装の薄い膜",
                "水蒸気にも強い。",
                "上位2件中およそ",
            ],
        ),
        (
            "en",
            ["Ada Lindqvist", "●●●●○ Good", "Patent 2012", "To consider: The newest", "best 2 are"],
        ),
    ],
)
def test_a_need_s_best_stand_on_one_page(client, language, expected):
    answer = export(client, "brief", language)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith('.pdf"')
    (page,) = text_of(answer)
    for text in expected:
        assert text in page, text


def test_a_pdf_file_has_the_list_in_japanese_letters(client):
    answer = export(client, "pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = text_of(answer)[0]
    for expected in ("該当する研究者", "薄い膜で食品を包装したい", "森 花", "水蒸気にも強い。"):
        assert expected in text


FAR = "film " + " ".join(f"far{chr(97 + n)}" for n in range(26))  # which hardly shares a word
NOBODY = "適任と見込まれる研究者は見つかりませんでした。以下は、比較的近い研究者です。"


def test_where_nobody_fits_every_file_says_so_and_sets_them_apart(client):
    rows = list(csv.reader(io.StringIO(export(client, "csv", need=FAR).text.lstrip("\ufeff"))))
    assert {row[1] for row in rows[1:]} == {NOBODY}
    sheet = openpyxl.load_workbook(io.BytesIO(export(client, "xlsx", need=FAR).content)).active
    assert [sheet[cell].value for cell in ("A1", "A4", "A6")] == [
        "比較的近い研究者", NOBODY, "見込みの低い研究者を表示（1名）",
    ]  # fmt: skip
    assert (sheet.row_dimensions[7].hidden, sheet["A7"].value) == (True, 1)
    pdf = pypdf.PdfReader(io.BytesIO(export(client, "pdf", need=FAR).content))
    text = pdf.pages[0].extract_text().replace("\x00", "").replace("\n", "")
    assert pdf.metadata.title == "比較的近い研究者"
    assert text.index(NOBODY) < text.index("見込みの低い研究者") < text.index("Ada Lindqvist")
    printed = client.post("/print", data={"need": FAR}, headers={"accept-language": "ja"}).text
    assert "<h1>比較的近い研究者</h1>" in printed and NOBODY in printed
    assert printed.index('id="unlikely-title"') < printed.index("Ada Lindqvist")


def test_an_export_is_sorted_and_filtered_as_the_list_was(client):
    rows = export(client, "csv", sort="name", kind="patent").content.decode("utf-8-sig")
    assert "R-02" in rows
    assert "R-01" not in rows


def test_an_export_is_written_into_the_audit_trail_without_the_text(client, catalogue):
    export(client, "csv")
    with catalogue.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM audit_entry").all()
    assert any("export" in row for row in rows)
    assert "薄い膜" not in str(rows)


def test_letters_that_the_font_lacks_are_named_in_no_log(client, caplog):
    with caplog.at_level("DEBUG"):
        answer = export(client, "pdf", need="線文字 \U00010080 と薄い膜 packaging")
    assert answer.status_code == 200
    assert "\U00010080" not in caplog.text
    assert "薄い膜" not in caplog.text


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 200), ("ip", 200)])
def test_only_who_may_export_gets_a_file(client, role, status):
    as_viewer(client.app, Viewer("somebody", role))
    assert export(client, "csv").status_code == status


@pytest.mark.parametrize(
    ("ending", "status"), [("exe", 422), ("..%2f..%2fetc%2fpasswd", 404), ("csv?page=0", 422)]
)
def test_other_endings_and_pages_are_refused(client, ending, status):
    assert export(client, ending).status_code == status
