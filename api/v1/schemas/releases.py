"""Released lists, as the API takes and shows them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.parameters import AnId
from api.v1.schemas.matches import FiltersIn, MatchListOut
from office.needs.releases import MAX_CHOSEN_FROM, ReleaseChoice, Released


class ReleaseIn(BaseModel):
    """Which part of a need's list is given to the company."""

    model_config = ConfigDict(extra="forbid")

    top: int = Field(
        10, ge=1, le=100, strict=True, description="Give the best so many.", examples=[5]
    )
    researcher_ids: list[AnId] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Give these in place of the best, in the order of the list; each must be among "
        f"its first {MAX_CHOSEN_FROM:,}.",
    )
    filters: FiltersIn = Field(default_factory=FiltersIn)

    def choice(self) -> ReleaseChoice:
        """Return what is to be released."""
        return ReleaseChoice(self.top, self.researcher_ids or (), self.filters.record())


class ReleaseSummaryOut(BaseModel):
    """A released list without what it holds."""

    release_id: int
    need_id: str
    released_at: datetime
    released_by: str = Field(description="Login of who released it; portals are not told.")
    revoked_at: datetime | None = Field(description="When it was taken back; null: it stands.")

    @classmethod
    def summary(cls, released: Released) -> "ReleaseSummaryOut":
        """Return the answer for a list among others."""
        return cls.model_validate(released, from_attributes=True)


class ReleaseOut(ReleaseSummaryOut):
    """A match list as it was when it was released: of public seeds, its texts in the need's
    language."""

    content: MatchListOut

    @classmethod
    def of(cls, released: Released) -> "ReleaseOut":
        """Return the answer for a released list."""
        content = MatchListOut.model_validate_json(released.content)
        return cls.model_validate({**vars(released), "content": content})


class ReleasesOut(BaseModel):
    """Released lists, the newest first."""

    items: list[ReleaseSummaryOut]
    next_cursor: str = Field(description="`cursor` of the next page; empty on the last one.")
