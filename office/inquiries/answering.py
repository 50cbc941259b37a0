"""A researcher's answer by the link of a letter: kept once, fed into capacity, never a judgement."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, update

from catalogue.database.inquiry_models import (
    INQUIRY_ANSWERS,
    NO_CAPACITY,
    NOT_MY_FIELD,
    NOT_NOW,
    UNANSWERED,
)
from catalogue.database.screening_models import NOT_BEFORE, RUNNING, PersonLimit
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.language import clean_text
from enmusubi.settings import local_time
from office.access import audit
from office.inquiries.kept import (
    INQUIRIES,
    INQUIRY_KIND,
    KeptInquiry,
    inquiry_by_token,
    is_open,
)
from office.inquiries.veiling import told_message
from office.people import ids_of

LIMITS = cast(Table, PersonLimit.__table__)
ANSWERER = Viewer("researcher", "none", "link")  # who answers, in the audit trail: nobody signed in
SOURCE = "inquiry "  # what limits that come from answers begin their source with
MAX_CASES, MAX_WHO_CHARS, MAX_REMARK_CHARS = 99, 500, 2_000
FARTHEST = timedelta(days=3_660)
HALF_A_YEAR = timedelta(days=183)  # how long a lack of capacity counts that has no end


@dataclass(frozen=True)
class GivenAnswer:
    """What a researcher answered; days and cases where they said so."""

    answer: str
    not_before: date | None = None
    cases: int | None = None
    who_else: str = field(default="", repr=False)
    remark: str = field(default="", repr=False)


def open_inquiry(catalogue: Catalogue, token: str) -> KeptInquiry:
    """Return the inquiry that a link opens; raises UnknownIdError for every link that doesn't hold."""
    with catalogue.reading() as connection:
        kept = _required(inquiry_by_token(connection, token, datetime.now(UTC)))
        return replace(kept, message=told_message(connection, kept))


def answer_inquiry(catalogue: Catalogue, token: str, given: GivenAnswer) -> KeptInquiry:
    """Keep an answer, once; returns the inquiry as it was asked.

    Raises UnknownIdError for every link that doesn't hold, and InputError.
    """
    now = datetime.now(UTC)
    with catalogue.writing() as connection:
        kept = _required(inquiry_by_token(connection, token, now))
        values = _checked(given, local_time(now, kept.language).date())
        chosen = (INQUIRIES.c.inquiry_id == kept.inquiry_id) & is_open(now)
        written = values | {"answered_at": now, "remind_at": None}
        if not connection.execute(update(INQUIRIES).where(chosen).values(**written)).rowcount:
            _required(None)
        _feed_capacity(connection, kept, values, now)
        told = {"need_id": kept.need_id, "researcher_id": kept.researcher_id}
        number = str(kept.inquiry_id)
        audit.record(connection, ANSWERER, "answer inquiry", INQUIRY_KIND, number, **told)
        return kept


def _required(kept: KeptInquiry | None) -> KeptInquiry:
    if kept is None:
        raise UnknownIdError("This link doesn't hold, or doesn't hold any more.")
    return kept


def _checked(given: GivenAnswer, today: date) -> dict[str, Any]:
    """Return the columns of an answer, without what doesn't belong to it; raises InputError."""
    if given.answer == UNANSWERED or given.answer not in INQUIRY_ANSWERS:
        raise InputError("Choose one of the answers.")
    later = given.not_before if given.answer in {NOT_NOW, NO_CAPACITY} else None
    if later and not today < later <= today + FARTHEST:
        raise InputError("Give a day after today, within ten years.")
    cases = given.cases if given.answer == NO_CAPACITY else None
    if cases is not None and not 0 <= cases <= MAX_CASES:
        raise InputError("Give a number of cases from 0 to %(most)s.", most=MAX_CASES)
    who_else = clean_text(given.who_else).strip() if given.answer == NOT_MY_FIELD else ""
    remark = clean_text(given.remark).strip()
    for text, most in ((who_else, MAX_WHO_CHARS), (remark, MAX_REMARK_CHARS)):
        if len(text) > most:
            raise InputError(
                "A text has %(count)s characters, at most %(most)s are kept.",
                count=len(text),
                most=most,
            )
    return {
        "answer": given.answer, "not_before": later, "cases": cases,
        "who_else": who_else, "remark": remark,
    }  # fmt: skip


def _feed_capacity(
    connection: Connection, kept: KeptInquiry, said: dict[str, Any], now: datetime
) -> None:
    """Keep what the answer bounds; of limits of one kind that answers gave, the newest counts alone."""
    later, limits = said["not_before"], []
    if later:
        limits.append({"kind": NOT_BEFORE, "amount": None, "since": later, "until": None})
    if said["answer"] == NO_CAPACITY:
        until = later - timedelta(days=1) if later else now.date() + HALF_A_YEAR
        bound = {"kind": RUNNING, "amount": said["cases"] or 0}
        limits.append({**bound, "since": now.date(), "until": until})
    for limit in limits:
        before = (
            LIMITS.c.researcher_id.in_(ids_of(connection, kept.researcher_id)),
            LIMITS.c.kind == limit["kind"],
            LIMITS.c.source.startswith(SOURCE),
            LIMITS.c.withdrawn_at.is_(None),
        )
        connection.execute(update(LIMITS).where(*before).values(withdrawn_at=now))
        row = {**limit, "researcher_id": kept.researcher_id, "remark": "", "recorded_at": now}
        connection.execute(insert(LIMITS).values(**row, source=f"{SOURCE}{kept.inquiry_id}"))
