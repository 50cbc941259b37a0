"""The API's description: `python -m enmusubi.api.openapi` prints what docs/openapi.json holds."""

import json
from typing import Any

from fastapi import FastAPI

from enmusubi.api.problems import MEDIA_TYPE, Problem

OTHER_SHAPES = ("TokenFault",)  # errors that a standard shapes otherwise
PROBLEM_REFERENCE = {"$ref": f"#/components/schemas/{Problem.__name__}"}


def document_problems(app: FastAPI) -> None:
    """Give every error answer in the application's description its true media type."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        description = generate()
        for path in description["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and not _has_other_shape(answer):
                        answer["content"] = {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}}
        return description

    app.openapi = openapi  # type: ignore[method-assign]


def _has_other_shape(answer: dict[str, Any]) -> bool:
    said = json.dumps(answer)
    return any(f'schemas/{name}"' in said for name in OTHER_SHAPES)


def description() -> str:
    """Return the description of the API as JSON; opens no catalogue and no index."""
    from sqlalchemy import create_engine

    from enmusubi.api.app import create_app
    from enmusubi.api.live import live_recommender
    from enmusubi.matcher.catalogue.catalogue import Catalogue
    from enmusubi.matcher.settings import Settings

    settings = Settings()
    app = create_app(live_recommender(settings), Catalogue(create_engine("sqlite://")), settings)
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(description(), end="")  # noqa: T201
