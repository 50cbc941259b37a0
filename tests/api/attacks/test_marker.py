"""A day's work with marked texts: nobody but their readers and the database ever holds them."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select, update

from api.observability.metrics import Metrics
from api.observability.request_log import JsonLines, TextLines
from catalogue.database.models import Organisation, StoredNeed
from enmusubi.errors import EmptyNeedError
from matcher.records import Filters, MatchList, Need
from office.jobs.runner import JobRunner
from office.webhooks.sender import Sender
from office.webhooks.webhooks import DELIVERY
from tests.api.attacks.actors import Noting, Town
from tests.api.pages.office.steps import concerns_on, release_form
from tests.support.receiver import Receiver, receiving
from tests.support.small_recommender import ALL

TEXT_MARK, NAME_MARK = "qzvtextmark", "qzvfirmmark"
MARKS = (TEXT_MARK, NAME_MARK)
NEED = f"薄い膜 thin film packaging {TEXT_MARK} を探しています。"
ANSWER_HEADERS_OF_READERS = frozenset({"content-length"})


class Breaking(Noting):
    """Fails, quoting the need, while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        if self.error is not None:
            raise type(self.error)(f"{self.error} {need.text}")
        return super().match(need, top=top, filters=filters)


@dataclass
class Day:
    """What was captured: the log's lines, the answers to readers and to others, the messages sent."""

    lines: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)  # whose heads are looked at
    others: list[Response] = field(default_factory=list)  # whose bodies are, too
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def read(self, answer: Response) -> Response:
        """Keep an answer to somebody who may read the need."""
        self.answers.append(answer)
        return answer

    def other(self, answer: Response) -> Response:
        """Keep an answer that must not hold a need's text."""
        self.others.append(answer)
        return self.read(answer)


@pytest.fixture(scope="module")
def day(town: Town) -> Iterator[Day]:
    """The day's work, done."""
    town.shelf.published = Breaking()
    done, handlers = Day(), [logging.Handler(logging.DEBUG) for _ in range(2)]
    root = logging.getLogger()
    level = root.level
    for handler, lines in zip(handlers, (TextLines(), JsonLines()), strict=True):
        handler.emit = lambda record, f=lines: done.lines.append(f.format(record))  # type: ignore[method-assign, misc]
        handler.addFilter(lambda record: not record.name.startswith(("httpx2", "httpcore2")))
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with receiving(Receiver()) as portal:
        need_id = _write(town, done, portal)
        _ask(town, done, need_id)
        _fail(town, done, need_id)
        _work_behind(town, done, need_id)
        done.messages = portal.got
    for handler in handlers:
        root.removeHandler(handler)
    root.setLevel(level)
    yield done


def _write(town: Town, day: Day, portal: Receiver) -> str:
    fields = {"title": f"題 {TEXT_MARK}", "text": NEED, "constraints": NEED, "horizon": TEXT_MARK}
    hook = {"url": portal.url}
    assert day.other(town["portal-a"].post("/v1/webhooks", json=hook)).status_code == 201
    again = {"idempotency-key": "day-1"}
    for _ in range(2):
        answer = day.read(town["portal-a"].post("/v1/needs", json=fields, headers=again))
        assert answer.status_code == 201
    need_id = str(answer.json()["need_id"])
    with_name = {**fields, "company": f"{NAME_MARK} 株式会社", "manager": "kato"}
    made = day.read(town["head"].post("/v1/needs", json=with_name))
    assert made.status_code == 201
    _filter_by_company(town, day, str(made.json()["organisation_id"]))
    form = {**with_name, "area": "competitive", "confidentiality": "confidential"}
    assert day.read(town["kato"].post("/needs/new", data=form)).status_code == 303
    ours = {"if-match": "*"}
    changed = {"text": f"{NEED} 変更", "manager": "kato"}
    day.read(town["head"].ask("PATCH", f"/v1/needs/{need_id}", json=changed, headers=ours))
    day.read(town["kato"].post(f"/needs/{need_id}/change", data={**form, "version": "old"}))
    for change in ("close", "reopen"):
        assert day.read(town["kato"].post(f"/v1/needs/{need_id}/{change}")).status_code == 200
    note = {"need_id": need_id, "researcher_id": "R-01", "text": f"覚え {TEXT_MARK}"}
    assert day.read(town["kato"].post("/notes", data=note)).status_code == 303
    assert day.read(town["kato"].post("/shortlist", data=note)).status_code == 303
    return need_id


