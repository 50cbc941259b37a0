"""Opens files for reading, compressed or not, and lists the files of a folder.

Damage that shows while reading becomes UnreadableFileError, which names the file.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from enmusubi.matcher.errors import UnreadableFileError

COMPRESSED = ".gz"


def file_type(path: Path) -> str:
    """Return the suffix that tells the format, in lower case: `.csv` of `People.CSV.gz`."""
    name = path.name.lower()
    return Path(name.removesuffix(COMPRESSED)).suffix


@contextmanager
def opened(path: Path) -> Iterator[tuple[io.BufferedReader, io.BufferedReader]]:
    """Give the file's content, decompressed if need be, and the file as it lies on disk.

    The second tells by `tell()` how far reading has come.
    """
    with readable(path), path.open("rb") as raw:
        if path.name.lower().endswith(COMPRESSED):
            with gzip.GzipFile(fileobj=raw) as content:
                yield cast(io.BufferedReader, content), raw
        else:
            yield raw, raw


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise UnreadableFileError for what the system or the decompressor finds wrong."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {path}. Check the path.") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFileError(
            f"{path} is damaged: its gzip data breaks off or is wrong. Make or fetch it again."
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableFileError(
            f"{path} cannot be read: {reason}. Check that it is a file and that you may read it."
        ) from error


def list_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files, folders replaced by the files in them (by name, hidden ones left out).

    Raises UnreadableFileError for a path that does not exist.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (entry for entry in path.rglob("*") if entry.is_file())
            files += sorted(entry for entry in inside if not _is_hidden(entry, path))
        elif path.exists():
            files.append(path)
        else:
            raise UnreadableFileError(f"There is no file {path}. Check the path.")
    return files


def _is_hidden(entry: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in entry.relative_to(folder).parts)
