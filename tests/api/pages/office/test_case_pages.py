"""The pages of cases: opening one, deciding its gate, board and table, bulk actions, the spreadsheet."""

import html
import io
import re

from icalendar import Calendar
from openpyxl import load_workbook
from sqlalchemy import select

from office.cases.kept import CASES
from tests.api.pages.office.steps import CLOSED_PATH, OPEN_PATH, audited
from tests.support.worlds.pages import (
    CLOSED_NEED,
    GUEST,
    HEAD,
    HUSHED,
    LAW,
    OPEN_NEED,
    PATENTS,
    SATO,
    TANAKA,
)

NEW = {"need_id": OPEN_NEED, "person": ["R-01"], "lead": "R-01", "origin": "list"}


def opened(client, **more):
    """Open a case by the form; returns the path of its page."""
    answer = client.post("/cases", data={**NEW, **more}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def version_on(page):
    return re.search(r'name="version" value="(\d+)"', page)[1]


def changed_in(page):
    """Return the version that the form of a change sends."""
    return version_on(page[page.index('/change">') :])


def all_met(page):
    return [f"{name}=met" for name in re.findall(r'<option value="(\w+)=met"', page)]


def decided(client, path, decision="go", **more):
    page = client.get(path).text
    sent = {"decision": decision, "version": version_on(page), "answer": all_met(page), **more}
    return client.post(f"{path}/gate", data=sent)


def cells(catalogue, *names):
    with catalogue.reading() as connection:
        return connection.execute(select(*(CASES.c[name] for name in names))).all()


def test_a_row_of_a_list_leads_to_a_case_that_stands_on_the_needs_page_and_the_home_page(act):
    client = act(SATO)
    assert "There is no case yet." in client.get("/cases").text
    assert (
        f"/cases/new?origin=list&amp;need={OPEN_NEED}" in client.get(f"/?need_id={OPEN_NEED}").text
    )
    form = client.get(f"/cases/new?need={OPEN_NEED}&person=R-01&origin=list").text
    assert "Mori" in form and 'value="R-01"' in form
    path = opened(client, note="まず電話する。", next_step="電話")
    page = client.get(path).text
    for said in ("First review", "まず電話する。", "電話", "A match list", "Decision awaited"):
        assert said in page, said
    assert path in client.get(OPEN_PATH).text
    assert "Gates of cases wait for your decision" in client.get("/").text
    calendar = client.get("/calendar.ics").text
    assert f"Case {path.rpartition('/')[2]}" in calendar or "案件" in calendar
    events = [one for one in Calendar.from_ical(calendar).walk("VEVENT") if "/cases/" in one["url"]]
    number = path.rpartition("/")[2]
    said = [f"Case {number}: due", f"Case {number}: your decision is due"]
    assert [str(one["summary"]) for one in events] == said
    assert all(one["sequence"] > 0 and one["last-modified"] for one in events)
    japanese = client.get(path, headers={"accept-language": "ja"}).text
    assert "一次審査" in japanese and "発掘" in japanese and "経過" in japanese


def test_a_gate_is_decided_on_the_page_and_what_was_typed_stays_where_it_is_refused(act, catalogue):
    client = act(SATO)
    path = opened(client)
    page = client.get(path).text
    sent = {"decision": "stop", "reason": "時期が早いので", "version": version_on(page)}
    refused = client.post(f"{path}/gate", data=sent)
    assert refused.status_code == 422
    assert "say which reason" in refused.text and "時期が早いので</textarea>" in refused.text
    assert 'value="stop" required checked' in refused.text
    assert decided(client, path).status_code == 200
    stale = client.post(f"{path}/gate", data={**sent, "reason_code": "other"})
    assert stale.status_code == 412 and "Another user changed the case" in stale.text
    assert cells(catalogue, "stage", "state") == [("dialogue", "running")]
    told = client.get(f"{path}?to=small_prototype").text
    assert "Your role doesn" in told  # the NDA is decided by legal
    assert client.post(f"{path}/submit", data={"version": version_on(told)}).status_code == 200
    assert "Gates of cases wait" in act(LAW).get("/").text
    done = decided(act(LAW), path)
    assert "The decision was kept." in done.text and "法村 正" in done.text


def test_a_closed_needs_case_is_as_hidden_as_the_need(act, catalogue):
    path = opened(act(SATO), need_id=CLOSED_NEED)
    for viewer in (TANAKA, PATENTS):
        client = act(viewer)
        assert client.get(path).status_code == client.get(CLOSED_PATH).status_code == 404
        for view in ("board", "table"):
            shown = client.get(f"/cases?view={view}").text
            assert HUSHED not in shown and path not in shown
    assert act(GUEST).get("/cases").status_code == 403
    assert act(HEAD).get(path).status_code == 200
    assert any(CLOSED_NEED in entry for entry in audited(catalogue, "read")[-1])


def test_cases_are_filtered_given_to_others_and_let_pass_together(act, catalogue):
    client = act(HEAD)
    first = opened(client)
    second = opened(client, need_id="", title="別の件", company="乙社", person=[], lead="")
    board = client.get("/cases?view=board").text
    assert board.count('class="case-card"') == 2 and 'draggable="true"' in board
    table = client.get("/cases?view=table").text
    chosen = re.findall(r'name="case" value="([^"]+)"', table)
    assert len(chosen) == 2
    given = client.post("/cases/bulk", data={"case": chosen, "do": "assign", "manager": "tanaka"})
    assert given.text.count(": done") == 2, given.text
    assert set(cells(catalogue, "manager")) == {("tanaka",)}
    again = client.post("/cases/bulk", data={"case": chosen, "do": "go", "reason": "x"})
    assert again.text.count("Another user changed the case") == 2  # in the versions that were read
    fresh = re.findall(r'name="case" value="([^"]+)"', client.get("/cases?view=table").text)
    passed = client.post("/cases/bulk", data={"case": fresh, "do": "go", "reason": "前年度から"})
    assert passed.text.count(": done") == 2
    assert set(cells(catalogue, "stage")) == {("dialogue",)}
    assert "No case fits these filters." in client.get("/cases?stage=nda").text
    saved = client.post("/cases/views", data={"name": "対話", "stage": "dialogue"})
    assert saved.status_code == 200 and "対話" in saved.text
    view = re.search(r"/cases/views/(\d+)/delete", saved.text)[1]
    assert "対話</a>" not in client.post(f"/cases/views/{view}/delete").text
    assert first != second


def test_a_saved_view_opens_as_it_was_saved(act):
    client = act(HEAD)
    opened(client, need_id="", title="膜の件", company="乙社", person=[], lead="")
    for layout, other in (("board", "table"), ("table", "board")):
        said = {"name": f"期限 {layout}", "due": "attention", "view": layout}
        kept = client.post("/cases/views", data=said)
        assert f"view={layout}" in str(kept.url)
        [link] = re.findall(rf'href="(/cases\?[^"]*)">期限 {layout}</a>', kept.text)
        shown = client.get(html.unescape(link)).text
        assert f'name="view" value="{layout}"' in shown, link
        assert f'name="view" value="{other}"' not in shown
    assert 'class="board"' in client.get("/cases?view=board&state=active&due=").text


def test_cases_leave_as_files_without_formulas(act, catalogue):
    client = act(HEAD)
    opened(client, need_id="", title="=HYPERLINK(1)", company="乙社", person=[], lead="")
    sheet = client.get("/cases/export.xlsx")
    rows = list(load_workbook(io.BytesIO(sheet.content)).active.iter_rows(values_only=True))
    assert rows[1][1] == "'=HYPERLINK(1)" and rows[1][2] == "乙社"
    text = client.get("/cases/export.csv", headers={"accept-language": "ja"}).text
    assert "案件番号" in text and "発掘" in text
    assert audited(catalogue, "export")[-1][2] == '{"cases": 1, "format": "csv"}'


def test_running_cases_come_from_a_spreadsheet_and_bad_rows_are_told(act, catalogue):
    client = act(SATO)
    table = (
        "案件名,企業名,段階,状態,見送り理由,研究者,金額,登録日,担当者,ほかの列\n"
        "膜の共同研究,青波化学,小規模試作,進行中,,R-01；R-02,300万円,2025-04-01,tanaka,x\n"
        "終わった件,乙社,対話,見送り,時期尚早,,,,,\n"
        "段階なし,乙社,いつか,,,,,,,\n"
        "誰か不明,乙社,対話,,,だれか,,,,\n"
        "膜の共同研究,青波化学,本実装,,,,,,,\n"
    )
    sent = {"file": ("cases.csv", table.encode())}
    page = client.post("/cases/import", files=sent).text
    assert "2 cases were taken over" in page and "3 rows were not taken" in page
    for row, column in (("4", "段階"), ("5", "研究者"), ("6", "案件名")):
        assert f"<td>{row}</td><td>{column}</td>" in page, re.findall(
            r"<td>(\d*)</td><td>(.*?)</td>", page
        )
    assert "ほかの列" in page
    kept = cells(catalogue, "title", "stage", "state", "reason", "amount_jpy", "manager")
    assert sorted(kept) == [
        ("終わった件", "dialogue", "declined", "too_early", None, "sato"),
        ("膜の共同研究", "small_prototype", "running", "", 3_000_000, "tanaka"),
    ]
    assert "0 cases were taken over" in client.post("/cases/import", files=sent).text
    assert "no table with the columns" in client.post(
        "/cases/import", files={"file": ("x.csv", b"a,b\n1,2\n")}
    ).text  # fmt: skip
    page = client.post("/cases/import", files={"file": ("台帳.docx", b"x")}).text
    assert "台帳.docx" in page and "/cases.docx" not in page  # not where it lay for a moment


def test_a_bulk_action_without_a_case_keeps_the_page_and_the_reason(act):
    client = act(SATO)
    opened(client)
    sent = client.post("/cases/bulk", data={"do": "go", "reason": "棚卸し", "back": ""})
    assert sent.status_code == 422
    assert "Choose one or more cases first." in sent.text and 'value="棚卸し"' in sent.text
    assert 'name="case"' in sent.text


def test_the_chief_edits_a_gate_and_others_read_it(act):
    client = act(SATO)
    assert "The researcher is willing" in client.get("/cases/gates").text
    row = {
        "criterion": ["need_clear", "", ""],
        "ja": ["明確", "新しい項目", ""],
        "en": ["Clear", "", ""],
    }
    sent = {"version": 0, "role": ["legal"], **row}
    assert client.post("/cases/gates/dialogue", data=sent).status_code == 403
    page = act(HEAD).post("/cases/gates/dialogue", data=sent)
    assert page.status_code == 200 and "新しい項目" in page.text
    assert act(HEAD).post("/cases/gates/dialogue", data=sent).status_code == 412


def test_a_case_is_changed_with_people_documents_and_turns(act, catalogue):
    client = act(SATO)
    path = opened(client)
    page = client.get(path).text
    sent = {
        "version": version_on(page), "title": "薄い膜", "means": "alliance", "person": ["R-01"],
        "added": "R-02", "lead": "R-02", "amount_jpy": "1,200,000", "next_step": "訪問", "manager": "sato",
    }  # fmt: skip
    changed = client.post(f"{path}/change", data=sent)
    assert "1,200,000 yen" in changed.text and "訪問" in changed.text
    wrong = client.post(f"{path}/change", data={**sent, "amount_jpy": "たくさん"})
    assert wrong.status_code == 422 and "たくさん" in wrong.text
    document = {
        "version": version_on(changed.text),
        "kind": "nda",
        "name": "契約案",
        "link": "ftp://x",
    }
    assert client.post(f"{path}/documents", data=document).status_code == 422
    document |= {"link": "https://files.example.ac.jp/nda"}
    assert "契約案" in client.post(f"{path}/documents", data=document).text
    page = client.get(path).text
    paused = client.post(f"{path}/turn", data={"turn": "company", "version": version_on(page)})
    assert "Clock stands" in paused.text
    assert client.post(f"{path}/notes", data={"text": "記録"}).status_code == 200
    assert cells(catalogue, "turn", "means") == [("company", "alliance")]


def test_the_means_stand_in_order_with_reasons_and_the_need_answers_what_it_says(act):
    client = act(SATO)
    page = client.get(f"/means?need={OPEN_NEED}&aim=technology&horizon=long&maturity=idea").text
    first = re.search(r"<h2>1\. ([^<]+)", page)[1]
    assert first.strip() == "Joint research" and "from the need" in page
    assert "May lead on to" in page and "Against it" in page
    assert "1. 共同研究" in client.get(
        f"/means?need={OPEN_NEED}&aim=technology&horizon=long&maturity=idea",
        headers={"accept-language": "ja"},
    ).text  # fmt: skip
    assert "order of the table" in client.get("/means?aim=fame").text
    assert act(TANAKA).get(f"/means?need={CLOSED_NEED}").status_code == 404


def test_the_chief_edits_the_table_of_means_and_goes_back_to_what_ships(act):
    page = act(SATO).get("/means/table").text
    assert "Joint research" in page and '/means/table/cvc"' not in page
    client = act(HEAD)
    page = client.get("/means/table", headers={"accept-language": "ja"}).text
    assert "手段の表" in page and "共同研究" in page
    row = {
        "aim": ["market"], "horizon": ["short"], "control": ["low"], "capital": ["low"], "risk": ["low"],
        "maturity": ["product"], "area": ["competitive"], "next": ["alliance", ""], "difficulty": "high",
        "kind": "inbound", "lens": "ideas", "watch_ja": "新しい注意点", "watch_en": "Mind the gap",
        "figures_ja": "件数", "figures_en": "Number", "version": "0",
    }  # fmt: skip
    assert "Mind the gap" in client.post("/means/table/cvc", data=row).text
    late = client.post("/means/table/cvc", data={**row, "watch_en": "Mine"})
    assert (
        late.status_code == 412 and "Mine</textarea>" in late.text and "Mind the gap" in late.text
    )
    assert "Mind the gap" in client.get("/means").text
    back = client.post("/means/table/cvc/reset", data={"version": "1"}).text
    assert "Mind the gap" not in back and "as shipped" in back


def test_what_was_typed_stays_where_another_led_the_case_on(act, catalogue):
    client = act(HEAD)
    path = opened(client)
    page = client.get(path).text
    held = {"decision": "hold", "reason": "決算待ち", "version": version_on(page)}
    client.post(f"{path}/gate", data=held)
    read = version_on(client.get(path).text)
    client.post(f"{path}/take-up", data={"reason": "再開", "version": read})
    late = client.post(f"{path}/take-up", data={"reason": "私も再開したい", "version": read})
    assert late.status_code == 412 and "私も再開したい" in late.text
    sent = {"version": read, "kind": "nda", "name": "契約案", "link": "https://x.example/nda"}
    late = client.post(f"{path}/documents", data=sent)
    assert late.status_code == 412 and 'value="契約案"' in late.text
    with catalogue.writing() as connection:
        connection.execute(CASES.update().values(stage="deployment"))
    late = client.post(f"{path}/complete", data={"outcome": "量産した", "version": read})
    assert late.status_code == 412 and "量産した" in late.text


def test_a_case_says_whether_an_nda_is_recorded_and_its_gate_takes_no_other_answer(act):
    client = act(HEAD)
    path = opened(client)
    sent = {"reason": "継続", "to_stage": "nda"}
    assert decided(client, path, **sent).status_code == 200
    japanese = {"accept-language": "ja"}
    page = client.get(path, headers=japanese).text
    assert page.count("有効な契約なし") == 2  # beside the criterion, and about the case
    assert 'value="nda_holds=met"' not in page and 'value="nda_holds=unmet"' in page
    refused = decided(client, path, answer=[*all_met(page), "nda_holds=met"])
    assert refused.status_code == 422 and "1 criteria are not met" in refused.text


def test_a_change_that_comes_too_late_stands_beside_what_another_wrote(act, catalogue):
    client = act(SATO)
    path = opened(client, next_step="電話")
    sent = {
        "version": version_on(client.get(path).text), "title": "薄い膜", "means": "alliance",
        "person": ["R-01"], "lead": "R-01", "amount_jpy": "1,200,000", "next_step": "訪問",
        "manager": "sato",
    }  # fmt: skip
    theirs = {**sent, "added": "R-02", "lead": "R-02", "next_step": "見学", "amount_jpy": "1200000"}
    assert client.post(f"{path}/change", data=theirs).status_code == 200
    wrong = client.post(f"{path}/change", data={**sent, "amount_jpy": "たくさん"})
    assert wrong.status_code == 422
    late = client.post(f"{path}/change", data={**sent, "version": changed_in(wrong.text)})
    assert late.status_code == 412 and "Somebody else changed this case meanwhile" in late.text
    beside = re.findall(r'<p class="other"><span[^>]*>[^<]*</span> ([^<]*)</p>', late.text)
    assert len(beside) == 3 and "見学" in beside, beside  # the people, the lead, the next step
    assert 'name="next_step" maxlength="300" value="訪問"' in late.text
    assert 'value="R-01" checked' in late.text and 'value="R-02" checked' not in late.text
    assert '<option value="R-01" selected' in late.text
    assert cells(catalogue, "next_step") == [("見学",)]
    mine = client.post(f"{path}/change", data={**sent, "version": changed_in(late.text)})
    assert mine.status_code == 200
    assert cells(catalogue, "next_step", "amount_jpy") == [("訪問", 1_200_000)]


def test_an_edit_of_a_gate_that_is_refused_keeps_what_was_typed(act):
    client = act(HEAD)
    row = {"criterion": ["need_clear", ""], "ja": ["明確さ", "新しい項目"], "en": ["Clearness", ""]}
    refused = client.post("/cases/gates/dialogue", data={"version": 0, **row})
    assert refused.status_code == 422 and "name one or more roles" in refused.text
    assert 'value="新しい項目"' in refused.text and 'value="Clearness"' in refused.text
    assert client.get("/cases/gates").text.count("新しい項目") == 0
    theirs = {**row, "version": 0, "role": ["legal"], "ja": ["ほかの人の項目", ""]}
    assert client.post("/cases/gates/dialogue", data=theirs).status_code == 200
    late = client.post("/cases/gates/dialogue", data={**row, "version": 0, "role": ["finance"]})
    assert late.status_code == 412 and "Somebody else edited this gate meanwhile" in late.text
    assert 'value="新しい項目"' in late.text and "ほかの人の項目 / Clearness</li>" in late.text
    section = late.text[late.text.index('id="gate-dialogue"') :]
    again = {**row, "version": version_on(section), "role": ["finance"]}
    assert client.post("/cases/gates/dialogue", data=again).status_code == 200
