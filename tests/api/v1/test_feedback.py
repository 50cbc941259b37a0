"""Feedback over the API: verdicts with reasons, stages, what stands, and who is told of it."""

import pytest

from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.viewer import NEEDS_READ
from catalogue.judgements.judgements import judgements
from catalogue.judgements.shown_lists import record_shown
from matcher.records import Match, MatchList, ResearcherCard
from tests.support.worlds.companies import (
    AONAMI,
    KATO,
    KUROSE,
    NISHI,
    OPEN,
    OTA,
    ROOT,
    SATO,
    SECRET,
    UEDA,
    portal,
)

PATH = f"/v1/needs/{OPEN}/feedback"
SUITABLE = {"researcher_id": "R-01", "verdict": "suitable", "stage": "dialogue"}
TOO_EARLY = {"researcher_id": "R-01", "verdict": "not_suitable", "reason": "too_early"}


def standing(office, viewer):
    return [
        (item["researcher_id"], item["verdict"], item["reason"], item["judged_by"])
        for item in office.get(viewer, PATH).json()["items"]
    ]


def kept_ranks(office):
    with office.catalogue.reading() as connection:
        return judgements(connection, history=True)["rank"].tolist()


def test_a_portal_s_feedback_is_kept_with_the_rank_that_was_shown(office):
    office.get(AONAMI, f"/v1/needs/{OPEN}/matches")
    answer = office.post(AONAMI, PATH, json=TOO_EARLY)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["judged_by"], told["reason"]) == ("machine:portal-a", "too_early")
    assert office.get(AONAMI, PATH).json()["items"] == [told]
    assert kept_ranks(office) == [1]
    assert office.trail()[-1] == ("machine:portal-a", "judge", "need", OPEN)


@pytest.mark.parametrize("viewer", [AONAMI, KATO, SATO])
def test_a_rank_that_confidential_seeds_may_have_made_is_told_to_few(office, viewer):
    office.get(UEDA, f"/v1/needs/{OPEN}/matches")
    told = office.post(viewer, PATH, json=TOO_EARLY).json()["rank"]
    assert told == (1 if viewer is SATO else None)
    assert office.get(viewer, PATH).json()["items"][0]["rank"] == told
    assert kept_ranks(office) == [1]


def test_a_rank_in_a_night_s_list_is_told_to_all(office):
    found = [Match(1, ResearcherCard("R-01"), 1.0, (), 0.5)]
    night = MatchList(OPEN, "ja", tuple(found), 1, "v000001", "made up", reranker="linear@01")
    record_shown(office.catalogue, night, NIGHTLY)
    for viewer in (AONAMI, KATO):
        assert office.post(viewer, PATH, json=TOO_EARLY).json()["rank"] == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"stage": "declined"}, ("suitable", "", "declined")),
        ({"verdict": "suitable"}, ("suitable", "", "")),
    ],
)
def test_a_portal_hears_nothing_of_what_the_office_said(office, said, expected):
    office.post(KATO, PATH, json={**SUITABLE, "stage": "nda"})
    office.post(KATO, PATH, json={**TOO_EARLY, "reason": "conflict"})
    told = office.post(AONAMI, PATH, json={"researcher_id": "R-01", **said}).json()
    assert (told["verdict"], told["reason"], told["stage"]) == expected
    assert office.get(AONAMI, PATH).json()["items"] == [told]


def test_what_the_office_knows_of_a_stage_stands_where_a_portal_says_nothing_of_it(office):
    office.post(KATO, PATH, json={**SUITABLE, "stage": "nda"})
    office.post(AONAMI, PATH, json={"researcher_id": "R-01", "verdict": "suitable"})
    [stands] = office.get(KATO, PATH).json()["items"]
    assert (stands["judged_by"], stands["stage"]) == ("machine:portal-a", "nda")


def test_what_is_said_later_stands_and_saying_it_twice_changes_nothing(office):
    office.post(KATO, PATH, json=SUITABLE)
    again = office.post(KATO, PATH, json=SUITABLE)
    assert again.status_code == 200
    assert office.post(KATO, PATH, json=TOO_EARLY).status_code == 201
    assert standing(office, KATO) == [("R-01", "not_suitable", "too_early", "kato")]
    assert [entry[1] for entry in office.trail()] == ["judge", "judge"]


def test_a_portal_is_told_its_own_feedback_and_the_office_what_stands(office):
    office.post(AONAMI, PATH, json=SUITABLE)
    office.post(KATO, PATH, json=TOO_EARLY)
    assert standing(office, AONAMI) == [("R-01", "suitable", "", "machine:portal-a")]
    assert standing(office, KATO) == [("R-01", "not_suitable", "too_early", "kato")]
    impostor = portal("kato", "aonami")
    assert standing(office, impostor) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"researcher_id": "R-01"},
        {"researcher_id": "R-01", "verdict": "not_suitable"},
        {"researcher_id": "R-01", "verdict": "suitable", "reason": "conflict"},
        {"researcher_id": "R-01", "reason": "conflict", "stage": "nda"},
        {"researcher_id": "R-01", "verdict": "perhaps"},
        {"researcher_id": "R-01", "verdict": "not_suitable", "reason": "boring"},
        {"researcher_id": "R-01", "stage": "marriage"},
        {"researcher_id": "", "verdict": "suitable"},
        {"researcher_id": "R\n01", "verdict": "suitable"},
        {"researcher_id": 1, "verdict": "suitable"},
        {"researcher_id": "R-01", "verdict": "suitable", "judged_by": "kato"},
        {"researcher_id": "R-01", "verdict": "suitable", "note": "長い話"},
        [SUITABLE],
    ],
)
def test_feedback_that_contradicts_itself_is_refused(office, body):
    assert office.post(AONAMI, PATH, json=body).status_code == 422
    assert standing(office, AONAMI) == []


def test_an_unknown_researcher_is_not_judged(office):
    answer = office.post(AONAMI, PATH, json={**SUITABLE, "researcher_id": "R-99"})
    assert answer.status_code == 404


@pytest.mark.parametrize("viewer", [OTA, NISHI, ROOT])
def test_who_does_not_judge_neither_gives_nor_reads_feedback(office, viewer):
    assert office.post(viewer, PATH, json=SUITABLE).status_code == 403
    assert office.get(viewer, PATH).status_code == 403


def test_a_machine_needs_the_scope(office):
    reader = portal("portal-r", "aonami", scopes=frozenset({NEEDS_READ}))
    assert office.post(reader, PATH, json=SUITABLE).status_code == 403


def test_others_needs_are_not_judged(office):
    for path in (PATH, f"/v1/needs/{SECRET}/feedback", "/v1/needs/N-NONE/feedback"):
        assert office.post(KUROSE, path, json=SUITABLE).status_code == 404
