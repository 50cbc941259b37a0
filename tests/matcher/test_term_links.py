"""A need's words are linked to words of the other language, by vectors that are what they are told."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.encoder.encoder import QUERY, EncodedPassage, unit
from matcher.passages import Passage, split_passages
from matcher.term_links import (
    LEAST_COSINE,
    TermLinker,
    Vocabulary,
    _largest_places,
    build_vocabulary,
    choose_words,
    load_vocabularies,
    save_vocabularies,
)
from matcher.tokens import surface_forms

pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")
JAPANESE = np.array([0, 0, 0, 0, 3.0])  # what all Japanese words share
ENGLISH = np.array([0, 0, 0, 3.0, 0])
AXES = {"salt": 0, "塩分": 0, "rust": 1, "錆": 1, "bridge": 2, "橋": 2}


class MadeEncoder:
    """Words of one meaning lie on one axis, and all of a language near a point of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def split(self, title: str, text: str) -> list[Passage]:
        return split_passages(title, text, lambda t: [(0, len(t))], max_tokens=100)

    def encode(self, passages: Sequence[Passage], *, role: str, **_: Any) -> list[EncodedPassage]:
        assert role == QUERY
        return [self._encode(passage.text) for passage in passages]

    def _encode(self, word: str) -> EncodedPassage:
        self.asked.append(word)
        vector = np.zeros(5)
        if word.rstrip("s") in AXES:
            vector[AXES[word.rstrip("s")]] = 1
        vector += ENGLISH if word.isascii() else JAPANESE
        return EncodedPassage(
            unit(vector[None].astype(np.float32))[0], np.zeros((1, 5), np.float32)
        )


def linker(*, japanese: Sequence[str] = (), english: Sequence[str] = ()) -> TermLinker:
    encoder = MadeEncoder()
    chosen = {"ja": japanese, "en": english}
    vocabularies = {
        language: build_vocabulary(words, {}, encoder, None)
        for language, words in chosen.items()
        if words
    }
    return TermLinker(vocabularies, encoder)


def both() -> TermLinker:
    return linker(english=["salt", "rust", "bridge"], japanese=["塩分", "橋", "錆"])


def nothing(language: str, word: str) -> bool:
    return False


def test_a_word_is_linked_to_the_word_of_its_meaning() -> None:
    links = both().link("塩分で橋が錆びる。橋", "ja", nothing)

    (english,) = links.values()
    found = {term.translations[0][0]: term for term in english}
    assert {"salt", "bridge"} <= set(found)
    assert found["bridge"].count == 2
    assert found["salt"].count == 1
    for term in english:
        assert sum(share for _, share in term.translations) == pytest.approx(1)
        shares = [share for _, share in term.translations]
        assert shares == sorted(shares, reverse=True)


def test_the_means_of_the_encoder_stand_in_for_a_vocabulary() -> None:
    made = build_vocabulary(["salt", "rust", "bridge"], {}, MadeEncoder(), None)
    usual = build_vocabulary(["塩分", "橋", "錆"], {}, MadeEncoder(), None).mean

    links = TermLinker({"en": made}, MadeEncoder(), {"word_ja": usual})

    (term,) = links.link("塩分", "ja", nothing)["en"]
    assert term.translations[0][0] == "salt"


def test_a_word_without_a_near_one_has_no_link() -> None:
    links = both().link("塩分と橋と宇宙", "ja", nothing)

    nearest = [term.translations[0][0] for term in links["en"]]
    assert sorted(nearest) == ["bridge", "salt"]
    assert LEAST_COSINE > 0


def test_a_word_that_stands_there_as_it_is_stands_for_itself() -> None:
    one = both()

    links = one.link("CO2と塩分", "ja", lambda language, word: (language, word) == ("en", "co2"))

    assert [t.translations for t in links["en"] if t.translations[0][0] == "co2"] == [
        (("co2", 1.0),)
    ]
    assert one.link("CO2", "ja", nothing) == {"en": ()}


