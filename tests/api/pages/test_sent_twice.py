"""A form that a double click sends twice makes one thing, and both answers lead to it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.middleware.form_deduplication import KEPT_S, MAX_KEPT, FormDeduplicator
from catalogue.database.service_models import ReleasedList
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import InputError
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.accounts.users import Users
from office.notes import notes_of
from office.saved_searches import searches_of
from tests.api.pages.office.steps import BOTH, release_form, worded
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds.pages import CLOSED_NEED, OPEN_NEED

HEAD, ROOT = Viewer("head", CHIEF), Viewer("root", ADMINISTRATOR)
PAGE = f"/needs/{OPEN_NEED}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def catalogue(folder):
    """The office, for all tests here: each counts what is more after it."""
    with open_catalogue(copied("pages", folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(catalogue, folder):
    return service(catalogue, folder)


@pytest.fixture
def client(app):
    as_viewer(app, HEAD)
    with TestClient(app, follow_redirects=False, headers={"accept-language": "en"}) as client:
        yield client


def token_on(client, path, form):
    """Return the token of the form on a page whose action ends so."""
    page = client.get(path).text
    found = re.search(rf'action="[^"]*{form}"[^>]*>.*?name="once" value="([^"]+)"', page, re.DOTALL)
    return found.group(1)


def twice(client, path, **fields):
    """Send a form twice at once, as a double click does; returns both answers."""
    with ThreadPoolExecutor(2) as clicks:
        both = [clicks.submit(client.post, path, data=fields) for _ in range(2)]
    return [answer.result() for answer in both]


def places(answers):
    return {(answer.status_code, answer.headers.get("location")) for answer in answers}


def notes(catalogue):
    return notes_of(catalogue, HEAD, need_id=OPEN_NEED, researcher_id="R-01")


def released(catalogue):
    with catalogue.reading() as connection:
        return connection.execute(select(ReleasedList.release_id)).scalars().all()


def looked_at(client, top):
    form = release_form(client.get(f"{PAGE}/release?whom=best&top={top}").text)
    return {**form, "confirmed": ["no_portal"]}


def test_a_list_is_released_once(client, catalogue):
    form = looked_at(client, 1)
    before = len(released(catalogue))
    answers = twice(client, f"{PAGE}/releases", **form)
    assert places(answers) == {(303, f"/releases/{max(released(catalogue))}")}
    assert len(released(catalogue)) == before + 1


def test_another_list_or_another_page_is_another_release(client, catalogue):
    worded(catalogue, BOTH)
    form, before = looked_at(client, 1), len(released(catalogue))
    client.post(f"{PAGE}/releases", data=form)
    client.post(f"{PAGE}/releases", data={**looked_at(client, 2), "once": form["once"]})
    client.post(f"{PAGE}/releases", data=looked_at(client, 1))
    assert len(released(catalogue)) == before + 3


def test_a_need_is_written_down_once(client):
    once = token_on(client, "/needs/new", "/needs/new")
    fields = {
        "title": "塗料",
        "text": "さびにくい塗料を探しています。",
        "confidentiality": "public",
    }
    answers = twice(client, "/needs/new", **fields, once=once)
    assert len(places(answers)) == 1
    assert answers[0].status_code == 303


def test_what_could_not_be_saved_is_saved_when_it_is_mended(client):
    fields = {"text": "さびにくい塗料を探しています。", "confidentiality": "public"}
    refused = [client.post("/needs/new", data={**fields, "area": "x", "once": "t"}) for _ in "12"]
    assert {answer.status_code for answer in refused} == {422}
    assert client.post("/needs/new", data={**fields, "once": "t"}).status_code == 303


def test_somebody_is_asked_in_once(client):
    once = token_on(client, f"/needs/{CLOSED_NEED}", "/guests")
    answers = twice(client, f"/needs/{CLOSED_NEED}/guests", user_id="chizai", once=once)
    assert places(answers) == {(303, f"/needs/{CLOSED_NEED}")}


def test_a_search_is_saved_once_and_a_note_is_written_once(client, catalogue):
    page = client.get(f"/?need_id={OPEN_NEED}").text
    (once,) = set(re.findall(r'name="once" value="([^"]+)"', page))
    asked = {"need_id": OPEN_NEED, "once": once}
    saved = twice(client, "/", **asked, do="save", search_name="膜")
    noted = twice(client, "/", **asked, do="note R-01", note="電話で話した。")
    assert {answer.status_code for answer in (*saved, *noted)} == {200}
    assert len(searches_of(catalogue, HEAD)) == 1
    assert [note.text for note in notes(catalogue)].count("電話で話した。") == 1
    assert re.search(r'name="once" value="[^"]+" form="ask"', page)


def test_a_note_on_a_profile_is_written_once(client, catalogue):
    once = token_on(client, "/researchers/R-01", "/notes")
    fields = {"need_id": OPEN_NEED, "researcher_id": "R-01", "text": "また会う。"}
    twice(client, "/notes", **fields, once=once)
    assert [note.text for note in notes(catalogue)].count("また会う。") == 1


def test_a_person_is_added_once_and_the_password_is_still_shown(client, catalogue):
    as_viewer(client.app, ROOT)
    once = token_on(client, "/admin/people", "/admin/people")
    fields = {"login": "mori", "role": "viewer", "with_password": "yes"}
    answers = twice(client, "/admin/people", **fields, once=once)
    ((status, place),) = places(answers)
    assert status == 303
    assert '<p class="secret">' in client.get(place).text
    assert "mori" in {user.user_id for user in Users(catalogue).list()}


def test_a_machine_and_its_key_are_made_once(client, catalogue):
    as_viewer(client.app, ROOT)
    path = "/admin/machines"
    fields = {"client_id": "figures", "role": "analyst", "once": token_on(client, path, path)}
    assert places(twice(client, path, **fields)) == {(303, f"{path}/figures")}
    once = token_on(client, f"{path}/figures", "/keys")
    answers = twice(client, f"{path}/figures/keys", scope="needs:read", once=once)
    assert len(places(answers)) == 1
    assert [machine.client_id for machine in Machines(catalogue).list()] == ["figures"]
    assert len(Keys(catalogue).list("figures")) == 1


def test_the_second_waits_until_the_first_is_done():
    form_deduplicator, begun, go_on = FormDeduplicator(), threading.Event(), threading.Event()

    def work():
        begun.set()
        assert go_on.wait(5)
        return "done"

    with ThreadPoolExecutor(2) as clicks:
        first = clicks.submit(form_deduplicator.run_once, HEAD, "t", "form", work)
        assert begun.wait(5)
        second = clicks.submit(form_deduplicator.run_once, HEAD, "t", "form", lambda: "again")
        go_on.set()
        assert (first.result(), second.result()) == ("done", "done")


def test_a_form_is_its_senders_and_known_for_ten_minutes():
    now = [0.0]
    form_deduplicator, count = FormDeduplicator(clock=lambda: now[0]), iter(range(10))

    def asked(viewer, token="t"):  # noqa: S107 - a page's token
        return form_deduplicator.run_once(viewer, token, "form", lambda: next(count))

    assert [asked(HEAD), asked(HEAD), asked(ROOT), asked(HEAD, ""), asked(HEAD, "")] == [
        0,
        0,
        1,
        2,
        3,
    ]
    now[0] = KEPT_S + 1
    assert asked(HEAD) == 4


def test_what_failed_was_not_done_and_the_oldest_are_forgotten():
    form_deduplicator = FormDeduplicator()

    def fails():
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        form_deduplicator.run_once(HEAD, "t", "form", fails)
    assert form_deduplicator.run_once(HEAD, "t", "form", lambda: 1) == 1
    submission = form_deduplicator._submission("x")
    form_deduplicator._submissions |= {str(number): submission for number in range(MAX_KEPT + 5)}
    form_deduplicator.run_once(HEAD, "t", "another form", lambda: 2)
    assert len(form_deduplicator._submissions) <= MAX_KEPT + 1
