"""A table that a form sends: it lies in a temporary folder for as long as it is read."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import anyio
from starlette.datastructures import UploadFile

from enmusubi.errors import EnmusubiError, InputError, UnreadableFileError
from enmusubi.messages import Message

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
            try:
                return take(path)
            except EnmusubiError as error:
                error.say(_by_its_name(error.message, path, file.filename or path.name))
                raise

    return await anyio.to_thread.run_sync(read)


def _by_its_name(message: Message, path: Path, named: str) -> Message:
    """Return what is said of the file with the name that its sender knows, not where it lay for a moment."""
    ours = {str(path), path.name}
    values = {key: named if str(value) in ours else value for key, value in message.values.items()}
    return replace(message, values=values)
