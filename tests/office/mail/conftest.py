"""A catalogue with needs, accounts that have addresses, and a real mail server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalogue.database.viewer import ADMINISTRATOR, IP, PROJECT, Viewer
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.settings import Settings
from office.accounts.users import Users
from office.mail.sender import MailSender
from tests.support.post_office import PostOffice, mailing, post_office
from tests.support.worlds import copied, furnish

BOSS = Viewer("boss", ADMINISTRATOR)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a catalogue, once of each kind."""
    if request.param == "sqlite":
        return copied("personal", tmp_path)
    found: str = request.getfixturevalue("postgres_url")
    with open_catalogue(found) as opened:
        furnish("personal", opened, tmp_path)
    return found


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    """Two needs of Sato's, and Sato, Abe (of patents) and the administrator with addresses."""
    with open_catalogue(url) as opened:
        users = Users(opened)
        users.create(BOSS, "boss", role=ADMINISTRATOR, name="管理", email="boss@example.ac.jp")
        users.create(BOSS, "sato", role=PROJECT, name="佐藤 実", email="sato@example.ac.jp")
        users.create(BOSS, "abe", role=IP, name="阿部 花", email="abe@example.ac.jp")
        yield opened


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A mail server that takes everything unless it is told otherwise."""
    with post_office() as opened:
        yield opened


@pytest.fixture
def settings(post: PostOffice, tmp_path: Path) -> Settings:
    """Settings that send mails by that server."""
    return mailing(tmp_path, post)


@pytest.fixture
def sender(catalogue: Catalogue, settings: Settings) -> "NotingSender":
    """What sends the mails, noting how each attempt ended."""
    return NotingSender(catalogue, settings)


class NotingSender(MailSender):
    """Sends until nothing is due; `outcomes` are those of the attempts."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self.outcomes: list[str] = []
        note: Callable[[str], None] = self.outcomes.append
        super().__init__(catalogue, settings, note)

    def send_all(self) -> list[str]:
        while self.send_due():
            pass
        return self.outcomes
