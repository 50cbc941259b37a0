"""The pages of needs: listed, written down, changed, closed, guests asked in, lists released."""

import json
import re

import pytest

from tests.api.pages.office.steps import (
    CLOSED_PATH,
    ODD_PATH,
    OPEN_PATH,
    audited,
    form_of,
    release_form,
    version_of,
)
from tests.support.need_documents import word
from tests.support.worlds import pages as office
from tests.support.worlds.pages import CLOSED_NEED, HEAD, HUSHED, OPEN_NEED, PATENTS, SATO, TANAKA

TRACKED = "<w:p><w:ins><w:r><w:t>さびにくい塗料を探しています。</w:t></w:r></w:ins></w:p>"


def test_the_list_of_needs_is_filtered_and_shows_what_may_be_seen(act):
    client = act(SATO)
    assert CLOSED_PATH in client.get("/needs").text
    assert CLOSED_PATH not in client.get("/needs?area=non-competitive").text
    mine = client.get("/needs?mine=1&area=any&status=open").text
    assert OPEN_PATH in mine and ODD_PATH not in mine
    for viewer in (TANAKA, PATENTS, office.NUMBERS):
        page = act(viewer).get("/needs?status=any").text
        assert CLOSED_PATH not in page and OPEN_PATH in page
    assert "No need that you may see" in act(SATO).get("/needs?status=closed").text


@pytest.mark.parametrize("viewer", [TANAKA, PATENTS, office.GUEST], ids=lambda v: v.viewer_id)
def test_a_need_that_may_not_be_seen_looks_like_one_that_is_not_there(act, viewer):
    client = act(viewer)
    hidden, missing = client.get(CLOSED_PATH), client.get("/needs/nothing")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text.replace(CLOSED_NEED, "nothing") == missing.text
    for action in ("close", "reopen", "guests", "guests/remove", "releases"):
        form = {"user_id": viewer.viewer_id}
        assert client.post(f"{CLOSED_PATH}/{action}", data=form).status_code in {403, 404}
    assert client.get(f"{CLOSED_PATH}/change").status_code in {403, 404}


def test_reading_a_need_of_a_closed_circle_is_noted_and_an_open_one_is_not(act, catalogue):
    client = act(SATO)
    client.get(OPEN_PATH)
    client.get(CLOSED_PATH)
    read = audited(catalogue, "read")
    assert [(actor, need) for actor, need, _ in read] == [("person:sato", CLOSED_NEED)]


def test_a_need_is_written_down_and_shown(act, catalogue):
    client = act(SATO)
    form = form_of(client.get("/needs/new").text)
    assert (form["confidentiality"], form["manager"]) == ("confidential", "sato")
    form |= {
        "title": "新しい塗料", "text": "さびにくい塗料を探しています。", "company": "架空塗装株式会社",
        "budget_jpy": "1,200,000円", "area": "non-competitive",
    }  # fmt: skip
    answer = client.post("/needs/new", data=form, follow_redirects=False)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "新しい塗料" in page and "架空塗装株式会社" in page and "1,200,000" in page
    assert "塗料" not in answer.headers["location"]
    [(_, _, detail)] = audited(catalogue, "create")
    assert "塗" not in detail


def test_what_cannot_be_saved_comes_back_with_what_was_entered(act):
    client = act(SATO)
    form = {"title": "塗料", "text": "さびにくい塗料", "budget_jpy": "a lot", "area": "secret"}
    page = client.post("/needs/new", data={**form, "confidentiality": "public"})
    assert page.status_code == 422
    assert 'value="a lot" aria-invalid="true"' in page.text
    assert re.search(r'name="area" aria-invalid="true"', page.text)
    assert 'value="塗料"' in page.text
    empty = client.post("/needs/new", data={"title": "", "text": " ", "confidentiality": "public"})
    assert empty.status_code == 400
    assert "cannot be saved like this" in empty.text


def test_a_file_fills_the_text_and_nothing_is_saved_before_it_was_seen(act, catalogue):
    client = act(SATO)
    form = form_of(client.get("/needs/new").text) | {"title": "塗料", "text": "前の文"}
    sent = {"file": ("相談.docx", word(TRACKED))}
    page = client.post("/needs/new", data=form, files=sent)
    assert page.status_code == 200
    read = form_of(page.text)
    assert (read["text"], read["title"]) == ("さびにくい塗料を探しています。", "塗料")
    assert "相談.docx" in page.text and "as if all were accepted" in page.text
    assert "前の文" in page.text and "前の文" not in read["text"]
    assert audited(catalogue, "create") == []
    saved = client.post("/needs/new", data=read, follow_redirects=False)
    assert "さびにくい塗料" in client.get(saved.headers["location"]).text


def test_a_file_fills_the_form_of_a_change_and_the_version_stays(act, catalogue):
    client = act(SATO)
    first = form_of(client.get(f"{OPEN_PATH}/change").text)
    sent = {"file": ("need.txt", "別の塗料を探しています。".encode("cp932"))}
    page = client.post(f"{OPEN_PATH}/change", data={**first, "read": "yes"}, files=sent)
    read = form_of(page.text)
    assert {**read, "text": first["text"]} == first
    assert read["text"] == "別の塗料を探しています。"
    assert first["text"].splitlines()[0] in page.text  # what stood there is not lost
    assert audited(catalogue, "change") == []
    act(HEAD).post(f"{OPEN_PATH}/change", data={**first, "horizon": "三年以内"})
    assert act(SATO).post(f"{OPEN_PATH}/change", data=read).status_code == 412


