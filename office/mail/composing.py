"""What mails to users say: that something waits, and where; and how any mail is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from catalogue.database.service_models import (
    ACCOUNT,
    ALERT,
    CANDIDATES,
    CHIEFS,
    CLOCK,
    ESCALATION,
    ESTIMATE_ASKED,
    ESTIMATE_CHECKED,
    ESTIMATE_RETURNED,
    GATE,
    INVITATION,
    MEMBER_INVITATION,
    MEMBER_LINK,
    MILESTONE,
    OF_MEMBERS,
    PASSWORD,
    STAND_IN,
    TEST,
)
from enmusubi.messages import N_
from enmusubi.translation import translations

CHOSEN_KINDS = (
    INVITATION,
    ALERT,
    CANDIDATES,
    GATE,
    CLOCK,
    ESCALATION,
    MILESTONE,
    ESTIMATE_ASKED,
    ESTIMATE_CHECKED,
    ESTIMATE_RETURNED,
)  # that a person may do without
_POLICY = SMTP.clone(max_line_length=78)
_BRANDS = {"ja": "縁結び", "en": "Enmusubi"}
_GREETING = N_("Dear %(name)s,")
_FOOT = N_(
    "Enmusubi sent this mail by itself. Please do not reply: nobody reads what comes to this address."
)
_CHOICE = N_("Which mails you get is set on the page of your account:")
_UNEXPECTED_LINK = N_("If you did not expect this mail, do not use the link and tell the office.")
_UNEXPECTED = N_("If you did not expect this mail, please tell the administrator.")
_LOGIN = N_("Login name: %(login)s")
_PASSWORD = N_("One-time password: %(password)s")
_KEPT = N_("After signing in you set a password of your own; until then no other page is open.")


@dataclass(frozen=True)
class Kind:
    """What a kind of mail says, and the page that it leads to; `{}` stands for what it is about."""

    subject: str
    told: str
    path: str


KINDS: Mapping[str, Kind] = {
    INVITATION: Kind(
        N_("You were added to the readers of a need"),
        N_("You were added to the readers of a need. It is on this page:"),
        "/needs/{}",
    ),
    ALERT: Kind(
        N_("A saved search found new researchers"),
        N_("New researchers fit a search that you saved. They are on this page:"),
        "/searches",
    ),
    CANDIDATES: Kind(
        N_("News of a need that you look after"),
        N_(
            "There is news of needs that you look after, such as new candidates. It is in this report:"
        ),
        "/reports/{}",
    ),
    GATE: Kind(
        N_("A gate waits for your decision"),
        N_("A gate of a case waits for a decision of your role. The case is on this page:"),
        "/cases/{}",
    ),
    CLOCK: Kind(
        N_("Cases that you look after are due"),
        N_("Cases that you look after are due soon or overdue. They are on this page:"),
        "/cases?due=attention&mine=1",
    ),
    ESCALATION: Kind(
        N_("Cases are overdue"),
        N_("Cases of the office are overdue. They are on this page:"),
        "/cases?due=overdue",
    ),
    CHIEFS: Kind(
        N_("An account of a chief was changed"),
        N_(
            "An account that opens everything was made, or its password or second factor was set anew. "
            "What was done, and by whom, is on this page:"
        ),
        "/#chiefs",
    ),
    MILESTONE: Kind(
        N_("Milestones or actions of projects are overdue"),
        N_(
            "Milestones of projects that you look after, or actions that you took on, are overdue. "
            "They are on this page:"
        ),
        "/projects?due=overdue&mine=1",
    ),
    ESTIMATE_ASKED: Kind(
        N_("An estimate waits for your check"),
        N_("An estimate of a case waits for a check by your role. It is on this page:"),
        "/cases/{}/estimates",
    ),
    ESTIMATE_CHECKED: Kind(
        N_("An estimate of yours was checked"),
        N_("An estimate that you wrote or put up for a check was checked. It is on this page:"),
        "/cases/{}/estimates",
    ),
    ESTIMATE_RETURNED: Kind(
        N_("An estimate of yours was sent back"),
        N_(
            "An estimate that you wrote or put up for a check was sent back with a remark. "
            "It is on this page:"
        ),
        "/cases/{}/estimates",
    ),
    MEMBER_INVITATION: Kind(
        N_("Your company's pages at the office for open innovation"),
        N_(
            "The office for open innovation opened an account for you: it shows your company's needs, the "
            "lists of researchers that were released to it, and how its cases stand. No password is needed. "
            "This link signs you in once, within two weeks:"
        ),
        "/member-links/{}",
    ),
    MEMBER_LINK: Kind(
        N_("Your link to sign in"),
        N_(
            "You asked for a link to sign in to your company's pages. It holds for one time, within half an "
            "hour:"
        ),
        "/member-links/{}",
    ),
    STAND_IN: Kind(
        N_("You stand in for a colleague"),
        N_("A colleague is away, and you were asked to stand in. For whom, when and what is here:"),
        "/delegations",
    ),
    ACCOUNT: Kind(
        N_("Your one-time password was set"),
        N_(
            "The administrator set a one-time password for your account and tells you it in another "
            "way. You sign in on this page:"
        ),
        "/login",
    ),
    PASSWORD: Kind(
        N_("Your one-time password"),
        N_("The administrator set a one-time password for your account. You sign in on this page:"),
        "/login",
    ),
    TEST: Kind(
        N_("Test of sending mails"),
        N_(
            "The administrator asked for this mail to see whether mails arrive. Nothing is to be done."
        ),
        "/",
    ),
}


@dataclass(frozen=True)
class Letter:
    """Whom a mail is for and what it is about; `password` is in mails of the kind password alone."""

    mail_id: int
    kind: str
    about: str
    created_at: datetime
    login: str
    name: str
    email: str
    language: str  # ja or en
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Addressed:
    """A mail's text, and whom it goes to; `reply_to` is empty where nobody reads answers."""

    mail_id: int
    created_at: datetime
    language: str  # ja or en
    receiver: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    reply_to: str = field(default="", repr=False)


