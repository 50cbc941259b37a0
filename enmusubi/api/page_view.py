"""What the page looks like for what was asked and found; knows no routes."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.requests import Request
from starlette.types import Scope

from enmusubi.api.messages import MESSAGES, choose_language
from enmusubi.api.problems import TooBusyError, retry_headers, status_of
from enmusubi.matcher.errors import EmptyNeedError, EnmusubiError, UnreadableFileError
from enmusubi.matcher.records import SEED_KINDS, Evidence, Filters, MatchList

LANGUAGE_COOKIE = "enmusubi-language"
SHORT_NEED_CHARS = {"ja": 25, "en": 60}
TOP_CHOICES = (5, 10, 20, 50)
ADVICE = {  # by the error's kind; others by the status
    EmptyNeedError: "advice_empty",
    UnreadableFileError: "advice_file",
    TooBusyError: "advice_busy",
}
ADVICE_OF_STATUS = {413: "advice_file", 500: "advice_failed", 503: "advice_unavailable"}


@dataclass(frozen=True)
class Asked:
    """What the form held, to be shown again beside the list."""

    need: str = field(default="", repr=False)
    institution: str = ""
    department: str = ""
    kind: str = ""
    since: str = ""
    top: int = 10

    def filters(self) -> Filters:
        """Return the matcher's filters; a year that is no number is left out."""
        return Filters(
            institutions=[self.institution] if self.institution else [],
            departments=[self.department] if self.department else [],
            kinds=[self.kind] if self.kind else [],
            since=int(self.since) if self.since.isdecimal() else None,
        )


@dataclass(frozen=True)
class Notice:
    """Why there is no list: the status, what to do (a key of the messages), and the cause."""

    status: int
    advice: str
    detail: str

    @classmethod
    def of(cls, error: EnmusubiError) -> "Notice":
        """Return the notice of an error of the matcher."""
        status = status_of(error)
        return cls(status, ADVICE.get(type(error), _advice(status)), str(error))


def _advice(status: int) -> str:
    return ADVICE_OF_STATUS.get(status, "advice_entry")


def language_of(request: Request) -> str:
    """Return ja or en: the remembered language, or the browser's."""
    return choose_language(
        "",
        request.cookies.get(LANGUAGE_COOKIE, ""),
        request.headers.get("accept-language", ""),
    )


def render(
    language: str,
    asked: Asked,
    *,
    matches: MatchList | None = None,
    notice: Notice | None = None,
) -> HTMLResponse:
    """Return the page with the form as it was filled in and, below, the list or the notice."""
    status = notice.status if notice else 200
    html = _template().render(
        t=MESSAGES[language],
        language=language,
        other="en" if language == "ja" else "ja",
        asked=asked,
        kinds=SEED_KINDS,
        tops=sorted({*TOP_CHOICES, asked.top}),
        matches=matches,
        best=matches.matches[0].score if matches and matches.matches else 1.0,
        short=matches is not None and len(asked.need) < SHORT_NEED_CHARS[matches.language],
        notice=notice,
    )
    headers = {"Vary": "Accept-Language, Cookie", **retry_headers(status)}
    return HTMLResponse(html, status_code=status, headers=headers)


def error_page(scope: Scope, status: int, detail: str) -> HTMLResponse:
    """Return the page for a request that could not be read."""
    notice = Notice(status, _advice(status), detail)
    return render(language_of(Request(scope)), Asked(), notice=notice)


def highlight(evidence: Evidence) -> Markup:
    """Return the passage as HTML, everything escaped, the carrying sentence in <mark>."""
    before, found, after = evidence.passage.partition(evidence.sentence)
    if not found:
        return Markup("<mark>{}</mark>").format(evidence.sentence)
    return Markup("{}<mark>{}</mark>{}").format(before, found, after)


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["highlight"] = highlight
    return environment.get_template("match.html")
