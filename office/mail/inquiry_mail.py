"""Letters to researchers: where each goes, its text, and the link, which is made when the letter is sent.

What such a letter says was confirmed by whoever asks; nothing is added but the link and the foot.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from catalogue.database.service_models import REMINDER
from enmusubi.messages import N_
from enmusubi.settings import local_time
from enmusubi.translation import translations
from office.accounts.fingerprints import fingerprint
from office.inquiries.kept import ANSWERS_PATH, COLUMNS, INQUIRIES, KeptInquiry, as_kept, is_open
from office.inquiries.veiling import told_message
from office.mail.composing import Addressed, written
from office.privacy.notice import PATH as NOTICE_PATH

SUBJECT = N_("A question about your research, from the office for open innovation")
SUBJECT_OF_REMINDER = N_("Reminder: a question about your research")
REMINDED = N_("A while ago we sent you the letter below. This is our only reminder.")
LINK = N_("Answer here, without an account, until %(day)s:")
SHOWN = N_("The page shows this letter and nothing else. The link holds for one answer.")
NOTICE = N_("What is stored of you, what for, and your rights:")
FOOT = N_("The office for open innovation sent this letter by Enmusubi.")


@dataclass(frozen=True)
class InquiryLetter:
    """A letter to be sent: the inquiry, where it goes, whom answers by mail reach, and its link."""

    mail_id: int
    kind: str
    created_at: datetime
    inquiry: KeptInquiry
    reply_to: str = field(repr=False)
    link: str = field(repr=False)


def inquiry_to_send(connection: Connection, about: str) -> KeptInquiry | None:
    """Return the inquiry that a mail is about, None where nobody waits for its answer any more."""
    if not about.isdecimal():
        return None
    chosen = (INQUIRIES.c.inquiry_id == int(about)) & is_open(datetime.now(UTC))
    mailed = chosen & (INQUIRIES.c.address != "")
    row = connection.execute(select(*COLUMNS).where(mailed)).mappings().first()
    if row is None:
        return None
    kept = as_kept(row)
    return replace(kept, message=told_message(connection, kept))


def keep_link(connection: Connection, kind: str, about: str, token: str) -> None:
    """Keep the SHA-256 of a link that is about to be sent; that of an earlier try opens nothing more."""
    column = "reminder_hash" if kind == REMINDER else "token_hash"
    chosen = INQUIRIES.c.inquiry_id == int(about)
    connection.execute(update(INQUIRIES).where(chosen).values({column: fingerprint(token)}))


def as_inquiry_mail(letter: InquiryLetter, *, sender: str, now: datetime) -> bytes:
    """Return the whole mail, as `office.mail.composing.as_mail` does."""
    inquiry = letter.inquiry
    texts = translations(inquiry.language)
    is_reminder = letter.kind == REMINDER
    text = with_link(inquiry.message, letter.link, inquiry.expires_at, inquiry.language)
    text = f"{texts.say(REMINDED)}\n\n{text}" if is_reminder else text
    addressed = Addressed(
        mail_id=letter.mail_id,
        created_at=letter.created_at,
        language=inquiry.language,
        receiver=inquiry.address,
        subject=texts.say(SUBJECT_OF_REMINDER if is_reminder else SUBJECT),
        text=f"{text}\n\n-- \n{texts.say(FOOT)}\n",
        reply_to=letter.reply_to,
    )
    return written(addressed, sender=sender, now=now)


def with_link(message: str, link: str, expires_at: datetime, language: str) -> str:
    """Return a letter's text with the link by which it is answered, and until when."""
    say = translations(language).say
    day = f"{local_time(expires_at, language):%Y-%m-%d}"
    notice = f"{say(NOTICE)}\n{link.partition(ANSWERS_PATH)[0]}{NOTICE_PATH}"
    return f"{message}\n\n{say(LINK, day=day)}\n{link}\n{say(SHOWN)}\n\n{notice}"
