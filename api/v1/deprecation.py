"""How a route says that it will go: the headers Deprecation (RFC 9745) and Sunset (RFC 8594).

docs/api.md has the policy. No route is deprecated today.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Response

MIN_NOTICE = timedelta(days=180)


def deprecated(*, since: date, sunset: date, successor: str = "") -> dict[str, Any]:
    """Return what marks a route as deprecated: `@router.get(path, **deprecated(…))`.

    From `sunset` on the route may be gone; `successor` is the path to use in its place. Raises
    ValueError where that gives users less than MIN_NOTICE.
    """
    if sunset - since < MIN_NOTICE:
        raise ValueError(
            f"{(sunset - since).days} days' notice, expected {MIN_NOTICE.days} or more."
        )
    headers = {"Deprecation": f"@{int(_midnight(since).timestamp())}"}
    headers["Sunset"] = format_datetime(_midnight(sunset), usegmt=True)
    if successor:
        headers["Link"] = f'<{successor}>; rel="successor-version"'
    return {"deprecated": True, "dependencies": [Depends(_sending(headers))]}


def _sending(headers: dict[str, str]) -> Callable[[Response], None]:
    def send(response: Response) -> None:
        response.headers.update(headers)

    return send


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
