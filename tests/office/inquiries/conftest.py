"""The catalogue, the mail server and the sender of the tests of mails; Mori has an address."""

import pytest
from sqlalchemy import update

from catalogue.database.models import Researcher
from tests.office.inquiries.steps import MORI_MAIL
from tests.office.mail.conftest import (  # noqa: F401 - fixtures
    NotingSender,
    catalogue,
    post,
    sender,
    settings,
    url,
)


@pytest.fixture(autouse=True)
def _mori_is_reached(catalogue):  # noqa: F811 - the fixture
    with catalogue.writing() as connection:
        chosen = Researcher.researcher_id == "R-1"
        connection.execute(update(Researcher).where(chosen).values(email=f"x; {MORI_MAIL}"))
