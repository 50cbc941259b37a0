"""The Python client against the real application: with a key, in process."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from catalogue.database.viewer import SCOPES
from catalogue.records.catalogue import open_catalogue
from enmusubi.service_settings import SignInSettings
from enmusubi_client import ApiError, EnmusubiClient
from enmusubi_client import types as client_types
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.members.memberships import MembershipDraft, keep_membership
from tests.support.need_documents import word
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.companies import KATO, OPEN, SECRET, TEXT, UEDA

DESCRIBED = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))[
    "components"
]["schemas"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EnmusubiClient, int]]:
    """A portal's client, and the number of a list that was released to its company."""
    folder = tmp_path_factory.mktemp("client")
    with open_catalogue(copied("companies", folder)) as catalogue:
        Machines(catalogue).create(UEDA, "portal-a", companies=("aonami",))
        key = Keys(catalogue).create(UEDA, "portal-a", SCOPES).text
        member = MembershipDraft("aonami", date(2026, 1, 1), terms="年会費なし")
        with catalogue.writing() as connection:
            keep_membership(connection, UEDA, member)
        app = service(catalogue, folder, sign_in=SignInSettings())
        with TestClient(app) as served:
            authenticator = app.state.authenticator
            as_viewer(app, KATO)
            given = served.post(f"/v1/needs/{OPEN}/releases", json={}).json()
            app.state.authenticator = authenticator
            transport = served._transport
            with EnmusubiClient("http://testserver", key=key, transport=transport) as client:
                yield client, given["release_id"]


@pytest.fixture
def client(portal: tuple[EnmusubiClient, int]) -> EnmusubiClient:
    return portal[0]


def test_a_need_is_created_changed_and_closed(client):
    need = client.create_need(text=TEXT, title="新しい膜")
    read, version = client.need(need["need_id"])
    assert read == need
    changed, newer = client.change_need(need["need_id"], version, title="別の膜")
    assert (changed["title"], newer == version) == ("別の膜", False)
    with pytest.raises(ApiError, match="412 ほかの人が変更しました"):
        client.change_need(need["need_id"], version, title="また別の膜")
    assert client.close_need(need["need_id"])["status"] == "closed"
    assert client.reopen_need(need["need_id"])["status"] == "open"


def test_a_need_sent_twice_with_one_key_is_one_need(client):
    made = [client.create_need(text=TEXT, idempotency_key="once")["need_id"] for _ in range(2)]
    assert made[0] == made[1]


def test_a_file_is_read_and_what_was_left_out_is_said(client):
    changed = word(f"<w:p><w:ins><w:r><w:t>{TEXT}</w:t></w:r></w:ins></w:p>")
    read = client.read_need_file("相談.docx", changed)
    assert read == {"text": TEXT, "notes": ["変更履歴は、すべて承諾したものとして読み取りました。"]}
    with pytest.raises(ApiError, match="400") as refusal:
        client.read_need_file("相談.exe", b"MZ")
    assert "相談" not in str(refusal.value.problem)


def test_needs_come_from_all_pages(client):
    ids = [need["need_id"] for need in client.needs(status="all", lang="ja")]
    assert {OPEN, SECRET} <= set(ids)
    assert [need["need_id"] for need in client._pages("/v1/needs", {"limit": "1", "status": "all"})]


def test_matches_have_what_their_types_say(client):
    found = client.matches(OPEN, top=2)
    assert found["matches"][0]["researcher"]["researcher_id"] == "R-01"
    by_text = client.match(TEXT, top=2, filters={"kinds": ["paper"]})
    assert [match["rank"] for match in by_text["matches"]] == [1]


def test_what_would_change_is_asked(client):
    found = client.what_would_change(OPEN, "R-01")
    assert (found["need_id"], found["researcher"]["researcher_id"]) == (OPEN, "R-01")
    assert {len(effect["changes"]) for effect in found["effects"]} == {1}
    with pytest.raises(ApiError, match="404"):
        client.what_would_change(OPEN, "R-99")


def test_released_lists_are_listed_and_read(portal):
    client, release_id = portal
    assert [summary["release_id"] for summary in client.releases(OPEN)] == [release_id]
    assert client.release(release_id)["content"]["need_id"] == OPEN


def test_feedback_is_given_and_stands(client):
    client.give_feedback(OPEN, "R-01", verdict="not_suitable", reason="too_early")
    assert [said["reason"] for said in client.feedback(OPEN)] == ["too_early"]


def test_the_companys_own_memberships_are_read(client):
    [member] = client.members()
    assert (member["organisation_id"], member["terms"]) == ("aonami", "年会費なし")
    assert list(client.members(holding=True)) == [member]
    assert client.member(member["membership_id"]) == (member, '"1"')
    with pytest.raises(ApiError, match="404"):
        client.member(member["membership_id"] + 1)


