"""Before a company sees a list: it is looked at as it will be seen, and each doubt needs its own tick."""

import io
import json
from datetime import UTC, datetime

import docx
import pptx
import pytest
from sqlalchemy import insert

from catalogue.database.account_models import Client, ClientCompany
from catalogue.database.service_models import ReleasedList
from catalogue.database.viewer import PORTAL
from catalogue.judgements.judgements import Judgement, record_judgement
from office import shortlists
from office.access.scoped import reading_as
from office.needs.releases import release_of
from tests.api.pages.office.steps import (
    BOTH,
    CLOSED_PATH,
    OPEN_PATH,
    audited,
    concerns_on,
    release_form,
    worded,
)
from tests.support.worlds.pages import GUEST, HEAD, NUMBERS, OPEN_NEED, SATO, TANAKA

LOOK, SEND = f"{OPEN_PATH}/release", f"{OPEN_PATH}/releases"
ALL = ["fits_nobody", "weak_people", "no_public_evidence", "no_portal"]
FAR = "film " + " ".join(f"far{chr(97 + n)}" for n in range(26))  # hardly shares a word


@pytest.fixture
def kept(catalogue):
    shortlists.add_to_shortlist(catalogue, SATO, "R-01", OPEN_NEED)


@pytest.fixture
def with_portal(catalogue):
    now = datetime.now(UTC)
    row = {"client_id": "portal-a", "name": "", "role": PORTAL, "created_at": now}
    with catalogue.writing() as connection:
        connection.execute(insert(Client).values(**row))
        bound = {"client_id": "portal-a", "organisation_id": "aonami"}
        connection.execute(insert(ClientCompany).values(**bound))


def released(catalogue):
    with catalogue.reading() as connection:
        return connection.execute(ReleasedList.__table__.select()).mappings().all()


def test_the_usual_choice_is_the_shortlist_then_those_judged_suitable_then_nobody(act, catalogue):
    client = act(SATO)
    page = client.get(LOOK).text
    assert 'name="person"' not in page and "nobody was judged suitable" in page
    with catalogue.writing() as connection:
        record_judgement(connection, Judgement(OPEN_NEED, "R-02", "suitable", judged_by="sato"))
        record_judgement(
            connection, Judgement(OPEN_NEED, "R-01", "not_suitable", "conflict", judged_by="sato")
        )
    page = client.get(LOOK).text
    assert release_form(page)["person"] == ["R-02"] and 'value="suitable" checked' in page
    shortlists.add_to_shortlist(catalogue, SATO, "R-01", OPEN_NEED)
    page = client.get(LOOK).text
    assert release_form(page)["person"] == ["R-01"] and 'value="shortlist" checked' in page
    assert release_form(client.get(f"{LOOK}?whom=suitable").text)["person"] == ["R-02"]
    worded(catalogue, BOTH)
    best = release_form(client.get(f"{LOOK}?whom=best&top=2").text)["person"]
    assert sorted(best) == ["R-01", "R-02"]


def test_what_is_looked_at_is_what_is_released_and_what_the_portal_reads(
    act, catalogue, kept, with_portal
):
    client = act(SATO)
    page = client.get(LOOK).text
    seen = page[page.index('<div class="given"') : page.index("</ol>")]
    assert '<div class="given" lang="ja">' in seen and "該当する研究者" in seen
    assert "森 花" in seen and "食品包装の薄い膜" in seen and "有望" in seen
    assert concerns_on(page) == []
    answer = client.post(SEND, data=release_form(page), follow_redirects=False)
    assert answer.status_code == 303
    [row] = released(catalogue)
    assert answer.headers["location"] == f"/releases/{row['release_id']}"
    stands = client.get(answer.headers["location"]).text
    given = stands[stands.index('<div class="given"') : stands.index("</ol>")]
    assert [part for part in ("森 花", "食品包装の薄い膜", "有望") if part not in given] == []
    assert json.loads(row["content"])["need_title"] == "酸素を通さない薄い膜"
    assert [need for _, need, _ in audited(catalogue, "release")] == [str(row["release_id"])]


def test_each_doubt_needs_a_tick_of_its_own(act, catalogue, kept):
    shortlists.add_to_shortlist(catalogue, SATO, "R-12", OPEN_NEED)  # of whom nothing is public
    worded(catalogue, FAR)
    client = act(SATO)
    shortlists.add_to_shortlist(catalogue, SATO, "R-02", OPEN_NEED)
    page = client.get(LOOK).text
    assert concerns_on(page) == ALL
    assert "Less likely to fit, and released all the same: Ada Lindqvist" in page
    assert "by name and affiliation alone: Hana Mori, Hoshino No. 12" in page
    form = release_form(page)
    for left in ALL:
        ticked = [code for code in ALL if code != left]
        refused = client.post(SEND, data={**form, "confirmed": ticked})
        assert refused.status_code == 422
        assert "Tick what you accept below the list" in refused.text
        assert refused.text.count("required checked") == len(ticked)
    assert released(catalogue) == []
    client.post(SEND, data={**form, "confirmed": ALL})
    [row] = released(catalogue)
    document = json.loads(row["content"])
    assert document["heading"] == "The nearest researchers"
    assert document["notice"].startswith("Nobody here fits “酸素を通さない薄い膜” well.")
    last = document["matches"][-1]
    assert (last["evidence"], last["probability"], last["strength"]) == ([], None, "")
    assert [objection["reason"] for objection in last["against"]] == ["no_public_evidence"]
    [(_, _, detail)] = audited(catalogue, "release")
    assert json.loads(detail)["concerns"] == ALL


