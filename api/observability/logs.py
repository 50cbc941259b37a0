"""The log's lines: for people or one JSON object each, with the id of the request they belong to.

An error's own text may quote what was worked on; the log says its type and where it came from.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
FIELDS = "fields"  # the attribute of a record that holds more than a message
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Lines(logging.Formatter):
    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        """Return an error's type and the lines of code it passed."""
        kind, _, trace = ei
        places = "".join(traceback.format_tb(trace))
        return f"{kind.__name__ if kind else 'no error'} at\n{places}".rstrip()


class TextLines(_Lines):
    """A line for people; whatever it quotes cannot begin another one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line, more lines of it moved in."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        said = " ".join(part for part in (record.getMessage(), fields) if part)
        if record.exc_info:
            said += f"\n{self.formatException(record.exc_info)}"
        shown = _CONTROL.sub(_escaped, said).replace("\n", "\n    ")
        request_id = f" [{REQUEST_ID.get()}]" if REQUEST_ID.get() else ""
        return f"{moment} {record.levelname} {record.name}{request_id} {shown}"


class JsonLines(_Lines):
    """One JSON object a line: time, level, logger, message, request_id, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        content: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if REQUEST_ID.get():
            content["request_id"] = REQUEST_ID.get()
        if record.exc_info:
            content["error"] = self.formatException(record.exc_info)
        return json.dumps({**content, **_fields(record)}, ensure_ascii=False)


def configure_logs(log_format: str) -> None:
    """Send the log of the process to standard error in the format of the settings."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, FIELDS, {})


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
