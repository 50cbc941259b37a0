"""The pages of projects: one with all that belongs to it, the portfolio, people's time, money from a file."""

import io
import re
from datetime import UTC, datetime, timedelta

from openpyxl import load_workbook
from sqlalchemy import update

from catalogue.database.viewer import FINANCE, Viewer
from office.cases.kept import CASES
from tests.api.pages.office.test_case_pages import opened
from tests.support.worlds.pages import GUEST, HEAD, LAW, PATENTS, SATO, TANAKA

MONEY = Viewer("zaimu", FINANCE, name="財前 数")
TODAY = datetime.now(UTC).date()


def day(after: int) -> str:
    return (TODAY + timedelta(days=after)).isoformat()


def project(client, catalogue, **more):
    """Open a case and lead it to its prototype; returns the path of the project's page."""
    path = opened(client, **more)
    with catalogue.writing() as connection:
        number = CASES.c.case_id == int(path.rpartition("/")[2])
        connection.execute(update(CASES).where(number).values(stage="small_prototype"))
    return f"{path}/project"


def version_on(client, path):
    return re.search(r'name="version" value="(\d+)"', client.get(path).text)[1]


def enter(client, path, entry, **said):
    sent = {"version": version_on(client, path), **said}
    return client.post(f"{path}/entries/{entry}", data=sent)


def furnished(client, path):
    """Enter one of each kind."""
    for kind, said in (
        ("part", {"name": "材料の評価", "state": "running", "lead": "R-01"}),
        ("milestone", {"name": "試料の引き渡し", "planned_on": day(-40), "state": "planned"}),
        ("budget", {"name": "研究員", "kind": "people", "amount_jpy": "3,000,000"}),
        ("risk", {"name": "原料の納期", "probability": "5", "impact": "4", "state": "open"}),
        ("minutes", {"name": "キックオフ", "held_on": day(-20), "decisions": "週次で進める"}),
        ("action", {"name": "覚書の案を送る", "owner": "sato", "due_on": day(-3)}),
        ("share", {"researcher_id": "R-01", "percent": "70", "since": day(-30), "until": day(60)}),
    ):
        answer = enter(client, path, kind, **said)
        assert answer.status_code == 200, (kind, answer.text)
    return answer.text


def test_a_project_has_all_that_belongs_to_it_and_stands_in_portfolio_home_calendar_and_timeline(
    act, catalogue
):
    client = act(SATO)
    path = project(client, catalogue)
    assert "There is no budget yet." in client.get(path).text
    page = furnished(client, path)
    for said in (
        "材料の評価",
        "試料の引き渡し",
        "3,000,000",
        "原料の納期",
        "週次で進める",
        "70%",
        "Overdue",
    ):
        assert said in page, said
    assert "Overdue milestones: 1" in page and 'class="light red"' in page
    case = client.get(path.removesuffix("/project")).text
    assert path in case and "Milestone – added" in case
    listed = client.get("/projects").text
    assert path in listed and 'class="light red"' in listed
    assert "Milestones of your projects are overdue" in client.get("/").text
    assert "Your actions in projects are overdue" in client.get("/").text
    assert "Milestones of the office are overdue" in act(HEAD).get("/").text
    client = act(SATO)
    assert f"{path}" in client.get("/calendar.ics").text.replace("\r\n ", "")
    japanese = client.get(path, headers={"accept-language": "ja"}).text
    for said in ("マイルストーン", "予算", "リスク", "議事録", "対応事項", "赤"):
        assert said in japanese, said
    assert client.get("/projects?light=green").text.count('scope="row"') == 0
    book = load_workbook(io.BytesIO(client.get("/projects/export.xlsx").content))
    assert book.sheetnames == ["Projects", "People's time"]
    assert book["Projects"]["G2"].value == "Red" and book["Projects"]["M2"].value == 3_000_000
    people = client.get("/projects/people").text
    assert "70%" in people and "Overloaded" not in people
    second = project(client, catalogue, person=["R-01", "R-02"])
    share = {"researcher_id": "R-01", "percent": "50", "since": day(0), "until": day(30)}
    assert "Overloaded: 120% in all" in enter(client, second, "share", **share).text
    assert "Overloaded" in client.get("/projects/people").text


def test_what_was_typed_stays_where_it_is_refused_and_where_another_was_faster(act, catalogue):
    client = act(SATO)
    path = project(client, catalogue)
    wrong = enter(client, path, "milestone", name="試料", planned_on="きのう", state="planned")
    assert wrong.status_code == 422 and 'value="試料"' in wrong.text and "きのう" in wrong.text
    read = version_on(client, path)
    enter(client, path, "milestone", name="試料", planned_on=day(9), state="planned")
    number = re.search(r"/entries/milestone/(\d+)", client.get(path).text)[1]
    said = {"name": "試料A", "planned_on": day(20), "state": "planned", "version": read}
    late = client.post(f"{path}/entries/milestone/{number}", data=said)
    assert late.status_code == 412 and 'value="試料A"' in late.text
    assert f"Somebody else wrote:</span> {day(9)}" in late.text
    again = {**said, "version": version_on(client, path)}
    assert day(20) in client.post(f"{path}/entries/milestone/{number}", data=again).text
    light = {"version": version_on(client, path), "light": "amber", "reason": "先方の都合"}
    assert client.post(f"{path}/light", data=light).status_code == 422
    done = client.post(f"{path}/light", data={**light, "until_day": day(5)})
    assert "Set by hand until" in done.text and "先方の都合" in done.text
    again = {"version": version_on(client, path), "light": ""}
    assert "先方の都合" not in client.post(f"{path}/light", data=again).text
    gone = {"version": version_on(client, path)}
    assert (
        "No milestone" in client.post(f"{path}/entries/milestone/{number}/remove", data=gone).text
    )


def test_money_is_for_those_who_handle_it_and_comes_from_files_too(act, catalogue):
    client = act(SATO)
    path = project(client, catalogue)
    enter(client, path, "budget", name="研究員", kind="people", amount_jpy="3000000")
    assert 'id="budget"' not in act(PATENTS).get(path).text
    assert act(LAW).get(f"{path}/import").status_code == 403
    assert act(GUEST).get(path).status_code == act(GUEST).get("/projects").status_code == 403
    refused = {"version": "1", "name": "x", "planned_on": day(1), "state": "planned"}
    assert act(MONEY).post(f"{path}/entries/milestone", data=refused).status_code == 403
    client = act(MONEY)
    rows = "費目名,費目,予算額,支出額,支出日,摘要\n研究員,,,250000,2026-05-29,5月分\n旅費,旅費,300000,,,\n"
    rows += "研究員,,,たくさん,2026-05-30,\n講演,,,1000,2026-05-30,\n"
    sent = {"file": ("実績.csv", rows.encode())}
    page = client.post(f"{path}/import", files=sent).text
    assert "1 lines of the budget and 1 payments were taken over" in page
    assert page.count("<td>4</td>") == page.count("<td>5</td>") == 1 and "たくさん" not in page
    again = client.post(f"{path}/import", files=sent).text
    assert "0 lines of the budget and 0 payments" in again
    assert "250,000" in client.get(path).text
    assert act(TANAKA).get(path).status_code == 200  # project managers edit what they see
