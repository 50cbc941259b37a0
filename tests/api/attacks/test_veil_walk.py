"""What a need's veil keeps secret comes out to nobody outside its circle: every way out, by every role."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pypdfium2 as pdfium
import pytest
from httpx2 import Response

from catalogue.database.viewer import MACHINE, PORTAL, SCOPES, Viewer
from matcher.records import Need
from office.accounts.keys import Keys
from office.accounts.machines import Machines
from office.companies.ndas import NdaDraft, record_nda
from office.reports.publication import write_report
from office.reports.records import NeedReport, NightReport, PreviousRun
from tests.api.attacks import places
from tests.api.attacks.actors import Actor, Town
from tests.api.attacks.place import Place
from tests.support.worlds.town import NEED_ROWS, OPERATOR

TITLE, TEXT, BOUND, UNTIL, FIRM = "qzvtitle", "qzvtext", "qzvbound", "qzvuntil", "青波フーズ"
SECRETS = (TITLE, TEXT, BOUND, UNTIL, FIRM)
NEED, PATH = "N-open", "/v1/needs/N-open"
FIELDS = {
    "title": f"薄い膜 {TITLE}",
    "text": f"食品包装の薄い膜 thin film packaging の{TEXT}を探しています。",
    "constraints": f"{BOUND} を守る",
    "horizon": f"{UNTIL} まで",
    "budget_jpy": 8_135_792,
}
VEILED = {
    "title": "薄い膜",
    "text": "食品包装の薄い膜 thin film packaging を探しています。",
    "constraints": "条件を守る",
    "horizon": "来年度まで",
    "company": "ある食品企業",
}
OUTSIDERS = ("nishi", "ota", "notebook", "platform")
NIGHT = "2026-11-21"


def marks() -> list[dict[str, object]]:
    said = [*SECRETS[:-1], "薄い膜"]
    return [{"said": s, "kind": "term", "is_secret": s in SECRETS, "instead": "…"} for s in said]


@pytest.fixture(scope="module")
def walked(town: Town) -> Town:
    """The town with a need that says secrets, everything made of it, and a platform of two companies."""
    Machines(town.catalogue).create(
        OPERATOR, "platform", role=PORTAL, companies=("aonami", "kurose")
    )
    key = Keys(town.catalogue).create(OPERATOR, "platform", SCOPES).text
    viewer = Viewer("platform", PORTAL, MACHINE, companies=frozenset({"aonami", "kurose"}))
    sent = {"authorization": f"Bearer {key}"}
    town.actors["platform"] = Actor(viewer, town.client, sent)
    changed = town["kato"].ask("PATCH", PATH, json=FIELDS, headers={"if-match": "*"})
    assert changed.status_code == 200, changed.text
    assert town["kato"].post(f"{PATH}/releases", json={}).status_code == 201
    assert town["kato"].get(f"{PATH}/matches").status_code == 200  # a list that is recorded
    told = {"need": Need(FIELDS["text"], NEED, title=FIELDS["title"])}
    report = NightReport(
        NIGHT, NIGHT, "v000001", "words@01", 2, (NeedReport(told["need"], ()),), previous=""
    )
    write_report(report, PreviousRun(), town.settings.reports_dir)
    for name in ("nishi", "ota"):
        form = {"need_id": NEED, "do": "save", "search_name": "探す", "researcher_id": "R-01"}
        for path in ("/", "/shortlist"):
            assert town[name].post(path, data=form).status_code < 400
    return town


def ways(town: Town) -> list[tuple[str, Callable[[Actor], Response]]]:
    """Return every way out that a caller can try for the need."""
    found: list[tuple[str, Callable[[Actor], Response]]] = []

    def add(place: Place, **names: str) -> None:
        path, options = place.address(**names), place.options(**names)
        found.append(
            (f"{place.method} {path}", lambda actor: actor.ask(place.method, path, **options))
        )

    safe = {"close", "reopen", "releases", "guests"}  # the walk changes nothing that others look at
    for place in (*places.OF_NEEDS, *places.ON_NEEDS):
        if place.method in {"GET", "POST"} and not safe & set(place.route.split("/")):
            add(place, need_id=NEED)
    for place in (*places.PLAIN, *places.ON_RELEASES):
        if place.method == "GET":
            add(place, researcher_id="R-01", release_id="1")
    for path in (
        "/v1/needs?status=all&limit=200", "/v1/needs?organisation_id=aonami",
        "/needs?company=aonami", "/needs?status=any", f"/v1/needs/{NEED}/releases",
        f"/reports/{NIGHT}", "/releases/1/export.pptx", "/searches", "/",
    ):  # fmt: skip
        found.append((f"GET {path}", lambda actor, path=path: actor.get(path)))
    form = {"need_id": NEED}
    for ending in ("csv", "xlsx", "pdf", "brief"):
        found.append((f"export {ending}", lambda a, e=ending: a.post(f"/export/{e}", data=form)))
    return found


def said_in(answer: Response) -> str:
    """Return all words of an answer: of a file that is packed, of all its parts."""
    content = answer.content
    if content[:4] == b"%PDF":
        pages = pdfium.PdfDocument(content)
        content = "".join(page.get_textpage().get_text_range() for page in pages).encode()
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    text = content.decode("utf-8", "replace")
    if "json" in answer.headers.get("content-type", ""):
        text += json.dumps(answer.json(), ensure_ascii=False)
    return text + str(answer.headers)


def tells(town: Town, names: tuple[str, ...]) -> set[tuple[str, str, str]]:
    """Return who was told which secret on which way."""
    return {
        (name, way, secret)
        for way, ask in ways(town)
        for name in names
        for said in [said_in(ask(town[name]))]
        for secret in (*SECRETS, "8,135,792", "8135792")
        if secret in said and (name, secret) != ("platform", FIRM)  # it knows whom it serves
    }


def test_what_is_marked_secret_comes_out_on_no_way_until_the_nda(walked: Town) -> None:
    town = walked
    before = {secret for _, _, secret in tells(town, ("nishi",))}
    assert before >= set(SECRETS)  # without a veil they are told all of it
    need = town["kato"].get(PATH)
    of_version = {"if-match": need.headers["etag"]}
    body = {**VEILED, "marks": marks()}
    telling = town["kato"].ask(
        "PUT", f"{PATH}/veil", json={**body, "text": FIELDS["text"]}, headers=of_version
    )
    assert telling.status_code == 422 and TEXT not in telling.text
    decided = town["kato"].ask("PUT", f"{PATH}/veil", json=body, headers=of_version)
    assert decided.status_code == 200, decided.text

    assert tells(town, OUTSIDERS) == set()
    shown = town["ota"].get(PATH)
    seen = shown.json()
    # the need's version is a hash of company and budget, too: they could be guessed
    assert shown.headers["etag"] != town["kato"].get(PATH).headers["etag"]
    again = town["ota"].get(PATH, headers={"if-none-match": shown.headers["etag"]})
    assert again.status_code == 304
    assert seen["is_veiled"] and seen["text"] == VEILED["text"] and not seen["organisation_id"]
    for name in ("kato", "portal-a"):
        assert town[name].get(PATH).json()["text"] == FIELDS["text"]
    by_platform = town["platform"].ask(
        "PATCH", PATH, json={"text": "膜"}, headers={"if-match": "*"}
    )
    assert by_platform.status_code == 403

    changed = {"text": FIELDS["text"] + "変更。"}
    town["kato"].ask("PATCH", PATH, json=changed, headers={"if-match": "*"})
    assert town["kato"].get(f"{PATH}/veil").json()["is_stale"]
    assert tells(town, ("ota",)) == set()  # what changed is no way around the veil

    with town.catalogue.writing() as connection:
        agreed = NdaDraft("aonami", date.today(), need_id=NEED)
        record_nda(connection, town["kato"].viewer, agreed)
    assert town["ota"].get(PATH).json()["text"] == changed["text"]
    trail = town["root"].get("/admin/audit.jsonl").text
    assert '"veil"' in trail and not any(secret in trail for secret in SECRETS)


def test_the_need_of_the_walk_is_one_that_outsiders_may_see() -> None:
    assert NEED_ROWS[NEED]["confidentiality"] == "public"