def test_an_unknown_need_is_an_error_with_its_problem(client):
    with pytest.raises(ApiError, match="404 見つかりません: そのIDのニーズはないか") as caught:
        client.need("N-NONE")
    assert (caught.value.status, caught.value.problem["instance"]) == (404, "/v1/needs/N-NONE")


def answering(*answers: httpx2.Response) -> tuple[httpx2.MockTransport, list[httpx2.Request]]:
    left, seen = list(answers), []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return left.pop(0)

    return httpx2.MockTransport(answer), seen


def busy(status: int, retry_after: str | None) -> httpx2.Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return httpx2.Response(status, headers=headers, text="busy")


def asking(
    transport: httpx2.BaseTransport, sleep: Callable[[float], None], retries: int = 3
) -> EnmusubiClient:
    return EnmusubiClient("http://x", key="k", transport=transport, sleep=sleep, retries=retries)


def test_a_busy_service_is_asked_again_after_the_pause_that_it_names():
    need = httpx2.Response(201, json={"need_id": "N"})
    transport, seen = answering(busy(503, "7"), busy(429, None), busy(503, "999"), need)
    pauses: list[float] = []
    with asking(transport, pauses.append) as client:
        assert client.create_need(text=TEXT) == {"need_id": "N"}
    assert pauses == [7.0, 2.0, 60.0]
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert seen[0].headers["Authorization"] == "Bearer k"


def test_a_service_that_stays_busy_is_an_error_in_the_end():
    transport, seen = answering(busy(503, "1"), busy(503, "1"))
    with (
        asking(transport, lambda _: None, retries=1) as client,
        pytest.raises(ApiError, match="503"),
    ):
        client.job("job_1")
    assert len(seen) == 2


def test_a_job_s_result_is_waited_for():
    states = [
        httpx2.Response(200, json={"state": state}) for state in ("queued", "running", "done")
    ]
    transport, seen = answering(*states, httpx2.Response(200, json={"job": {}, "items": []}))
    pauses: list[float] = []
    with asking(transport, pauses.append) as client:
        assert client.job_result("job_1")["items"] == []
    assert pauses == [2.0, 2.0]
    assert seen[-1].url.path == "/v1/jobs/job_1/result"


def test_jobs_are_started_and_cancelled():
    transport, seen = answering(*[httpx2.Response(202, json={"job_id": "j"}) for _ in range(3)])
    with asking(transport, lambda _: None) as client:
        client.match_many(["N-01"], top=3)
        client.match_many()
        client.cancel_job("j")
    bodies = [json.loads(request.content or b"null") for request in seen]
    assert bodies == [{"top": 3, "need_ids": ["N-01"]}, {"top": 10}, None]
    keys = {request.headers.get("Idempotency-Key") for request in seen[:2]}
    assert len(keys - {None}) == 2


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("Filters", "FiltersIn"),
        ("Mark", "MarkIn"),
        ("Need", "NeedOut"),
        ("NeedText", "NeedTextOut"),
        ("Researcher", "ResearcherOut"),
        ("NeedPart", "NeedPartOut"),
        ("Evidence", "EvidenceOut"),
        ("Objection", "ObjectionOut"),
        ("Contribution", "ContributionOut"),
        ("Match", "MatchOut"),
        ("MatchList", "MatchListOut"),
        ("Finding", "FindingOut"),
        ("ServedList", "ServedListOut"),
        ("ListPlace", "ListPlaceOut"),
        ("ChangedSeed", "ChangedSeedOut"),
        ("Change", "ChangeOut"),
        ("Effect", "EffectOut"),
        ("Counterfactuals", "CounterfactualsOut"),
        ("ReleaseSummary", "ReleaseSummaryOut"),
        ("Release", "ReleaseOut"),
        ("Feedback", "FeedbackOut"),
        ("Job", "JobOut"),
        ("JobMatch", "JobMatchOut"),
        ("JobItem", "JobItemOut"),
        ("JobResult", "JobResultOut"),
        ("Case", "CaseOut"),
        ("Member", "MemberOut"),
        ("CasePerson", "CasePersonOut"),
    ],
)
def test_the_client_s_types_have_the_fields_that_the_api_describes(kind, schema):
    fields = set(getattr(client_types, kind).__annotations__)
    if kind == "Release":
        fields |= set(client_types.ReleaseSummary.__annotations__)
    if kind == "ServedList":
        fields |= set(client_types.MatchList.__annotations__)
    assert fields == set(DESCRIBED[schema]["properties"])
