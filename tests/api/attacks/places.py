"""Every route of the application, with what the rules say of it: the table that the walk goes by.

What is asked of a route is a verdict: the actions that the rules must allow, and whether the need
that it is about must be seen or changed. A route that is missing here fails the walk.
"""

from dataclasses import dataclass, field
from datetime import date
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
    _read(f"{OF}/screening", rules.SEE_SCREENING),
    _read(f"{OF}/teams", rules.BUILD_TEAMS),
    _read(f"{OF}/kind", rules.SET_KIND),
    _read(f"{PAGE}/teams", rules.BUILD_TEAMS),
    _read(PAGE),
    _read(f"{PAGE}/change", rules.CHANGE_NEED, changes=True),
    _read(
        f"{PAGE}/what-would-change",
        rules.ASK,
        good=_codes(200, 404),
        path=f"{PAGE}/what-would-change?researcher=R-01",
    ),
    _read(f"{PAGE}/release", rules.RELEASE, changes=True),
    _read(f"{PAGE}/export-control", rules.SEE_SCREENING),
    _read(f"{PAGE}/veil", rules.VEIL),
    _read(f"{PAGE}/clinic", rules.VEIL, changes=True),
    _read(f"{OF}/veil", rules.VEIL, good=_codes(200, 404)),
    _read(f"{OF}/veil/marks", rules.VEIL, changes=True),
    _read(
        f"{PAGE}/inquiries/new",
        rules.INQUIRE,
        changes=True,
        path=f"{PAGE}/inquiries/new?researcher=R-01",
    ),
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
    Place(
        "PUT", f"{OF}/kind", (rules.SET_KIND,), changes=True, sent={"json": {"kind": "disruptive"}}
    ),
    _post(f"{PAGE}/kind", 303, rules.SET_KIND, changes=True, sent={"data": {"kind": ""}}),
    _post(f"{PAGE}/close", 303, rules.CHANGE_NEED, changes=True),
    _post(f"{PAGE}/reopen", 303, rules.CHANGE_NEED, changes=True),
    _post(f"{PAGE}/guests", 303, rules.INVITE, changes=True, sent={"data": {"user_id": "suzuki"}}),
    Place(
        "POST", f"{PAGE}/guests/remove", (rules.INVITE,), changes=True, good=_codes(303, 409),
        sent={"data": {"user_id": "abe"}},
    ),
    _post(
        f"{PAGE}/inquiries/draft", 200, rules.INQUIRE, changes=True,
        sent={"data": {"researcher": "R-01", "answer_by": date.today().isoformat()}},
    ),
    _post(
        "/v1/inquiry-drafts", 200, rules.INQUIRE, changes=True,
        sent={"json": {"need_id": "{need_id}", "researcher_ids": ["R-01"]}},
    ),
    Place(
        "POST", "/v1/inquiries", (rules.INQUIRE,), changes=True, good=_codes(201, 409),
        sent={"json": {
            "need_id": "{need_id}", "researcher_id": "R-01", "language": "ja", "message": "お尋ねします。",
        }},
    ),
    Place(  # the second letter to the same person waits for the first one's answer
        "POST", f"{PAGE}/inquiries", (rules.INQUIRE,), changes=True, good=_codes(200, 409),
        sent={"data": {"researcher": "R-01", "message": "お尋ねします。", "how": "copy"}},
    ),
    Place(  # without the people and the mark of a look it shows the page again
        "POST", f"{PAGE}/releases", (rules.RELEASE,), changes=True, good=_codes(200, 422),
    ),
    _post(f"{PAGE}/clinic", 200, rules.VEIL, changes=True, sent={"data": {"whom": "食品工場"}}),
    _post(f"{PAGE}/clinic/save", 412, rules.VEIL, changes=True, sent={"data": {"version": "old"}}),
    _post(f"{PAGE}/clinic/purpose", 303, rules.VEIL, changes=True, sent={"data": {"said": "目的"}}),
    _post(f"{OF}/clinic", 200, rules.VEIL, changes=True, sent={"json": {"answers": {}}}),
    Place("PUT", f"{OF}/purpose", (rules.VEIL,), changes=True, sent={"json": {"purpose": ""}}),
    _post(f"{PAGE}/veil/draft", 200, rules.VEIL, changes=True),
    _post(f"{PAGE}/veil/price", 200, rules.VEIL, changes=True),
    _post(f"{PAGE}/veil", 303, rules.VEIL, changes=True, sent={"data": {"text": "薄い膜の件"}}),
    Place(
        "PUT", f"{OF}/veil", (rules.VEIL,), changes=True,
        sent={"json": {"text": "薄い膜の件"}, "headers": {"if-match": "*"}},
    ),
    Place(
        "POST", f"{PAGE}/veil/revoke", (rules.VEIL,), changes=True, good=_codes(303, 409),
    ),
    Place("DELETE", f"{OF}/veil", (rules.VEIL,), changes=True, good=_codes(204, 409)),
    _post(
        f"{OF}/teams", 201, rules.BUILD_TEAMS, sent={"json": {"researcher_ids": ["R-01", "R-02"]}}
    ),
    _post(
        f"{PAGE}/teams", 303, rules.BUILD_TEAMS, sent={"data": {"person": ["R-01", "R-02"]}}
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
ON_CLEARANCES = (  # a second decision is a conflict
    _post(
        "/v1/clearances/{clearance_id}/decision",
        409,
        rules.CLEAR,
        sent={"json": {"decision": "refused", "reason": "理由"}},
    ),
    _post(
        "/screening/{clearance_id}",
        409,
        rules.CLEAR,
        sent={"data": {"decision": "refused", "reason": "理由"}},
    ),
    Place("POST", "/v1/clearances/{clearance_id}/revoke", (rules.CLEAR,), good=_codes(200, 409)),
    Place("POST", "/screening/{clearance_id}/revoke", (rules.CLEAR,), good=_codes(303, 409)),
)
TEAM, TEAM_PAGE = f"{OF}/teams/{{team_id}}", f"{PAGE}/teams/{{team_id}}"
ON_TEAMS = (
    _read(TEAM, rules.BUILD_TEAMS),
    _read(TEAM_PAGE, rules.BUILD_TEAMS),
    Place(
        "PATCH", TEAM, (rules.BUILD_TEAMS,), changes=True,
        sent={"json": {"name": "また"}, "headers": {"if-match": "*"}},
    ),
    _post(
        TEAM_PAGE, 412, rules.BUILD_TEAMS, changes=True,
        sent={"data": {"person": ["R-01", "R-02"], "version": "0"}},
    ),
    _read(f"{TEAM_PAGE}/inquiries", rules.INQUIRE, changes=True),
    _post(f"{TEAM_PAGE}/inquiries", 200, rules.INQUIRE, changes=True, sent={"data": {}}),
    _post(f"{TEAM_PAGE}/remove", 303, rules.BUILD_TEAMS, changes=True),
    Place("DELETE", TEAM, (rules.BUILD_TEAMS,), changes=True, good=_codes(204, 404)),
)  # fmt: skip
ON_INQUIRIES = (  # the letter is not answered yet
    _read("/v1/inquiries/{inquiry_id}", rules.INQUIRE),
    Place(
        "POST", "/v1/inquiries/{inquiry_id}/noted", (rules.INQUIRE,), changes=True,
        good=_codes(409), sent={"json": {}},
    ),
    Place(
        "POST", "/v1/inquiries/{inquiry_id}/revoke", (rules.INQUIRE,), changes=True,
        good=_codes(200, 409),
    ),
    Place("POST", "/inquiries/{inquiry_id}/noted", (rules.INQUIRE,), changes=True, good=_codes(409)),
    Place(
        "POST", "/inquiries/{inquiry_id}/revoke", (rules.INQUIRE,), changes=True,
        good=_codes(303, 409),
    ),
)  # fmt: skip
CASE_PAGE, CASE = "/cases/{case_id}", "/v1/cases/{case_id}"
OLD = {"headers": {"if-match": '"0"'}}
ON_CASES = (  # of a need, in a version that is not the case's; who looks after neither is refused
    _read(CASE_PAGE, rules.WORK_ON_CASES),
    _read(CASE, rules.SEE_CASES),
    _read(f"{CASE}/decisions", rules.WORK_ON_CASES),
    Place("PATCH", CASE, (rules.WORK_ON_CASES,), good=_codes(412),
          sent={"json": {"next_step": "x"}, **OLD}),
    Place("PUT", f"{CASE}/turn", (rules.WORK_ON_CASES,), good=_codes(412),
          sent={"json": {"turn": "company"}, **OLD}),
    _post(f"{CASE}/submission", 412, rules.WORK_ON_CASES, sent=OLD),
    _post(f"{CASE}/decisions", 412, rules.WORK_ON_CASES, sent={"json": {"decision": "go"}, **OLD}),
    Place("POST", f"{CASE_PAGE}/notes", (rules.WORK_ON_CASES,), changes=True, good=_codes(303),
          sent={"data": {"text": "メモ"}}),
    Place("POST", f"{CASE_PAGE}/change", (rules.WORK_ON_CASES,), changes=True, good=_codes(412),
          sent={"data": {"title": "題", "version": "0"}}),
    *(
        Place("POST", f"{CASE_PAGE}/{what}", (rules.WORK_ON_CASES,), changes=True, good=_codes(412),
              sent={"data": {"reason": "理由", "outcome": "成果", "turn": "company", "kind": "nda",
                             "name": "案", "version": "0"}})
        for what in ("turn", "take-up", "complete", "submit", "documents")
    ),
    Place("POST", f"{CASE_PAGE}/documents/{{document_id}}/remove", (rules.WORK_ON_CASES,),
          changes=True, good=_codes(412), path=f"{CASE_PAGE}/documents/1/remove"),
    Place("POST", f"{CASE_PAGE}/gate", (rules.WORK_ON_CASES,), good=_codes(422),
          sent={"data": {"decision": "go", "version": "0"}}),
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
    _read("/v1/researchers/{researcher_id:id}/needs", rules.SEE_RESEARCHERS, rules.SEE_NEEDS),
    _read("/researchers/{researcher_id:path}/needs", rules.SEE_RESEARCHERS, rules.SEE_NEEDS),
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
    _read("/companies", rules.SEE_COMPANIES),
    _read("/v1/inquiries", rules.INQUIRE),
    _read(
        "/companies/{organisation_id:path}", rules.SEE_COMPANIES, path="/companies/aonami"
    ),
    _read("/v1/ndas", rules.SEE_COMPANIES),
    Place(
        "POST", "/v1/ndas", (rules.RECORD_NDAS,), good=_codes(200, 201),
        sent={"json": {"company": "aonami", "signed_on": "2026-04-01"}},
    ),
    _post("/ndas", 303, rules.RECORD_NDAS, sent={"data": {"company": "aonami", "signed_on": "2026-04-01"}}),
    _post("/v1/ndas/{nda_id}/withdraw", 404, rules.SEE_COMPANIES, path="/v1/ndas/999999/withdraw"),
    _post("/ndas/{nda_id}/withdraw", 404, rules.SEE_COMPANIES, path="/ndas/999999/withdraw"),
    _read("/consortia", rules.SEE_CONSORTIA),
    _read(
        "/consortia/{need_id:path}", rules.SEE_CONSORTIA, good=_codes(404), path="/consortia/N-none"
    ),
    _read("/company-profiles", rules.FIND_COMPANIES),
    _read("/company-profiles/new", rules.FIND_COMPANIES),
    _read("/company-profiles/find", rules.FIND_COMPANIES),
    _post("/company-profiles/find", 200, rules.FIND_COMPANIES, sent={"data": {"technology": "薄い膜"}}),
    _post("/company-profiles", 422, rules.FIND_COMPANIES, sent={"data": {"name_ja": ""}}),
    _post("/company-profiles/import", 422, rules.FIND_COMPANIES),
    _read(
        "/company-profiles/{profile_id}", rules.FIND_COMPANIES, good=_codes(404),
        path="/company-profiles/99",
    ),
    *(
        _post(
            f"/company-profiles/{{profile_id}}{ending}", 404, rules.FIND_COMPANIES,
            path=f"/company-profiles/99{ending}",
        )
        for ending in ("", "/remove", "/restore")
    ),
    _read("/v1/company-profiles", rules.FIND_COMPANIES),
    _read(
        "/v1/company-profiles/{profile_id}", rules.FIND_COMPANIES, good=_codes(404),
        path="/v1/company-profiles/99",
    ),
    _post(
        "/v1/companies/search", 200, rules.FIND_COMPANIES,
        sent={"json": {"technology_text": "薄い膜"}},
    ),
    _read("/dormant", rules.FIND_COMPANIES),
    _post("/dormant/noted", 404, rules.FIND_COMPANIES, sent={"data": {"need_id": "N-none"}}),
    _read("/v1/consortia", rules.SEE_CONSORTIA),
    _read(
        "/v1/consortia/{need_id:need}", rules.SEE_CONSORTIA, good=_codes(404),
        path="/v1/consortia/N-none",
    ),
    _post("/needs/new", 400, rules.CREATE_NEEDS, sent={"data": {"title": ""}}),
    _post("/needs/new", 200, rules.CREATE_NEEDS, sent={"data": {"title": ""}, "files": UPLOAD}),
    _read("/searches", rules.SAVE_SEARCH),
    _read("/v1/clearances", rules.SEE_SCREENING),
    _read("/screening", rules.SEE_SCREENING),
    _read("/v1/cases", rules.SEE_CASES),
    _read("/v1/case-gates", rules.WORK_ON_CASES),
    _post("/v1/cases", 422, rules.OPEN_CASES, sent={"json": {}}),
    _read("/means", rules.WORK_ON_CASES),
    _read("/cases", rules.WORK_ON_CASES),
    _read("/cases/gates", rules.WORK_ON_CASES),
    _read("/cases/import", rules.WORK_ON_CASES),
    _read("/cases/new", rules.WORK_ON_CASES),
    _read(
        "/cases/export.{ending}", rules.WORK_ON_CASES, rules.EXPORT, path="/cases/export.csv"
    ),
    _post("/cases", 422, rules.WORK_ON_CASES, sent={"data": {"title": ""}}),
    _post("/cases/import", 422, rules.WORK_ON_CASES),
    _post("/cases/bulk", 422, rules.WORK_ON_CASES),
    _post("/cases/views", 422, rules.WORK_ON_CASES, sent={"data": {"name": ""}}),
    _post("/cases/views/{view_id}/delete", 404, rules.WORK_ON_CASES, path="/cases/views/9/delete"),
    _post("/cases/gates/{gate}", 422, rules.EDIT_GATES, path="/cases/gates/nda"),
    _read("/reports", rules.SEE_REPORTS),
    _read("/reports/{name}", rules.SEE_REPORTS, good=_codes(404), path="/reports/no-night"),
    _read("/statistics/neutrality", rules.SEE_NEUTRALITY),
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
    "GET /admin/privacy", "POST /admin/privacy", "POST /admin/privacy/export",
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
        ("GET", "/local"), ("GET", "/login"), ("POST", "/login"), ("POST", "/logout"), ("GET", "/login/oidc"),
        ("GET", "/login/oidc/callback"), ("POST", "/oauth/token"), ("GET", "/healthz"),
        ("GET", "/readyz"), ("GET", "/answers/{token}"), ("POST", "/answers/{token}"),
    }
)  # fmt: skip
TABLES = (
    OF_NEEDS, ON_NEEDS, ON_RELEASES, ON_CLEARANCES, ON_INQUIRIES, ON_TEAMS, ON_CASES, OF_SEEDS,
    OWN, PLAIN, ADMIN,
)  # fmt: skip


def known_routes() -> set[tuple[str, str]]:
    """Return method and template of every route that is in a table or named beside them."""
    placed = {(place.method, place.route) for table in TABLES for place in table}
    return placed | {CHIEFS, HOME} | OPEN