def test_a_list_that_changed_since_is_shown_again_and_not_released(
    act, catalogue, kept, with_portal
):
    worded(catalogue, BOTH)
    client = act(SATO)
    form = release_form(client.get(LOOK).text)
    shortlists.add_to_shortlist(catalogue, SATO, "R-02", OPEN_NEED)
    more = client.post(SEND, data={**form, "person": ["R-01", "R-02"]})
    assert (more.status_code, released(catalogue)) == (409, [])
    assert "The list has changed since you looked at it." in more.text
    again = release_form(more.text)
    assert sorted(again["person"]) == ["R-01", "R-02"] and again["mark"] != form["mark"]
    client.post(SEND, data={**form, "mark": again["mark"], "person": again["person"]})
    assert len(json.loads(released(catalogue)[0]["content"])["matches"]) == 2


def test_people_are_left_out_and_the_list_looked_at_again(act, catalogue, with_portal):
    worded(catalogue, BOTH)
    client = act(SATO)
    form = release_form(client.get(f"{LOOK}?whom=best&top=2").text)
    page = client.post(SEND, data={**form, "person": ["R-02"], "do": "look"})
    assert (page.status_code, release_form(page.text)["person"]) == (200, ["R-02"])
    assert 'value="1"' in page.text[page.text.index('<ol class="given-people">') :][:60]
    nobody = client.post(SEND, data={**form, "person": []})
    assert nobody.status_code == 422 and "Nobody is chosen." in nobody.text
    assert released(catalogue) == []


@pytest.mark.parametrize("viewer", [TANAKA, NUMBERS, GUEST], ids=lambda v: v.viewer_id)
def test_only_the_need_s_manager_and_the_chief_look_at_a_release(act, viewer):
    assert act(viewer).get(LOOK).status_code == 403
    assert act(viewer).get(f"{CLOSED_PATH}/release").status_code in {403, 404}
    assert act(HEAD).get(f"{CLOSED_PATH}/release").status_code == 200


def give(client, page=LOOK):
    form = release_form(client.get(page).text)
    answer = client.post(SEND, data={**form, "confirmed": ALL}, follow_redirects=False)
    return answer.headers["location"]


def texts_of(kind, content):
    if kind == "docx":
        read = docx.Document(io.BytesIO(content))
        links = [link.text for p in read.paragraphs for link in p.hyperlinks]
        return [p.text for p in read.paragraphs] + links
    [slide] = pptx.Presentation(io.BytesIO(content)).slides
    return [p.text for shape in slide.shapes for p in shape.text_frame.paragraphs]


@pytest.mark.parametrize("kind", ["docx", "pptx"])
def test_what_was_released_is_taken_out_on_one_page_in_the_need_s_language(
    act, catalogue, kept, kind
):
    place = give(act(SATO))
    answer = act(SATO).get(f"{place}/export.{kind}", headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    said = "\n".join(texts_of(kind, answer.content))
    for expected in ("酸素を通さない薄い膜", "食品包装の膜を探しています", "該当する研究者",
                     "1. 森 花", "論文 2019 食品包装の薄い膜", "水蒸気にも強い。"):  # fmt: skip
        assert expected in said, expected
    [(actor, _, detail)] = audited(catalogue, "export")
    assert actor == "person:sato" and json.loads(detail) == {"format": kind, "researchers": 1}


def test_a_list_that_was_revoked_and_one_that_may_not_be_seen_are_not_taken_out(act, kept):
    place = give(act(SATO))
    assert act(GUEST).get(f"{place}/export.docx").status_code == 403
    assert act(SATO).get("/releases/999/export.pptx").status_code == 404
    assert act(SATO).get(f"{place}/export.exe").status_code == 422
    act(SATO).post(f"{place}/revoke")
    assert act(SATO).get(f"{place}/export.docx").status_code == 409
    page = act(SATO).get(place).text
    assert "export.docx" not in page and "Release revoked" in page


def test_a_released_list_is_read_by_who_may_see_it(act, catalogue, kept):
    place = give(act(SATO))
    assert act(HEAD).get(place).status_code == 200
    assert 'action="/releases/' not in act(TANAKA).get(place).text
    number = int(place.rsplit("/", 1)[1])
    with reading_as(catalogue, SATO) as connection:
        assert release_of(connection, SATO, number).need_id == OPEN_NEED
    read = {actor for actor, _, _ in audited(catalogue, "read")}
    assert read == {"person:head", "person:tanaka"}
