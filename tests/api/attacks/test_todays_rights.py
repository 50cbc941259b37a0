"""What was answered once is shown again with the rights of today; what ids and metrics tell."""

from itertools import pairwise

import pytest
from sqlalchemy import delete, insert, update

from catalogue.database.account_models import ClientCompany
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import ANALYST, METRICS_READ
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from tests.api.attacks.actors import Town
from tests.support.worlds.town import OPERATOR

KEY = {"idempotency-key": "once-1"}
TEXT = {"text": "薄い膜を探しています。", "title": "秘密の題"}


def test_a_machine_that_lost_its_company_gets_no_old_answer(town: Town) -> None:
    sent = {"json": {**TEXT, "organisation_id": "kurose"}, "headers": KEY}
    portal = town["portal-k"]
    assert portal.post("/v1/needs", **sent).status_code == 201
    assert portal.post("/v1/needs", **sent).headers["idempotent-replayed"] == "true"
    mine = {"client_id": "portal-k", "organisation_id": "kurose"}
    with town.catalogue.writing() as connection:
        connection.execute(delete(ClientCompany).where(ClientCompany.client_id == "portal-k"))
    again = portal.post("/v1/needs", **sent)
    with town.catalogue.writing() as connection:
        connection.execute(insert(ClientCompany).values(mine))
    assert (again.status_code, "秘密" in again.text) == (404, False)


@pytest.mark.parametrize("path", ["feedback", "teams"])
def test_a_person_who_may_not_see_the_need_any_more_gets_no_old_answer(
    town: Town, path: str
) -> None:
    said = {
        "feedback": {"researcher_id": "R-02", "verdict": "suitable"},
        "teams": {"researcher_ids": ["R-01", "R-02"]},
    }
    sent = {"json": said[path], "headers": {"idempotency-key": f"once-{path}"}}
    assert town["kato"].post(f"/v1/needs/N-silent/{path}", **sent).status_code in {200, 201}
    theirs = update(StoredNeed).where(StoredNeed.need_id == "N-silent")
    with town.catalogue.writing() as connection:
        connection.execute(theirs.values(manager="endo"))
    again = town["kato"].post(f"/v1/needs/N-silent/{path}", **sent)
    with town.catalogue.writing() as connection:
        connection.execute(theirs.values(manager="kato"))
    assert again.status_code == 404


def test_ids_of_released_lists_tell_no_count(town: Town) -> None:
    made = [town["head"].post("/v1/needs/N-open/releases", json={}).json() for _ in range(3)]
    ids = [one["release_id"] for one in made]
    assert all(2**32 <= one < 2**53 for one in ids)
    assert min(abs(a - b) for a, b in pairwise(ids)) > 1_000
    first = town["portal-a"].get("/v1/needs/N-open/releases?limit=2").json()
    after = {"cursor": first["next_cursor"]}
    rest = town["portal-a"].get("/v1/needs/N-open/releases", params=after).json()
    listed = [one["release_id"] for one in [*first["items"], *rest["items"]]]
    assert listed[:3] == ids[::-1]


def test_metrics_are_for_an_operators_key_and_never_for_a_portals(town: Town) -> None:
    Machines(town.catalogue).create(OPERATOR, "prometheus", role=ANALYST)
    key = Keys(town.catalogue).create(OPERATOR, "prometheus", (METRICS_READ,)).text
    seen = town.client.get("/metrics", headers={"authorization": f"Bearer {key}"})
    assert (seen.status_code, "enmusubi_requests_total" in seen.text) == (200, True)
    assert town["portal-m"].get("/metrics").status_code == 403
    assert town["nishi"].get("/metrics").status_code == 403
