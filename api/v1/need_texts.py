"""The route that reads a file as a need: its text comes back, and nothing of it is kept."""

from pathlib import PurePosixPath
from typing import Annotated

from fastapi import Depends, File, HTTPException, Request, UploadFile
from pydantic import BaseModel, Field

from api.dependencies import (
    AcceptLanguage,
    CurrentViewer,
    Services,
    allowed,
    language_for,
    problems,
)
from api.v1.json_bodies import Router
from catalogue.importers.need_files import ENDINGS, NeedDocument, read_need_document
from enmusubi.translation import say
from office.access.rules import READ_FILES

FORM = "multipart/form-data"
_NAME = "file"  # what errors call it: a name that a company gave may tell what it needs


class NeedTextOut(BaseModel):
    """What was read from a file, to be corrected by somebody before it becomes a need."""

    text: str = Field(description="The text in reading order, one line a paragraph or row.")
    notes: list[str] = Field(
        description="What was left out or could not be told, in the language that was asked for."
    )

    @classmethod
    def of(cls, document: NeedDocument, language: str) -> "NeedTextOut":
        """Return the answer for a file that was read."""
        return cls(text=document.text, notes=[say(note, language) for note in document.notes])


def build_router(services: Services) -> Router:
    """Return the route; it takes a form, unlike all others under /v1."""
    router = Router(tags=["needs"], dependencies=[Depends(takes_form)])
    max_bytes = services.settings.need.max_file_bytes

    @router.post(
        "/v1/need-texts",
        operation_id="readNeedFile",
        dependencies=allowed(READ_FILES),
        responses=problems(413),
    )
    def read(
        viewer: CurrentViewer,
        file: Annotated[
            UploadFile,
            File(
                description="The file; its name's ending says what it is: "
                f"{', '.join(ENDINGS)}. It is neither stored nor logged."
            ),
        ],
        language: AcceptLanguage = "",
    ) -> NeedTextOut:
        """Return the text of a file, to be corrected and then sent as a need's. Nothing is stored."""
        content = file.file.read(max_bytes + 1)
        document = read_need_document(_told(file), content, max_bytes=max_bytes)
        return NeedTextOut.of(document, language_for(language))

    return router


def takes_form(request: Request) -> None:
    """Raise 415 for a body that does not say that it is a form with files."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise HTTPException(415, "The body must be a form with a file: send multipart/form-data.")


def _told(file: UploadFile) -> str:
    """Return a name that has of the file's own no more than an ending that is known."""
    ending = PurePosixPath(file.filename or "").suffix.lower()
    return _NAME + (ending if ending in ENDINGS else "")
