"""How a page comes out of a template: language, texts, navigation, notices, addresses, CSRF field.

Templates extend `base.html`, fill its blocks `title` and `main`, and say everything through `_()`
and `ngettext()`. They find in every page: `language`, `other_language`, `viewer` (None before
sign-in), `may(action)`, `path`, `csrf_field()`, `form_token_field()` (for forms that make something),
`seed_kind(kind)`, `role_name(role)`, `language_name(tag)`, `told(detail, language)`, the actions of the
rules as `rules.EXPORT` for `may`, `at(moment)`, `comma` and `colon` as the language writes them,
`need_path(id)`, `list_path(id)` of a need's match list, `researcher_path(id)`, `seed_path(id)`, and the
labels of codes as `area_labels[code]`, still to be translated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.languages import LANGUAGE_PARAMETER, language_of, other_language, remember_language
from api.middleware.form_deduplication import FORM_TOKEN_FIELD
from api.pages.texts import (
    AREA_LABELS,
    CONFIDENTIALITY_LABELS,
    FORMAT_LABELS,
    KIND_LABELS,
    LANGUAGE_LABELS,
    NEED_KIND_LABELS,
    PROFILE_LABELS,
    REASON_LABELS,
    ROLE_LABELS,
    SCREENING_LABELS,
    SPREAD_LABELS,
    STAGE_LABELS,
    STATUS_LABELS,
    VERDICT_LABELS,
    named_user,
    texts,
    told,
)
from api.problems import retry_headers
from catalogue.database.viewer import LOCAL_ID, Viewer
from enmusubi.messages import N_, Message
from enmusubi.settings import local_time
from enmusubi.translation import Texts
from office.access import rules
from office.accounts.fingerprints import new_secret
from office.screening.rule_book import rule_name

TEMPLATE_DIR = Path(__file__).parents[1] / "templates"
NOTICE_COOKIE = "enmusubi-notice"
NOTICE_AGE_S = 60
NOTICES: Mapping[str, str] = {
    "saved": N_("Saved."),
    "removed": N_("Removed."),
    "signed-out-elsewhere": N_("You are signed out everywhere else."),
    "done": N_("Done."),
    "forgotten": N_(
        "The researcher was forgotten. The search data is being built anew without them."
    ),
    "opted-out": N_("The researcher is neither matched nor listed any more."),
    "opted-in": N_("The researcher is matched and listed again."),
    "closed": N_("The need is closed."),
    "reopened": N_("The need is open again."),
    "asked-in": N_("That person was asked in."),
    "released": N_("The list was released to the company."),
    "revoked": N_("The released list was revoked."),
    "decided": N_("The decision was kept."),
    "case-opened": N_("The case is open. Its first review waits for its decision."),
    "gate-submitted": N_("The gate waits for its decision. Those who decide it are told by mail."),
    "taken-back": N_("The decision was taken back."),
    "inquiry-waits": N_("The letter waits to be sent. What becomes of it stands here."),
    "inquiry-revoked": N_("The inquiry was taken back: its link opens nothing any more."),
    "nda-withdrawn": N_("The NDA was withdrawn: it holds no more."),
    "handed-over": N_("All of it was handed over. It can be taken back below."),
    "handed-back": N_("What was still there was given back."),
    "mail-waits": N_("A mail waits to be sent. What became of it stands under Mail."),
}
CSRF_FIELD = "csrf_token"
LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}  # each in itself
ADVICE_OF_STATUS: Mapping[int, str] = {
    401: N_("Sign in to go on."),
    403: N_("This is not allowed. The reason is below."),
    404: N_("There is nothing here. It may have been removed, or the address has a mistake."),
    405: N_("There is nothing here. It may have been removed, or the address has a mistake."),
    409: N_("Somebody changed this meanwhile. Go back, load the page again and repeat."),
    412: N_("Somebody changed this meanwhile. Go back, load the page again and repeat."),
    413: N_("Check the file's kind and size, or paste its text."),
    429: N_("Too many requests in a short time. Wait a little and try again."),
    500: N_("Something went wrong. If this lasts, tell the administrator."),
    503: N_("The search is not ready. If this lasts, tell the administrator."),
}
ADVICE = N_("Check what you entered and try again.")


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
    Place("/", N_("Home"), rules.ASK),
    Place("/member", N_("My company"), rules.SEE_OWN_COMPANY),
    Place("/needs", N_("Needs"), rules.SEE_NEEDS),
    Place("/cases", N_("Cases"), rules.WORK_ON_CASES),
    Place("/projects", N_("Projects"), rules.WORK_ON_CASES),
    Place("/researchers", N_("Researchers"), rules.SEE_RESEARCHERS),
    Place("/shortlist", N_("My shortlist"), rules.SHORTLIST),
    Place("/searches", N_("Saved searches"), rules.SAVE_SEARCH),
    Place("/screening", N_("Screening"), rules.CLEAR),
    Place("/reports", N_("Reports"), rules.SEE_REPORTS),
    Place("/statistics", N_("Statistics"), rules.SEE_STATISTICS),
    Place("/kpis", N_("Key figures"), rules.SEE_FIGURES),
    Place("/admin", N_("Admin"), rules.ADMINISTER),
)


def render(
    request: Request, viewer: Viewer | None, template: str, status: int = 200, **context: Any
) -> HTMLResponse:
    """Return a page in the request's language; `viewer` is None on pages before sign-in."""
    language = language_of(request)
    notice = notice_of(request)
    html = (
        environment(language)
        .get_template(template)
        .render(_frame(request, viewer, language), notice_text=notice, **context)
    )
    headers = {"Vary": "Accept-Language, Cookie", **retry_headers(status)}
    response = HTMLResponse(html, status_code=status, headers=headers)
    if notice:
        forget_notice(response)
    if getattr(request.state, "language", ""):  # it was just switched
        remember_language(response, language)
    return response


