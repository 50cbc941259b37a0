"""What every reader of need files gives, and the message of a size that is refused."""

from dataclasses import dataclass, field

from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message


@dataclass
class Found:
    """The text that a reader found, as it stands, and sentences about what it left out."""

    text: str = field(repr=False)
    notes: list[Message] = field(default_factory=list)


def check_unpacked(unpacked: int, most: int) -> None:
    """Raise UnreadableFileError for a file that unpacks to more than `most` bytes."""
    if unpacked > most:
        raise UnreadableFileError(
            "The file unpacks to %(count)s bytes, at most %(most)s.",
            count=f"{unpacked:,}",
            most=f"{most:,}",
        )