def as_mail(letter: Letter, *, sender: str, address: str, now: datetime) -> bytes:
    """Return the whole mail, its lines ended by CRLF: plain text, with one `Message-ID` at every try.

    `address` is the service's own, without a slash at the end; `now` is the mail's date.
    """
    addressed = Addressed(
        mail_id=letter.mail_id,
        created_at=letter.created_at,
        language=letter.language,
        receiver=letter.email,
        subject=translations(letter.language).say(KINDS[letter.kind].subject),
        text=text_of(letter, address),
    )
    return written(addressed, sender=sender, now=now)


def written(addressed: Addressed, *, sender: str, now: datetime) -> bytes:
    """Return a mail with its headers; answers go to `reply_to`, where there is one."""
    mail = EmailMessage(policy=_POLICY)
    language, subject = addressed.language, addressed.subject
    brand = _BRANDS[language]
    mail["Subject"] = f"【{brand}】{subject}" if language == "ja" else f"[{brand}] {subject}"
    mail["From"] = Address(brand, addr_spec=sender)
    mail["To"] = Address(addr_spec=addressed.receiver)
    if addressed.reply_to:
        mail["Reply-To"] = Address(addr_spec=addressed.reply_to)
    mail["Date"] = format_datetime(now)
    mark = f"{addressed.created_at:%Y%m%d%H%M%S%f}.{addressed.mail_id}"
    mail["Message-ID"] = f"<enmusubi.{mark}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(addressed.text)
    mail["Content-Language"] = language  # after the text: setting it drops what tells of a text
    return mail.as_bytes()


def text_of(letter: Letter, address: str) -> str:
    """Return what the mail says, in lines."""
    kind, texts = KINDS[letter.kind], translations(letter.language)
    name = " ".join(letter.name.split()) or letter.login
    link = address + kind.path.format(quote(letter.about, safe=""))
    parts = [texts.say(_GREETING, name=name), f"{texts.say(kind.told)}\n{link}"]
    if letter.kind == PASSWORD:
        login = texts.say(_LOGIN, login=letter.login)
        parts.append(f"{login}\n{texts.say(_PASSWORD, password=letter.password)}")
        parts.append(texts.say(_KEPT))
    if letter.kind in {PASSWORD, ACCOUNT, CHIEFS, *OF_MEMBERS}:
        unexpected = _UNEXPECTED_LINK if letter.kind in OF_MEMBERS else _UNEXPECTED
        parts.append(texts.say(unexpected))
    foot = ["-- ", texts.say(_FOOT)]
    if letter.kind in CHOSEN_KINDS:
        foot += [texts.say(_CHOICE), f"{address}/account"]
    return "\n\n".join(parts) + "\n\n" + "\n".join(foot) + "\n"
