"""The draft of a letter to a researcher: why they were found, what is asked, by when.

Nothing of the need comes in by itself but the text of its veil, or an open need's title: what a researcher
may be told is written, or confirmed, by whoever asks.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from enmusubi.messages import N_
from enmusubi.translation import translations
from matcher.records import ResearcherCard
from office.needs.reading import SeenNeed
from office.veil.deciding import StandingVeil

GREETING = N_("Dear %(name)s,")
SENDER = N_("I am %(name)s of the university's office for open innovation.")
NAMELESS = N_("I write from the university's office for open innovation.")
FOUND = N_("We were asked for advice by a company, and think that your work bears on it.")
WHY = N_("Why we write to you")
TOLD = N_("What it is about")
NOTHING_TOLD = N_("We can say more once you tell us that you are interested.")
COMPANY = N_("Company: %(name)s")
ASKED = N_("What we ask")
BY_WHEN = N_("Please answer by %(day)s.")
FREE = N_("You need not give reasons, and declining has no disadvantages.")
WISH = N_(
    "Could we talk for about thirty minutes, in person or online? Nothing has to be prepared."
)
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True)
class DraftParts:
    """What a letter is made of; `told` and `company` are empty unless whoever asks wrote or ticked them."""

    language: str  # ja or en
    name: str = field(repr=False)
    sender: str = field(repr=False)
    work: str = field(repr=False)
    sentence: str = field(repr=False)
    told: str = field(repr=False)
    company: str = field(repr=False)
    wish: str = field(repr=False)
    answer_by: date


def language_for(card: ResearcherCard) -> str:
    """Return ja for a researcher with a name in Japanese letters, else en."""
    return "ja" if _JAPANESE.search(card.name("ja")) else "en"


def may_be_told(need: SeenNeed, veil: StandingVeil | None = None) -> str:
    """Return what stands in the field of what the researcher may be told, before anybody writes there.

    It is the veil's text where one holds, nothing where the need has changed since.
    """
    if veil:
        return "" if veil.is_stale else f"{veil.veil.title}\n{veil.veil.text}".strip()
    return "" if need.facts.is_closed else need.title


def default_wish(language: str) -> str:
    """Return what is asked unless it is written otherwise."""
    return translations(language).say(WISH)


def letter_of(parts: DraftParts) -> str:
    """Return the text of a letter, without the link by which it is answered."""
    say = translations(parts.language).say
    head = "■ " if parts.language == "ja" else ""
    sender = say(SENDER, name=parts.sender) if parts.sender else say(NAMELESS)
    found = [f"{sender}\n{say(FOUND)}"]
    if why := [line for line in (parts.work, parts.sentence) if line]:
        found.append("\n".join([head + say(WHY), *why]))
    told = [parts.told or say(NOTHING_TOLD)]
    told += [say(COMPANY, name=parts.company)] if parts.company else []
    found.append("\n".join([head + say(TOLD), *told]))
    by_when = say(BY_WHEN, day=parts.answer_by.isoformat())
    found.append("\n".join([head + say(ASKED), parts.wish, by_when, say(FREE)]))
    return "\n\n".join([say(GREETING, name=parts.name), *found])
