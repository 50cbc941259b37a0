"""Prepares letters, one a person: of which work each tells, in which language, what is asked by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from enmusubi.inquiry_settings import InquirySettings
from matcher.records import Evidence, MatchList, Need
from office.inquiries.asking import addresses_of, check_may_ask
from office.inquiries.drafting import (
    DraftParts,
    default_wish,
    language_for,
    letter_of,
    may_be_told,
)
from office.inquiries.kept import asked_lately, researchers_asked
from office.matching import Question
from office.needs.reading import need_of
from office.people import cards_of
from office.veil.deciding import veil_before_nda

SEARCHED = 100  # ranks among which a person's evidence is looked for
DAYS_TO_ANSWER = 14


@dataclass(frozen=True)
class PreparedLetter:
    """A letter that can be read and changed before it goes out, and what bounds asking this person.

    `asked` is how many letters they got within 30 days; `waits` says that they have one of this need.
    """

    researcher_id: str
    language: str
    message: str = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)
    asked: int
    waits: bool


@dataclass(frozen=True)
class LetterWording:
    """What whoever asks wants otherwise; what is empty or None is proposed."""

    language: str = ""
    told: str | None = field(default=None, repr=False)
    wish: str = field(default="", repr=False)
    answer_by: date | None = None
    with_company: bool = False


USUAL = LetterWording()


def question_for(need: Need) -> Question:
    """Return what is asked of matching, by the way in `INQUIRY`, to see why people were found."""
    return Question(need, SEARCHED, is_varied=True)


def why_found(matches: MatchList) -> dict[str, Evidence]:
    """Return the nearest public work of each person of a list."""
    return {m.researcher.researcher_id: m.evidence[0] for m in matches.matches if m.evidence}


def prepare_letters(  # noqa: PLR0917 - the last may be left out
    connection: Connection,
    viewer: Viewer,
    need_id: str,
    people: Sequence[str],
    found: Mapping[str, Evidence],
    settings: InquirySettings,
    wording: LetterWording = USUAL,
) -> list[PreparedLetter]:
    """Return a letter for each of the people whom the catalogue has, in their order; nothing is kept.

    Raises ForbiddenError and UnknownIdError.
    """
    need = need_of(connection, viewer, need_id)
    check_may_ask(viewer, need)
    cards, now = cards_of(connection, people), datetime.now(UTC)
    waiting = researchers_asked(connection, need_id, now)
    letters = []
    for person in dict.fromkeys(people):
        if (card := cards.get(person)) is None:
            continue
        language = wording.language or language_for(card)
        work, veil = found.get(person), veil_before_nda(connection, viewer, need, person)
        company = veil.veil.company if veil else need.company
        parts = DraftParts(
            language=language,
            name=card.name(language),
            sender=viewer.name,
            work=work.title if work else "",
            sentence=work.sentence if work and work.sentence_field == "text" else "",
            told=may_be_told(need, veil) if wording.told is None else wording.told,
            company=company if wording.with_company else "",
            wish=wording.wish or default_wish(language),
            answer_by=wording.answer_by or usual_day(settings),
        )
        letters.append(
            PreparedLetter(
                researcher_id=person,
                language=language,
                message=letter_of(parts),
                addresses=tuple(addresses_of(connection, viewer, person)),
                asked=asked_lately(connection, person, now),
                waits=person in waiting,
            )
        )
    return letters


def last_day(settings: InquirySettings) -> date:
    """Return the last day by which an answer can be wanted: the link holds no longer."""
    return date.today() + timedelta(days=settings.valid_days - 1)


def usual_day(settings: InquirySettings) -> date:
    """Return the day by which an answer is wanted unless it is said otherwise."""
    return min(last_day(settings), date.today() + timedelta(days=DAYS_TO_ANSWER))
