"""What tests of inquiries do: ask, read the link out of a letter, answer, let time pass."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from enmusubi.inquiry_settings import InquirySettings
from office.access.scoped import reading_as, writing_as
from office.inquiries.answering import GivenAnswer, answer_inquiry
from office.inquiries.asking import InquiryDraft, ask
from office.inquiries.kept import INQUIRIES, inquiry_of
from office.mail.queue import NO_MAIL
from tests.support.post_office import ADDRESS
from tests.support.worlds.personal import SATO

MORI_MAIL = "mori@hoshi.example.ac.jp"
LETTER = "森 花 様\n\nご研究についてお尋ねします。"
_LINK = re.compile(rf"{re.escape(ADDRESS)}/answers/([\w-]+)\n")


def ask_mori(catalogue, settings=None, *, need_id="N-open", viewer=SATO, limit=3, **draft):
    """Ask by mail where settings are given, else by a copied text; returns what `ask` does."""
    told = {"address": MORI_MAIL if settings else "", "message": LETTER, **draft}
    letter = InquiryDraft(told.pop("researcher_id", "R-1"), "ja", **told)
    with writing_as(catalogue, viewer) as connection:
        return ask(
            connection,
            viewer,
            need_id,
            letter,
            settings=InquirySettings(per_person_month=limit),
            mail=settings.mail if settings else NO_MAIL,
        )


def answer(catalogue, token, code, **more):
    return answer_inquiry(catalogue, token, GivenAnswer(code, **more))


def token_in(text):
    return _LINK.search(text)[1]


def kept(catalogue, inquiry_id, viewer=SATO):
    with reading_as(catalogue, viewer) as connection:
        return inquiry_of(connection, viewer, inquiry_id)


def stored(catalogue):
    """Return all that stands in the table, as text."""
    with catalogue.reading() as connection:
        return repr(connection.execute(select(INQUIRIES)).all())


def days_pass(catalogue, days):
    """Let everything about inquiries have happened so many days earlier."""
    with catalogue.writing() as connection:
        for row in connection.execute(select(INQUIRIES)).mappings().all():
            names = ("asked_at", "expires_at", "remind_at")
            earlier = {n: row[n] - timedelta(days=days) for n in names if row[n]}
            chosen = INQUIRIES.c.inquiry_id == row["inquiry_id"]
            connection.execute(update(INQUIRIES).where(chosen).values(**earlier))


def today():
    return datetime.now(UTC).date()