def _filter_by_company(town: Town, day: Day, company: str) -> None:
    """List a company's needs, page by page, and bind a portal to it by its name."""
    head, root = town["head"], town["root"]
    more = {"text": NEED, "organisation_id": company}
    assert day.read(head.post("/v1/needs", json=more)).status_code == 201
    answer = day.read(head.get("/v1/needs", params={"organisation_id": company, "limit": 1}))
    assert "organisation_id=" in answer.headers["link"]
    assert day.read(head.get(answer.links["next"]["url"])).json()["items"]
    for companies in (f"{NAME_MARK} 株式会社", f"{NAME_MARK} 有限会社 x"):
        form = {"client_id": "portal-q", "role": "portal", "companies": companies}
        day.read(root.post("/admin/machines", data=form))
    day.read(root.get("/admin/machines/portal-q"))
    unknown = {"text": "膜", "organisation_id": NAME_MARK}
    assert day.other(head.post("/v1/needs", json=unknown)).status_code == 422
    form = {"client_id": "portal-r", "role": "portal", "companies": f"{NAME_MARK}なし"}
    refused = day.read(root.post("/admin/machines", data=form))  # it lists portal-q's company
    assert refused.status_code == 404
    assert f"{NAME_MARK}なし" not in refused.text
    with town.catalogue.reading() as connection:
        ids = list(connection.execute(select(Organisation.organisation_id)).scalars())
    assert company in ids
    assert marked(ids) == []


def _ask(town: Town, day: Day, need_id: str) -> None:
    head, search = town["head"], {"do": "save", "search_name": f"探す {TEXT_MARK}", "alert": "yes"}
    for form in ({"need": NEED}, {"need_id": need_id}, {"need": NEED, **search}):
        for path in ("/", "/print", "/compare", "/export/csv", "/export/xlsx", "/export/pdf"):
            day.read(
                head.post(path, data={**form, "pick": ["R-01", "R-02"], "institution": "星ヶ野"})
            )
    for name in (f"{TEXT_MARK}.txt", f"{TEXT_MARK}.pdf", f"{TEXT_MARK}.docx"):
        day.read(head.post("/", data={"need": ""}, files={"file": (name, NEED.encode())}))
        broken = b"%PDF-1.4 " + NEED.encode() + b"\nstartxref\nqzvtextmark\n%%EOF"
        day.read(head.post("/", data={"need": ""}, files={"file": (name, broken)}))
        for content in (NEED.encode(), broken):
            sent = {"file": (name, content)}
            day.read(town["kato"].post("/needs/new", data={"title": NEED}, files=sent))
            change = f"/needs/{need_id}/change"
            day.read(town["kato"].post(change, data={"text": NEED, "version": "old"}, files=sent))
            read = head.post("/v1/need-texts", files=sent)
            (day.read if read.status_code == 200 else day.other)(read)
    for path in ("/needs", "/searches", "/shortlist", f"/needs/{need_id}", "/researchers/R-01"):
        assert day.read(head.get(path)).status_code == 200
    day.read(head.get(f"/v1/needs/{need_id}/matches"))
    day.read(head.post("/v1/matches", json={"need_text": NEED}))
    day.read(head.post(f"/v1/needs/{need_id}/releases", json={}))
    look = day.read(head.get(f"/needs/{need_id}/release?whom=best")).text
    sent = {**release_form(look), "confirmed": concerns_on(look)}
    given = head.post(f"/needs/{need_id}/releases", data=sent)
    assert given.status_code == 303
    day.read(head.get(given.headers["location"]))
    for ending in ("docx", "pptx"):
        day.read(head.get(f"{given.headers['location']}/export.{ending}"))
    suits = {"researcher_id": "R-01", "verdict": "suitable"}
    day.other(head.post(f"/v1/needs/{need_id}/feedback", json=suits))
    day.read(head.get("/searches"))
    day.read(head.post("/searches/1/run"))