def test_an_index_of_the_needs_language_alone_has_no_links_and_encodes_nothing() -> None:
    encoder = MadeEncoder()
    vocabulary = build_vocabulary(["錆", "塩分"], {}, encoder, None)
    encoder.asked.clear()

    assert TermLinker({"ja": vocabulary}, encoder).link("塩分", "ja", nothing) == {}
    assert TermLinker({}, encoder).link("塩分", "ja", nothing) == {}
    assert encoder.asked == []


def test_words_of_earlier_needs_are_not_encoded_again() -> None:
    encoder = MadeEncoder()
    vocabulary = build_vocabulary(["salt", "rust"], {}, encoder, None)
    one = TermLinker({"en": vocabulary}, encoder)
    first = one.link("塩分の橋", "ja", nothing)
    encoder.asked.clear()

    assert one.link("塩分の橋", "ja", nothing) == first
    assert encoder.asked == []


def test_words_that_the_index_has_are_not_encoded() -> None:
    encoder = MadeEncoder()
    japanese = build_vocabulary(["塩分", "橋", "錆"], {}, encoder, None)
    english = build_vocabulary(["salt", "rust", "bridge"], {}, encoder, None)
    encoder.asked.clear()

    links = TermLinker({"ja": japanese, "en": english}, encoder).link(
        "塩分と橋と宇宙", "ja", nothing
    )

    assert encoder.asked == ["宇宙"]
    assert sorted(term.translations[0][0] for term in links["en"]) == ["bridge", "salt"]


def test_english_words_are_encoded_as_they_are_written() -> None:
    surfaces = surface_forms("en", ["Bridges rust. Bridges of steel, a bridge."])

    encoder = MadeEncoder()
    build_vocabulary(["bridg", "rust"], surfaces, encoder, None)

    assert surfaces["bridg"] == "bridges"
    assert encoder.asked == ["bridges", "rust"]
    assert surface_forms("ja", ["橋が錆びる"]) == {}


def test_words_of_one_passage_and_of_too_many_are_left_out() -> None:
    passages = [["every", "twice", "a", "1990", "橋"] if n < 2 else ["every"] for n in range(30)]
    passages[0].append("once")

    assert choose_words(passages) == ["twice", "橋"]
    assert choose_words([["every", "often"], ["every"]]) == ["every"]  # ten are never too many


def test_a_word_that_is_near_to_everything_is_a_hub() -> None:
    vectors = {"hub": [1, 1, 1], "a": [1, 0, 0], "b": [0, 1, 0], "c": [0, 0, 1]}

    class Told(MadeEncoder):
        def _encode(self, word: str) -> EncodedPassage:
            return EncodedPassage(np.array(vectors[word], np.float32), np.zeros((1, 3), np.float32))

    made = build_vocabulary(list(vectors), {}, Told(), None)

    centred = unit(np.array(list(vectors.values()), np.float32) - made.mean)
    others = (centred @ centred.T - np.eye(4)).sum(axis=1) / 3
    assert made.hubness == pytest.approx(others, abs=1e-6)
    assert build_vocabulary(["hub"], {}, Told(), None).hubness.tolist() == [0]


def test_vocabularies_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = build_vocabulary(["塩分", "錆"], {}, MadeEncoder(), None)

    save_vocabularies(tmp_path, {"ja": made})
    read = load_vocabularies(tmp_path)

    assert set(read) == {"ja"}
    assert isinstance(read["ja"], Vocabulary)
    assert read["ja"].words == ("塩分", "錆")
    assert read["ja"].vectors == pytest.approx(made.vectors, abs=1e-3)
    assert read["ja"].hubness == pytest.approx(made.hubness, abs=1e-6)
    assert load_vocabularies(tmp_path / "older") == {}


def test_the_largest_of_each_row_are_those_of_a_stable_sort() -> None:
    """Ties too, at the border and all through."""
    rng = np.random.default_rng(3)
    values = rng.integers(0, 6, (40, 50)).astype(np.float32)
    values[0] = 1.0
    for count in (1, 7, 50):
        wanted = np.argsort(-values, axis=1, kind="stable")[:, :count]
        assert (_largest_places(values, count) == wanted).all()
