"""Every page in Japanese, as each role sees the demonstration: no codes, no identifiers, no English."""

import datetime
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from api.app import create_app
from catalogue.database.account_models import UserAccount
from catalogue.database.viewer import ADMINISTRATOR, PERSON_ROLES, Viewer
from catalogue.demonstration.loading import SCREENING_FILES, import_demonstration
from catalogue.judgements.judgements import Judgement
from catalogue.records.catalogue import open_catalogue
from cli.wiring import operator
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.service_settings import ServerSettings
from enmusubi.settings import Settings
from office.access.scoped import writing_as
from office.configured import open_recommender
from office.index_versions import update_index
from office.live_recommender import LiveRecommender
from office.needs.judging import judge
from office.needs.reading import need_of
from office.nightly.parts import open_nightly_parts
from office.nightly.run import run_nightly
from office.saved_searches import SearchDraft, save_search
from office.screening.clearances import ask_for_clearance, decide
from office.screening.importing import import_screening
from office.screening.kept_clearances import clearances_page
from office.screening.rule_book import rule_book
from office.screening.screening import screen, stopping
from office.shortlists import add_to_shortlist
from tests.api.pages.japanese_walk import Known, faults, known_texts, walk
from tests.conftest import WordEncoder
from tests.support.service import MANY, as_viewer

NIGHT = datetime.date(2026, 11, 20)
STARTS = [
    "/screening?which=all",
    "/",
    "/needs",
    "/needs/new",
    "/researchers",
    "/shortlist",
    "/searches",
    "/reports",
    "/me",
]
ADMIN_STARTS = ["/admin", "/admin/imports", "/admin/versions", "/admin/people", "/admin/machines"]
ASKED = ["N-02", "N-12"]  # a Japanese and an English need
TYPED = "食品包装に使う、酸素と水蒸気を通しにくい薄い膜を探しています。再利用しやすいものが望ましいです。"
FORM = {"accept-language": "ja"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The demonstration, indexed, after a night, with people of every role and their things."""
    folder = tmp_path_factory.mktemp("shown")
    settings = Settings(
        data_dir=folder,
        cache_dir=folder / "cache",
        server=ServerSettings(search_burst=MANY, address_burst=MANY),
    )
    encoder = WordEncoder()
    with open_catalogue(settings.catalogue_url) as catalogue:
        import_demonstration(catalogue)
        for path in SCREENING_FILES:
            import_screening(catalogue, operator(), path)
        update_index(catalogue, settings, encoder)
        people = {role: Viewer(role, role, name="職員 花子") for role in PERSON_ROLES}
        _furnish(catalogue, people)
        parts = partial(open_nightly_parts, load_encoder=lambda _: encoder, by=operator())
        run_nightly(settings, open_parts=parts, today=NIGHT)
        recommender = open_recommender(settings, encoder)
        live = LiveRecommender(lambda _: recommender, lambda: "one")
        app = create_app(live, catalogue, settings)
        with TestClient(app) as client:
            yield client, app, people, known_texts(catalogue)


def _furnish(catalogue, people):
    now = datetime.datetime(2026, 11, 19, tzinfo=datetime.UTC)
    rows = [
        {
            "user_id": one.viewer_id, "name": one.name, "role": one.role, "password_hash": "",
            "failed_logins": 0, "created_at": now,
        }
        for one in people.values()
    ]  # fmt: skip
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount), rows)
    chief = people["chief"]
    with writing_as(catalogue, chief) as connection:
        judge(connection, chief, Judgement("N-02", "HU-0101", "suitable", stage="dialogue"))
        judge(connection, chief, Judgement("N-02", "HU-0102", "not_suitable", "wrong_field"))
    _stop(catalogue, chief)
    add_to_shortlist(catalogue, chief, "HU-0101", "N-02")
    save_search(catalogue, chief, SearchDraft("包装の膜", TYPED, alert=True))


def _stop(catalogue, chief):
    """Let two releases have been stopped, one of which was cleared."""
    with writing_as(catalogue, chief) as connection:
        for need_id, person in (("N-02", "HU-0903"), ("N-06", "HU-0701")):
            need = need_of(connection, chief, need_id)
            book = rule_book(ScreeningSettings())
            found = stopping(screen(connection, chief, need, [person], book))
            ask_for_clearance(connection, chief, need_id, found)
        [first, *_] = clearances_page(connection, chief).items
        until = datetime.date.today() + datetime.timedelta(days=90)
        said = {"reason": "経歴を確認した", "valid_until": until}
        decide(connection, chief, first.clearance_id, "cleared", **said)


def _answers(client):
    """Yield the pages that forms lead to: lists, comparison, print view."""
    forms = [{"need_id": need_id} for need_id in ASKED] + [{"text": TYPED}]
    for form in forms:
        for path in ("/", "/print"):
            answer = client.post(path, data=form, headers=FORM)
            if answer.status_code == 200:
                yield f"POST {path} {form.get('need_id', '')}", answer.text
        pick = {**form, "pick": ["HU-0101", "HU-0102"]}
        yield "POST /compare", client.post("/compare", data=pick, headers=FORM).text


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_no_page_shows_codes_identifiers_or_english(shown, role):
    client, app, people, known = shown
    as_viewer(app, people[role])
    is_administrator = role == ADMINISTRATOR
    starts = [*STARTS, *ADMIN_STARTS] if is_administrator else STARTS
    pages = [*walk(client, starts), *([] if is_administrator else _answers(client))]

    assert len(pages) > (8 if is_administrator else 15)
    found = [
        fault
        for path, html in pages
        for fault in faults(path, html, known, codes=not is_administrator)
    ]
    assert found == [], "\n".join(sorted(set(map(str, found))))


@pytest.mark.parametrize(
    ("shown", "what"),
    [
        ("<p>Open</p>", "English"),
        ("<p>状態: Closed</p>", "English"),
        ("<td>food processing</td>", "English"),
        ("<p>3f0c2a1e-0d7b-4a53-9c0e-5d1a2b3c4d5e</p>", "a UUID"),
        ("<p>検索データ v000001</p>", "a version of the index"),
        ("<p>モデル default@4dcf0de20999d02d</p>", "a model"),
        ("<li>non_competitive</li>", "a raw code"),
        ("<li>non-competitive</li>", "a raw code"),
        ("<p>例：kaken:30010</p>", "a code of a register"),
        ("<p>2026-11-30T04:09:00</p>", "a time for machines"),
        ("<p>%(count)s 件</p>", "a placeholder"),
        ('<img alt="Chart of seeds">', "English"),
    ],
)
def test_what_a_reader_of_japanese_has_no_use_for_is_found(shown, what):
    known = Known(frozenset({"food"}), "New ways with food\nTakashi Morimoto")
    page = f'<html lang="ja"><body>{shown}</body></html>'

    assert what in {fault.what for fault in faults("/", page, known)}


@pytest.mark.parametrize(
    "shown",
    [
        "<p>森本 隆志 / Takashi Morimoto</p>",
        '<p lang="en">Whatever is marked as English</p>',
        "<p><code>enmusubi index --rebuild</code></p>",
        "<p>PDF・Excel を 5 GB まで</p>",
    ],
)
def test_names_what_is_marked_as_english_and_commands_are_not_found(shown):
    known = Known(frozenset({"Takashi", "Morimoto"}), "Takashi Morimoto")
    assert faults("/", f'<html lang="ja"><body>{shown}</body></html>', known) == []
