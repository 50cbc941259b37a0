"""Jobs: many needs matched with their owner's rights, resumed where they stopped, cancelled, forgotten."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, update

from catalogue.database.account_models import ApiKey, ClientCompany, UserAccount
from catalogue.database.viewer import LOCAL_VIEWER, VIEWER, Viewer
from catalogue.records.drafts import NEEDS, Draft
from enmusubi.locks import exclusive_lock
from enmusubi.service_settings import JobSettings
from office.jobs.jobs import JOB
from office.jobs.runner import LOCK_NAME, JobRunner
from tests.support.service import Shelf, as_viewer, service
from tests.support.small_recommender import SmallRecommender
from tests.support.worlds.portals import AOBA, KITANO, NOW

NOT_STOPPED = threading.Event()


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def client(catalogue, tmp_path, shelf):
    more = [
        Draft(NEEDS, {"need_id": f"N-a{n}", "text": "A thin film.", "organisation_id": "aoba"})
        for n in range(3)
    ]
    assert "refused" not in {outcome.change for outcome in catalogue.write(more, source="test")}
    app = service(catalogue, tmp_path, shelf, jobs=JobSettings(max_open=2, max_needs=6))
    as_viewer(app, AOBA)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def runner(client):
    ended = []
    made = JobRunner(client.app.state.services.matching, ended.append)
    made.ended = ended
    return made


def ask(client, **asked):
    answer = client.post("/v1/jobs/matches", json=asked)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def test_a_job_matches_all_open_needs_that_its_owner_sees(client, runner):
    path = ask(client, top=1)
    queued = client.get(path).json()
    assert (queued["state"], queued["done"], queued["total"]) == ("queued", 0, 4)
    assert client.get(f"{path}/result").status_code == 409
    assert runner.work(NOT_STOPPED)
    assert not runner.work(NOT_STOPPED)
    result = client.get(f"{path}/result").json()
    assert (result["job"]["state"], result["job"]["done"]) == ("done", 4)
    assert {item["need_id"] for item in result["items"]} == {"N-aoba", "N-a0", "N-a1", "N-a2"}
    [match] = result["items"][0]["matches"]
    assert (match["rank"], len(match["seed_ids"])) == (1, 1)
    assert runner.ended == ["done"]


def test_needs_come_in_the_order_asked_each_once(client, runner):
    path = ask(client, need_ids=["N-a2", "N-a0", "N-a2"])
    runner.work(NOT_STOPPED)
    items = client.get(f"{path}/result").json()["items"]
    assert [item["need_id"] for item in items] == ["N-a2", "N-a0"]


def test_a_need_that_the_asker_does_not_see_is_as_unknown_as_none(client):
    answers = [
        client.post("/v1/jobs/matches", json={"need_ids": ["N-a0", need_id]})
        for need_id in ("N-kitano", "N-nobody")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_anothers_job_looks_as_if_there_were_none(client, runner):
    path = ask(client)
    as_viewer(client.app, KITANO)
    assert client.get("/v1/jobs").json()["items"] == []
    answers = [client.get(path), client.get(f"{path}/result"), client.post(f"{path}/cancel")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_job_goes_on_where_it_stopped(client, shelf, runner):
    path, stopping = ask(client), threading.Event()

    class Stopping(SmallRecommender):
        def match(self, need, **options):
            stopping.set()
            return super().match(need, **options)

    shelf.publish("v000002")
    shelf.published = Stopping("v000002")
    assert not runner.work(stopping)
    stopped = client.get(path).json()
    assert (stopped["state"], stopped["done"]) == ("running", 1)
    JobRunner(client.app.state.services.matching, runner.ended.append).work(NOT_STOPPED)
    result = client.get(f"{path}/result").json()
    assert result["job"]["state"] == "done"
    assert len({item["need_id"] for item in result["items"]}) == len(result["items"]) == 4


def test_what_was_not_saved_when_it_was_killed_is_done_again_once(client, runner):
    path = ask(client)

    class KilledError(BaseException):
        pass

    def killed(*_):
        raise KilledError

    runner._save, save = killed, runner._save
    with pytest.raises(KilledError):
        runner.work(NOT_STOPPED)
    runner._save = save
    runner.work(NOT_STOPPED)
    assert len(client.get(f"{path}/result").json()["items"]) == 4


def test_a_job_waits_while_there_is_no_index(client, shelf, runner):
    path = ask(client)
    published, shelf.published = shelf.published, None
    with pytest.raises(Exception, match="no index"):
        runner.work(NOT_STOPPED)
    assert client.get(path).json()["state"] == "running"
    shelf.published = published
    runner.work(NOT_STOPPED)
    assert client.get(path).json()["state"] == "done"


@pytest.mark.parametrize(
    "taken_away",
    [
        update(ApiKey).values(revoked_at=NOW),
        update(ApiKey).values(scopes="needs:read"),
    ],
    ids=["its key is revoked", "its scope is taken away"],
)
def test_a_machine_that_may_not_any_more_has_its_job_ended(client, catalogue, runner, taken_away):
    path = ask(client)
    with catalogue.writing() as connection:
        connection.execute(taken_away)
    runner.work(NOT_STOPPED)
    ended = client.get(path).json()
    assert (ended["state"], ended["fault"], ended["done"]) == ("failed", "rights", 0)


def test_needs_of_a_company_that_a_portal_lost_are_left_out(client, catalogue, runner):
    path = ask(client, need_ids=["N-aoba"])
    runner.work(NOT_STOPPED)
    again = ask(client, need_ids=["N-aoba"])
    with catalogue.writing() as connection:
        connection.execute(delete(ClientCompany).where(ClientCompany.client_id == AOBA.viewer_id))
    runner.work(NOT_STOPPED)
    as_viewer(client.app, Viewer(**{**vars(AOBA), "companies": frozenset()}))
    assert client.get(f"{path}/result").json()["items"] == []
    [item] = client.get(f"{again}/result").json()["items"]
    assert (item["fault"], item["matches"]) == ("unknown", [])


def test_a_person_whose_role_changed_has_to_ask_again(client, catalogue, runner):
    account = {"user_id": "kato", "name": "", "role": "chief", "password_hash": ""}
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount).values(**account, failed_logins=0, created_at=NOW))
    as_viewer(client.app, Viewer("kato", "chief"))
    done = ask(client, need_ids=["N-aoba"])
    runner.work(NOT_STOPPED)
    waiting = ask(client, need_ids=["N-aoba"])
    with catalogue.writing() as connection:
        connection.execute(update(UserAccount).values(role=VIEWER))
    runner.work(NOT_STOPPED)
    as_viewer(client.app, Viewer("kato", VIEWER))
    assert client.get(waiting).json()["fault"] == "rights"
    refused = client.get(f"{done}/result")
    assert (refused.status_code, "role has changed" in refused.json()["detail"]) == (403, True)


def test_this_computers_user_may_run_jobs_while_there_are_no_accounts(client, catalogue, runner):
    as_viewer(client.app, LOCAL_VIEWER)
    path = ask(client, need_ids=["N-aoba", "N-kitano"])
    runner.work(NOT_STOPPED)
    assert client.get(path).json()["state"] == "done"


def test_a_job_that_waits_and_one_that_runs_can_be_cancelled(client, shelf, runner):
    running, waiting = ask(client), ask(client)

    class Cancelled(SmallRecommender):
        def match(self, need, **options):
            assert client.post(f"{running}/cancel").json()["cancel_asked_at"]
            return super().match(need, **options)

    shelf.publish("v000002")
    shelf.published = Cancelled("v000002")
    assert client.post(f"{waiting}/cancel").json()["state"] == "cancelled"
    runner.work(NOT_STOPPED)
    ended = client.get(running).json()
    assert (ended["state"], ended["done"]) == ("cancelled", 1)
    assert len(client.get(f"{running}/result").json()["items"]) == 1
    assert client.post(f"{running}/cancel").status_code == 409
    assert runner.ended == ["cancelled"]


def test_one_asker_has_so_many_jobs_under_way_and_each_so_many_needs(client):
    ask(client)
    ask(client)
    many = client.post("/v1/jobs/matches", json={})
    assert (many.status_code, many.headers["retry-after"]) == (429, "60")
    as_viewer(client.app, LOCAL_VIEWER)
    long = client.post("/v1/jobs/matches", json={})
    assert (long.status_code, "at most 6" in long.json()["detail"]) == (422, True)


def test_a_fault_nobody_foresaw_ends_the_job_and_tells_no_text(client, shelf, runner, caplog):
    class Broken(SmallRecommender):
        def match(self, need, **options):
            raise RuntimeError(need.text)

    shelf.publish("v000002")
    shelf.published = Broken("v000002")
    path = ask(client)
    runner.work(NOT_STOPPED)
    assert client.get(path).json()["fault"] == "unexpected"
    assert "film" not in caplog.text


def test_results_are_forgotten_after_their_days(client, catalogue, runner):
    path = ask(client)
    runner.work(NOT_STOPPED)
    with catalogue.writing() as connection:
        old = datetime.now(UTC) - timedelta(days=31)
        connection.execute(update(JOB).values(finished_at=old))
    JobRunner(client.app.state.services.matching, print).work(NOT_STOPPED)
    result = client.get(f"{path}/result").json()
    assert (result["items"], result["job"]["fault"]) == ([], "forgotten")


def test_jobs_are_left_to_the_process_that_has_the_lock(client, tmp_path, runner):
    path = ask(client)
    with exclusive_lock(tmp_path / LOCK_NAME, activity="serve"):
        assert not runner.work(NOT_STOPPED)
    assert client.get(path).json()["state"] == "queued"


def test_jobs_are_listed_in_pages_newest_first(client, runner):
    paths = []
    for _ in range(3):
        paths.append(ask(client, need_ids=["N-aoba"]))
        runner.work(NOT_STOPPED)
    first = client.get("/v1/jobs", params={"limit": 2})
    rest = client.get("/v1/jobs", params={"limit": 2, "cursor": first.json()["next_cursor"]})
    assert 'rel="next"' in first.headers["link"]
    ids = [job["job_id"] for page in (first, rest) for job in page.json()["items"]]
    assert [f"/v1/jobs/{job_id}" for job_id in ids] == paths[::-1]
    assert client.get("/v1/jobs", params={"cursor": "WyJ4IiwieCJd"}).status_code == 422