def error_page(scope: Scope, status: int, detail: Message) -> HTMLResponse:
    """Return the page of an error: what to do, and the cause as the service said it."""
    request = Request(scope)
    viewer = getattr(request.state, "viewer", None)
    return render(request, viewer, "error.html", status, advice=advice_of(status), detail=detail)


def advice_of(status: int) -> str:
    """Return the English text that says what to do about a status."""
    return ADVICE_OF_STATUS.get(status, ADVICE)


def _frame(request: Request, viewer: Viewer | None, language: str) -> dict[str, Any]:
    token = getattr(request.state, "csrf_token", "")
    other = other_language(language)
    query = [pair for pair in request.query_params.multi_items() if pair[0] != LANGUAGE_PARAMETER]
    return {
        "language": language,
        "other_language": other,
        "other_name": LANGUAGE_NAMES[other],
        "switch_to": f"?{urlencode([*query, (LANGUAGE_PARAMETER, other)])}",
        "path": request.url.path,
        "viewer": viewer,
        "is_signed_in": viewer is not None and viewer.viewer_id != LOCAL_ID,
        "may": lambda action: viewer is not None and rules.may(viewer, action),
        "places": places_for(viewer),
        "csrf_field": lambda: csrf_field(token),
        "form_token_field": partial(form_token_field, new_secret()),
    }


def switch_to(request: Request, path: str, **carried: str) -> str:
    """Return where the language is switched on a page that answers a form: what it carried goes along.

    Pass it to `render` as `switch_to`; a text of a need is never carried so.
    """
    kept = {name: value for name, value in carried.items() if value}
    return f"{path}?{urlencode({**kept, LANGUAGE_PARAMETER: other_language(language_of(request))})}"


def csrf_field(token: str) -> Markup:
    """Return the hidden field that every form carries; nothing where there are no sessions."""
    if not token:
        return Markup("")
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token)


def form_token_field(token: str, form: str = "") -> Markup:
    """Return the hidden field by which a form that comes twice is known; `form` is its id elsewhere."""
    of_form = Markup(' form="{}"').format(form) if form else ""
    field = Markup('<input type="hidden" name="{}" value="{}"{}>')
    return field.format(FORM_TOKEN_FIELD, token, of_form)


@cache
def environment(language: str) -> Environment:
    """Return the templates of a language; their filters are added by the modules that own them."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATE_DIR),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said = texts(language)
    made.install_gettext_translations(said, newstyle=True)  # type: ignore[attr-defined]
    made.globals["rules"], made.globals["told"] = rules, told
    made.globals["comma"] = "、" if language == "ja" else ", "
    made.globals["colon"] = "：" if language == "ja" else ": "
    made.globals["at"] = partial(_minute, language)
    made.globals["seed_kind"] = partial(_labelled, said, KIND_LABELS)
    made.globals["named_user"] = partial(named_user, language)
    made.globals["role_name"] = partial(_labelled, said, ROLE_LABELS)
    made.globals["language_name"] = partial(_labelled, said, LANGUAGE_LABELS)
    made.globals["rule_name"] = partial(rule_name, language=language)
    made.globals["format_name"] = partial(_labelled, said, FORMAT_LABELS)
    made.globals.update(_IN_EVERY_TEMPLATE)
    return made


def _minute(language: str, moment: datetime) -> str:
    """Return a moment in the reader's time zone, to the minute: `2031-04-01 09:30`."""
    return f"{local_time(moment, language):%Y-%m-%d %H:%M}"


def _labelled(said: Texts, labels: Mapping[str, str], word: str) -> str:
    return said.gettext(labels.get(word, word))


def places_for(viewer: Viewer | None) -> list[Place]:
    """Return the entries that a viewer is led to; none for one who is not signed in."""
    if viewer is None:
        return []
    return [place for place in PLACES if rules.may(viewer, place.action)]


def researcher_path(researcher_id: str) -> str:
    """Return the address of a researcher's page."""
    return f"/researchers/{quote(researcher_id, safe='')}"


def seed_path(seed_id: str) -> str:
    """Return the address of a seed's page."""
    return f"/seeds/{quote(seed_id, safe='')}"


def need_path(need_id: str) -> str:
    """Return the address of a need's page."""
    return f"/needs/{quote(need_id, safe='')}"


def list_path(need_id: str) -> str:
    """Return the address of a need's match list."""
    return f"/?{urlencode({'need_id': need_id})}"


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


_IN_EVERY_TEMPLATE = {
    "need_path": need_path,
    "list_path": list_path,
    "researcher_path": researcher_path,
    "seed_path": seed_path,
    "status_labels": STATUS_LABELS,
    "area_labels": AREA_LABELS,
    "confidentiality_labels": CONFIDENTIALITY_LABELS,
    "verdict_labels": VERDICT_LABELS,
    "reason_labels": REASON_LABELS,
    "stage_labels": STAGE_LABELS,
    "screening_labels": SCREENING_LABELS,
    "profile_labels": PROFILE_LABELS,
    "need_kind_labels": NEED_KIND_LABELS,
    "spread_labels": SPREAD_LABELS,
}
