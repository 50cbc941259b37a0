"""Inquiries to researchers, as the API shows and takes them."""

from datetime import UTC, date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import AnId, Line, NextCursor
from office.inquiries.asking import InquiryDraft
from office.inquiries.kept import KeptInquiry
from office.inquiries.preparing import LetterWording, PreparedLetter

Language = Literal["ja", "en"]


class InquiryDraftsIn(BaseModel):
    """Letters to be prepared: for whom, and what is to be said otherwise than proposed."""

    model_config = ConfigDict(extra="forbid")

    need_id: AnId
    researcher_ids: list[AnId] = Field(min_length=1, max_length=20)
    language: Language | None = Field(None, description="None: by the person's name.")
    told: str | None = Field(
        None, max_length=2_000, description="What of the need is told; null: what is proposed."
    )
    wish: str = Field("", max_length=2_000, description="What is asked; empty: a talk.")
    answer_by: date | None = Field(None, description="Null: in two weeks.")
    with_company: bool = Field(False, description="Whether the letter names the company.")

    def wording(self) -> LetterWording:
        """Return what is wanted otherwise."""
        return LetterWording(
            self.language or "", self.told, self.wish.strip(), self.answer_by, self.with_company
        )


class InquiryDraftOut(BaseModel):
    """A letter to be read and changed before it is sent; nothing of it is kept."""

    researcher_id: str
    language: str
    message: str
    addresses: list[str] = Field(description="To which it could be mailed.")
    asked_within_30_days: int = Field(
        description="Letters that this person got, of whichever need."
    )
    limit: int = Field(description="How many anybody gets within 30 days.")
    waits: bool = Field(description="Whether an answer about this need is waited for.")

    @classmethod
    def of(cls, letter: PreparedLetter, limit: int) -> "InquiryDraftOut":
        """Return the answer for a letter."""
        values = {**vars(letter), "asked_within_30_days": letter.asked, "limit": limit}
        return cls.model_validate({name: values[name] for name in cls.model_fields})


class InquiryDraftsOut(BaseModel):
    """Letters in the order of the people; who is not in the catalogue has none."""

    drafts: list[InquiryDraftOut]


class InquiryIn(BaseModel):
    """A letter as it was confirmed."""

    model_config = ConfigDict(extra="forbid")

    need_id: AnId
    researcher_id: AnId
    language: Language
    message: str = Field(min_length=1, max_length=5_000)
    address: Line = Field("", description="One of the person's; empty: the text is copied.")
    with_company: bool = False

    def draft(self) -> InquiryDraft:
        """Return the letter."""
        return InquiryDraft(
            self.researcher_id, self.language, self.message, self.address, self.with_company
        )


class InquiryOut(BaseModel):
    """An inquiry, and what was answered."""

    inquiry_id: int
    need_id: str
    researcher_id: str
    state: str = Field(description="waiting, answered, expired or revoked.", examples=["waiting"])
    language: str
    message: str
    is_mailed: bool
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    reminded_at: datetime | None
    revoked_at: datetime | None
    answer: str = Field(
        description="interested, not_now, not_my_field, no_capacity; empty without an answer."
    )
    answered_at: datetime | None
    not_before: date | None
    cases: int | None
    who_else: str
    remark: str
    noted_at: datetime | None

    @classmethod
    def of(cls, kept: KeptInquiry) -> "InquiryOut":
        """Return the answer for an inquiry."""
        more = {"state": kept.state(datetime.now(UTC)), "is_mailed": bool(kept.address)}
        values = {**vars(kept), **more}
        return cls.model_validate({name: values[name] for name in cls.model_fields})


class AskedOut(InquiryOut):
    """An inquiry that was made now."""

    link: str = Field(
        "", description="The path by which a copied letter is answered, shown this once."
    )


class InquiriesOut(BaseModel):
    """A page of inquiries, the newest first."""

    items: list[InquiryOut]
    next_cursor: NextCursor


class NotedIn(BaseModel):
    """That an answer was read."""

    model_config = ConfigDict(extra="forbid")

    judge: bool = Field(
        False, description="Of `not_my_field`: also judge the person not suitable, wrong field."
    )
