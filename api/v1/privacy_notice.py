"""The routes of the privacy notice: what people are told of their data, and its versions."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import CurrentViewer, Services, allowed, problems
from api.v1.json_bodies import Router
from catalogue.database.viewer import Viewer
from enmusubi.errors import StaleVersionError
from office.access.rules import EDIT_NOTICE, may
from office.access.scoped import reading_as, writing_as
from office.privacy.notice import (
    MAX_CHARS,
    NoticeVersion,
    notice_in_force,
    save_notice,
    versions,
)

NOTICE = "/v1/privacy-notice"
Version = Annotated[int | None, Query(ge=0, le=2**31 - 1, description="Without it, the newest.")]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARS)]


class NoticeIn(BaseModel):
    """A new text of the notice, in both languages; `# ` begins a heading, `- ` an item of a list."""

    model_config = ConfigDict(extra="forbid")

    text_ja: Text = Field(examples=["# 個人情報の取り扱い\n\n当室は……"])
    text_en: Text = Field(examples=["# Your data\n\nThe office keeps …"])
    based_on: int | None = Field(
        None,
        ge=0,
        le=2**31 - 1,
        description="The version that you edited; where another is in force by now, nothing is saved (412).",
    )


class NoticeOut(BaseModel):
    """A version of the notice; 0 is what comes with the program."""

    version: int
    text_ja: str
    text_en: str
    saved_at: datetime | None
    saved_by: str = Field(description="A login, for those who may edit the notice; else empty.")

    @classmethod
    def of(cls, one: NoticeVersion, viewer: Viewer) -> Self:
        """Return a version as the API shows it to a viewer."""
        by = one.saved_by if may(viewer, EDIT_NOTICE) else ""
        return cls(**{**vars(one), "saved_by": by})


class NoticesOut(BaseModel):
    """The versions that were saved, the newest first."""

    items: list[NoticeOut]


def build_router(services: Services) -> Router:
    """Return the routes of the notice."""
    router, catalogue = Router(tags=["privacy"]), services.catalogue

    @router.get(NOTICE, operation_id="getPrivacyNotice", responses=problems(404))
    def one(viewer: CurrentViewer, version: Version = None) -> NoticeOut:
        """Return the privacy notice in force, or one of its versions. Everybody may read it."""
        with catalogue.reading() as connection:
            return NoticeOut.of(notice_in_force(connection, version), viewer)

    @router.get(
        f"{NOTICE}/versions",
        operation_id="listPrivacyNotices",
        responses=problems(),
        dependencies=allowed(EDIT_NOTICE),
    )
    def every(viewer: CurrentViewer) -> NoticesOut:
        """List the versions that were saved, the newest first."""
        with reading_as(catalogue, viewer) as connection:
            return NoticesOut(items=[NoticeOut.of(one, viewer) for one in versions(connection)])

    @router.put(
        NOTICE,
        operation_id="savePrivacyNotice",
        responses=problems(412, 413),
        dependencies=allowed(EDIT_NOTICE),
    )
    def save(viewer: CurrentViewer, notice: NoticeIn) -> NoticeOut:
        """Put a new version in force; the same texts as now make none."""
        with writing_as(catalogue, viewer) as connection:
            now = notice_in_force(connection).version
            if notice.based_on not in (None, now):
                raise StaleVersionError(
                    "Another user changed the notice since you read it. Read it again, then change it."
                )
            saved = save_notice(connection, viewer, notice.text_ja, notice.text_en)
        return NoticeOut.of(saved, viewer)

    return router