def _fail(town: Town, day: Day, need_id: str) -> None:
    head, breaking = town["head"], town.shelf.published
    assert isinstance(breaking, Breaking)
    for error in (RuntimeError("unexpected"), ValueError("x"), KeyError("y"), UnicodeError("z")):
        breaking.error = error
        answer = day.other(head.post("/v1/matches", json={"need_text": NEED}))
        assert answer.status_code == 500
        assert day.other(head.post("/print", data={"need": NEED})).status_code == 500
        day.other(head.get(f"/v1/needs/{need_id}/matches"))
    breaking.error = EmptyNeedError("nothing in")
    day.read(head.post("/", data={"need": NEED}))
    breaking.error = None
    for sent in (
        {"need_text": NEED, "filters": {f"{TEXT_MARK} を": 1}}, {"need_text": [NEED]}, {NEED: NEED},
        {"need_text": NEED, "top": NEED}, {"need_text": NEED, "need_id": NEED},
        {"need_text": NEED, "filters": {"kinds": [NEED]}}, {"need_text": NEED * 2_000},
        {"need_id": need_id, "filters": {"since": NEED}},
    ):  # fmt: skip
        assert 400 <= day.other(head.post("/v1/matches", json=sent)).status_code < 500
        day.other(head.post("/v1/needs", json={"text": "膜", **sent}))
    json_kind = {"content-type": "application/json"}
    for body in (f'{{"need_text": "{NEED}"', f"{NEED}", f'["{NEED}"]'):
        day.other(head.post("/v1/matches", content=body.encode(), headers=json_kind))
    for name in ("ota", "nishi", "morita", "portal-k", "root"):
        for path in (
            f"/v1/needs/{need_id}",
            f"/needs/{need_id}",
            "/v1/needs",
            "/needs",
            "/searches",
        ):
            day.other(town[name].get(path))
        day.other(town[name].post("/", data={"need_id": need_id}))
    wrong = {"text": "", "title": NEED, "budget_jpy": TEXT_MARK, "company": NAME_MARK}
    day.read(town["kato"].post("/needs/new", data=wrong))
    day.read(town.client.get("/needs", headers={"accept": "text/html"}))
    signing = {"login": TEXT_MARK, "password": TEXT_MARK}
    day.read(head.post("/login", data=signing))


def _work_behind(town: Town, day: Day, need_id: str) -> None:
    services, head = town.app.state.services, town["head"]
    breaking = town.shelf.published
    assert isinstance(breaking, Breaking)
    for error in (None, RuntimeError("unexpected")):
        breaking.error = error
        job = day.other(head.post("/v1/jobs/matches", json={"need_ids": [need_id]})).json()
        JobRunner(services.matching, lambda _: None).work(Event())
        for end in ("", "/result"):
            day.other(head.get(f"/v1/jobs/{job['job_id']}{end}"))
    breaking.error = None
    sender = Sender(
        town.catalogue, town.settings.webhooks, town.settings.sealing, Metrics().message_tried
    )
    sender.send_due(Event())
    with town.catalogue.writing() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        waiting = update(DELIVERY).where(DELIVERY.c.next_at.is_not(None))
        connection.execute(waiting.values(next_at=past))
    sender.send_due(Event())
    for path in ("/admin", "/admin/audit", "/admin/audit.csv", "/admin/audit.jsonl", "/admin/jobs"):
        assert day.other(town["root"].get(path)).status_code == 200
    assert day.other(town["root"].get("/metrics")).status_code == 200
    assert day.other(town["root"].get("/openapi.json")).status_code == 200


def marked(texts: Any) -> list[str]:
    return [str(text)[:300] for text in texts if any(mark in str(text) for mark in MARKS)]


def test_the_marks_are_in_the_database_and_their_readers_were_shown_them(
    town: Town, day: Day
) -> None:
    with town.catalogue.reading() as connection:
        like = StoredNeed.text.contains(TEXT_MARK)
        stored = connection.execute(select(func.count()).where(like)).scalar_one()
    assert stored == 4
    assert len(marked(answer.text for answer in day.answers)) > 20
    assert len(marked(a.text for a in day.answers if NAME_MARK in a.text)) >= 2


def test_no_line_of_the_log_holds_a_mark(day: Day) -> None:
    assert len(day.lines) > 200
    assert any('"level": "ERROR"' in line for line in day.lines)
    assert marked(day.lines) == []


def test_no_address_and_no_head_of_an_answer_holds_a_mark(day: Day) -> None:
    assert marked(answer.request.url for answer in day.answers) == []
    assert marked(answer.headers for answer in day.answers) == []


def test_no_error_and_no_answer_to_others_holds_a_mark(day: Day) -> None:
    assert len(day.others) > 60
    assert {500, 422, 404, 403} <= {answer.status_code for answer in day.others}
    found = [
        (a.request.method, a.request.url.path, a.text[:300]) for a in day.others if marked([a.text])
    ]
    assert found == []


def test_no_message_to_a_portal_holds_a_mark(day: Day) -> None:
    assert len(day.messages) >= 2
    assert marked(json.dumps(headers) for headers, _ in day.messages) == []
    assert marked(body.decode() for _, body in day.messages) == []


def test_no_file_but_the_database_holds_a_mark(town: Town, day: Day) -> None:
    files = [path for path in town.folder.rglob("*") if path.is_file()]
    assert marked(path.relative_to(town.folder) for path in files) == []
    plain = [path for path in files if not path.name.startswith("catalogue.sqlite")]
    assert [path for path in plain if any(_holds(path, mark) for mark in MARKS)] == []


def _holds(path: Path, mark: str) -> bool:
    with io.BytesIO(path.read_bytes()) as content:
        return mark.encode() in content.getvalue()
