"""What the administrator's pages share: access, navigation, times and sizes, and secrets shown once."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from time import monotonic
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from api.dependencies import RoleCheck
from api.languages import language_of
from api.pages.rendering import render
from api.problems import status_of
from catalogue.database.viewer import Viewer
from enmusubi.errors import EnmusubiError, InputError, UnknownIdError
from enmusubi.messages import N_
from enmusubi.settings import local_time
from office.access.rules import ADMINISTER
from office.accounts.fingerprints import new_secret


@dataclass(frozen=True)
class AdminSection:
    """One of the administrator's pages in their navigation."""

    path: str
    label: str

    def holds(self, path: str) -> bool:
        """Return whether a page belongs to this section."""
        return path == self.path or (path.startswith(f"{self.path}/") and self.path != "/admin")


SECTIONS = (
    AdminSection("/admin", N_("Overview")),
    AdminSection("/admin/people", N_("People")),
    AdminSection("/admin/machines", N_("Machines and keys")),
    AdminSection("/admin/import", N_("Import")),
    AdminSection("/admin/imports", N_("Imports")),
    AdminSection("/admin/index", N_("Index versions")),
    AdminSection("/admin/identities", N_("Who is who")),
    AdminSection("/admin/privacy", N_("Researchers' rights")),
    AdminSection("/admin/jobs", N_("Jobs")),
    AdminSection("/admin/mail", N_("Mail")),
    AdminSection("/admin/audit", N_("Audit trail")),
)
_UNITS = ("B", "kB", "MB", "GB", "TB")


ADMINISTRATORS = RoleCheck(ADMINISTER)
Administrator = Annotated[Viewer, Depends(ADMINISTRATORS)]


def show(
    request: Request,
    viewer: Viewer,
    template: str,
    context: Mapping[str, Any],
    error: EnmusubiError | None = None,
) -> HTMLResponse:
    """Return one of the administrator's pages, with what was wrong in the form that was sent."""
    shared = {
        "fault": error.message if error else None,
        "sections": SECTIONS,
        "moment": partial(moment, language_of(request)),
        "duration": duration,
        "size": size,
        "with_code": with_code,
    }
    return render(
        request, viewer, template, status_of(error) if error else 200, **shared, **context
    )


def moment(language: str, at: datetime | None) -> str:
    """Return a time in the reader's zone, which is named; nothing for None."""
    return f"{local_time(at, language):%Y-%m-%d %H:%M %Z}" if at else ""


def start_of(day: str, language: str, *, days: int = 0) -> datetime | None:
    """Return the first moment of a day, or of one that many days later, in the reader's zone.

    None stands for no day; raises InputError for what is no date.
    """
    if not day.strip():
        return None
    try:
        start = date.fromisoformat(day.strip()) + timedelta(days=days)
    except (ValueError, OverflowError):
        raise InputError("The day %(day)r is not a date: expected YYYY-MM-DD.", day=day) from None
    return local_time(datetime.combine(start, time()), language)


def duration(took: timedelta | None) -> str:
    """Return a length of time as 1:02:03, or 4.5 s where it is short; nothing for None."""
    if took is None:
        return ""
    seconds = took.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def size(total_bytes: int) -> str:
    """Return a number of bytes as people read it: 1.2 GB."""
    amount = float(total_bytes)
    for unit in _UNITS[:-1]:
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} {_UNITS[-1]}"


def with_code(text: str) -> Markup:
    """Return a text as HTML, what stands between backticks as code."""
    pieces = text.split("`")
    marked = (
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )
    return Markup("").join(marked)


KEPT_S = 300


@dataclass(frozen=True)
class Secret:
    """A password or key, what it opens, and the page to go back to."""

    kind: str
    name: str
    text: str
    back: str


class OneTimeSecrets:
    """Holds secrets for those who made them, each until it is taken or five minutes are over."""

    def __init__(self, *, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._held: dict[str, tuple[float, str, Secret]] = {}
        self._lock = threading.Lock()

    def keep(self, viewer: Viewer, secret: Secret) -> str:
        """Return the ticket by which this viewer gets the secret, once."""
        ticket, now = new_secret(), monotonic()
        with self._lock:
            self._held = {key: held for key, held in self._held.items() if held[0] > now}
            self._held[ticket] = (now + self._kept_s, viewer.owner, secret)
        return ticket

    def take(self, viewer: Viewer, ticket: str) -> Secret:
        """Return the secret; raises UnknownIdError when it was shown already, or is another's."""
        with self._lock:
            until, owner, secret = self._held.get(ticket, (0.0, "", None))
            if secret is None or owner != viewer.owner or until <= monotonic():
                raise UnknownIdError(
                    "This was shown already, or is too old: it is shown once. Make another one."
                )
            del self._held[ticket]
        return secret
