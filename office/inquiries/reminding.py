"""Reminds researchers once, after half of the time in which a letter can be answered."""

from datetime import UTC, datetime

from sqlalchemy import select, update

from catalogue.database.models import OPEN, StoredNeed
from catalogue.database.service_models import REMINDER
from catalogue.records.catalogue import Catalogue
from enmusubi.mail_settings import MailSettings
from office.inquiries.kept import INQUIRIES, is_open
from office.mail.queue import enqueue_once


def remind(catalogue: Catalogue, mail: MailSettings, now: datetime | None = None) -> int:
    """Write the reminders that are due; returns how many. Without a mail server none are."""
    if not mail.host:
        return 0
    moment = now or datetime.now(UTC)
    due = (
        select(INQUIRIES.c.inquiry_id, INQUIRIES.c.asked_by)
        .join(StoredNeed, StoredNeed.need_id == INQUIRIES.c.need_id)
        .where(
            INQUIRIES.c.remind_at <= moment,
            INQUIRIES.c.token_hash != "",  # what was never sent is no reminder's matter
            is_open(moment),
            StoredNeed.status == OPEN,
        )
    )
    count = 0
    with catalogue.writing() as connection:
        for inquiry_id, asked_by in connection.execute(due).all():
            if enqueue_once(connection, mail, REMINDER, asked_by, str(inquiry_id)):
                chosen = INQUIRIES.c.inquiry_id == inquiry_id
                done = {"remind_at": None, "reminded_at": moment}
                connection.execute(update(INQUIRIES).where(chosen).values(**done))
                count += 1
    return count
