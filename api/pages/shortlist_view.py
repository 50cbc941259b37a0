"""What the desk's pages have in common: addresses, times and words for codes."""

from datetime import datetime
from typing import Any

from fastapi.responses import HTMLResponse
from starlette.requests import Request

from api.pages import words
from api.pages.links import need_path, researcher_path
from api.pages.rendering import render
from catalogue.database.viewer import Viewer

COMMON = {
    "researcher_path": researcher_path,
    "need_path": need_path,
    "status_labels": words.STATUS_LABELS,
    "area_labels": words.AREA_LABELS,
    "confidentiality_labels": words.CONFIDENTIALITY_LABELS,
    "verdict_labels": words.VERDICT_LABELS,
    "reason_labels": words.REASON_LABELS,
    "stage_labels": words.STAGE_LABELS,
}


def show(
    request: Request, viewer: Viewer, template: str, status: int = 200, **context: Any
) -> HTMLResponse:
    """Return a page of the desk: `render` with what these pages have in common."""
    return render(request, viewer, template, status, at=local_time, **COMMON, **context)


def local_time(moment: datetime) -> str:
    """Return a moment in the service's own time zone, to the minute: `2031-04-01 09:30`."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
