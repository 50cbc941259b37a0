"""Words to add to a need: from the best passages, in both languages, and nothing that the need has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import CONFIDENTIAL, Filters, Need
from matcher.suggestions import OF_A_LANGUAGE
from matcher.tables import Corpus

SEEDS = [
    {"seed_id": f"s-{n}", "title": "Ripe fruit",
     "text": "Infrared spectroscopy of the ripe fruit. Unrelated remarks stand here.",
     "people": [f"r-{n}"]} for n in range(3)
] + [
    {"seed_id": f"s-ja-{n}", "title": "果実の選別", "text": "果実の糖度を近赤外分光で測る。",
     "people": [f"r-ja-{n}"], "lang": "ja"} for n in range(2)
] + [
    {"seed_id": f"s-hidden-{n}", "title": "Ripe fruit", "text": "Ripe fruit by muon tomography.",
     "people": [f"r-{n}"], "visibility": CONFIDENTIAL} for n in range(2)
]  # fmt: skip


@pytest.fixture
def recommender(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> Recommender:
    version = build_index(corpus_of(SEEDS), [], word_encoder, None, tmp_path, keep=1)
    return Recommender.from_parts(version, word_encoder)


def suggested(recommender: Recommender, text: str, **asked: object) -> list[tuple[str, str]]:
    answer = recommender.answer(Need(text), **asked)  # type: ignore[arg-type]
    return [(one.language, one.term) for one in answer.suggested]


def test_words_come_in_both_languages_the_needs_own_first(recommender: Recommender) -> None:
    found = suggested(recommender, "Who sorts ripe fruit 果実?")

    languages = [language for language, _ in found]
    assert languages == sorted(languages)  # en before ja: the need is in English
    assert any("infrared" in term or "spectroscopy" in term for _, term in found)
    assert any(language == "ja" for language in languages)
    assert all(languages.count(name) <= OF_A_LANGUAGE for name in ("en", "ja"))


def test_no_word_that_the_need_has_nor_a_stop_word_is_suggested(recommender: Recommender) -> None:
    terms = [term for _, term in suggested(recommender, "Who sorts ripe fruit 果実?")]

    assert not {"ripe", "fruit", "ripe fruit", "果実"} & set(terms)
    assert not any(word in ("of", "the") for term in terms for word in term.split())


def test_hidden_seeds_give_no_words_not_even_to_who_sees_them(recommender: Recommender) -> None:
    seeing = Filters(visibilities=("public", CONFIDENTIAL))

    terms = [term for _, term in suggested(recommender, "Who sorts ripe fruit?", filters=seeing)]

    assert terms
    assert not any("muon" in term or "tomography" in term for term in terms)


def test_a_list_without_facets_has_no_suggestions(recommender: Recommender) -> None:
    assert not suggested(recommender, "Who sorts ripe fruit?", facets=())
