"""Asking a researcher, taking it back, and taking note of an answer: by the need's manager and the chief.

Every step goes into the audit trail, by ids alone. A letter of a closed need that quotes the need's text,
or one with the company's name that nobody ticked, is refused.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from catalogue.database.inquiry_models import UNANSWERED
from catalogue.database.models import OPEN
from catalogue.database.service_models import INQUIRY
from catalogue.database.viewer import Viewer
from catalogue.identity.legal_forms import JAPANESE_FORMS
from enmusubi.errors import ConflictError, ForbiddenError, InputError
from enmusubi.inquiry_settings import InquirySettings
from enmusubi.language import clean_text
from enmusubi.mail_settings import MailSettings
from matcher.passages import split_sentences
from office.access import audit
from office.access.rules import INQUIRE, require
from office.accounts.email_addresses import is_email
from office.accounts.fingerprints import fingerprint, new_secret
from office.inquiries.kept import (
    INQUIRIES,
    INQUIRY_KIND,
    KeptInquiry,
    asked_lately,
    inquiry_of,
    researchers_asked,
)
from office.mail.queue import enqueue
from office.needs.reading import SeenNeed, need_of
from office.researchers import contacts_of_all, researcher_of
from office.veil.secrets import leaked, secrets_before_nda

MAX_MESSAGE_CHARS = 5_000
QUOTED_FROM_CHARS = 15  # a shorter sentence of a need may well stand in a letter by chance
_LEGAL_FORM = re.compile(rf"{JAPANESE_FORMS}|,? (?:Inc|Ltd|Co|Corp|LLC|GmbH|AG)\b\.?", re.I)
_BLANKS = re.compile(r"\s+")
_STOPS = "。．.！!？?"


@dataclass(frozen=True)
class InquiryDraft:
    """A letter as it was confirmed; `address` is empty where it is copied, not mailed."""

    researcher_id: str
    language: str
    message: str = field(repr=False)
    address: str = field(default="", repr=False)
    with_company: bool = False


@dataclass(frozen=True)
class SentInquiry:
    """A new inquiry; `token` is what its link ends with, empty where a mail brings it."""

    inquiry_id: int
    token: str = field(default="", repr=False)


def addresses_of(connection: Connection, viewer: Viewer, researcher_id: str) -> list[str]:
    """Return the addresses that the catalogue has of a researcher; raises ForbiddenError."""
    contacts = contacts_of_all(connection, viewer, [researcher_id]).get(researcher_id)
    found = contacts.email.split("; ") if contacts else []
    return [address for address in map(str.strip, found) if is_email(address)]


def check_may_ask(viewer: Viewer, need: SeenNeed) -> None:
    """Raise ForbiddenError unless the viewer may ask researchers about the need."""
    require(viewer, INQUIRE)
    if not need.may_change:
        raise ForbiddenError("Only the need's manager and the chief ask researchers about it.")


def ask(
    connection: Connection,
    viewer: Viewer,
    need_id: str,
    draft: InquiryDraft,
    *,
    settings: InquirySettings,
    mail: MailSettings,
) -> SentInquiry:
    """Keep an inquiry, and let its mail wait where it has an address.

    Raises ForbiddenError, UnknownIdError, InputError for a letter that must not go out, and ConflictError
    where the researcher was asked already, or too often.
    """
    require(viewer, INQUIRE)
    need = need_of(connection, viewer, need_id)
    check_may_ask(viewer, need)
    person = researcher_of(connection, viewer, draft.researcher_id).card.researcher_id
    now = datetime.now(UTC)
    message = checked_message(need, draft)
    _check_veiled(connection, need, person, message)
    if draft.address and draft.address not in addresses_of(connection, viewer, person):
        raise InputError("not an address of this researcher.", of_field="email")
    _check_often_enough(connection, need, person, settings, now)
    token = "" if draft.address else new_secret()
    valid = timedelta(days=settings.valid_days)
    row = _blank() | {
        "need_id": need_id, "researcher_id": person, "language": draft.language,
        "message": message, "address": draft.address, "asked_by": viewer.viewer_id,
        "asked_at": now, "expires_at": now + valid,
        "token_hash": fingerprint(token) if token else "",
        "remind_at": now + valid / 2 if draft.address else None,
    }  # fmt: skip
    key = connection.execute(insert(INQUIRIES).values(**row)).inserted_primary_key
    inquiry_id = int(key[0]) if key else 0
    if draft.address and not enqueue(connection, mail, INQUIRY, viewer.viewer_id, str(inquiry_id)):
        raise InputError(
            "This cannot be mailed: it needs a mail server in the settings, and an account of yours. "
            "Copy the text instead."
        )
    _note(connection, viewer, "ask researcher", inquiry_id, need_id, person)
    return SentInquiry(inquiry_id, token)


def checked_message(need: SeenNeed, draft: InquiryDraft) -> str:
    """Return the letter's text as it is kept; raises InputError for one that must not go out."""
    message = clean_text(draft.message).strip()
    if not message or len(message) > MAX_MESSAGE_CHARS:
        raise InputError(
            "The letter has %(count)s characters; expected 1 to %(most)s.",
            count=len(message),
            most=MAX_MESSAGE_CHARS,
        )
    said = _plain(message)
    if need.facts.is_closed and _quotes(said, need.text):
        raise InputError(
            "The letter quotes the need's text, which only its closed circle may read. "
            "Say it in other words."
        )
    company = _plain(_LEGAL_FORM.sub("", need.company))
    if company and not draft.with_company and company in said:
        raise InputError(
            "The letter names the company. Leave it out, or tick that it may be named."
        )
    return message


