"""Short messages after something was done: a cookie carries their code to the next page."""

from collections.abc import Mapping

from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from enmusubi.messages import N_

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
