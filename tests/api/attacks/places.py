"""Every route of the application, with what the rules say of it: the table that the walk goes by.

What is asked of a route is a verdict: the actions that the rules must allow, and whether the need
that it is about must be seen or changed. A route that is missing here fails the walk.
"""

from office.access import rules
from tests.api.attacks.place import Place
from tests.api.attacks.places_alone import OF_SEEDS, OWN, PLAIN
from tests.api.attacks.places_of_members import OF_MEMBERS
from tests.api.attacks.places_of_needs import (
    OF_NEEDS,
    ON_CASES,
    ON_CLEARANCES,
    ON_INQUIRIES,
    ON_NEEDS,
    ON_RELEASES,
    ON_TEAMS,
)

ANY_CODE = frozenset(range(200, 500)) - {
    401,
    403,
}  # the administrator got in; what of it is another's
_PERSON, _MACHINE = "/admin/people/{login}", "/admin/machines/{client_id}"
_ADMIN = (
    "GET /admin", "GET /admin/once/{ticket}", "GET /admin/people", "POST /admin/people",
    f"GET {_PERSON}", f"POST {_PERSON}", f"POST {_PERSON}/password", f"POST {_PERSON}/{{action}}",
    f"POST {_PERSON}/second-factor",
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
        ("GET", "/readyz"), ("GET", "/privacy"), ("GET", "/answers/{token}"), ("POST", "/answers/{token}"),
        ("GET", "/member-links/{token}"), ("POST", "/member-links/{token}"),
        ("GET", "/member-sign-in"), ("POST", "/member-sign-in"),
    }
)  # fmt: skip
TABLES = (
    OF_NEEDS, ON_NEEDS, ON_RELEASES, ON_CLEARANCES, ON_INQUIRIES, ON_TEAMS, ON_CASES, OF_SEEDS,
    OWN, PLAIN, OF_MEMBERS, ADMIN,
)  # fmt: skip


def known_routes() -> set[tuple[str, str]]:
    """Return method and template of every route that is in a table or named beside them."""
    placed = {(place.method, place.route) for table in TABLES for place in table}
    return placed | {CHIEFS, HOME} | OPEN
