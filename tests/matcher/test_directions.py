"""What is asked the other way round says what the need's own list says, over real indexes and weights."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from enmusubi.errors import UnknownIdError
from matcher import directions
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.outbound import JOINT, PROFILE, CompanyDocument, words_of
from matcher.recommender import Recommender
from matcher.records import INTERNAL, Need
from matcher.spreading import Spread, spread_list
from tests.matcher.test_recommender import FILM, FRUIT, RESEARCHERS, SEEDS

TOPICS = {
    "films": "A thin film of clay and cellulose keeps oxygen out of food packages.",
    "robots": "A soft robot hand picks ripe strawberries without bruising them.",
    "bridges": "Rust eats the girders of steel bridges in the mountains.",
}


@pytest.fixture(scope="module")
def real(
    real_encoder: Encoder, corpus_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Recommender:
    more = [
        {"seed_id": f"s-{name}", "title": name, "text": text, "people": [f"r-{name}"]}
        for name, text in TOPICS.items()
    ]
    hidden = {**more[0], "seed_id": "s-hidden", "visibility": INTERNAL}
    corpus = corpus_of([*SEEDS, *more, hidden], RESEARCHERS)
    folder = tmp_path_factory.mktemp("directions")
    return Recommender.from_parts(
        build_index(corpus, [], real_encoder, None, folder, keep=1), real_encoder
    )


@pytest.mark.parametrize("need", [FRUIT, FILM], ids=["en", "ja"])
def test_for_the_same_need_and_person_both_directions_say_the_same(
    real: Recommender, need: Need
) -> None:
    forward = {m.researcher.researcher_id: m for m in real.match(need, top=100).matches}

    assert len(forward) > 4
    for person, line in forward.items():
        (reverse,) = real.match_people(need, [person]).matches
        assert reverse == line
    assert real.match_people(need, ["r-idle", "nobody"]).matches == ()


def test_the_needs_nearest_to_a_persons_public_work_are_told(real: Recommender) -> None:
    needs = [Need("Robots that harvest fruit gently"), Need("Corrosion of bridges")]
    vectors = [one for one in real.likeness_vectors(needs) if one is not None]

    near = real.needs_near("r-robots", vectors)
    assert near[0] > near[1]
    assert real.needs_near("r-bridges", vectors)[1] > near[1]
    assert real.needs_near("r-idle", vectors).tolist() == [-1, -1]
    with pytest.raises(UnknownIdError):
        real.needs_near("nobody", vectors)


def test_a_technology_finds_the_company_whose_texts_are_nearest(real: Recommender) -> None:
    said = {"bakery": "We bake bread and cakes.", "forge": "We repair steel bridges against rust."}
    vectors = real.centred(
        [one for one in real.likeness_vectors([Need(t) for t in said.values()]) if one]
    )
    documents = [
        CompanyDocument(name, PROFILE, name, "en", text, vector)
        for (name, text), vector in zip(said.items(), vectors, strict=True)
    ]
    joint = [
        CompanyDocument("packer", JOINT, "s-films", "en", TOPICS["films"]),
        CompanyDocument("secret", JOINT, "s-hidden", "en", TOPICS["films"]),
        CompanyDocument("gone", JOINT, "s-none", "en", "nothing"),
    ]

    rust = real.companies(Need("A coating that stops rust on steel bridges"), documents)
    film = real.companies(Need("Oxygen barrier film made of clay"), [*documents, *joint])

    assert [one.company for one in rust] == ["forge", "bakery"]
    assert film[0].company == "packer" and film[0].found_by[0].document.document_id == "s-films"
    assert {one.company for one in film} == {"packer", "forge", "bakery"}


def test_why_a_text_is_near_is_its_nearest_sentence_and_the_words_of_both(
    real: Recommender,
) -> None:
    text = "We have 30 people. Our steel bridges suffer from rust every winter. Thank you."
    told, empty = real.tell_likeness(Need("Coatings against rust of steel bridges"), [text, "!"])

    assert told.sentence == "Our steel bridges suffer from rust every winter."
    assert {"steel bridges", "rust"} & set(told.words)
    assert (empty.sentence, empty.words) == ("", ())


def test_a_text_that_was_told_of_is_not_encoded_again_and_kept_words_change_nothing(
    real: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    technology = Need("A robot hand that picks fruit")
    texts = [f"We pick {fruit} by hand. Help us." for fruit in ("pears", "plums", "figs")]
    first = real.tell_likeness(technology, texts)
    encoded: list[int] = []
    made = directions.encode_needs
    monkeypatch.setattr(
        directions,
        "encode_needs",
        lambda needs, *rest: encoded.append(len(needs)) or made(needs, *rest),
    )
    assert real.tell_likeness(technology, texts) == first and encoded == []
    real.tell_likeness(technology, [*texts, "We pick grapes."])
    assert encoded == [1]

    vectors = real.centred([one for one in real.likeness_vectors([Need(t) for t in texts]) if one])
    bare = [
        CompanyDocument(text, PROFILE, text, "en", text, vector)
        for text, vector in zip(texts, vectors, strict=True)
    ]
    kept = [replace(one, words=words_of(one.text, one.language)) for one in bare]
    plain = [(one.company, one.score) for one in real.companies(technology, bare)]
    assert [(one.company, one.score) for one in real.companies(technology, kept)] == plain


def test_a_spread_list_has_the_same_people_and_chances_and_tells_the_plain_ranks(
    real: Recommender,
) -> None:
    plain = replace(real.match(FRUIT, top=100), cuts=(("possible", 0.0),))  # all may change places

    spread = spread_list(plain, Spread("unexpected"), real.known_for, top=100)

    def chances(matches: Any) -> dict[str, Any]:
        return {m.researcher.researcher_id: m.probability for m in matches}

    assert chances(spread.matches) == chances(plain.matches)
    assert [m.rank for m in spread.matches] == list(range(1, len(spread.matches) + 1))
    ranks = {m.researcher.researcher_id: m.rank for m in plain.matches}
    assert all(m.plain_rank == ranks[m.researcher.researcher_id] for m in spread.matches)
    assert spread.spread is not None
    assert spread.spread.expected <= spread.spread.expected_plain
    assert spread_list(plain, Spread("safest"), real.known_for, top=100) == plain


def test_vectors_of_no_texts_are_none(real: Recommender) -> None:
    assert real.centred([]).shape == (0, 384)
    assert np.isfinite(real.needs_near("r-mori", [])).all()
