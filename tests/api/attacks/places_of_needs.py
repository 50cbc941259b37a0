"""Routes about a need and what hangs on it: releases, clearances, teams, letters, cases."""

from datetime import date

from office.access import rules
from tests.api.attacks.place import Place, codes, post, read
from tests.api.attacks.places_of_money import ON_MONEY

OF, ONE = "/v1/needs/{need_id:id}", "/v1/needs/{need_id:need}"
PAGE = "/needs/{need_id:path}"
FORM = {"need_id": "{need_id}", "pick": ["R-01", "R-02"]}
UPLOAD = {"file": ("need.txt", "薄い膜を探しています。".encode())}
SUIT = {"researcher_id": "R-01", "verdict": "suitable"}

OF_NEEDS = (
    read(ONE),
    read(f"{OF}/matches", rules.ASK),
    read(
        f"{OF}/what-would-change",
        rules.ASK,
        good=codes(200, 404),
        path=f"{OF}/what-would-change?researcher_id=R-01",
    ),
    read(f"{OF}/releases", rules.SEE_RELEASED),
    read(f"{OF}/feedback", rules.JUDGE),
    read(f"{OF}/guests", rules.INVITE),
    read(f"{OF}/screening", rules.SEE_SCREENING),
    read(f"{OF}/teams", rules.BUILD_TEAMS),
    read(f"{OF}/kind", rules.SET_KIND),
    read(f"{PAGE}/teams", rules.BUILD_TEAMS),
    read(PAGE),
    read(f"{PAGE}/change", rules.CHANGE_NEED, changes=True),
    read(
        f"{PAGE}/what-would-change",
        rules.ASK,
        good=codes(200, 404),
        path=f"{PAGE}/what-would-change?researcher=R-01",
    ),
    read(f"{PAGE}/release", rules.RELEASE, changes=True),
    read(f"{PAGE}/export-control", rules.SEE_SCREENING),
    read(f"{PAGE}/veil", rules.VEIL),
    read(f"{PAGE}/clinic", rules.VEIL, changes=True),
    read(f"{OF}/veil", rules.VEIL, good=codes(200, 404)),
    read(f"{OF}/veil/marks", rules.VEIL, changes=True),
    read(
        f"{PAGE}/inquiries/new",
        rules.INQUIRE,
        changes=True,
        path=f"{PAGE}/inquiries/new?researcher=R-01",
    ),
)
ON_NEEDS = (
    post("/v1/matches", 200, rules.ASK, sent={"json": {"need_id": "{need_id}"}}),
    post("/v1/jobs/matches", 202, rules.RUN_JOBS, sent={"json": {"need_ids": ["{need_id}"]}}),
    Place(
        "PATCH", ONE, (rules.CHANGE_NEED,), changes=True,
        sent={"json": {"horizon": ""}, "headers": {"if-match": "*"}},
    ),
    post(f"{OF}/close", 200, rules.CHANGE_NEED, changes=True),
    post(f"{OF}/reopen", 200, rules.CHANGE_NEED, changes=True),
    post(f"{OF}/releases", 201, rules.RELEASE, changes=True, sent={"json": {}}),
    Place("POST", f"{OF}/feedback", (rules.JUDGE,), good=codes(200, 201), sent={"json": SUIT}),
    Place(
        "PUT", f"{OF}/guests/{{user_id}}", (rules.INVITE,), changes=True,
        path=f"{OF}/guests/suzuki",
    ),
    Place(
        "DELETE", f"{OF}/guests/{{user_id}}", (rules.INVITE,), changes=True, good=codes(204, 409),
        path=f"{OF}/guests/abe",
    ),
    post(
        f"{PAGE}/change", 412, rules.CHANGE_NEED, changes=True,
        sent={"data": {"text": "薄い膜", "version": "old"}},
    ),
    post(
        f"{PAGE}/change", 200, rules.CHANGE_NEED, changes=True,
        sent={"data": {"text": "膜", "version": "old"}, "files": UPLOAD},
    ),
    Place(
        "PUT", f"{OF}/kind", (rules.SET_KIND,), changes=True, sent={"json": {"kind": "disruptive"}}
    ),
    post(f"{PAGE}/kind", 303, rules.SET_KIND, changes=True, sent={"data": {"kind": ""}}),
    post(f"{PAGE}/close", 303, rules.CHANGE_NEED, changes=True),
    post(f"{PAGE}/reopen", 303, rules.CHANGE_NEED, changes=True),
    post(f"{PAGE}/guests", 303, rules.INVITE, changes=True, sent={"data": {"user_id": "suzuki"}}),
    Place(
        "POST", f"{PAGE}/guests/remove", (rules.INVITE,), changes=True, good=codes(303, 409),
        sent={"data": {"user_id": "abe"}},
    ),
    post(
        f"{PAGE}/inquiries/draft", 200, rules.INQUIRE, changes=True,
        sent={"data": {"researcher": "R-01", "answer_by": date.today().isoformat()}},
    ),
    post(
        "/v1/inquiry-drafts", 200, rules.INQUIRE, changes=True,
        sent={"json": {"need_id": "{need_id}", "researcher_ids": ["R-01"]}},
    ),
    Place(
        "POST", "/v1/inquiries", (rules.INQUIRE,), changes=True, good=codes(201, 409),
        sent={"json": {
            "need_id": "{need_id}", "researcher_id": "R-01", "language": "ja", "message": "お尋ねします。",
        }},
    ),
    Place(  # the second letter to the same person waits for the first one's answer
        "POST", f"{PAGE}/inquiries", (rules.INQUIRE,), changes=True, good=codes(200, 409),
        sent={"data": {"researcher": "R-01", "message": "お尋ねします。", "how": "copy"}},
    ),
    Place(  # without the people and the mark of a look it shows the page again
        "POST", f"{PAGE}/releases", (rules.RELEASE,), changes=True, good=codes(200, 422),
    ),
    post(f"{PAGE}/clinic", 200, rules.VEIL, changes=True, sent={"data": {"whom": "食品工場"}}),
    post(f"{PAGE}/clinic/save", 412, rules.VEIL, changes=True, sent={"data": {"version": "old"}}),
    post(f"{PAGE}/clinic/purpose", 303, rules.VEIL, changes=True, sent={"data": {"said": "目的"}}),
    post(f"{OF}/clinic", 200, rules.VEIL, changes=True, sent={"json": {"answers": {}}}),
    Place("PUT", f"{OF}/purpose", (rules.VEIL,), changes=True, sent={"json": {"purpose": ""}}),
    post(f"{PAGE}/veil/draft", 200, rules.VEIL, changes=True),
    post(f"{PAGE}/veil/price", 200, rules.VEIL, changes=True),
    post(f"{PAGE}/veil", 303, rules.VEIL, changes=True, sent={"data": {"text": "薄い膜の件"}}),
    Place(
        "PUT", f"{OF}/veil", (rules.VEIL,), changes=True,
        sent={"json": {"text": "薄い膜の件"}, "headers": {"if-match": "*"}},
    ),
    Place(
        "POST", f"{PAGE}/veil/revoke", (rules.VEIL,), changes=True, good=codes(303, 409),
    ),
    Place("DELETE", f"{OF}/veil", (rules.VEIL,), changes=True, good=codes(204, 409)),
    post(
        f"{OF}/teams", 201, rules.BUILD_TEAMS, sent={"json": {"researcher_ids": ["R-01", "R-02"]}}
    ),
    post(
        f"{PAGE}/teams", 303, rules.BUILD_TEAMS, sent={"data": {"person": ["R-01", "R-02"]}}
    ),
    post(
        "/shortlist", 303, rules.SHORTLIST,
        sent={"data": {"need_id": "{need_id}", "researcher_id": "R-01"}},
    ),
    post(
        "/notes", 303, rules.NOTE,
        sent={"data": {"need_id": "{need_id}", "researcher_id": "R-01", "text": "良い"}},
    ),
    post("/", 200, rules.ASK, sent={"data": FORM}),
    post("/compare", 200, rules.ASK, sent={"data": FORM}),
    post("/print", 200, rules.ASK, sent={"data": FORM}),
    post("/export/{ending}", 200, rules.EXPORT, sent={"data": FORM}, path="/export/csv"),
)  # fmt: skip
ON_RELEASES = (
    read("/v1/releases/{release_id}", rules.SEE_RELEASED),
    read("/releases/{release_id}", rules.SEE_RELEASED),
    read(
        "/releases/{release_id}/export.{ending}", rules.EXPORT, rules.SEE_RELEASED,
        good=codes(200, 409), path="/releases/{release_id}/export.docx",
    ),
    Place(
        "POST", "/v1/releases/{release_id}/revoke", (rules.RELEASE,), changes=True,
        good=codes(200, 409),
    ),
    Place(
        "POST", "/releases/{release_id}/revoke", (rules.RELEASE,), changes=True,
        good=codes(303, 409),
    ),
)  # fmt: skip
ON_CLEARANCES = (  # a second decision is a conflict
    post(
        "/v1/clearances/{clearance_id}/decision",
        409,
        rules.CLEAR,
        sent={"json": {"decision": "refused", "reason": "理由"}},
    ),
    post(
        "/screening/{clearance_id}",
        409,
        rules.CLEAR,
        sent={"data": {"decision": "refused", "reason": "理由"}},
    ),
    Place("POST", "/v1/clearances/{clearance_id}/revoke", (rules.CLEAR,), good=codes(200, 409)),
    Place("POST", "/screening/{clearance_id}/revoke", (rules.CLEAR,), good=codes(303, 409)),
)
TEAM, TEAM_PAGE = f"{OF}/teams/{{team_id}}", f"{PAGE}/teams/{{team_id}}"
ON_TEAMS = (
    read(TEAM, rules.BUILD_TEAMS),
    read(TEAM_PAGE, rules.BUILD_TEAMS),
    Place(
        "PATCH", TEAM, (rules.BUILD_TEAMS,), changes=True,
        sent={"json": {"name": "また"}, "headers": {"if-match": "*"}},
    ),
    post(
        TEAM_PAGE, 412, rules.BUILD_TEAMS, changes=True,
        sent={"data": {"person": ["R-01", "R-02"], "version": "0"}},
    ),
    read(f"{TEAM_PAGE}/inquiries", rules.INQUIRE, changes=True),
    post(f"{TEAM_PAGE}/inquiries", 200, rules.INQUIRE, changes=True, sent={"data": {}}),
    post(f"{TEAM_PAGE}/remove", 303, rules.BUILD_TEAMS, changes=True),
    Place("DELETE", TEAM, (rules.BUILD_TEAMS,), changes=True, good=codes(204, 404)),
)  # fmt: skip
ON_INQUIRIES = (  # the letter is not answered yet
    read("/v1/inquiries/{inquiry_id}", rules.INQUIRE),
    Place(
        "POST", "/v1/inquiries/{inquiry_id}/noted", (rules.INQUIRE,), changes=True,
        good=codes(409), sent={"json": {}},
    ),
    Place(
        "POST", "/v1/inquiries/{inquiry_id}/revoke", (rules.INQUIRE,), changes=True,
        good=codes(200, 409),
    ),
    Place("POST", "/inquiries/{inquiry_id}/noted", (rules.INQUIRE,), changes=True, good=codes(409)),
    Place(
        "POST", "/inquiries/{inquiry_id}/revoke", (rules.INQUIRE,), changes=True,
        good=codes(303, 409),
    ),
)  # fmt: skip
CASE_PAGE, CASE = "/cases/{case_id}", "/v1/cases/{case_id}"
OLD = {"headers": {"if-match": '"0"'}}
A_MILESTONE = {"name": "試料", "planned_on": "2026-06-30"}
IN_PROJECT, PROJECT_PAGE = f"{CASE}/project", f"{CASE_PAGE}/project"
PROJECT_ROUTES = (
    ("GET", PROJECT_PAGE, "", {}),
    ("GET", f"{PROJECT_PAGE}/import", "", {}),
    ("POST", f"{PROJECT_PAGE}/import", "", {"files": UPLOAD}),
    ("POST", f"{PROJECT_PAGE}/period", "", {"data": {"starts_on": "2026-04-01"}}),
    ("POST", f"{PROJECT_PAGE}/light", "", {"data": {"light": ""}}),
    ("POST", f"{PROJECT_PAGE}/entries/{{entry}}", f"{PROJECT_PAGE}/entries/milestone",
     {"data": A_MILESTONE}),
    ("POST", f"{PROJECT_PAGE}/entries/{{entry}}/{{entry_id}}",
     f"{PROJECT_PAGE}/entries/milestone/1", {"data": A_MILESTONE}),
    ("POST", f"{PROJECT_PAGE}/entries/{{entry}}/{{entry_id}}/remove",
     f"{PROJECT_PAGE}/entries/milestone/1/remove", {}),
    ("GET", IN_PROJECT, "", {}),
    ("PUT", f"{IN_PROJECT}/period", "", {"json": {}, **OLD}),
    ("PUT", f"{IN_PROJECT}/light", "", {"json": {"light": ""}, **OLD}),
    ("POST", f"{IN_PROJECT}/entries", "", {"json": {"entry": "milestone", **A_MILESTONE}, **OLD}),
    ("PUT", f"{IN_PROJECT}/entries/{{entry}}/{{entry_id}}", f"{IN_PROJECT}/entries/milestone/1",
     {"json": {"entry": "milestone", **A_MILESTONE}, **OLD}),
    ("DELETE", f"{IN_PROJECT}/entries/{{entry}}/{{entry_id}}", f"{IN_PROJECT}/entries/milestone/1",
     OLD),
)  # fmt: skip
ON_CASES = (  # of a need, in a version that is not the case's; who looks after neither is refused
    read(CASE_PAGE, rules.WORK_ON_CASES),
    read(CASE, rules.SEE_CASES),
    read(f"{CASE}/decisions", rules.WORK_ON_CASES),
    Place("PATCH", CASE, (rules.WORK_ON_CASES,), good=codes(412),
          sent={"json": {"next_step": "x"}, **OLD}),
    Place("PUT", f"{CASE}/turn", (rules.WORK_ON_CASES,), good=codes(412),
          sent={"json": {"turn": "company"}, **OLD}),
    post(f"{CASE}/submission", 412, rules.WORK_ON_CASES, sent=OLD),
    post(f"{CASE}/decisions", 412, rules.WORK_ON_CASES, sent={"json": {"decision": "go"}, **OLD}),
    Place("POST", f"{CASE_PAGE}/notes", (rules.WORK_ON_CASES,), changes=True, good=codes(303),
          sent={"data": {"text": "メモ"}}),
    Place("POST", f"{CASE_PAGE}/change", (rules.WORK_ON_CASES,), changes=True, good=codes(412),
          sent={"data": {"title": "題", "version": "0"}}),
    *(
        Place("POST", f"{CASE_PAGE}/{what}", (rules.WORK_ON_CASES,), changes=True, good=codes(412),
              sent={"data": {"reason": "理由", "outcome": "成果", "turn": "company", "kind": "nda",
                             "name": "案", "version": "0"}})
        for what in ("turn", "take-up", "complete", "submit", "documents")
    ),
    Place("POST", f"{CASE_PAGE}/documents/{{document_id}}/remove", (rules.WORK_ON_CASES,),
          changes=True, good=codes(412), path=f"{CASE_PAGE}/documents/1/remove"),
    read(f"{CASE}/odds", rules.WORK_ON_CASES),
    read(f"{CASE}/entries", rules.WORK_ON_CASES),
    Place("POST", f"{CASE}/entries", (rules.RECORD_ENTRIES,), good=codes(201, 403),
          sent={"json": {"kind": "licence", "happened_on": "2026-04-01", "amount": 1}}),
    Place("DELETE", f"{CASE}/entries/{{entry_id}}", (rules.RECORD_ENTRIES,), good=codes(403, 404),
          path=f"{CASE}/entries/987654"),
    Place("POST", f"{CASE_PAGE}/entries", (rules.RECORD_ENTRIES,), good=codes(403, 422),
          sent={"data": {"kind": "licence", "day": "", "amount": "1"}}),
    Place("POST", f"{CASE_PAGE}/entries/{{entry_id}}/withdraw", (rules.RECORD_ENTRIES,),
          good=codes(403, 404), path=f"{CASE_PAGE}/entries/987654/withdraw"),
    Place("POST", f"{CASE_PAGE}/templates", (rules.WORK_ON_CASES,), changes=True, good=codes(422),
          sent={"data": {"title": "題", "lessons": "学び"}}),
    Place("POST", f"{CASE_PAGE}/gate", (rules.WORK_ON_CASES,), good=codes(412),
          sent={"data": {"decision": "go", "version": "0"}}),
    *(  # the case is no project yet: whoever sees it is told so
        Place(method, route, (rules.WORK_ON_CASES,), good=codes(409), path=path, sent=sent)
        for method, route, path, sent in PROJECT_ROUTES
    ),
    *ON_MONEY,
)  # fmt: skip
