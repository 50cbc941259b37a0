"""Files that may hold a person: those of the data folder are looked through, backups are named."""

import gzip
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from enmusubi.settings import Settings

ELSEWHERE = frozenset(
    {"indexes", "backups", "cache", "models"}
)  # folders that are dealt with otherwise
DATABASES = ".sqlite"  # in the names of databases and of their logs
COPIES = ("uploads", "rejects", "reports", "nightly/work")  # what is made anew, or was only brought
BACKUPS = ("*.zip", ".*.zip.new")  # the second is what a killed backup left
_ENCODINGS = ("utf-8", "cp932", "euc_jp", "utf-16-le", "utf-16-be")
_Wanted = Mapping[bytes, re.Pattern[bytes]]
_LARGEST = 200_000_000  # bytes of one member that is unpacked


def files_that_hold(settings: Settings, words: Sequence[str]) -> list[Path]:
    """Return the files of the data folder that have one of the words in them, packed or not.

    The database, the index versions and the cache are not among them: they are dealt with on their own.
    """
    wanted = _spelt(words)
    return [path for path in _files(settings) if _holds(path, wanted)]


def is_copy(settings: Settings, path: Path) -> bool:
    """Return whether a file may go with a person: other files are the service's own, and are told of."""
    return any(settings.data_dir / folder in path.parents for folder in COPIES)


def drop(settings: Settings, path: Path) -> None:
    """Delete a file; of an upload all that belongs to it."""
    uploads = settings.data_dir / "uploads"
    if uploads in path.parents:
        shutil.rmtree(uploads / path.relative_to(uploads).parts[0], ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def backups_in(folders: Sequence[Path]) -> list[Path]:
    """Return the backups in folders, the oldest first; each was written before now and may hold anybody."""
    found = [path for folder in folders for name in BACKUPS for path in folder.rglob(name)]
    found = [path for path in found if path.is_file()]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path))


def _files(settings: Settings) -> Iterator[Path]:
    for path in sorted(settings.data_dir.rglob("*")):
        is_elsewhere = path.relative_to(settings.data_dir).parts[0] in ELSEWHERE
        if path.is_file() and not (path.is_symlink() or is_elsewhere or DATABASES in path.name):
            yield path


def _spelt(words: Sequence[str]) -> _Wanted:
    """Return what to look for in a file's bytes, in small letters: words as files encode them.

    Each with the expression that finds it where it is not part of a longer id or name; the word itself is
    looked for first, which is quicker by far.
    """
    spelt = {(word, encoding) for word in words for encoding in _ENCODINGS}
    spelt |= {(json.dumps(word)[1:-1], "utf-8") for word in words}
    return dict(found for one in sorted(spelt) if (found := _alone(*one)))


def _alone(word: str, encoding: str) -> tuple[bytes, re.Pattern[bytes]] | None:
    try:
        made = word.encode(encoding).lower()
    except UnicodeEncodeError:
        return None
    letter = b"[0-9a-z]" + b"\0" * (encoding == "utf-16-le")
    if encoding == "utf-16-be":
        letter = b"\0[0-9a-z]"
    before = b"(?<!" + letter + b")" if word[0].isascii() and word[0].isalnum() else b""
    after = b"(?!" + letter + b")" if word.isascii() and word[-1].isalnum() else b""
    return made, re.compile(before + re.escape(made) + after)


def _holds(path: Path, wanted: _Wanted) -> bool:
    with suppress(
        OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError
    ):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                return any(
                    _has(packed.read(one), wanted)
                    for one in packed.infolist()
                    if one.file_size < _LARGEST
                )
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                return _has(stream.read(_LARGEST), wanted)
        return _has(path.read_bytes(), wanted)
    return False


def _has(content: bytes, wanted: _Wanted) -> bool:
    small = content.lower()
    return any(word in small and alone.search(small) for word, alone in wanted.items())
