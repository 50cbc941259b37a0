"""Writes compound files (MS-CFB) with a few small streams, as Outlook's messages are."""

import struct
from collections.abc import Mapping

_SECTOR, _MINI = 512, 64
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_PLACE_OF_START = 116  # in an entry of the directory
_STREAM, _STORAGE, _ROOT = 2, 1, 5


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return a file with these streams, each of less than 4,096 bytes; a name may be `storage/stream`.

    The red-black trees of the directory are lists: each entry has the next one on its right.
    """
    mini, chains, entries = b"", list[int](), list[tuple[str, int, int, int, list[str]]]()
    storages = sorted({name.partition("/")[0] for name in streams if "/" in name})
    top = [*storages, *(name for name in streams if "/" not in name)]
    order = [*top, *(name for name in streams if "/" in name)]
    for name in order:
        content = streams.get(name, b"")
        start = len(mini) // _MINI if content else _END
        count = -(-len(content) // _MINI)
        chains += [start + n + 1 for n in range(count - 1)] + [_END] * bool(count)
        mini += content.ljust(count * _MINI, b"\0")
        inner = [other for other in order if other.startswith(f"{name}/")]
        entries.append(
            (name.rpartition("/")[2], _STORAGE if inner else _STREAM, start, len(content), inner)
        )
    directory = _entry(
        "Root Entry", _ROOT, 0, len(mini), _NONE, order.index(top[0]) + 1 if top else _NONE
    )
    for place, (name, kind, start, size, inner) in enumerate(entries):
        storage = order[place].rpartition("/")[0]
        siblings = [other for other in order if other.rpartition("/")[0] == storage]
        at = siblings.index(order[place])
        beside = order.index(siblings[at + 1]) + 1 if at + 1 < len(siblings) else _NONE
        below = order.index(inner[0]) + 1 if inner else _NONE
        directory += _entry(name, kind, start if kind == _STREAM else 0, size, beside, below)
    directory = _padded(directory)
    mini_fat = _padded(struct.pack(f"<{len(chains)}I", *chains), b"\xff")
    mini = _padded(mini)
    counts = [len(part) // _SECTOR for part in (directory, mini_fat, mini)]
    starts = [1, 1 + counts[0], 1 + counts[0] + counts[1]]
    root = bytearray(directory)
    struct.pack_into("<I", root, _PLACE_OF_START, starts[2])  # of the small streams' sectors
    fat = [_FAT]
    for begin, count in zip(starts, counts, strict=True):
        fat += [begin + n + 1 for n in range(count - 1)] + [_END] * bool(count)
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, starts[0], 0, 4096, starts[1], counts[1], _END, 0, 0,
    )  # fmt: skip
    header += struct.pack("<108I", *[_FREE] * 108)
    return (
        header
        + _padded(struct.pack(f"<{len(fat)}I", *fat), b"\xff")
        + bytes(root)
        + mini_fat
        + mini
    )


def _entry(  # noqa: PLR0917 - in the order in which they stand
    name: str, kind: int, start: int, size: int, beside: int, below: int
) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        raw,
        len(raw),
        kind,
        1,
        _NONE,
        beside,
        below,
        b"",
        0,
        0,
        0,
        start,
        size,
    )


def _padded(content: bytes, filling: bytes = b"\0") -> bytes:
    return content + filling * (-len(content) % _SECTOR)
