"""What the page looks like for what was asked and found; knows no routes."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.requests import Request
from starlette.types import Scope

from enmusubi.api.messages import LANGUAGES, MESSAGES, choose_language
from enmusubi.api.problems import retry_headers, status_of
from enmusubi.matcher.errors import EmptyNeedError, EnmusubiError, TooBusyError, UnreadableFileError
from enmusubi.matcher.explaining import words
from enmusubi.matcher.explaining.contributions import grouped
from enmusubi.matcher.language import clean_text
from enmusubi.matcher.records import SEED_KINDS, Evidence, Filters, Match, MatchList

LANGUAGE_COOKIE = "enmusubi-language"
SHORT_NEED_CHARS = {"ja": 25, "en": 60}
CONTEXT_CHARS = {"ja": 110, "en": 220}  # shown on either side of the sentence
TOP_CHOICES = (5, 10, 20, 50)
ADVICE = {  # by the error's kind; others by the status
    EmptyNeedError: "advice_empty",
    UnreadableFileError: "advice_file",
    TooBusyError: "advice_busy",
}
ADVICE_OF_STATUS = {413: "advice_file", 500: "advice_failed", 503: "advice_unavailable"}
_SENTENCE_END = re.compile(r"[。！？]|[.!?]\s")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True)
class Asked:
    """What the form held, to be shown again beside the list."""

    need: str = field(default="", repr=False)
    institution: str = ""
    department: str = ""
    position: str = ""
    kind: str = ""
    field_code: str = ""
    language: str = ""
    since: str = ""
    until: str = ""
    top: int = 10

    @property
    def is_filtered(self) -> bool:
        """Whether any filter was filled in."""
        return self.filters() != Filters()

    def filters(self) -> Filters:
        """Return the matcher's filters; a year that is no number is left out."""
        return Filters(
            institutions=_one(self.institution),
            departments=_one(self.department),
            positions=_one(self.position),
            kinds=_one(self.kind),
            fields=_one(self.field_code),
            languages=_one(self.language),
            since=_year(self.since),
            until=_year(self.until),
        )


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _year(value: str) -> int | None:
    return int(value) if value.isdecimal() else None


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
        text_languages=LANGUAGES,
        tops=sorted({*TOP_CHOICES, asked.top}),
        matches=matches,
        whole=clean_text(asked.need),
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
    """Return an excerpt of the passage as HTML, escaped, the carrying sentence in <mark>."""
    before, found, after = evidence.passage.partition(evidence.sentence)
    if not found:
        return Markup("<mark>{}</mark>").format(evidence.sentence)
    context = CONTEXT_CHARS.get(evidence.language, CONTEXT_CHARS["en"])
    return Markup("{}<mark>{}</mark>{}").format(
        _tail(before, context), found, _head(after, context)
    )


@dataclass(frozen=True)
class Bar:
    """A group of features as a bar: its label, and its length in per cent of the longest."""

    label: str
    per_cent: int
    speaks_for: bool


def contribution_bars(match: Match, language: str) -> list[Bar]:
    """Return what made a person's score, the largest first; bars that could not be seen are out."""
    groups = grouped(match.contributions)
    longest = max((abs(total) for _, total in groups), default=0.0)
    bars = [
        Bar(words.GROUP_LABELS[language][group], round(100 * abs(total) / longest), total > 0)
        for group, total in groups
        if total
    ]
    return [bar for bar in bars if bar.per_cent > 0]


def _tail(text: str, max_chars: int) -> str:
    """Return the end of a text, from the start of a sentence or word where there is one."""
    if len(text) <= max_chars:
        return text
    kept = text[-max_chars:]
    border = _SENTENCE_END.search(kept, 0, max_chars - 1) or _BLANK.search(kept)
    return "… " + (kept[border.end() :] if border else kept)


def _head(text: str, max_chars: int) -> str:
    """Return the start of a text, up to the end of a sentence or word where there is one."""
    if len(text) <= max_chars:
        return text
    kept = text[:max_chars]
    borders = list(_SENTENCE_END.finditer(kept)) or list(_BLANK.finditer(kept))
    return (kept[: borders[-1].end()].rstrip() if borders else kept) + " …"


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["highlight"] = highlight
    environment.filters["strength"] = words.strength_text
    environment.filters["objection"] = words.objection_text
    environment.filters["shortened"] = words.shortened
    environment.filters["bars"] = contribution_bars
    environment.globals["fits_nobody"] = words.FITS_NOBODY
    return environment.get_template("match.html")
