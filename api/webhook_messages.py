"""Describes the messages that webhooks receive, in the form of OpenAPI's `webhooks`."""

from typing import Any

from office.webhooks.events import EVENTS, Event
from office.webhooks.sender import DELIVERY_HEADER, SIGNATURE_HEADER

_OPTIONAL = {"until", "milestone", "state"}  # left out where there is nothing to say
_EVENTS_WITH_STATE = {"case.stage", "case.estimate"}


def webhook_messages() -> dict[str, Any]:
    """Return for each event what is sent, and that an answer from 200 to 299 takes it."""
    return {name: {"post": _operation(name, event)} for name, event in sorted(EVENTS.items())}


def _operation(name: str, event: Event) -> dict[str, Any]:
    said = "".join(part.capitalize() for part in name.split("."))
    return {
        "operationId": f"told{said}",
        "summary": event.happens,
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            _header(SIGNATURE_HEADER, "The time, and HMAC-SHA256 of it, a dot and the body."),
            _header(DELIVERY_HEADER, "The same for each copy of a message."),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _message(name, event)}},
        },
        "responses": {"2XX": {"description": "Taken. Anything else is sent again."}},
    }


def _message(name: str, event: Event) -> dict[str, Any]:
    optional = _OPTIONAL - ({"state"} if name in _EVENTS_WITH_STATE else set())
    data = {
        "type": "object",
        "properties": {
            field: {"type": "integer"} if isinstance(said, int) else _text(said)
            for field, said in event.data.items()
        },
        "required": [field for field in event.data if field not in optional],
    }
    return {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "description": "The delivery's number."},
            "event": {"type": "string", "enum": [name]},
            "created_at": {"type": "string", "format": "date-time"},
            "data": data,
        },
        "required": ["id", "event", "created_at", "data"],
    }


def _text(said: str) -> dict[str, str]:
    return {"type": "string", "description": said}


def _header(name: str, said: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": said,
        "schema": {"type": "string"},
    }
