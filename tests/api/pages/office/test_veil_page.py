"""A need's veil on its page: marks with what each costs, the text that may be shown, the decision."""

import re
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from catalogue.database.models import StoredNeed
from office.companies.ndas import NdaDraft, keep_nda
from tests.api.pages.office.steps import CLOSED_PATH, OPEN_PATH, audited
from tests.support.service import Shelf, as_viewer, service
from tests.support.worlds.pages import COMPANY, GUEST, HEAD, OPEN_NEED, SATO, TANAKA

PAGE = f"{OPEN_PATH}/veil"


def fields_of(page, action):
    """Return what a form sends as it stands: of checkboxes those that are ticked."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.S)[0]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {n}="([^"]*)"', tag) for n in ("name", "value"))
        if name and ("checkbox" not in tag or " checked" in tag):
            fields.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form):
        fields[name] = [text]
    return fields


def test_a_manager_goes_from_marks_to_the_text_and_outsiders_are_shown_it(act, catalogue):
    client = act(SATO)
    page = client.get(PAGE).text
    assert "stay in the first ten" in page and "What tells whose need it is" in page
    sent = fields_of(page, f"{PAGE}/draft") | {"more": ["酸素"], "company": ["ある企業"]}
    draft = client.post(f"{PAGE}/draft", data=sent)
    assert draft.status_code == 200, draft.text
    texts = fields_of(draft.text, PAGE)
    kept = client.post(PAGE, data={**texts, "text": ["薄い膜と酸素について"]})
    assert kept.status_code == 422 and "薄い膜と酸素について" in kept.text  # what was typed stays
    assert "still says what is marked secret" in kept.text
    done = client.post(PAGE, data={**texts, "text": ["薄い膜を探しています。"]})
    assert "Saved." in done.text and "薄い膜を探しています。" in done.text
    assert "薄い膜を探しています。" in act(GUEST).get(OPEN_PATH).text
    assert (
        COMPANY not in client.get(OPEN_PATH).text
        and "do not tell whose" in client.get(OPEN_PATH).text
    )
    letter = act(SATO).get(f"{OPEN_PATH}/inquiries/new?researcher=R-01").text
    assert (
        "薄い膜を探しています。" in letter
        and f"({COMPANY})" not in letter
        and "(ある企業)" in letter
    )
    assert [entry[0] for entry in audited(catalogue, "veil")] == ["person:sato"]
    assert "酸素" not in repr(audited(catalogue, "veil"))
    with catalogue.writing() as connection:
        keep_nda(connection, HEAD, NdaDraft("aonami", date.today()))
    assert "An NDA has lifted the veil" in client.get(PAGE).text
    assert COMPANY in act(GUEST).get(OPEN_PATH).text
    act(SATO).post(f"{PAGE}/revoke")
    assert "What outsiders are shown</h2>" not in client.get(PAGE).text


@pytest.mark.parametrize(
    "sent", [{"text": "酸素の膜" + "を探しています。" * 3_000}, {"version": "an older one"}]
)
def test_what_was_typed_stays_where_it_is_too_long_or_of_an_older_need(act, sent):
    typed = {"text": "酸素の膜を探しています。", "company": "ある企業"} | sent
    kept = act(SATO).post(PAGE, data=typed)
    assert kept.status_code == 422 and "酸素の膜" in kept.text and 'role="alert"' in kept.text


def test_in_japanese_and_by_role(act):
    page = act(HEAD).get(f"{CLOSED_PATH}/veil", headers={"accept-language": "ja"})
    assert "企業の特定につながる箇所" in page.text
    assert re.findall(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,}", re.sub(r"<[^>]*>", "", page.text)) == []
    reader = act(TANAKA).get(PAGE)
    assert reader.status_code == 200 and "has no veil" in reader.text
    assert act(TANAKA).post(f"{PAGE}/revoke").status_code == 403
    assert act(TANAKA).get(f"{CLOSED_PATH}/veil").status_code == 404
    assert act(GUEST).get(PAGE).status_code == 403


@pytest.mark.parametrize("sent", [{"said": ["a"], "kind": []}, {"said": ["a"], "kind": ["odd"]}])
def test_a_form_that_is_not_whole_is_refused(act, sent):
    whole = {"text": "薄い膜を探しています。", "identifies": ["1"], "instead": ["b"], **sent}
    assert act(SATO).post(PAGE, data=whole).status_code == 422


def test_without_an_index_marks_are_shown_and_a_veil_is_decided_read_and_taken_back(
    catalogue, tmp_path
):
    with catalogue.writing() as connection:
        named = {"text": f"{COMPANY}では、酸素を通しにくい薄い膜を年に1,900トン使います。"}
        connection.execute(update(StoredNeed).where(StoredNeed.need_id == OPEN_NEED).values(named))
    app = service(catalogue, tmp_path, Shelf(published=None, name=None))
    as_viewer(app, SATO)
    with TestClient(app, headers={"accept-language": "en"}) as client:
        page = client.get(PAGE)
        assert page.status_code == 200 and "There is no index that can be searched" in page.text
        assert f'name="said" value="{COMPANY}"' in page.text and "first ten" not in page.text
        draft = client.post(f"{PAGE}/draft", data=fields_of(page.text, f"{PAGE}/draft"))
        assert draft.status_code == 200, draft.text
        texts = fields_of(draft.text, PAGE) | {"text": ["薄い膜を探しています。"]}
        assert "Saved." in client.post(PAGE, data=texts).text
        standing = client.get(f"/v1{PAGE}").json()
        assert standing["text"] == "薄い膜を探しています。"
        proposed = client.get(f"/v1{PAGE}/marks").json()
        assert not proposed["has_index"] and proposed["together"] is None
        assert COMPANY in [mark["said"] for mark in proposed["marks"]]
        assert client.delete(f"/v1{PAGE}").status_code == 204
        assert client.get(f"/v1{PAGE}").status_code == 404
