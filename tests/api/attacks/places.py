"""Every route of the application, with what the rules say of it: the table that the walk goes by.

What is asked of a route is a verdict: the actions that the rules must allow, and whether the need
that it is about must be seen or changed. A route that is missing here fails the walk.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from catalogue.database.viewer import PERSON, Viewer
from office.access import rules
from office.access.rules import NeedFacts, changes_need, may, sees_need

OF, ONE = "/v1/needs/{need_id:id}", "/v1/needs/{need_id:need}"
PAGE = "/needs/{need_id:path}"
ANY_CODE = frozenset(range(200, 500)) - {
    401,
    403,
}  # the administrator got in; what of it is another's
FORM = {"need_id": "{need_id}", "pick": ["R-01", "R-02"]}
UPLOAD = {"file": ("need.txt", "薄い膜を探しています。".encode())}
SUIT = {"researcher_id": "R-01", "verdict": "suitable"}


@dataclass(frozen=True)
class Place:
    """A way to a route: what is sent there, what the rules ask, and the statuses where they allow it.

    `{need_id}` and other names in braces are filled in where the walk knows an object for them.
    """

    method: str
    route: str
    actions: tuple[str, ...] = ()
    changes: bool = False
    good: frozenset[int] = frozenset({200})
    sent: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    only_people: bool = False

    def verdict(self, viewer: Viewer, need: NeedFacts | None = None) -> frozenset[int]:
        """Return the statuses that the rules allow for a viewer and a need."""
        if self.only_people and viewer.kind != PERSON:
            return frozenset({403})
        if not all(may(viewer, action) for action in self.actions):
            return frozenset({403})
        if need is None:
            return self.good
        if not may(viewer, rules.SEE_NEEDS):
            return frozenset({403})
        if not sees_need(viewer, need):
            return frozenset({404})
        return self.good if not self.changes or changes_need(viewer, need) else frozenset({403})

    def options(self, **names: str) -> dict[str, Any]:
        """Return what is sent, the names filled in."""
        return {key: _filled(value, names) for key, value in self.sent.items()}

    def address(self, **names: str) -> str:
        """Return the path, the names filled in as they stand in addresses."""
        wanted = self.path or self.route
        for kind in (":id", ":need", ":path", ":researcher", ":job"):
            wanted = wanted.replace(kind, "")
        return wanted.format(**{name: quote(value, safe="") for name, value in names.items()})


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, names) for part in value]
    return names[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value


def _codes(*codes: int) -> frozenset[int]:
    return frozenset(codes)


def _read(route: str, *actions: str, **more: Any) -> Place:
    return Place("GET", route, actions, **more)


def _post(route: str, good: int, *actions: str, **more: Any) -> Place:
    return Place("POST", route, actions, good=_codes(good), **more)


OF_NEEDS = (
    _read(ONE),
    _read(f"{OF}/matches", rules.ASK),
    _read(f"{OF}/releases", rules.SEE_RELEASED),
    _read(f"{OF}/feedback", rules.JUDGE),
    _read(f"{OF}/guests", rules.INVITE),
    _read(PAGE),
    _read(f"{PAGE}/change", rules.CHANGE_NEED, changes=True),
    _read(f"{PAGE}/release", rules.RELEASE, changes=True),
)
ON_NEEDS = (
    _post("/v1/matches", 200, rules.ASK, sent={"json": {"need_id": "{need_id}"}}),
    _post("/v1/jobs/matches", 202, rules.RUN_JOBS, sent={"json": {"need_ids": ["{need_id}"]}}),
    Place(
        "PATCH", ONE, (rules.CHANGE_NEED,), changes=True,
        sent={"json": {"horizon": ""}, "headers": {"if-match": "*"}},
    ),
    _post(f"{OF}/close", 200, rules.CHANGE_NEED, changes=True),
    _post(f"{OF}/reopen", 200, rules.CHANGE_NEED, changes=True),
    _post(f"{OF}/releases", 201, rules.RELEASE, changes=True, sent={"json": {}}),
    Place("POST", f"{OF}/feedback", (rules.JUDGE,), good=_codes(200, 201), sent={"json": SUIT}),
    Place(
        "PUT", f"{OF}/guests/{{user_id}}", (rules.INVITE,), changes=True,
        path=f"{OF}/guests/suzuki",
    ),
    Place(
        "DELETE", f"{OF}/guests/{{user_id}}", (rules.INVITE,), changes=True, good=_codes(204, 409),
        path=f"{OF}/guests/abe",
    ),
    _post(
        f"{PAGE}/change", 412, rules.CHANGE_NEED, changes=True,
        sent={"data": {"text": "薄い膜", "version": "old"}},
    ),
    _post(
        f"{PAGE}/change", 200, rules.CHANGE_NEED, changes=True,
        sent={"data": {"text": "膜", "version": "old"}, "files": UPLOAD},
    ),
    _post(f"{PAGE}/close", 303, rules.CHANGE_NEED, changes=True),
    _post(f"{PAGE}/reopen", 303, rules.CHANGE_NEED, changes=True),
    _post(f"{PAGE}/guests", 303, rules.INVITE, changes=True, sent={"data": {"user_id": "suzuki"}}),
    Place(
        "POST", f"{PAGE}/guests/remove", (rules.INVITE,), changes=True, good=_codes(303, 409),
        sent={"data": {"user_id": "abe"}},
    ),
    Place(  # without the people and the mark of a look it shows the page again
        "POST", f"{PAGE}/releases", (rules.RELEASE,), changes=True, good=_codes(200, 422),
    ),
    _post(
        "/shortlist", 303, rules.SHORTLIST,
        sent={"data": {"need_id": "{need_id}", "researcher_id": "R-01"}},
    ),
    _post(
        "/notes", 303, rules.NOTE,
        sent={"data": {"need_id": "{need_id}", "researcher_id": "R-01", "text": "良い"}},
    ),
    _post("/", 200, rules.ASK, sent={"data": FORM}),
    _post("/compare", 200, rules.ASK, sent={"data": FORM}),
    _post("/print", 200, rules.ASK, sent={"data": FORM}),
    _post("/export/{ending}", 200, rules.EXPORT, sent={"data": FORM}, path="/export/csv"),
)  # fmt: skip
ON_RELEASES = (
    _read("/v1/releases/{release_id}", rules.SEE_RELEASED),
    _read("/releases/{release_id}", rules.SEE_RELEASED),
    _read(
        "/releases/{release_id}/export.{ending}", rules.EXPORT, rules.SEE_RELEASED,
        good=_codes(200, 409), path="/releases/{release_id}/export.docx",
    ),
    Place(
        "POST", "/v1/releases/{release_id}/revoke", (rules.RELEASE,), changes=True,
        good=_codes(200, 409),
    ),
    Place(
        "POST", "/releases/{release_id}/revoke", (rules.RELEASE,), changes=True,
        good=_codes(303, 409),
    ),
)  # fmt: skip
OF_SEEDS = (
    _read("/v1/seeds/{seed_id:id}", rules.SEE_RESEARCHERS),
    _read("/seeds/{seed_id:path}", rules.SEE_RESEARCHERS),
)
JOB = "/v1/jobs/{job_id:job}"
HOOK = "/v1/webhooks/{webhook_id}"
SEARCH = "/searches/{search_id}"
OWN = (  # of one person or machine alone: nothing to anybody else, whatever their role
    _read(JOB, rules.RUN_JOBS),
    _read(f"{JOB}/result", rules.RUN_JOBS, good=_codes(409)),  # not ended yet
    _post(f"{JOB}/cancel", 202, rules.RUN_JOBS),
    _read(HOOK, rules.HOOK),
    _read(f"{HOOK}/deliveries", rules.HOOK),
    _post(f"{HOOK}/test", 202, rules.HOOK),
    Place("DELETE", HOOK, (rules.HOOK,), good=_codes(204)),
    _post(f"{SEARCH}/run", 200, rules.SAVE_SEARCH),
    _post(f"{SEARCH}/rename", 303, rules.SAVE_SEARCH, sent={"data": {"name": "また"}}),
    _post(f"{SEARCH}/alert", 303, rules.SAVE_SEARCH, sent={"data": {"on": "yes"}}),
    _post(f"{SEARCH}/delete", 303, rules.SAVE_SEARCH),
    _post("/notes/{note_id}/delete", 303, rules.NOTE),
)
PLAIN = (
    _read("/v1/needs", rules.SEE_NEEDS),
    _post("/v1/needs", 201, rules.CREATE_NEEDS, sent={"json": {"text": "薄い膜を探しています。"}}),
    _post("/v1/need-texts", 200, rules.READ_FILES, sent={"files": UPLOAD}),
    _read("/v1/researchers", rules.SEE_RESEARCHERS),
    _read("/v1/researchers/{researcher_id:researcher}", rules.SEE_RESEARCHERS),
    _read("/v1/researchers/{researcher_id:id}/seeds", rules.SEE_RESEARCHERS),
    _read("/researchers", rules.SEE_RESEARCHERS),
    _read("/researchers/{researcher_id:path}", rules.SEE_RESEARCHERS),
    _post("/v1/matches", 200, rules.ASK, sent={"json": {"need_text": "薄い膜"}}),
    _post("/v1/jobs/matches", 202, rules.RUN_JOBS, sent={"json": {}}),
    _read("/v1/jobs", rules.RUN_JOBS),
    _read("/v1/webhooks", rules.HOOK),
    Place(
        "POST", "/v1/webhooks", (rules.HOOK,), good=_codes(201, 409),
        sent={"json": {"url": "http://127.0.0.1:9/"}},
    ),
    _read("/metrics", rules.SEE_METRICS),
    _read("/shortlist", rules.SHORTLIST),
    _read("/shortlist/export.{ending}", rules.SHORTLIST, rules.EXPORT, path="/shortlist/export.csv"),
    _post("/shortlist/remove", 303, rules.SHORTLIST, sent={"data": {"researcher_id": "R-01"}}),
    _read("/needs", rules.SEE_NEEDS),
    _read("/needs/new", rules.CREATE_NEEDS),
    _post("/needs/new", 400, rules.CREATE_NEEDS, sent={"data": {"title": ""}}),
    _post("/needs/new", 200, rules.CREATE_NEEDS, sent={"data": {"title": ""}, "files": UPLOAD}),
    _read("/searches", rules.SAVE_SEARCH),
    _read("/reports", rules.SEE_REPORTS),
    _read("/reports/{name}", rules.SEE_REPORTS, good=_codes(404), path="/reports/no-night"),
    _read("/statistics", rules.SEE_STATISTICS),
    _read(
        "/statistics/{name}.csv", rules.SEE_STATISTICS, rules.EXPORT, path="/statistics/fields.csv"
    ),
    _post("/", 200, rules.ASK, sent={"data": {"need": "薄い膜"}}),
    _read("/compare", good=_codes(303)),
    _read("/print", good=_codes(303)),
    _post("/compare", 422, rules.ASK, sent={"data": {"need": "薄い膜"}}),
    _post("/print", 200, rules.ASK, sent={"data": {"need": "薄い膜"}}),
    *(
        _post(
            "/export/{ending}", 200, rules.EXPORT, sent={"data": {"need": "薄い膜"}},
            path=f"/export/{ending}",
        )
        for ending in ("csv", "xlsx")
    ),
    _read("/account", only_people=True),
    _post("/account/mail", 303, only_people=True, sent={"data": {"language": "en"}}),
    _read("/calendar.ics", rules.SEE_NEEDS, only_people=True),
    _read("/password", only_people=True),
    _post("/password", 422, only_people=True, sent={"data": {"present": "x", "new": "x"}}),
)  # fmt: skip
_PERSON, _MACHINE = "/admin/people/{login}", "/admin/machines/{client_id}"
_ADMIN = (
    "GET /admin", "GET /admin/once/{ticket}", "GET /admin/people", "POST /admin/people",
    f"GET {_PERSON}", f"POST {_PERSON}", f"POST {_PERSON}/password", f"POST {_PERSON}/{{action}}",
    "GET /admin/machines", "POST /admin/machines", f"GET {_MACHINE}", f"POST {_MACHINE}",
    f"POST {_MACHINE}/keys", f"POST {_MACHINE}/keys/{{key_id}}/revoke", f"POST {_MACHINE}/disable",
    f"POST {_MACHINE}/enable", "GET /admin/imports", "GET /admin/import", "POST /admin/import",
    "POST /admin/import/one", "GET /admin/import/{upload_id}", "POST /admin/import/{upload_id}/format",
    "POST /admin/import/{upload_id}/table", "POST /admin/import/{upload_id}/run",
    "POST /admin/import/{upload_id}/drop", "GET /admin/import/{upload_id}/rejects/{number}",
    "GET /admin/imports/{run_id}",
    "GET /admin/index", "POST /admin/index", "GET /admin/identities", "POST /admin/identities",
    "GET /admin/jobs", "POST /admin/jobs/{job_id}/cancel", "GET /admin/audit",
    "GET /admin/mail", "POST /admin/mail/test", "POST /admin/mail/{mail_id}/again",
    "GET /admin/audit.jsonl", "GET /admin/audit.csv",
)  # fmt: skip
ADMIN = tuple(
    Place(*line.split(), actions=(rules.ADMINISTER,), good=ANY_CODE)  # type: ignore[misc,arg-type]
    for line in _ADMIN
)
CHIEFS = ("GET", "/reports/{name}/files/{kind}")  # has a test of its own
HOME = ("GET", "/")  # leads the administrator on
OPEN = frozenset(  # what nobody has to be known for; tests of signing in attack them
    {
        ("GET", "/login"), ("POST", "/login"), ("POST", "/logout"), ("GET", "/login/oidc"),
        ("GET", "/login/oidc/callback"), ("POST", "/oauth/token"), ("GET", "/healthz"),
        ("GET", "/readyz"),
    }
)  # fmt: skip
TABLES = (OF_NEEDS, ON_NEEDS, ON_RELEASES, OF_SEEDS, OWN, PLAIN, ADMIN)


def known_routes() -> set[tuple[str, str]]:
    """Return method and template of every route that is in a table or named beside them."""
    placed = {(place.method, place.route) for table in TABLES for place in table}
    return placed | {CHIEFS, HOME} | OPEN
