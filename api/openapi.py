"""Prints the API's description: `python -m api.openapi > docs/openapi.json`."""

import json

from sqlalchemy import create_engine

from api.app import create_app
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.live_recommender import live_recommender


def description() -> str:
    """Return the description of the API as JSON; opens no catalogue and no index."""
    settings = Settings()
    app = create_app(live_recommender(settings), Catalogue(create_engine("sqlite://")), settings)
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(description(), end="")  # noqa: T201
