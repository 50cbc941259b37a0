"""The pages of companies: their needs, the NDAs with them, recording one."""

from datetime import date, timedelta

from tests.api.pages.office.steps import CLOSED_PATH, OPEN_PATH, audited
from tests.support.worlds.pages import (
    CLOSED_NEED,
    COMPANY,
    GUEST,
    HEAD,
    LAW,
    OPEN_NEED,
    PATENTS,
    ROOT,
    SATO,
)

PAGE = "/companies/aonami"
SIGNED = date.today().isoformat()
LAST = (date.today() + timedelta(days=365)).isoformat()


def record(client, **form):
    sent = {"company": "aonami", "signed_on": SIGNED, **form}
    return client.post("/ndas", data=sent, follow_redirects=False)


def test_a_need_leads_to_its_company_where_legal_records_an_nda(act):
    client = act(LAW)
    assert f'href="{PAGE}"' in client.get("/companies").text
    need = client.get(OPEN_PATH).text
    assert f'<a href="{PAGE}">{COMPANY}</a>' in need and "None that holds today" in need
    page = client.get(PAGE).text
    assert "Record an NDA" in page and OPEN_NEED in page and "新しい接着剤" not in page
    assert record(client, valid_until=LAST, remark="覚書").headers["location"] == PAGE
    page = client.get(PAGE).text
    assert f"valid until {LAST}" in page and "recorded by 法村 正" in page and "覚書" in page
    assert f"holds until {LAST}" in client.get(OPEN_PATH).text
    assert f"{LAST}まで有効" in client.get(PAGE, headers={"accept-language": "ja"}).text
    assert (
        "all of the need may be told in confidence" in act(SATO).get(f"/?need_id={OPEN_NEED}").text
    )


def test_a_manager_records_one_for_the_need_that_others_do_not_see(act, catalogue):
    sato = act(SATO)
    page = sato.get(PAGE).text
    assert '<option value="">' not in page and f'<option value="{CLOSED_NEED}">' in page
    assert record(sato).status_code == 403
    assert record(sato, need=CLOSED_NEED).status_code == 303
    assert "新しい接着剤" in sato.get(PAGE).text
    listed = [str(row[2]) for row in audited(catalogue, "list")]
    assert any(CLOSED_NEED in one and "company" in one for one in listed)
    assert "holds without an end" in sato.get(CLOSED_PATH).text
    for viewer in (LAW, PATENTS):
        assert "新しい接着剤" not in act(viewer).get(PAGE).text
    assert "signed on" not in act(PATENTS).get(PAGE).text


def test_one_is_withdrawn_and_faults_are_said(act):
    client = act(HEAD)
    assert record(client).status_code == 303
    page = client.get(PAGE).text
    path = page.split('action="/ndas/')[1].split('"')[0]
    assert client.post(f"/ndas/{path}", follow_redirects=False).headers["location"] == PAGE
    page = client.get(PAGE).text
    assert "The NDA was withdrawn" in page and "withdrawn on" in page
    assert record(client, signed_on="").status_code == 422
    assert record(client, signed_on="soon").status_code == 422
    assert record(client, valid_until="2001-01-01").status_code == 422
    assert client.get("/companies/nowhere").status_code == 404
    for viewer in (GUEST, ROOT):
        assert act(viewer).get(PAGE).status_code == 403
        assert PAGE not in act(viewer).get(OPEN_PATH).text
