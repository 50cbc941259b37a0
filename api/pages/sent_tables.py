"""A table that a form sends: it lies in a temporary folder for as long as it is read."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio
from starlette.datastructures import UploadFile

from enmusubi.errors import InputError, UnreadableFileError

Made = TypeVar("Made")


async def read_table(
    file: UploadFile | None, stem: str, most: int, take: Callable[[Path], Made]
) -> Made:
    """Return what `take` makes of a file that was sent, which it finds as `stem` with the file's ending.

    Raises InputError where none was chosen, UnreadableFileError above `most` bytes, and what `take` raises.
    """
    if file is None:
        raise InputError("Choose a file first.")
    content = await file.read(most + 1)
    if len(content) > most:
        raise UnreadableFileError("The file has more than %(most)s bytes.", most=f"{most:,}")
    ending = Path(file.filename or "").suffix[:10]

    def read() -> Made:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{stem}{ending}"
            path.write_bytes(content)
            return take(path)

    return await anyio.to_thread.run_sync(read)
