"""`enmusubi bench encoder` measures the encoder on the catalogue's own texts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import wiring
from matcher.encoder.encoder import Encoder
from tests.cli.outcomes import Outcome
from tests.support.small_bert import small_bert

Command = Callable[..., Outcome]


def with_a_small_encoder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small BERT be the encoder of the settings."""
    encoder = Encoder(small_bert(folder), name="small", checksum="s", precision="fp32")
    monkeypatch.setattr(wiring, "encoder_of", lambda settings: encoder)


def test_an_empty_catalogue_is_measured_on_made_up_texts(
    enmusubi: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rates, the processor's limit and a short need; nothing is said of a catalogue."""
    with_a_small_encoder(tmp_path / "bert", monkeypatch)

    code, out, _ = enmusubi("bench", "encoder", "--json")
    told = json.loads(out)

    assert (code, told["texts"]) == (0, 200)
    assert told["texts_a_second"] == pytest.approx(told["texts"] / told["seconds"])
    assert 0 < told["share"] < 1
    assert told["short_ms"] > told["short_ceiling_ms"] > 0
    assert told["seeds"] == told["seconds_for_all"] == 0
    assert "The catalogue is empty" in enmusubi("bench", "encoder")[1]


def test_the_time_for_the_whole_catalogue_is_told(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the texts that are there."""
    with_a_small_encoder(tmp_path / "bert", monkeypatch)

    told = json.loads(office("bench", "encoder", "--json")[1])

    assert told["seeds"] > 0
    assert told["seconds_for_all"] == pytest.approx(told["seconds"])