def test_no_file_or_one_that_cannot_be_read_leaves_the_form_as_it_was(act, catalogue):
    client = act(SATO)
    form = {"title": "塗料", "text": "さびにくい塗料", "confidentiality": "public"}
    without = client.post("/needs/new", data={**form, "read": "yes"}, files={"file": ("", b"")})
    assert without.status_code == 422 and "Choose a file first" in without.text
    broken = client.post("/needs/new", data=form, files={"file": ("a.pdf", b"%PDF-1.7 broken")})
    assert broken.status_code == 400 and "seems to be damaged" in broken.text
    for page in (without, broken):
        assert form_of(page.text)["text"] == form["text"]
        assert 'aria-invalid="true"' in page.text
    assert audited(catalogue, "create") == []


def test_a_need_is_changed_by_its_manager(act, catalogue):
    client = act(SATO)
    form = form_of(client.get(f"{OPEN_PATH}/change").text)
    assert form["company"] == office.COMPANY
    form |= {"title": "別の題名", "company": ""}
    answer = client.post(f"{OPEN_PATH}/change", data=form, follow_redirects=False)
    assert answer.headers["location"] == OPEN_PATH
    page = client.get(OPEN_PATH).text
    assert "別の題名" in page and "Company unknown" in page
    [(actor, _, detail)] = audited(catalogue, "change")
    assert actor == "person:sato"
    assert json.loads(detail)["fields"] == ["organisation_id", "title"]


def test_sending_a_form_back_as_it_was_changes_nothing(act, catalogue):
    client = act(SATO)
    for path in (OPEN_PATH, CLOSED_PATH):
        client.post(f"{path}/change", data=form_of(client.get(f"{path}/change").text))
    assert audited(catalogue, "change") == []


def test_a_lost_update_shows_both_and_saves_only_when_asked_again(act):
    first = form_of(act(SATO).get(f"{OPEN_PATH}/change").text)
    second = form_of(act(HEAD).get(f"{OPEN_PATH}/change").text)
    act(HEAD).post(f"{OPEN_PATH}/change", data={**second, "horizon": "三年以内"})
    clash = act(SATO).post(f"{OPEN_PATH}/change", data={**first, "horizon": "半年以内"})
    assert clash.status_code == 412
    assert "Somebody else changed this need" in clash.text
    assert "三年以内" in clash.text and 'value="半年以内"' in clash.text
    assert clash.text.count("Somebody else wrote:") == 1
    assert "三年以内" in act(SATO).get(OPEN_PATH).text
    act(SATO).post(f"{OPEN_PATH}/change", data=form_of(clash.text))
    assert "半年以内" in act(SATO).get(OPEN_PATH).text


def test_both_versions_stay_beside_each_other_in_the_other_language(act):
    first = form_of(act(SATO).get(f"{OPEN_PATH}/change").text)
    act(HEAD).post(f"{OPEN_PATH}/change", data={**first, "horizon": "三年以内"})
    page = act(SATO).post(f"{OPEN_PATH}/change", data={**first, "horizon": "半年以内"})
    for language, said in (("ja", "ほかの人の入力："), ("en", "Somebody else wrote:")):
        [action] = re.findall(r'id="switch"[^>]* formaction="([^"]*)"', page.text)
        sent = {**form_of(page.text), "shown_in": language}
        page = act(SATO).post(action, data=sent)
        assert page.text.count(said) == 1
        assert "三年以内" in page.text and 'value="半年以内"' in page.text
    act(SATO).post(f"{OPEN_PATH}/change", data=form_of(page.text))
    assert "半年以内" in act(SATO).get(OPEN_PATH).text


def test_a_need_is_closed_and_opened_again(act, catalogue):
    client = act(SATO)
    version = version_of(catalogue, OPEN_NEED)
    client.post(f"{OPEN_PATH}/close", data={"version": version})
    assert "Open the need again" in client.get(OPEN_PATH).text
    stale = client.post(f"{OPEN_PATH}/reopen", data={"version": version})
    assert stale.status_code == 412
    client.post(f"{OPEN_PATH}/reopen", data={"version": version_of(catalogue, OPEN_NEED)})
    assert "Close the need" in client.get(OPEN_PATH).text


def test_an_ip_manager_is_asked_in_sees_the_need_and_is_asked_out_again(act):
    assert act(PATENTS).get(CLOSED_PATH).status_code == 404
    act(SATO).post(f"{CLOSED_PATH}/guests", data={"user_id": "chizai"})
    seen = act(PATENTS).get(CLOSED_PATH)
    assert HUSHED in seen.text
    assert "/change" not in seen.text and "guests/remove" not in seen.text
    assert act(PATENTS).post(f"{CLOSED_PATH}/guests", data={"user_id": "houmu"}).status_code == 403
    act(SATO).post(f"{CLOSED_PATH}/guests/remove", data={"user_id": "chizai"})
    assert act(PATENTS).get(CLOSED_PATH).status_code == 404


def test_a_list_is_released_and_revoked(act, catalogue):
    client = act(SATO)
    form = release_form(client.get(f"{OPEN_PATH}/release?whom=best&top=1").text)
    form["confirmed"] = ["no_portal"]
    answer = client.post(f"{OPEN_PATH}/releases", data=form, follow_redirects=False)
    assert answer.status_code == 303
    page = client.get(OPEN_PATH).text
    [release_id] = re.findall(r'action="/releases/(\d+)/revoke"', page)
    assert answer.headers["location"] == f"/releases/{release_id}"
    assert act(TANAKA).post(f"/releases/{release_id}/revoke").status_code == 403
    act(SATO).post(f"/releases/{release_id}/revoke")
    assert "Release revoked" in client.get(OPEN_PATH).text
    assert len(audited(catalogue, "release")) == len(audited(catalogue, "revoke")) == 1
