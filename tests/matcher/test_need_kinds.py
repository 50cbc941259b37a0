"""Sustaining and disruptive needs are told apart, as docs/exploring.md says how well."""

from pathlib import Path

import numpy as np
import pytest

from enmusubi.errors import StorageError
from matcher.encoder.encoder import Encoder
from matcher.need_kinds.classifier import (
    DISRUPTIVE,
    SUSTAINING,
    NeedKinds,
    load_kinds,
    save_kinds,
)
from training.need_kinds import fit_kinds, kind_figures, read_examples


def test_needs_that_no_fit_has_seen_are_told_apart_in_both_languages(
    real_encoder: Encoder,
) -> None:
    examples = read_examples(real_encoder)
    held_out = [one for one in examples if one.held_out]
    shipped = load_kinds(real_encoder.checksum)

    assert shipped is not None and len(held_out) == 24
    for language in ("ja", "en"):
        figures = kind_figures(shipped, [one for one in held_out if one.language == language])
        assert figures[DISRUPTIVE] >= 0.75 and figures[SUSTAINING] >= 0.8
    fitted = fit_kinds([one for one in examples if not one.held_out])
    assert [shipped.guess(one.vector).kind for one in held_out] == [
        fitted.guess(one.vector).kind for one in held_out
    ]


def test_weights_hold_for_their_encoder_alone_and_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kinds.npz"
    kinds = NeedKinds(np.array([2.0, 0.0, -1.0]))
    save_kinds(path, kinds, "abc")

    again = load_kinds("abc", path)
    assert again is not None
    assert again.guess(np.array([1.0, 0.0])).kind == DISRUPTIVE
    assert again.guess(np.array([0.5, 0.0])).kind == SUSTAINING  # in doubt
    assert load_kinds("xyz", path) is None
    path.write_bytes(b"nothing")
    with pytest.raises(StorageError, match="fit_need_kinds"):
        load_kinds("other", path)
