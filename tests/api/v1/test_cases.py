"""Cases over the API: opened once, listed, changed in versions, decided; and what a portal is told."""

import json
from datetime import UTC, datetime

from sqlalchemy import insert, select

from catalogue.database.account_models import ApiKey, Client, ClientCompany
from catalogue.database.service_models import Webhook, WebhookDelivery
from tests.support.worlds.companies import AONAMI, KATO, OPEN, SATO, SECRET, UEDA

CASES = "/v1/cases"
BODY = {"need_id": OPEN, "researcher_ids": ["R-01"], "lead": "R-01", "next_step": "電話"}


def opened(office, **more):
    answer = office.ask(KATO, "POST", CASES, json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    return answer


def decide(office, number, decision="go", viewer=UEDA, **more):
    path = f"{CASES}/{number}"
    tag = {"If-Match": office.get(viewer, path).headers["etag"]}
    sent = {"decision": decision, "reason": "理由", **more}
    return office.ask(viewer, "POST", f"{path}/decisions", json=sent, headers=tag)


def test_a_case_is_opened_once_read_changed_and_listed(office):
    key = {"Idempotency-Key": "k-1"}
    first = office.ask(KATO, "POST", CASES, json=BODY, headers=key)
    again = office.ask(KATO, "POST", CASES, json=BODY, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    path = first.headers["location"]
    read = office.get(KATO, path)
    assert (read.headers["etag"], read.json()["gate"]) == ('"1"', "dialogue")
    known = office.ask(KATO, "GET", path, headers={"If-None-Match": '"1"'})
    assert known.status_code == 304
    change = {"next_step": "訪問", "amount_jpy": 500_000}
    assert office.ask(KATO, "PATCH", path, json=change).status_code == 428
    tag = {"If-Match": '"1"'}
    changed = office.ask(KATO, "PATCH", path, json=change, headers=tag)
    assert (changed.json()["next_step"], changed.headers["etag"]) == ("訪問", '"2"')
    assert office.ask(KATO, "PATCH", path, json=change, headers=tag).status_code == 412
    cleared = office.ask(
        KATO, "PATCH", path, json={"amount_jpy": None}, headers={"If-Match": '"2"'}
    )
    assert cleared.json()["amount_jpy"] is None and cleared.json()["next_step"] == "訪問"
    opened(office, researcher_ids=[], lead="")
    page = office.get(KATO, f"{CASES}?limit=1&order=opened").json()
    rest = office.get(KATO, f"{CASES}?limit=1&order=opened&cursor={page['next_cursor']}").json()
    numbers = [one["case_id"] for one in (*page["items"], *rest["items"])]
    assert len(set(numbers)) == 2 and rest["next_cursor"] == ""
    assert office.get(KATO, f"{CASES}?due=never").status_code == 422
    turn = office.ask(
        KATO, "PUT", f"{path}/turn", json={"turn": "company"}, headers={"If-Match": '"3"'}
    )
    assert turn.json()["days_left"] is not None and turn.json()["due_on"] is None


def test_a_gate_is_decided_by_its_roles_and_keeps_what_was_looked_at(office):
    number = opened(office).json()["case_id"]
    assert decide(office, number, reason="").status_code == 422
    assert decide(office, number).json()["stage"] == "dialogue"
    path = f"{CASES}/{number}"
    tag = {"If-Match": office.get(KATO, path).headers["etag"]}
    assert office.ask(KATO, "POST", f"{path}/submission", headers=tag).json()["submitted_at"]
    assert decide(office, number, viewer=KATO).status_code == 403  # the NDA is for legal
    found = office.get(KATO, f"{path}/decisions").json()["decisions"]
    assert (found[0]["gate"], {one["answer"] for one in found[0]["criteria"]}) == (
        "dialogue", {"unmet"},
    )  # fmt: skip
    gates = office.get(KATO, "/v1/case-gates").json()["gates"]
    assert gates[0]["gate"] == "dialogue" and gates[1]["roles"] == ["legal"]


def test_a_portal_asks_for_a_case_and_is_told_of_its_stages_and_no_more(office):
    with office.catalogue.writing() as connection:
        client = {"client_id": AONAMI.viewer_id, "name": "", "role": "portal"}
        connection.execute(insert(Client).values(**client, created_at=datetime.now(UTC)))
        bound = {"client_id": AONAMI.viewer_id, "organisation_id": "aonami"}
        connection.execute(insert(ClientCompany).values(**bound))
        key = {"key_id": "k-1", "client_id": AONAMI.viewer_id, "secret_hash": "x"}
        when = {"created_at": datetime.now(UTC), "scopes": "needs:read webhooks:write"}
        connection.execute(insert(ApiKey).values(**key, **when))
        hook = {"webhook_id": "wh_1", "client_id": AONAMI.viewer_id, "url": "https://p.example"}
        made = {"secret": "s", "created_at": datetime.now(UTC)}
        connection.execute(insert(Webhook).values(**hook, **made, disabled_at=None))
    inside = opened(office).json()["case_id"]
    assert office.get(AONAMI, f"{CASES}/{inside}").status_code == 404
    asked = office.ask(AONAMI, "POST", CASES, json={"need_id": OPEN, "note": "お願いします。"})
    assert asked.status_code == 201, asked.text
    assert office.ask(AONAMI, "POST", CASES, json=BODY).status_code == 403  # nobody was released
    assert office.ask(AONAMI, "POST", CASES, json={"need_id": SECRET}).status_code in {201, 404}
    decide(office, inside)
    assert office.get(AONAMI, f"{CASES}/{inside}").status_code == 404  # the office's own number
    listed = office.get(AONAMI, CASES).json()["items"]
    told_of = next(one["case_id"] for one in listed if one["stage"] == "dialogue")
    seen = office.get(AONAMI, f"{CASES}/{told_of}").json()
    assert (seen["stage"], seen["people"], seen["manager"], seen["due_on"]) == (
        "dialogue", [], "", None,
    )  # fmt: skip
    assert office.get(AONAMI, f"{CASES}/{told_of}/decisions").status_code == 403
    with office.catalogue.reading() as connection:
        sent = connection.execute(select(WebhookDelivery.event, WebhookDelivery.payload)).all()
    told = {event: json.loads(payload) for event, payload in sent}
    assert told["case.gate"]["decision"] == "go" and told["case.stage"]["stage"] == "dialogue"
    assert set(told["case.stage"]) == {"need_id", "case_id", "link", "stage", "state"}
    assert office.get(SATO, f"{CASES}/{inside}").status_code == 200
