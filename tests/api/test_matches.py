"""What `POST /v1/matches` and its neighbours answer when all is well."""

import pytest

from api.v1.jobs import JobItemOut
from matcher.records import Mark, Refinement
from tests.support.service import Shelf
from tests.support.small_recommender import ALL, SmallRecommender

NEED = "食品包装の薄い膜で、酸素を通しにくいものを探しています。"
BOTH = "膜, a thin film"


def ids(response):
    return [match["researcher"]["researcher_id"] for match in response.json()["matches"]]


def test_a_need_s_text_finds_researchers_with_evidence_and_versions(client):
    response = client.post("/v1/matches", json={"need_text": NEED})
    assert response.status_code == 200
    found = response.json()
    assert (found["index_version"], found["model"]) == ("v000001", "words@0123456789abcdef")
    assert (found["need_id"], found["language"], found["researchers_considered"]) == ("", "ja", 2)
    first = found["matches"][0]
    assert (first["rank"], first["researcher"]["name_en"]) == (1, "Hana Mori")
    evidence = first["evidence"][0]
    at = evidence["sentence_start"]
    assert evidence["passage"][at : at + len(evidence["sentence"])] == evidence["sentence"]


def test_a_match_has_its_strength_and_says_why_and_what_speaks_against(client):
    found = client.post("/v1/matches", json={"need_text": NEED}).json()
    first = found["matches"][0]
    assert (found["fits_nobody"], found["reranker"]) == (False, "linear@fedcba9876543210")
    assert 0 < first["probability"] < 1
    assert first["strength"] == "good"
    answered = first["evidence"][0]["answers"]
    assert NEED[answered["start"] : answered["end"]] == answered["text"]
    assert first["against"][0] == {
        "reason": "old", "value": 2012.0, "part": None, "language": "",
        "text": "公開されている最新の業績は2012年です",
    }  # fmt: skip
    assert first["against"][1]["part"] == answered
    assert first["contributions"][-1] == {"feature": "base", "value": None, "contribution": -0.5}


def test_a_list_that_fits_nobody_says_so_and_is_there(client):
    far = {"need_text": "film " + " ".join(f"far{chr(97 + n)}" for n in range(26))}
    found = client.post("/v1/matches", json=far).json()
    assert found["fits_nobody"]
    assert [match["strength"] for match in found["matches"]] == ["weak"]
    assert found["heading"] == "比較的近い研究者"
    assert found["notice"].startswith("適任と見込まれる研究者は見つかりませんでした。")
    fitting = client.post("/v1/matches", json={"need_text": NEED}).json()
    assert (fitting["heading"], fitting["notice"]) == ("該当する研究者", "")


def test_a_need_s_id_finds_the_same_as_its_text(client):
    by_id = client.post("/v1/matches", json={"need_id": "N-01"})
    by_text = client.post("/v1/matches", json={"need_text": "食品包装の膜を探しています。"})
    assert by_id.json()["need_id"] == "N-01"
    assert (by_id.json()["need_title"] != "") and by_text.json()["need_title"] == ""
    assert by_id.json()["matches"] == by_text.json()["matches"] != []


def test_top_limits_the_list(client):
    both = {"need_text": BOTH}
    assert ids(client.post("/v1/matches", json=both)) == ["R-02", "R-01"]
    assert ids(client.post("/v1/matches", json={**both, "top": 1})) == ["R-02"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["R-02", "R-01"]),
        ({"institutions": ["星ヶ野"]}, ["R-01"]),
        ({"departments": ["packaging"]}, ["R-02"]),
        ({"departments": ["packaging", "材料"]}, ["R-02", "R-01"]),
        ({"kinds": ["paper"]}, ["R-01"]),
        ({"since": 2015}, ["R-01"]),
        ({"since": 2015, "kinds": ["patent"]}, []),
        ({"until": 2015}, ["R-02"]),
        ({"positions": ["professor"]}, ["R-01"]),
        ({"fields": ["ipc:C08"]}, ["R-01"]),
        ({"fields": ["B65", "ipc:C08"]}, ["R-02", "R-01"]),
        ({"domains": ["chemical-engineering"]}, ["R-02"]),
        ({"domains": ["chemical-engineering", "food-science"]}, ["R-02", "R-01"]),
        ({"domains": ["law"]}, []),
        ({"languages": ["en"]}, ["R-02"]),
        ({"languages": ["ja"], "fields": ["ipc:B65D"]}, []),
    ],
)
def test_filters_reach_the_recommender(client, filters, expected):
    request = {"need_text": BOTH, "filters": filters}
    response = client.post("/v1/matches", json=request)
    assert ids(response) == expected
    assert response.json()["researchers_considered"] == len(expected)


