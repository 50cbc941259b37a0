"""Links by which companies' users sign in: what asking for one tells, and two who use one at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from api.signin.member_links import ANSWERED_AFTER_S
from enmusubi.errors import UnknownIdError
from enmusubi.mail_settings import MailSettings
from office.members.links import use_link
from office.members.users import invite
from tests.api.attacks.actors import Town

KNOWN, COMPANY = "user@aonami.example", "aonami"
TOGETHER = 4


def test_asking_takes_as_long_for_a_stranger_as_for_a_companys_user(town: Town) -> None:
    told = []
    for email in ("nobody@aonami.example", KNOWN):
        begun = time.monotonic()
        answer = town.client.post("/member-sign-in", data={"email": email})
        assert answer.status_code == 200
        assert time.monotonic() - begun >= ANSWERED_AFTER_S
        told.append(answer.text)
    assert told[0] == told[1]


def test_of_those_who_use_a_link_at_once_one_is_let_in(town: Town) -> None:
    head = town["head"].viewer
    with town.catalogue.writing() as connection:
        made = invite(
            connection,
            head,
            COMPANY,
            email="second@aonami.example",
            name="",
            language="",
            mail=MailSettings(),
            by_mail=False,
        )
    ready = Barrier(TOGETHER)

    def use(_: int) -> str:
        ready.wait()
        try:
            return use_link(town.catalogue, made.token).user_id
        except UnknownIdError:
            return ""

    with ThreadPoolExecutor(TOGETHER) as pool:
        let_in = [one for one in pool.map(use, range(TOGETHER)) if one]
    assert let_in == ["second@aonami.example"]
