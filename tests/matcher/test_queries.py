"""Needs before retrieval: what is refused, what is matched, and the vector of a long one."""

from typing import Any

import numpy as np
import pytest

from enmusubi.errors import EmptyNeedError, InputError
from matcher.encoder.encoder import QUERY, unit
from matcher.queries import check_need, encode_needs, need_text
from matcher.records import Need


@pytest.mark.parametrize("text", ["", " \n\t", "。、！", "x", "膜", "\x00\x00", "\ud800\ud801"])
def test_a_need_without_two_letters_is_refused(text: str) -> None:
    with pytest.raises(EmptyNeedError, match="Describe in a sentence or two what is looked for"):
        check_need(Need(text), max_chars=1000)


@pytest.mark.parametrize("text", ["AI", "薄膜", "1 g", "?!? ok"])
def test_two_letters_are_enough(text: str) -> None:
    check_need(Need(text), max_chars=1000)


def test_a_need_beyond_the_limit_is_refused_without_being_quoted() -> None:
    with pytest.raises(InputError, match=r"1,500 characters, at most 1,000.*MAX_CHARS") as refusal:
        check_need(Need("zeppelin " * 166 + "ending"), max_chars=1000)

    assert "zeppelin" not in str(refusal.value)


def test_the_title_leads_the_text() -> None:
    assert need_text(Need("Keeps air\x00 out. ", title=" A film ")) == "A film\nKeeps air out."
    assert need_text(Need("Keeps air out.")) == "Keeps air out."


def test_needs_keep_their_order_and_languages(word_encoder: Any) -> None:
    needs = [Need("薄膜を検査する", "n2"), Need("A film", "n1", title="Air")]

    encoded = encode_needs(needs, word_encoder, None)

    assert [(need.need_id, need.language) for need in encoded] == [("n2", "ja"), ("n1", "en")]
    assert encoded[1].text == "Air\nA film"


def test_a_long_needs_vector_is_the_unit_mean_of_its_parts(word_encoder: Any) -> None:
    text = " ".join(f"Word{number} follows the other." for number in range(150))
    parts = word_encoder.split("", text)
    vectors = [part.vector for part in word_encoder.encode(parts, role=QUERY)]

    (need,) = encode_needs([Need(text)], word_encoder, None)

    assert len(parts) > 2
    assert need.vector == pytest.approx(unit(np.mean(vectors, axis=0)))


def test_a_need_of_signs_alone_has_a_vector_of_zeros_and_no_error(word_encoder: Any) -> None:
    (need,) = encode_needs([Need("\x00")], word_encoder, None)

    assert not need.vector.any()
