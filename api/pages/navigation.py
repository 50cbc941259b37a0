"""Ways between the pages: the navigation, addresses of needs and researchers, redirects with a notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from office.access import rules


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: where it leads, what it is called, and who is led there."""

    path: str
    label: str
    action: str

    def holds(self, path: str) -> bool:
        """Return whether a page belongs to this entry."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


PLACES = (
    Place("/", N_("Ask"), rules.ASK),
    Place("/needs", N_("Needs"), rules.SEE_NEEDS),
    Place("/researchers", N_("Researchers"), rules.SEE_RESEARCHERS),
    Place("/shortlist", N_("My shortlist"), rules.SHORTLIST),
    Place("/searches", N_("Saved searches"), rules.SAVE_SEARCH),
    Place("/reports", N_("Reports"), rules.SEE_REPORTS),
    Place("/admin", N_("Admin"), rules.ADMINISTER),
)


def places_for(viewer: Viewer | None) -> list[Place]:
    """Return the entries that somebody is led to; none for who is not signed in."""
    if viewer is None:
        return []
    return [place for place in PLACES if rules.may(viewer, place.action)]


def researcher_path(researcher_id: str) -> str:
    """Return the address of a researcher's page."""
    return f"/researchers/{quote(researcher_id, safe='')}"


def need_path(need_id: str) -> str:
    """Return the address of a need's page."""
    return f"/needs/{quote(need_id, safe='')}"


NOTICE_COOKIE = "enmusubi-notice"
NOTICE_AGE_S = 60
NOTICES: Mapping[str, str] = {
    "saved": N_("Saved."),
    "removed": N_("Removed."),
    "done": N_("Done."),
    "closed": N_("The need is closed."),
    "reopened": N_("The need is open again."),
    "asked-in": N_("That person was asked in."),
    "released": N_("The list was released to the company."),
    "revoked": N_("The released list was revoked."),
}


def see_other(path: str, notice: str = "") -> RedirectResponse:
    """Return the redirect to a page after a form was handled; `notice` is a key of NOTICES.

    `path` must be one of this service's own, never something that a request named.
    """
    response = RedirectResponse(path, status_code=303)
    if notice:
        response.set_cookie(
            NOTICE_COOKIE, _known(notice), max_age=NOTICE_AGE_S, httponly=True, samesite="lax"
        )
    return response


def notice_of(request: Request) -> str:
    """Return the English text of the notice that the request carries, empty without one."""
    return NOTICES.get(request.cookies.get(NOTICE_COOKIE, ""), "")


def forget_notice(response: Response) -> None:
    """Let the browser forget the notice: it was shown."""
    response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="lax")


def _known(notice: str) -> str:
    if notice not in NOTICES:
        raise KeyError(f"there is no notice {notice!r}; add it to NOTICES")
    return notice
