"""Routes of members, of their companies' users, of standing in and handing over."""

from office.access import rules
from tests.api.attacks.place import Place, codes, post, read

LATER = {"starts_on": "2026-01-01", "ends_on": "2999-01-01"}  # longer than anybody may be away
MEMBER = {"company": "aonami", "since": "2026-01-01"}
USER = {"company": "aonami", "email": "second@aonami.example", "how": "copy"}
NOBODY = {"company": "aonami", "login": "nobody@aonami.example"}
OF_MEMBERS = (
    read("/members", rules.SEE_MEMBERS),
    read("/members/treatment", rules.SEE_MEMBERS),
    read("/v1/members", rules.READ_MEMBERSHIPS),
    read("/v1/members/{membership_id}", rules.READ_MEMBERSHIPS, path="/v1/members/1"),
    post("/members", 303, rules.KEEP_MEMBERS, sent={"data": {**MEMBER, "kind": "regular"}}),
    post("/members/import", 422, rules.KEEP_MEMBERS),
    post(
        "/members/{membership_id}", 404, rules.KEEP_MEMBERS, path="/members/999999",
        sent={"data": MEMBER},
    ),
    post("/members/{membership_id}/withdraw", 404, rules.KEEP_MEMBERS, path="/members/999999/withdraw"),
    Place(
        "POST", "/v1/members", (rules.KEEP_MEMBERS,), good=codes(200, 201), sent={"json": MEMBER}
    ),
    Place(
        "PUT", "/v1/members/{membership_id}", (rules.KEEP_MEMBERS,), good=codes(428),
        path="/v1/members/1", sent={"json": MEMBER},
    ),
    post(
        "/v1/members/{membership_id}/withdraw", 404, rules.KEEP_MEMBERS,
        path="/v1/members/999999/withdraw",
    ),
    post("/member-users", 200, rules.KEEP_MEMBERS, sent={"data": USER}),
    post(
        "/member-users/{action}", 404, rules.KEEP_MEMBERS, path="/member-users/disable",
        sent={"data": NOBODY},
    ),
    post(
        "/member-sign-ins", 422, rules.KEEP_MEMBERS,
        sent={"data": {"company": "aonami", "kind": "domain", "value": "gmail.com"}},
    ),
    post(
        "/member-sign-ins/remove", 404, rules.KEEP_MEMBERS,
        sent={"data": {"company": "aonami", "kind": "domain", "value": "nobody.example"}},
    ),
    read("/member", rules.SEE_OWN_COMPANY),
    read("/member/report", rules.SEE_OWN_COMPANY),
    read("/member/report.csv", rules.SEE_OWN_COMPANY),
    read(
        "/member/needs/{need_id:path}", rules.SEE_OWN_COMPANY, good=codes(404),
        path="/member/needs/N-none",
    ),
    read(
        "/member/lists/{release_id}", rules.SEE_OWN_COMPANY, good=codes(404),
        path="/member/lists/999999",
    ),
    post(
        "/member/lists/{release_id}/answers", 404, rules.SEE_OWN_COMPANY,
        path="/member/lists/999999/answers",
        sent={"data": {"researcher_id": "R-01", "verdict": "suitable"}},
    ),
    read("/delegations", rules.DELEGATE),
    post("/delegations", 422, rules.DELEGATE, sent={"data": {"to_user": "sato", **LATER}}),
    post("/delegations/{delegation_id}/end", 404, rules.DELEGATE, path="/delegations/999999/end"),
    read("/v1/delegations", rules.DELEGATE),
    post("/v1/delegations", 422, rules.DELEGATE, sent={"json": {"to_user": "sato", **LATER}}),
    post("/v1/delegations/{delegation_id}/end", 404, rules.DELEGATE, path="/v1/delegations/999999/end"),
    read("/hand-over", rules.HAND_OVER),
    Place(
        "POST", "/hand-over", (rules.HAND_OVER,), good=codes(404),
        sent={"data": {"from_user": "nobody", "to_user": "sato"}},
    ),
    post("/hand-over/{number}/undo", 404, rules.HAND_OVER, path="/hand-over/999999/undo"),
    read("/v1/hand-overs", rules.HAND_OVER),
    post(
        "/v1/hand-overs", 404, rules.HAND_OVER,
        sent={"json": {"from_user": "nobody", "to_user": "sato"}},
    ),
    post("/v1/hand-overs/{number}/undo", 404, rules.HAND_OVER, path="/v1/hand-overs/999999/undo"),
)  # fmt: skip
