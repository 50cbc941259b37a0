"""A data folder of the version before is opened as it is: nothing is exported, moved or entered again.

Its files were written by that version (tests/samples/data_folder_0.1) and everybody in it is made up. What
it answered then is answered now.
"""

import json
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.consistency import check_catalogue
from cli.main import run
from enmusubi.settings import load_settings
from matcher.encoder.encoder import Encoder
from matcher.encoder.loading import load_encoder
from office.access import audit
from office.live_recommender import live_recommender
from tests.support.worlds.whole import content
from training.registry import CHAMPION, MODEL_NAME, find_version, read_registered

# MLflow's and Sudachi's own old names
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SAMPLE = Path(__file__).parents[1] / "samples" / "data_folder_0.1"
EXPECTED: dict[str, Any] = json.loads((SAMPLE / "expected.json").read_text("utf-8"))
MADE_AT = "/var/lib/enmusubi-0.1"
NEED_PATH = f"/needs/{EXPECTED['need_id']}"
PATHS_OF_MLFLOW = (
    ("runs", "artifact_uri"),
    ("experiments", "artifact_location"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
SIGNED_OUT = {"user_session"}  # a restored backup signs everybody out
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("older") / "enmusubi"
    with tarfile.open(SAMPLE / "folder.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def encoder_of_then(real_cache_dir: Path) -> Encoder:
    """The model with the adapter of that version, which an office may keep with its index."""
    return load_encoder(
        "default", real_cache_dir, precision="fp32", adapter=str(SAMPLE / "adapter")
    )


@pytest.fixture
def folder(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of its own for a test, where the program finds it as an office's unit does."""
    own = Path(shutil.copytree(unpacked, tmp_path / "enmusubi"))
    monkeypatch.chdir(own)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(own))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path / "cache"))
    return own


@pytest.fixture
def catalogue(folder: Path) -> Iterator[Catalogue]:
    with open_catalogue(load_settings().catalogue_url) as opened:
        yield opened


@pytest.fixture
def app(catalogue: Catalogue) -> Any:
    settings = load_settings()
    return create_app(live_recommender(settings), catalogue, settings)


@pytest.fixture
def portal(app: Any) -> TestClient:
    return TestClient(app, headers={"Authorization": f"Bearer {EXPECTED['key']}"})


@pytest.fixture
def browser(app: Any) -> TestClient:
    """A browser in which the office's project manager has signed in with the old password."""
    browser = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000))
    (token,) = TOKEN.findall(browser.get("/login").text)[:1]
    form = {"csrf_token": token, "login": EXPECTED["login"], "password": EXPECTED["password"]}
    answer = browser.post("/login", data=form, follow_redirects=False)
    assert answer.status_code == 303
    return browser


def test_the_settings_file_is_read_as_before(folder: Path) -> None:
    settings = load_settings()
    read = settings.language, settings.encoder.precision, settings.server.port
    assert (*read, settings.server.search_burst, settings.nightly.top) == (
        "ja",
        "fp32",
        8123,
        500,
        4,
    )


def test_the_catalogue_has_its_rows_and_nothing_is_wrong_with_them(catalogue: Catalogue) -> None:
    counts = {"researchers": 17, "seeds": 12, "needs": 4, "judgements": 2}
    assert {name: catalogue.counts()[name] for name in counts} == counts
    assert catalogue.need(EXPECTED["need_id"]).company == "青波化学株式会社"
    assert catalogue.researcher("R-01").industry_last_year == 2019
    with catalogue.reading() as connection:
        assert list(check_catalogue(connection)) == []