@pytest.mark.parametrize(
    "filters",
    [
        {"visibilities": ["confidential"]},
        {"visibility": "internal"},
        {"languages": ["de"]},
        {"fields": "C08"},
        {"until": 99999},
        {"positions": ["x" * 201]},
    ],
)
def test_filters_that_are_not_offered_are_refused(client, filters):
    response = client.post("/v1/matches", json={"need_text": BOTH, "filters": filters})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/matches", {"need_text": BOTH}),
        ("POST", "/v1/jobs/matches", {}),
        ("POST", "/v1/needs/N-01/releases", {}),
    ],
)
def test_a_field_of_research_that_there_is_not_is_told_with_those_that_there_are(
    client, method, path, body
):
    filters = {"domains": ["law", "秘密の膜"]}
    answer = client.request(method, path, json={**body, "filters": filters})
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["field"] == "body.filters.domains.1"
    assert "expected one of computing, artificial-intelligence" in fault["reason"]
    assert "秘密" not in answer.text


def test_what_a_researcher_chose_and_did_with_companies_is_told(client):
    found = client.post("/v1/matches", json={"need_text": BOTH}).json()["matches"]
    chosen = {m["researcher"]["researcher_id"]: m["evidence"][0]["representative"] for m in found}
    industry = {m["researcher"]["researcher_id"]: m["researcher"]["industry_seeds"] for m in found}
    assert chosen == {"R-01": True, "R-02": False}
    assert industry == {"R-01": 2, "R-02": 0}


def test_a_need_that_nobody_matches_has_an_empty_list(client):
    response = client.post("/v1/matches", json={"need_text": "zzz qqq"})
    assert (response.status_code, response.json()["matches"]) == (200, [])


@pytest.mark.parametrize("path", ["/v1/needs/N-01", "/v1/needs/N%2F2%20%25"])
def test_a_need_of_the_catalogue_can_be_read(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.json()["text"]


def test_a_researcher_of_the_catalogue_can_be_read(client):
    found = client.get("/v1/researchers/R-01").json()
    assert (found["name_ja"], found["institution_en"]) == ("森 花", "Hoshigano University")
    assert found["position_en"] == ""


def test_the_service_says_that_it_is_alive_and_ready(client):
    assert client.get("/healthz").json()["status"] == "alive"
    assert client.get("/readyz").json() == {
        "status": "ready",
        "index_version": "v000001",
        "model": "words@0123456789abcdef",
    }


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "application/xml", "膜", ""])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_answered_whatever_it_sends(client, path, kind):
    for content in (b"", b"ping"):
        said = {"content-type": kind.encode()}
        assert client.request("GET", path, content=content, headers=said).status_code == 200


def test_a_list_is_refined_by_marks_and_words(client_of):
    asked = []

    class Noting(SmallRecommender):
        def match(self, need, *, top=10, filters=ALL):
            asked.append(need.refinement)
            return super().match(need, top=top, filters=filters)

    client = client_of(Shelf(published=Noting()))
    said = {
        "more_like": [{"researcher_id": "R-01"}, {"seed_id": "S-02"}],
        "less_like": [{"seed_id": "S-01", "sentence_field": "title", "sentence_start": 0}],
        "terms": ["酸素バリア"],
    }

    assert client.post("/v1/matches", json={"need_text": NEED, **said}).status_code == 200

    assert asked == [
        Refinement(
            (Mark("R-01"), Mark("", "S-02")), (Mark("", "S-01", "title", 0),), ("酸素バリア",)
        )
    ]


@pytest.mark.parametrize(
    "mark", [{}, {"researcher_id": "R-01", "seed_id": "S-01"}, {"seed_id": "S-01", "at": 3}]
)
def test_a_mark_names_one_thing(client, mark):
    refused = client.post("/v1/matches", json={"need_text": NEED, "more_like": [mark]})

    assert refused.status_code == 422


def test_a_job_s_list_that_fits_nobody_has_the_notice_without_the_need_s_title():
    weak = {"rank": 1, "researcher_id": "R-1", "score": -3.0, "probability": 0.05,
            "strength": "weak", "seed_ids": []}  # fmt: skip
    item = {"need_id": "n", "fault": "", "fits_nobody": True, "matches": [weak]}
    said = JobItemOut.of(item, "en").notice
    assert said == "Nobody here fits well. The nearest are listed all the same."
    assert JobItemOut.of({**item, "fits_nobody": False}, "en").notice == ""
    assert JobItemOut.of({**item, "matches": []}, "en").notice == ""
