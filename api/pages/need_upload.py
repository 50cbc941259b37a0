"""Files that a form of a need sends: read as text, which is shown to be corrected before it is used."""

from dataclasses import dataclass, field
from typing import Annotated, Any

import anyio
from fastapi import Depends, File
from fastapi import UploadFile as FormFile
from starlette.datastructures import UploadFile
from starlette.requests import Request

from api.middleware.rate_limits import limit_searches
from catalogue.importers.need_files import read_need_document
from enmusubi.messages import Message

FEW_ROWS, MANY_ROWS = 5, 20  # of a box that shows a text


@dataclass(frozen=True)
class ReadFile:
    """A file that was read as a need and is to be checked: its name, its text, what was left out."""

    name: str = field(repr=False)
    text: str = field(repr=False)
    notes: tuple[Message, ...] = ()


def rows_of(text: str, least: int = FEW_ROWS) -> int:
    """Return how many rows a box has that shows a text, of those that a page has room for."""
    return min(max(least, text.count("\n") + 2), MANY_ROWS)


async def read_upload(file: Any, max_bytes: int) -> ReadFile | None:
    """Return what is written in an uploaded file, None where none was chosen."""
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return await anyio.to_thread.run_sync(read_chosen, file, max_bytes)


def read_chosen(file: UploadFile, max_bytes: int) -> ReadFile:
    """Return what is written in a file that was chosen; raises UnreadableFileError."""
    name = file.filename or ""
    document = read_need_document(name, file.file.read(max_bytes + 1), max_bytes=max_bytes)
    return ReadFile(name, document.text, document.notes)


async def _chosen(
    request: Request, file: Annotated[FormFile | None, File()] = None
) -> UploadFile | None:
    """Return the file of a form, None where none was chosen; reading one counts as a search."""
    if file is None or not file.filename:
        return None
    await limit_searches(request)
    return file


ChosenFile = Annotated[UploadFile | None, Depends(_chosen)]
