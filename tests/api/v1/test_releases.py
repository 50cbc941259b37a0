"""Lists that the office gives to a company: public seeds, frozen, taken back, seen by its portals."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import insert, select

from api.v1.schemas.matches import MatchListOut
from catalogue.database.account_models import ApiKey, Client, ClientCompany
from catalogue.database.service_models import Webhook, WebhookDelivery
from catalogue.database.viewer import PORTAL
from matcher.records import PUBLIC, Contribution, Need, Objection
from office.needs.given_lists import frozen_document
from tests.support.service import Shelf
from tests.support.small_recommender import SmallRecommender
from tests.support.worlds.companies import (
    ABE,
    AONAMI,
    INSIDE,
    KATO,
    KUROSE,
    MORITA,
    NISHI,
    OPEN,
    OTA,
    SATO,
    SECRET,
    UEDA,
)

OF_OPEN = f"/v1/needs/{OPEN}/releases"


def release(office, viewer=KATO, need_id=OPEN, **body):
    answer = office.post(viewer, f"/v1/needs/{need_id}/releases", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_manager_gives_the_best_of_a_list_to_the_company(office):
    answer = office.post(KATO, OF_OPEN, json={"top": 1})
    assert answer.status_code == 201
    given = answer.json()
    assert (given["need_id"], given["released_by"], given["revoked_at"]) == (OPEN, "kato", None)
    assert [match["rank"] for match in given["content"]["matches"]] == [1]
    assert given["content"]["matches"][0]["strength_text"].startswith("有望")
    read = office.get(AONAMI, answer.headers["location"])
    assert read.json() == {**given, "released_by": ""}
    assert office.trail() == [
        ("person:kato", "release", "release", str(given["release_id"])),
        ("machine:portal-a", "read", "release", str(given["release_id"])),
    ]


def test_what_was_given_stays_as_it_was(office_of):
    shelf = Shelf()
    office = office_of(shelf)
    given = release(office)
    shelf.publish("v000002")
    now = office.get(KATO, f"/v1/releases/{given['release_id']}").json()
    assert now["content"]["index_version"] == "v000001"
    assert now == given


def test_chosen_people_are_given_in_the_order_of_the_list_and_ranked_anew(office):
    everybody = office.get(KATO, f"/v1/needs/{OPEN}/matches").json()["matches"]
    last = everybody[-1]["researcher"]["researcher_id"]
    given = release(office, researcher_ids=[last])["content"]["matches"]
    assert [(match["rank"], match["researcher"]["researcher_id"]) for match in given] == [(1, last)]


@pytest.mark.parametrize(
    "body",
    [
        {"researcher_ids": ["R-99"]},
        {"researcher_ids": []},
        {"researcher_ids": ["a\x00"]},
        {"top": 0},
        {"top": 101},
        {"visibilities": ["confidential"]},
        {"filters": {"visibilities": ["confidential"]}},
        [],
    ],
)
def test_what_cannot_be_given_is_refused(office, body):
    assert office.post(KATO, OF_OPEN, json=body).status_code == 422
    assert office.get(KATO, OF_OPEN).json()["items"] == []


def test_only_public_seeds_leave_the_office_whoever_releases(office_of):
    asked = []

    class Watched(SmallRecommender):
        def match(self, need, *, top=10, filters=None):
            asked.append(tuple(filters.visibilities))
            return super().match(need, top=top, filters=filters)

    release(office_of(Shelf(published=Watched())), UEDA)
    assert asked == [(PUBLIC,)]


@pytest.mark.parametrize(
    ("viewer", "status"),
    [(UEDA, 201), (KATO, 201), (MORITA, 403), (SATO, 403), (OTA, 403), (NISHI, 403), (AONAMI, 403)],
)
def test_the_need_s_manager_and_the_chief_release(office, viewer, status):
    assert office.post(viewer, OF_OPEN, json={}).status_code == status


def test_a_guest_sees_the_need_and_releases_nothing(office):
    assert office.ask(KATO, "PUT", f"/v1/needs/{SECRET}/guests/abe").status_code == 200
    assert office.post(ABE, f"/v1/needs/{SECRET}/releases", json={}).status_code == 403


def test_a_release_is_safe_to_repeat(office):
    key = {"Idempotency-Key": "r-1"}
    first, again = (office.post(KATO, OF_OPEN, json={}, headers=key) for _ in range(2))
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(office.get(KATO, OF_OPEN).json()["items"]) == 1
    elsewhere = office.post(KATO, f"/v1/needs/{SECRET}/releases", json={}, headers=key)
    assert elsewhere.status_code == 422


def test_another_company_s_lists_look_like_none(office):
    hidden = release(office)["release_id"]
    told = [
        office.ask(viewer, verb, f"/v1/releases/{release_id}{tail}")
        for release_id in (hidden, 999_999)
        for viewer, verb, tail in ((KUROSE, "GET", ""), (MORITA, "POST", "/revoke"))
    ]
    assert [answer.status_code for answer in told] == [404, 403, 404, 404]
    assert told[0].text.replace(f"/{hidden}", "") == told[2].text.replace("/999999", "")
    assert office.get(KUROSE, OF_OPEN).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", str(2**53), "9" * 40])
def test_a_number_that_no_list_has_is_refused(office, number):
    assert office.get(KATO, f"/v1/releases/{number}").status_code == 422


def test_a_list_that_was_taken_back_is_gone_for_portals_and_marked_for_the_office(office):
    number = release(office)["release_id"]
    revoked = office.post(KATO, f"/v1/releases/{number}/revoke")
    assert (revoked.status_code, revoked.json()["revoked_at"] is None) == (200, False)
    assert office.get(AONAMI, f"/v1/releases/{number}").status_code == 404
    assert office.get(AONAMI, OF_OPEN).json()["items"] == []
    assert office.get(KATO, OF_OPEN).json()["items"] == [revoked.json()]
    assert office.post(KATO, f"/v1/releases/{number}/revoke").status_code == 409
    assert office.post(AONAMI, f"/v1/releases/{number}/revoke").status_code == 403
    assert [entry[1] for entry in office.trail()] == ["release", "revoke"]


def test_lists_come_in_pages_the_newest_first(office):
    numbers = [release(office)["release_id"] for _ in range(3)]
    first = office.get(AONAMI, OF_OPEN, params={"limit": 2})
    assert [item["release_id"] for item in first.json()["items"]] == numbers[:0:-1]
    rest = office.get(AONAMI, first.links["next"]["url"]).json()
    assert [item["release_id"] for item in rest["items"]] == numbers[:1]
    assert rest["next_cursor"] == ""
    assert all(item["released_by"] == "" for item in rest["items"])


def test_the_portals_of_the_need_s_company_are_told_and_no_others(office):
    with office.catalogue.writing() as connection:
        for viewer in (AONAMI, KUROSE):
            connection.execute(insert(Client).values(client_row(viewer.viewer_id)))
            company = {
                "client_id": viewer.viewer_id,
                "organisation_id": next(iter(viewer.companies)),
            }
            connection.execute(insert(ClientCompany).values(company))
            connection.execute(insert(ApiKey).values(key_row(viewer.viewer_id)))
            connection.execute(insert(Webhook).values(hook_row(viewer.viewer_id)))
    number = release(office)["release_id"]
    office.post(KATO, f"/v1/releases/{number}/revoke")
    columns = (WebhookDelivery.webhook_id, WebhookDelivery.event, WebhookDelivery.payload)
    with office.catalogue.reading() as connection:
        sent = [tuple(row) for row in connection.execute(select(*columns))]
    assert [(hook, event) for hook, event, _ in sent] == [
        ("wh-portal-a", "list.released"),
        ("wh-portal-a", "list.revoked"),
    ]
    assert all(str(number) in payload and "膜" not in payload for _, _, payload in sent)


def client_row(client_id):
    made = {"created_at": datetime.now(UTC), "disabled_at": None}
    return {"client_id": client_id, "name": client_id, "role": PORTAL, **made}


def key_row(client_id):
    made = {"created_at": datetime.now(UTC), "scopes": "matches:read webhooks:write"}
    return {"key_id": f"k-{client_id}", "client_id": client_id, "secret_hash": "x", **made}


def hook_row(client_id):
    hook = {"webhook_id": f"wh-{client_id}", "client_id": client_id, "secret": "s"}
    made = {"created_at": datetime.now(UTC), "disabled_at": None}
    return {**hook, "url": "https://portal.example/hook", **made}


def test_an_empty_list_can_be_given(office):
    given = release(office, UEDA, INSIDE, filters={"kinds": ["award"]})
    assert given["content"]["matches"] == []


def test_with_what_is_confirmed_a_list_that_has_more_to_consider_is_refused(office):
    answer = office.post(KATO, OF_OPEN, json={"top": 1, "confirmed": []})
    assert answer.status_code == 422 and "no_portal" in answer.text
    assert office.get(KATO, OF_OPEN).json()["items"] == []
    given = release(office, top=1, confirmed=["no_portal"])
    assert (given["content"]["need_title"], given["content"]["notice"]) == ("薄い膜", "")
    assert office.post(KATO, OF_OPEN, json={"confirmed": ["luck"]}).status_code == 422


def test_who_has_no_public_evidence_is_given_by_name_where_that_is_confirmed(office):
    unlisted = {"researcher_ids": ["R-01"], "filters": {"kinds": ["patent"]}}
    refused = office.post(KATO, OF_OPEN, json={**unlisted, "confirmed": ["no_portal"]})
    assert refused.status_code == 422 and "no_public_evidence" in refused.text
    assert office.post(KATO, OF_OPEN, json=unlisted).status_code == 422
    confirmed = ["fits_nobody", "no_portal", "no_public_evidence"]
    given = release(office, **unlisted, confirmed=confirmed)
    (last,) = given["content"]["matches"]
    assert (last["rank"], last["researcher"]["researcher_id"]) == (1, "R-01")
    assert (last["evidence"], last["strength"], last["strength_text"]) == ([], "", "")
    assert (last["score"], last["probability"]) == (0.0, None)
    assert [objection["reason"] for objection in last["against"]] == ["no_public_evidence"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_frozen_document_is_what_the_api_writes_and_reads(language):
    found = SmallRecommender().match(Need("薄い膜 thin <film> for packaging"))
    first, second = found.matches
    odd = replace(  # whole numbers, long ones and very small ones, as numpy and JSON write them
        first,
        score=-1e-7,
        probability=np.float64(0.1) + 0.2,
        against=(Objection("old", 2009), Objection("weak", 1e17), Objection("one_seed")),
        contributions=(Contribution("dense_best", 3, 1e22), Contribution("base", None, -0.5)),
    )
    found = replace(found, matches=(odd, replace(second, probability=None, evidence=())))

    document = frozen_document(found, language)

    assert document == MatchListOut.of(found, language).model_dump_json()
    assert document == MatchListOut.model_validate_json(document).model_dump_json()
