"""Estimates, the plan and contracts of a case on pages: written, checked, edited, filled, taken as files."""

import io
import re

from docx import Document
from openpyxl import load_workbook

from catalogue.database.viewer import FINANCE, Viewer
from tests.api.pages.office.test_case_pages import opened
from tests.support.worlds.pages import CLOSED_NEED, HEAD, LAW, SATO

MONEY = Viewer("money", FINANCE)
LINES = {
    "title": "薄膜の試作", "years": "2", "first_year": "2027", "indirect": "10", "strategic": "20",
    "tax": "10", "year": ["1", "2", "1"], "kind": ["people", "travel", "people"],
    "text": ["准教授", "出張", ""], "unit": ["8,000", "50000", ""],
    "quantity": ["１２０", "2", ""], "note": "",
}  # fmt: skip


def tag_on(page):
    return re.search(r'name="tag" value="([^"]+)"', page)[1]


def test_an_estimate_is_written_checked_and_taken_as_files(act):
    path = opened(act(SATO))
    page = act(SATO).get(f"{path}/estimates").text
    assert "There is no estimate yet." in page and "before any prototype" in page
    wrong = act(SATO).post(f"{path}/estimates", data={**LINES, "indirect": "ten"})
    assert wrong.status_code == 422 and "准教授" in wrong.text and "ten" in wrong.text
    made = act(SATO).post(f"{path}/estimates", data=LINES, follow_redirects=False)
    assert made.status_code == 303, made.text
    one = made.headers["location"]
    page = act(SATO).get(one).text
    assert "1,515,800" in page  # 1,060,000 × 1.3 × 1.1
    late = act(SATO).post(one, data={**LINES, "tag": "1-old", "title": "別"})
    assert late.status_code == 412 and "Another user changed the estimate" in late.text
    again = act(SATO).post(one, data={**LINES, "tag": tag_on(late.text), "title": "別"})
    assert "Version 2" in again.text
    tag = tag_on(act(SATO).get(one).text)
    assert act(SATO).post(f"{one}/check", data={"do": "ask", "tag": tag}).status_code == 200
    home = act(MONEY).get("/").text
    assert "Estimates wait for your check" in home and one in home and "別" not in home
    asked = act(MONEY).get(one).text
    assert "Write the next version" not in asked
    back = act(MONEY).post(f"{one}/check", data={"do": "return", "tag": tag_on(asked)})
    assert back.status_code == 422
    done = act(MONEY).post(f"{one}/check", data={"do": "accept", "tag": tag_on(asked)})
    assert "Checked by finance" in done.text
    assert "Estimates wait for your check" not in act(MONEY).get("/").text
    book = load_workbook(io.BytesIO(act(SATO).get(f"{one}/export.xlsx?version=1").content))
    assert any(str(c.value).startswith("=SUMIFS(") for row in book.active.rows for c in row)
    assert act(SATO).get(f"{one}/export.pdf").content.startswith(b"%PDF")
    hand = act(SATO).post(f"{path}/maturity", data={"step": "module", "reason": ""})
    assert hand.status_code == 422
    hand = act(SATO).post(f"{path}/maturity", data={"step": "module", "reason": "動いている"})
    assert "動いている" in hand.text
    assert "Maturity" in act(SATO).get(path).text  # the timeline says it


def test_a_plan_is_edited_section_by_section_and_a_closed_one_is_hidden(act):
    path = opened(act(SATO))
    page = act(SATO).get(f"{path}/plan?in_language=ja").text
    assert "企業のニーズ" in page and "Nobody has saved it" in page
    sent = {"language": "ja", "version": "0", "section": ["risks"], "text": ["膜が破れる"]}
    assert "膜が破れる" in act(SATO).post(f"{path}/plan", data=sent).text
    late = act(SATO).post(f"{path}/plan", data={**sent, "text": ["遅い"]})
    assert late.status_code == 412 and "遅い" in late.text
    word = act(SATO).get(f"{path}/plan.docx?in_language=ja").content
    assert "膜が破れる" in "\n".join(p.text for p in Document(io.BytesIO(word)).paragraphs)
    assert act(SATO).get(f"{path}/plan?in_language=xx").status_code == 422
    files = {"file": ("plan.docx", word)}
    same = act(SATO).post(f"{path}/plan.docx", files=files)
    assert same.status_code == 422 and "says already" in same.text
    assert act(SATO).post(f"{path}/plan.docx").status_code == 422
    document = Document(io.BytesIO(word))
    next(p for p in document.paragraphs if p.text == "膜が破れる").text = "膜は破れない"
    content = io.BytesIO()
    document.save(content)
    files = {"file": ("plan.docx", content.getvalue())}
    assert "膜は破れない" in act(SATO).post(f"{path}/plan.docx", files=files).text
    act(SATO).post(f"{path}/plan", data={**sent, "version": "2", "text": ["別の人が書いた"]})
    late = act(SATO).post(f"{path}/plan.docx", files=files)
    assert late.status_code == 412 and "膜は破れない" in late.text and "別の人が書いた" in late.text
    closed = opened(act(HEAD), need_id=CLOSED_NEED)
    for ending in ("estimates", "plan", "contracts", "plan.docx"):
        assert act(HEAD).get(f"{closed}/{ending}").status_code == 200
        assert act(MONEY).get(f"{closed}/{ending}").status_code == 404


def test_a_contract_is_settled_item_by_item_and_a_template_filled(act):
    path = opened(act(SATO))
    page = act(LAW).get(f"{path}/contracts").text
    assert "Ownership of results" in page and "Sakura" in page
    japanese = act(LAW).get(f"{path}/contracts", headers={"accept-language": "ja"}).text
    assert "未決定</option>" in japanese and "受付中" not in japanese
    sent = {"version": "0", "item": ["exit"], "answer": ["settled"], "note": ["半年前"]}
    assert "半年前" in act(LAW).post(f"{path}/contracts/joint_research", data=sent).text
    assert act(LAW).post(f"{path}/contracts/joint_research", data=sent).status_code == 412
    document = Document()
    document.add_paragraph("{{ company }} {{ compny }}")
    content = io.BytesIO()
    document.save(content)
    form = {"kind": "nda", "language": "ja", "name": "標準"}
    files = {"file": ("nda.docx", content.getvalue())}
    refused = act(LAW).post("/contract-templates", data=form, files=files)
    assert refused.status_code == 422 and "compny" in refused.text
    document = Document()
    document.add_paragraph("案件{{ case_number }}{{ university }}")
    content = io.BytesIO()
    document.save(content)
    files = {"file": ("nda.docx", content.getvalue())}
    assert act(SATO).post("/contract-templates", data=form, files=files).status_code == 403
    assert "標準" in act(LAW).post("/contract-templates", data=form, files=files).text
    made = act(SATO).post(f"{path}/contracts/templates/1")
    number = path.rpartition("/")[2]
    assert Document(io.BytesIO(made.content)).paragraphs[0].text == f"案件{number}＿＿＿"
    shown = act(MONEY).get(f"{path}/contracts").text
    assert "The university (estimates.university) <code>university</code>" in shown
    assert f'href="{path}/contracts/made/1"' in shown and f"nda-{number}-v1.docx" in shown
    again = act(MONEY).get(f"{path}/contracts/made/1")
    assert Document(io.BytesIO(again.content)).paragraphs[0].text == f"案件{number}＿＿＿"
    assert act(MONEY).get(f"{path}/contracts/made/2").status_code == 404
    gone = act(LAW).post("/contract-templates/1/withdraw")
    assert "標準" not in gone.text
