"""Key figures and what a case's page learns: entered, counted, drilled into, kept and begun from."""

import io

import pypdfium2

from catalogue.database.viewer import ANALYST, FINANCE, Viewer
from tests.api.pages.office.steps import audited
from tests.api.pages.office.test_case_pages import decided, opened, version_on
from tests.support.worlds.pages import HEAD, OPEN_NEED, SATO, TANAKA

MONEY, COUNTS = Viewer("zaimu", FINANCE), Viewer("bunseki", ANALYST)


def test_income_of_a_case_is_counted_and_an_analyst_reads_no_names(act, catalogue):
    client = act(HEAD)
    path = opened(client)
    number = path.rpartition("/")[2]
    page = client.get(path).text
    assert "Too few stays of cases have ended" in page  # the odds say why they are silent
    assert "No case that ended or came to a prototype is like this one yet." in page
    sent = {"kind": "indirect", "day": "2026-05-20", "amount": "3,000,000", "note": "初回"}
    assert client.post(f"{path}/entries", data=sent).status_code == 200
    wrong = client.post(f"{path}/entries", data={**sent, "day": "20 May"})
    assert wrong.status_code == 422 and "not a day" in wrong.text and "3,000,000" in wrong.text
    client = act(MONEY)
    assert client.post("/kpis/costs", data={"year": "2026", "amount": "20,000,000"}).is_success
    late = client.post("/kpis/costs", data={"year": "2026", "amount": "1"})
    assert late.status_code == 412 and "Another user changed the cost" in late.text
    target = {"figure": "self_sufficiency", "year": "2026", "value": "50%"}
    assert client.post("/kpis/targets", data=target).status_code == 200
    shown = client.get("/kpis?period=2026&by=year").text
    assert "15%" in shown and "¥3,000,000" in shown and "Target not met" in shown
    assert "<svg" in shown and "Indirect and licence income divided" in shown
    one = client.get("/kpis/indirect?period=2026Q1").text
    assert f'href="/cases/{number}"' in one and "¥3,000,000" in one
    table = client.get("/kpis/export.csv?period=2026Q1").content.decode("utf-8-sig")
    assert "Indirect income" in table and "3000000" in table
    review = said_by(client.get("/kpis/review.pdf?period=2026Q1").content)
    assert "What changed most: company: " in review and "period is not over" not in review
    assert "period is not over" not in client.get("/kpis?period=2026Q1").text
    assert "period is not over" in client.get("/kpis?period=2099Q1").text
    running = said_by(client.get("/kpis/review.pdf?period=2099Q1").content)
    assert "The period is not over: what is known by 20" in running
    answered = client.get("/v1/kpis/indirect?period=2026Q1&dimension=means").json()
    assert answered["kpi"]["values"][-1]["value"] == 3_000_000
    assert answered["cases"] == [{"case_id": int(number), "value": 3_000_000, "before": None}]
    assert client.get("/v1/kpis?period=2026Q9").status_code == 422
    assert client.get("/kpis/nothing").status_code == 404
    client = act(COUNTS)  # the need is public: counted, and told by its number alone
    told = client.get("/kpis/indirect?period=2026Q1").text
    assert "¥3,000,000" in told and f'href="/cases/{number}"' not in told
    assert client.get("/kpis/inputs").status_code == 403
    review = said_by(client.get("/kpis/review.pdf?period=2026Q1").content)
    assert "What changed most: means: " in review and "company: " not in review
    assert act(SATO).get("/kpis").status_code == 403
    assert audited(catalogue, "case entry recorded")


def test_a_file_brings_income_and_says_which_rows_it_left(act):
    client = act(HEAD)
    number = opened(client).rpartition("/")[2]
    made = {"kind": "contract", "happened_on": "2026-04-20", "amount": 70_000}
    entry = client.post(f"/v1/cases/{number}/entries", json=made)
    assert entry.status_code == 201 and entry.json()["amount"] == 70_000
    one = f"/v1/cases/{number}/entries/{entry.json()['entry_id']}"
    assert client.delete(one).status_code == 204 and client.delete(one).status_code == 404
    assert client.get(f"/v1/cases/{number}/odds").json()["odds"][0]["silent"] == "few_cases"
    rows = f"案件番号,種類,日付,金額\n{number},ライセンス収入,2026-04-15,50万円\n{number},謎,2026-04-15,1\n"
    rows += f"987654,契約額,2026-04-15,1\n{number},ライセンス収入,2026-04-15,50万円\n"
    file = {"file": ("income.csv", io.BytesIO(rows.encode()), "text/csv")}
    said = client.post("/kpis/import", files=file).text
    assert "1 entries and 0 costs were taken over" in said and "3 rows were not taken" in said
    assert "¥500,000" in client.get("/kpis?period=2026Q1").text


def said_by(content):
    with pypdfium2.PdfDocument(content) as pages:
        return " ".join(page.get_textpage().get_text_range() for page in pages)


def test_a_case_that_ended_teaches_the_next_one(act):
    client = act(HEAD)
    path = opened(client)
    stop = {"decision": "stop", "reason": "先方の予算がつかない", "reason_code": "too_early"}
    assert decided(client, path, **stop).status_code == 200
    kept = {"title": "予算の時期", "lessons": "決裁者に先に会う。", "next_step": "予算の時期を聞く"}
    assert client.post(f"{path}/templates", data=kept).status_code == 200
    assert "決裁者に先に会う。" in client.get("/cases/templates").text
    again = client.get(f"/cases/new?need={OPEN_NEED}&person=R-01&template=1").text
    assert (
        "先方の予算がつかない" in again and "決裁者に先に会う。" in again
    )  # what the like one taught
    other = opened(client, template="1", person=["R-02"], lead="R-02")
    page = client.get(other).text
    assert "予算の時期を聞く" in page and "決裁者に先に会う。" in page
    assert version_on(page)
    assert "used for 1 case" in client.get("/cases/templates").text
    assert client.post("/cases/templates/987654/withdraw").status_code == 404
    assert act(TANAKA).get("/cases/templates").status_code in {200, 403}