def _check_veiled(connection: Connection, need: SeenNeed, person: str, message: str) -> None:
    """Raise InputError for a letter that says what the need's veil keeps secret until an NDA."""
    if leaked([message], secrets_before_nda(connection, need.need_id, person)):
        raise InputError(
            "The letter says something that the need's veil keeps secret until an NDA. "
            "Say it in the words of the veil."
        )


def revoke_inquiry(connection: Connection, viewer: Viewer, inquiry_id: int) -> KeptInquiry:
    """Take an inquiry back: its links open nothing any more, and no reminder is sent.

    Raises ForbiddenError, UnknownIdError, and ConflictError for one that was answered or taken back.
    """
    kept = inquiry_of(connection, viewer, inquiry_id)
    check_may_ask(viewer, need_of(connection, viewer, kept.need_id))
    if kept.answered_at or kept.revoked_at:
        raise ConflictError("That inquiry was answered or taken back already.")
    values = {"revoked_by": viewer.viewer_id, "revoked_at": datetime.now(UTC), "remind_at": None}
    _change(connection, kept, values)
    _note(connection, viewer, "revoke inquiry", inquiry_id, kept.need_id, kept.researcher_id)
    return inquiry_of(connection, viewer, inquiry_id)


def take_note(connection: Connection, viewer: Viewer, inquiry_id: int) -> KeptInquiry:
    """Say that an answer was read, so that it waits for nobody any more.

    Raises ForbiddenError, UnknownIdError, and ConflictError where there is no answer yet.
    """
    kept = inquiry_of(connection, viewer, inquiry_id)
    check_may_ask(viewer, need_of(connection, viewer, kept.need_id))
    if not kept.answered_at:
        raise ConflictError("That inquiry has no answer yet.")
    if not kept.noted_at:
        _change(connection, kept, {"noted_by": viewer.viewer_id, "noted_at": datetime.now(UTC)})
        _note(connection, viewer, "note answer", inquiry_id, kept.need_id, kept.researcher_id)
    return inquiry_of(connection, viewer, inquiry_id)


def _check_often_enough(
    connection: Connection, need: SeenNeed, person: str, settings: InquirySettings, now: datetime
) -> None:
    if need.status != OPEN:
        raise ConflictError("The need is closed. Open it again before you ask anybody.")
    if person in researchers_asked(connection, need.need_id, now):
        raise ConflictError(
            "This researcher was asked about this need already, and the answer is waited for."
        )
    count = asked_lately(connection, person, now)
    if count >= settings.per_person_month:
        raise ConflictError(
            "This researcher got %(count)s inquiries within 30 days; the limit is %(limit)s. "
            "Nobody is asked too often: wait, or ask somebody else.",
            count=count,
            limit=settings.per_person_month,
        )


def _blank() -> dict[str, Any]:
    texts = ("reminder_hash", "revoked_by", "who_else", "remark", "noted_by")
    return {**dict.fromkeys(texts, ""), "answer": UNANSWERED}


def _quotes(said: str, text: str) -> bool:
    """Return whether a plain letter holds a need's text, or a whole sentence of it."""
    sentences = [text[start:end] for start, end in split_sentences(text)]
    plain = (_plain(part).rstrip(_STOPS) for part in (text, *sentences))
    return any(len(part) >= QUOTED_FROM_CHARS and part in said for part in plain)


def _plain(text: str) -> str:
    return _BLANKS.sub("", clean_text(text)).casefold()


def _change(connection: Connection, kept: KeptInquiry, values: dict[str, Any]) -> None:
    chosen = INQUIRIES.c.inquiry_id == kept.inquiry_id
    connection.execute(update(INQUIRIES).where(chosen).values(**values))


def _note(  # noqa: PLR0917 - ids in the order of the sentence
    connection: Connection, viewer: Viewer, action: str, inquiry_id: int, need_id: str, person: str
) -> None:
    told = {"need_id": need_id, "researcher_id": person}
    audit.record(connection, viewer, action, INQUIRY_KIND, str(inquiry_id), **told)
