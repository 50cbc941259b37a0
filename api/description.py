"""What the API's description says beside the routes: tags, how to sign in, the media type of errors."""

import json
from typing import Any

from fastapi import FastAPI

from api.dependencies import OPEN_PATHS
from api.problems import MEDIA_TYPE, Problem
from api.webhook_messages import webhook_messages
from catalogue.database.viewer import (
    FEEDBACK_WRITE,
    MATCHES_READ,
    METRICS_READ,
    NEEDS_READ,
    NEEDS_WRITE,
    WEBHOOKS_WRITE,
)

OTHER_SCHEMAS = ("TokenFault",)  # errors that a standard shapes otherwise
PROBLEM_REFERENCE = {"$ref": f"#/components/schemas/{Problem.__name__}"}
TAGS = {
    "needs": "What companies look for: listed, created, read, changed, closed.",
    "guests": "IP and legal managers who are asked in to a need that few may see.",
    "teams": "People who cover a need's wishes together: proposed, saved, changed. For the office alone.",
    "matches": "Researchers for a need, with evidence.",
    "jobs": "Matching many needs at once, with progress and cancel.",
    "releases": "Match lists that the office gave to a need's company.",
    "inquiries": "Letters to researchers about a need, and their answers.",
    "companies": "NDAs with the companies that have needs.",
    "screening": "What is to be cleared before a list is released, and what was decided.",
    "feedback": "Who suits a need and who does not, and why.",
    "researchers": "Who is matched, and what they made.",
    "seeds": "Pieces of research: papers, patents, grants and so on.",
    "veil": "What people outside a need's circle are shown of it, for people of the office.",
    "clinic": "Questions that make a need concrete, and its purpose, for people of the office.",
    "consortia": "Needs that companies share, for people of the office; portals are refused.",
    "cases": "What becomes of needs and people. Portals see what their company knows of.",
    "kpis": "The office's figures of finance, speed and learning, each with its definition.",
    "projects": "Cases in prototype or later: milestones, people's time, money, risks, lights.",
    "privacy": "The notice of what people's data are kept and used for.",
    "webhooks": "Where a portal wants to be told of lists, cases and memberships, and what it is told.",
    "access": "Access tokens for machines.",
    "service": "Whether the service lives and is ready, and its figures.",
}
SCOPE_TEXTS = {
    NEEDS_READ: "read needs",
    NEEDS_WRITE: "create, change and close needs",
    MATCHES_READ: "match, read researchers, seeds and released lists, run jobs",
    FEEDBACK_WRITE: "give and read feedback",
    WEBHOOKS_WRITE: "set webhooks",
    METRICS_READ: "read the service's figures",
}
SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A machine's key, as `enmusubi key` shows it once.",
    },
    "token": {
        "type": "oauth2",
        "description": "A short-lived token that a machine gets for its key.",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": SCOPE_TEXTS}},
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "enmusubi",
        "description": "A person's session, from the page /login; `__Host-enmusubi` with https.",
    },
}


def describe(app: FastAPI) -> None:
    """Complete the application's description: tags, how to sign in, the media type of errors."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        description = generate()
        description["tags"] = [{"name": n, "description": text} for n, text in TAGS.items()]
        description["components"]["securitySchemes"] = SECURITY_SCHEMES
        description["security"] = [{name: []} for name in SECURITY_SCHEMES]
        for path, operations in description["paths"].items():
            for operation in operations.values():
                if path in OPEN_PATHS:
                    operation["security"] = []
                _document_problems(operation)
        description["webhooks"] = webhook_messages()
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def _document_problems(operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if int(status) >= 400 and not _has_other_schema(answer):
            answer["content"] = {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}}


def _has_other_schema(answer: dict[str, Any]) -> bool:
    said = json.dumps(answer)
    return any(f'schemas/{name}"' in said for name in OTHER_SCHEMAS)
