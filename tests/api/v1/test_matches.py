"""Matches over the API: of needs that may be seen, with what the role may be matched with."""

import pytest
from sqlalchemy import select

from catalogue.database.judgement_models import ShownList
from catalogue.database.viewer import NEEDS_READ
from matcher.records import CONFIDENTIAL, INTERNAL, PUBLIC, VISIBILITIES, Filters
from office.matching import visible_filters
from tests.support.worlds.companies import (
    ABE,
    AONAMI,
    INSIDE,
    KUROSE,
    NISHI,
    OPEN,
    OTA,
    ROOT,
    SATO,
    SECRET,
    TEXT,
    UEDA,
    portal,
)


def shown(office):
    columns = (ShownList.need_id, ShownList.source, ShownList.top)
    with office.catalogue.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


@pytest.mark.parametrize(
    ("viewer", "visible"),
    [
        (UEDA, (PUBLIC, INTERNAL, CONFIDENTIAL)),
        (SATO, (PUBLIC, INTERNAL, CONFIDENTIAL)),
        (ABE, (PUBLIC, INTERNAL)),
        (OTA, (PUBLIC,)),
        (NISHI, (PUBLIC,)),
        (AONAMI, (PUBLIC,)),
    ],
)
def test_the_role_says_which_seeds_are_matched_and_the_index_which_there_are(viewer, visible):
    asked = Filters(kinds=("paper",), visibilities=(CONFIDENTIAL,))
    filters = visible_filters(viewer, VISIBILITIES, asked)
    assert (filters.visibilities, filters.kinds) == (visible, ("paper",))
    assert visible_filters(viewer, (PUBLIC,), asked).visibilities == (PUBLIC,)


@pytest.mark.parametrize(
    ("viewer", "status"), [(UEDA, 200), (OTA, 200), (AONAMI, 200), (ROOT, 403)]
)
def test_readers_and_portals_match_a_text(office, viewer, status):
    assert office.post(viewer, "/v1/matches", json={"need_text": TEXT}).status_code == status
    assert shown(office) == []
    assert office.trail() == []


def test_a_machine_without_the_scope_matches_nothing(office):
    reader = portal("portal-r", "aonami", scopes=frozenset({NEEDS_READ}))
    assert office.post(reader, "/v1/matches", json={"need_text": TEXT}).status_code == 403
    assert office.get(reader, f"/v1/needs/{OPEN}/matches").status_code == 403


def test_the_list_of_a_stored_need_is_the_same_by_both_ways_and_recorded_once(office):
    by_need = office.get(AONAMI, f"/v1/needs/{OPEN}/matches", params={"top": 5})
    by_id = office.post(AONAMI, "/v1/matches", json={"need_id": OPEN, "top": 5})
    assert by_need.json() == by_id.json()
    assert by_need.json()["need_id"] == OPEN
    assert shown(office) == [(OPEN, "api", 5)]


def test_a_need_that_may_not_be_seen_cannot_be_matched(office):
    answers = [
        office.post(KUROSE, "/v1/matches", json={"need_id": need_id})
        for need_id in (OPEN, SECRET, "N-NONE")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.text for answer in answers}) == 1
    assert office.get(KUROSE, f"/v1/needs/{INSIDE}/matches").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "text"),
    [("ja", "有望"), ("en-GB,en;q=0.8", "Good"), ("de, en;q=0.1", "Good"), ("", "有望")],
)
def test_texts_for_people_are_in_the_language_asked_for(office, accepted, text):
    headers = {"Accept-Language": accepted}
    found = office.post(UEDA, "/v1/matches", json={"need_text": TEXT}, headers=headers).json()
    first = found["matches"][0]
    assert first["strength_text"].startswith(text)
    assert first["strength"] == "good"
    old = {"有望": "公開されている", "Good": "The newest public work"}[text]
    assert first["against"][0]["text"].startswith(old)


@pytest.mark.parametrize(
    ("asked", "language", "title"),
    [({}, "en", "Not Found"), ({"Accept-Language": "ja, en;q=0.5"}, "ja", "見つかりません")],
)
def test_problems_are_in_the_language_asked_for(office, asked, language, title):
    answer = office.get(UEDA, "/v1/needs/N-NONE", headers=asked)
    assert (answer.json()["title"], answer.headers["content-language"]) == (title, language)


@pytest.mark.parametrize("top", ["0", "1001", "ten", "1e3", ""])
def test_a_list_has_one_to_a_thousand_places(office, top):
    assert office.get(UEDA, f"/v1/needs/{OPEN}/matches?top={top}").status_code == 422
