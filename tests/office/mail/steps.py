"""What tests of mails do: ask in, let the time of what waits come, look at the queue."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from office.access import audit
from office.mail.queue import MAIL, mails_page
from office.needs.participants import invite
from tests.office.mail.conftest import BOSS
from tests.support.worlds.personal import SATO


def ask_in(catalogue, settings, need_id="N-closed", user_id="abe"):
    with catalogue.writing() as connection:
        invite(connection, SATO, need_id, user_id, mail=settings.mail)


def make_due(catalogue):
    with catalogue.writing() as connection:
        waiting = update(MAIL).where(MAIL.c.next_at.is_not(None))
        connection.execute(waiting.values(next_at=datetime.now(UTC) - timedelta(seconds=1)))


def queue(catalogue, state=""):
    with catalogue.reading() as connection:
        return list(mails_page(connection, BOSS, state).items)


def trail(catalogue, action):
    with catalogue.reading() as connection:
        wanted = audit.AuditFilter(action=action)
        return [one.detail for one in audit.entries_page(connection, BOSS, wanted).items]
