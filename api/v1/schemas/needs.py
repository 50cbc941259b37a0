"""Needs and who was asked in to them, as the API takes and shows them."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from api.dependencies import TEXT_PATTERN, Line, NextCursor, PageQuery
from catalogue.database.viewer import PORTAL, Viewer
from office.needs.participants import Guest
from office.needs.reading import NeedFilter, SeenNeed

MAX_TEXT_CHARS = 1_000_000  # the settings allow less; this bounds what is looked at
MAX_YEN = 10**15
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_ZERO = r"^[^\x00]*$"
ShortLine = Annotated[str, StringConstraints(max_length=1_000, pattern=TEXT_PATTERN)]
Prose = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS, pattern=_NO_ZERO)]
Area = Literal["", "competitive", "non-competitive"]
Confidentiality = Literal["public", "internal", "confidential"]


def day(given: Any) -> Any:
    """Return what may be a date: pydantic would take a number for one, too."""
    if not isinstance(given, str | date) or (isinstance(given, str) and not _DAY.fullmatch(given)):
        raise ValueError("a date such as 2026-04-01 is expected")
    return given


class NeedListQuery(PageQuery):
    """Which needs are listed; an empty field allows all."""

    status: Literal["open", "closed", "all"] = "open"
    area: Literal["competitive", "non-competitive"] | None = None
    organisation_id: Line = Field("", description="Of this company.")
    manager: Line = Field("", description="Looked after by this login.")
    lang: Literal["", "ja", "en"] = ""
    confidentiality: Literal["", "public", "internal", "confidential"] = ""

    def filter(self) -> NeedFilter:
        """Return the catalogue's filter."""
        named = self.model_dump(exclude={"cursor", "limit", "status"})
        return NeedFilter(status="" if self.status == "all" else self.status, **named)


class NeedFields(BaseModel):
    """What may be said of a need; null and "" say nothing, or clear what was said before."""

    model_config = ConfigDict(extra="forbid")

    title: ShortLine | None = Field(None, examples=["酸素を通しにくい包装膜"])
    horizon: ShortLine | None = Field(
        None, description="By when, in the company's words.", examples=["2年以内"]
    )
    constraints: Prose | None = Field(None, description="Conditions that a partner must meet.")
    organisation_id: Line | None = Field(
        None, description="The company's id; a portal names one of its own."
    )
    company: Line | None = Field(
        None, description="The company's name, in place of its id; not for portals."
    )
    lang: Literal["ja", "en"] | None = Field(None, description="Found from the text if not given.")
    area: Area | None = Field(None, description="Whether the work is competitive.")
    budget_jpy: int | None = Field(None, ge=0, le=MAX_YEN, strict=True, examples=[5000000])
    confidentiality: Confidentiality | None = Field(
        None, description="Who sees it; a new need is confidential unless it says otherwise."
    )
    manager: Line | None = Field(
        None, description="Login of who looks after it; not for portals.", examples=["kato"]
    )
    posted_on: Annotated[date, BeforeValidator(day)] | None = Field(
        None, description="A new need's is today unless it says so."
    )


class NeedIn(NeedFields):
    """A new need."""

    text: Prose = Field(
        min_length=2,
        description="What is looked for, in Japanese or English.",
        examples=["生鮮食品の包装で、酸素と水蒸気を通しにくい薄い膜を探しています。"],
    )


class NeedPatch(NeedFields):
    """What is to change of a need; what is not named stays as it is (RFC 7396)."""

    text: Prose | None = Field(None, description="What is looked for; it cannot be cleared.")


class NeedOut(BaseModel):
    """A need of the catalogue."""

    need_id: str
    title: str
    text: str
    lang: str
    organisation_id: str
    company: str
    area: str = Field(description="competitive, non-competitive, or empty: nobody said.")
    horizon: str
    budget_jpy: int | None
    constraints: str
    confidentiality: str
    manager: str = Field(description="Login of who looks after it; portals are not told.")
    status: str = Field(description="open or closed.", examples=["open"])
    posted_on: date | None
    updated_at: datetime
    is_veiled: bool = Field(
        False,
        description="Whether it is told in the words of its veil, to whom is outside its circle.",
    )

    @classmethod
    def of(cls, need: SeenNeed, viewer: Viewer) -> "NeedOut":
        """Return the answer for a need."""
        manager = "" if viewer.role == PORTAL else need.manager
        return cls.model_validate({**vars(need), "manager": manager})


class NeedsOut(BaseModel):
    """Needs, the newest first."""

    items: list[NeedOut]
    next_cursor: NextCursor


class GuestOut(BaseModel):
    """An IP or legal manager who was asked in to a need."""

    user_id: str = Field(examples=["sato"])
    name: str
    role: str = Field(description="ip or legal.", examples=["ip"])
    invited_by: str
    invited_at: datetime

    @classmethod
    def of(cls, guest: Guest) -> "GuestOut":
        """Return the answer for a guest."""
        return cls.model_validate(guest, from_attributes=True)


class GuestsOut(BaseModel):
    """Who was asked in to a need, by login."""

    items: list[GuestOut]


NEED_EXAMPLES: dict[str, Any] = {
    "portal": {
        "summary": "A portal that has one company",
        "value": {
            "title": "酸素を通しにくい包装膜",
            "text": "生鮮食品の包装で、酸素と水蒸気を通しにくい薄い膜を探しています。",
            "area": "non-competitive",
        },
    },
    "office": {
        "summary": "The office, for a company that the catalogue does not have yet",
        "value": {
            "text": "We look for a thin film for fresh food that keeps oxygen out.",
            "company": "Aonami Foods (made up)",
            "confidentiality": "internal",
            "budget_jpy": 5000000,
        },
    },
}