@pytest.mark.parametrize("asked", EXPECTED["lists"], ids=["stored need", "text", "with a filter"])
def test_an_index_built_anew_with_the_encoder_of_then_gives_the_same_lists(
    asked: dict[str, Any],
    folder: Path,
    encoder_of_then: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("cli.wiring.encoder_of", lambda settings: encoder_of_then)
    assert run(["index"]) == 0
    capsys.readouterr()

    assert run(["match", *asked["arguments"], "--json"]) == 0

    found = json.loads(capsys.readouterr().out)["matches"]
    assert [match["researcher"]["researcher_id"] for match in found] == [
        match["researcher_id"] for match in asked["matches"]
    ]
    for match, before in zip(found, asked["matches"], strict=True):
        seeds = {seed["seed_id"]: seed["similarity"] for seed in match["evidence"]}
        assert (match["strength"], list(seeds)) == (before["strength"], list(before["seeds"]))
        # the catalogue changed after the index of then: means and usual levels moved a little
        assert match["probability"] == pytest.approx(before["probability"], abs=0.01)
        assert seeds == pytest.approx(before["seeds"], abs=0.005)


def test_an_index_of_then_is_built_anew_for_the_encoder_of_now(
    folder: Path,
    real_encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("cli.wiring.encoder_of", lambda settings: real_encoder)
    asked = EXPECTED["lists"][0]

    assert run(["match", *asked["arguments"], "--json"]) == 1
    assert "`enmusubi index`" in capsys.readouterr().err
    assert run(["index"]) == 0
    capsys.readouterr()
    assert run(["match", *asked["arguments"], "--json"]) == 0

    found = json.loads(capsys.readouterr().out)["matches"]
    before = {match["researcher_id"] for match in asked["matches"]}
    assert before & {match["researcher"]["researcher_id"] for match in found}


def moved_from(before: str, folder: Path) -> None:
    """Let MLflow's store, which keeps absolute paths, name the folder where it lies now."""
    update = "UPDATE {} SET {} = replace({}, ?, ?)"
    with sqlite3.connect(folder / "mlflow.sqlite") as store:
        for table, column in PATHS_OF_MLFLOW:
            store.execute(update.format(table, column, column), (before, str(folder)))


@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")  # of MLflow itself
def test_the_champion_is_found_and_mlflow_loads_it(folder: Path) -> None:
    import mlflow

    moved_from(MADE_AT, folder)  # an office's folder stays where it is
    settings = load_settings()
    champion = find_version(CHAMPION, settings)
    assert champion is not None
    reranker = read_registered(champion, settings)
    assert reranker.checksum == EXPECTED["champion"]

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(settings.mlflow_uri)
    try:
        model = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}@{CHAMPION}")
    finally:
        mlflow.set_tracking_uri(before)

    assert model.metadata.flavors["python_function"]["loader_module"] == (
        "enmusubi.training.registry_model"
    )
    import pandas as pd

    features = pd.DataFrame({name: [0.1, 0.7] for name in reranker.features})
    assert list(model.predict(features)["score"]) == list(reranker.score(features))


def test_the_champion_serves(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor"])
    assert "champion (version 1)" in capsys.readouterr().out


def test_who_signs_in_finds_shortlist_note_search_and_night(browser: TestClient) -> None:
    assert "森 花" in browser.get("/shortlist").text
    page = browser.get(NEED_PATH).text
    assert "電話で話した。" in page
    assert EXPECTED["text"] in browser.get("/searches").text
    assert EXPECTED["night"] in browser.get("/reports").text
    night = browser.get(f"/reports/{EXPECTED['night']}")
    assert night.status_code == 200
    assert "橋の点検" in night.text


def test_the_portal_finds_its_list_job_and_webhook(portal: TestClient) -> None:
    released = portal.get(f"/v1/releases/{EXPECTED['release_id']}").json()
    assert [match["rank"] for match in released["content"]["matches"]] == [1, 2, 3]
    result = portal.get(f"/v1/jobs/{EXPECTED['job_id']}/result").json()
    assert result["job"]["state"] == "done"
    (item,) = result["items"]
    assert (item["need_id"], len(item["matches"])) == (EXPECTED["need_id"], 3)
    (webhook,) = portal.get("/v1/webhooks").json()["items"]
    assert webhook["url"] == "https://portal.example/hook"


def test_the_audit_trail_is_whole_and_goes_on(catalogue: Catalogue, browser: TestClient) -> None:
    with catalogue.reading() as connection:
        assert audit.verify(connection).is_whole
        assert audit.head_of(connection).entries == EXPECTED["audit_entries"] + 1  # the signing in


def test_an_import_that_was_killed_goes_on_where_it_stopped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "general", "more.csv", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["resumed"], report["read"]) == (EXPECTED["rows_before_the_kill"], 12)


def test_the_rejected_row_is_told_and_can_be_imported_when_mended(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (rejected,) = (folder / "rejects").iterdir()
    text = rejected.read_text("utf-8-sig")
    rejected.write_text(text.replace("R-13,,", "R-13,星 空,", 1), "utf-8")

    assert run(["import", "general", str(rejected), "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["rejected"] == 0


def test_a_night_compares_with_the_last_report(
    folder: Path,
    encoder_of_then: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("cli.wiring.encoder_of", lambda settings: encoder_of_then)

    assert run(["nightly", "--json", "--date", "2026-11-21"]) == 0

    night = json.loads(capsys.readouterr().out)
    assert (night["matched"], night["compared_with"]) == (4, EXPECTED["night"])
    assert (night["new_needs"], night["new_researchers"], night["new_evidence"]) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_backup_is_restored_and_equals_the_folder(
    kind: str,
    catalogue: Catalogue,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    if kind == "postgresql":
        url = request.getfixturevalue("bare_postgres_url")
    monkeypatch.setenv("ENMUSUBI_DATABASE_URL", url)

    assert run(["restore", "backup.zip"]) == 0

    with open_catalogue(url) as restored:
        mine, theirs = content(catalogue), content(restored)
        with restored.reading() as connection:
            assert audit.verify(connection).is_whole
    assert all(theirs[name] == [] for name in SIGNED_OUT)
    assert {n: rows for n, rows in theirs.items() if n not in SIGNED_OUT} == {
        n: rows for n, rows in mine.items() if n not in SIGNED_OUT
    }
