"""The words that needs of several organisations share: technical ones that research has, of two owners."""

from typing import Any

import pytest

from matcher.indexing import build_index
from matcher.shared_terms import OwnedText, shared_terms
from matcher.version_files import read_snapshot
from tests.conftest import WordEncoder


@pytest.fixture
def snapshot(corpus_of: Any, word_encoder: WordEncoder, tmp_path: Any) -> Any:
    """An index in which three of five seeds speak of barrier films."""
    texts = ["A barrier film for food."] * 3 + ["Bridges corrode.", "Bees fly."]
    seeds = [
        {"seed_id": f"s{n}", "text": text, "people": [f"r{n}"]} for n, text in enumerate(texts)
    ]
    return read_snapshot(build_index(corpus_of(seeds), [], word_encoder, None, tmp_path, keep=1))


def needs(*texts: tuple[str, str]) -> list[OwnedText]:
    return [OwnedText(owner, "en", text) for owner, text in texts]


def test_a_word_of_two_owners_that_research_has_is_shared(snapshot: Any) -> None:
    asked = needs(
        ("a", "We want a barrier film."), ("b", "A barrier film is sought by Zeppo Foods.")
    )

    assert shared_terms(asked, snapshot) == ("barrier film",)


def test_what_one_owner_says_twice_or_research_lacks_is_not(snapshot: Any) -> None:
    assert shared_terms(needs(("a", "a barrier film"), ("a", "barrier film")), snapshot) == ()
    assert shared_terms(needs(("a", "our Zeppo plant"), ("b", "the Zeppo plant")), snapshot) == ()
    rare = needs(("a", "corroding bridges"), ("b", "corroding bridges"))  # in one passage alone
    assert shared_terms(rare, snapshot) == ()
