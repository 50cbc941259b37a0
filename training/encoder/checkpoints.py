"""The folder beside an adapter's from which an interrupted training goes on."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enmusubi.atomic_files import write_atomically
from enmusubi.errors import InputError

FINGERPRINT_NAME = "fingerprint"
PROGRESS_NAME = "progress.json"  # written last: a checkpoint without it is not complete


def complete_checkpoint(checkpoints: Path) -> Path | None:
    """Return the latest checkpoint that was written to its end, or None."""
    found = [path.parent for path in checkpoints.glob(f"checkpoint-*/{PROGRESS_NAME}")]
    return max(found, key=lambda path: int(path.name.partition("-")[2]), default=None)


@contextmanager
def kept_once_begun(checkpoints: Path) -> Iterator[None]:
    """Delete the folder when the block fails before there is a checkpoint to go on from."""
    try:
        yield
    except BaseException:
        if complete_checkpoint(checkpoints) is None:
            shutil.rmtree(checkpoints, ignore_errors=True)
        raise


def check_interrupted(checkpoints: Path, *, resume: bool) -> None:
    """Raise InputError when there is nothing to resume, or something that would be lost."""
    interrupted = (checkpoints / FINGERPRINT_NAME).is_file()
    if resume and not interrupted:
        raise InputError(
            "There is nothing to resume in %(folder)s. Leave --resume out.",
            folder=checkpoints,
        )
    if interrupted and not resume:
        raise InputError(
            "A training was interrupted there (%(folder)s). Go on with --resume, or "
            "delete that folder to begin anew.",
            folder=checkpoints,
        )


def begin(checkpoints: Path, mark: str, *, resume: bool) -> None:
    """Note what is trained, or make sure that it is what was interrupted."""
    path = checkpoints / FINGERPRINT_NAME
    if resume and path.read_text("ascii") != mark:
        raise InputError(
            "%(folder)s belongs to a training with other sources or options. Give "
            "the same ones to go on, or delete that folder to begin anew.",
            folder=checkpoints,
        )
    write_atomically(path, mark.encode())
