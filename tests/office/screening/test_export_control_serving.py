"""The pre-screen with the encoder that serves: sentences that say the same in other words are found."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matcher.centring import centre, shipped_means
from matcher.encoder.encoder import QUERY
from matcher.indexing import build_index
from matcher.queries import encode_needs
from matcher.recommender import Recommender
from matcher.records import Need
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender
from office.needs.reading import SeenNeed
from office.screening.export_control import (
    VECTOR,
    WORDS,
    ScreenedText,
    export_control_findings,
)
from office.screening.export_control_examples import encode_examples
from office.screening.export_control_serving import PreScreen
from office.screening.export_control_topics import load_topics
from tests.conftest import make_corpus

NEEDS = Path(__file__).parents[2] / "quality" / "export_control_needs.jsonl"
GREETING = "いつもお世話になっております。"
EXAMPLE = next(t.examples[0] for t in load_topics().topics if t.id == "underwater-acoustics")
MAX_CHARS = 500


def seen(text: str) -> SeenNeed:
    return SeenNeed(
        need_id="N-1",
        title="",
        text=text,
        lang="ja",
        organisation_id="",
        company="",
        area="",
        horizon="",
        budget_jpy=None,
        constraints="",
        confidentiality="public",
        manager="",
        status="open",
        posted_on=None,
        updated_at=datetime(2026, 6, 1, tzinfo=UTC),
        version="1",
    )


@pytest.fixture
def live(word_encoder, tmp_path):
    seed = {"seed_id": "s", "title": "食品包装の薄い膜", "text": "", "people": ["r-1"]}
    version = build_index(make_corpus([seed]), [], word_encoder, None, tmp_path / "i", keep=1)
    recommender = Recommender.from_parts(version, word_encoder)
    return LiveRecommender(lambda _: recommender, lambda: "one")


@pytest.fixture
def gate():
    made = EncoderGate(4)
    yield made
    made.close()


def test_a_sentence_like_an_example_is_found_by_its_vector_too(live, gate):
    live.get()
    found = PreScreen(live, gate, MAX_CHARS, load_topics()).findings(seen(GREETING + EXAMPLE))

    (finding,) = [one for one in found if one.topic_id == "underwater-acoustics"]
    assert VECTOR in finding.found_by and finding.sentence == EXAMPLE
    assert finding.similarity is not None and finding.similarity > 0.9


def test_the_examples_are_encoded_once(live, gate):
    live.get()
    screen = PreScreen(live, gate, MAX_CHARS, load_topics())
    screen.findings(seen(EXAMPLE))
    first = screen._examples
    screen.findings(seen(EXAMPLE))

    assert first is not None and screen._examples is first


def test_words_alone_are_looked_at_while_nothing_serves_and_for_what_cannot_be_matched(live, gate):
    screen = PreScreen(live, gate, MAX_CHARS, load_topics())
    text = "港のソナーを作りたい。"
    (before,) = screen.findings(seen(text))
    live.get()
    (long,) = screen.findings(seen(text + "あ" * MAX_CHARS))

    assert before.found_by == long.found_by == (WORDS,)
    assert screen.findings(seen("。")) == ()


def test_laymens_words_are_found_by_vectors_in_half_of_the_needs_and_few_others(real_encoder):
    rows = [json.loads(line) for line in NEEDS.read_text("utf-8").splitlines()]
    means = real_encoder.language_means or shipped_means(real_encoder.checksum)
    examples = encode_examples(load_topics(), real_encoder)
    needs = [Need(row["text"], row["id"]) for row in rows]
    right: dict[str, list[bool]] = {}
    for row, one in zip(rows, encode_needs(needs, real_encoder, None), strict=True):
        languages = [one.language] * len(one.sentences)
        vectors = centre(one.sentences, languages, QUERY, means)
        text = ScreenedText(one.text, places=one.places, vectors=vectors)
        flags = export_control_findings([text], examples=examples)
        shown = {item for flag in flags for item in flag.items}
        group = row["half"] if row["items"] else "others"
        right.setdefault(group, []).append(
            set(row["items"]) <= shown if row["items"] else not shown
        )

    shares = {group: sum(held) / len(held) for group, held in right.items()}
    assert min(shares["development"], shares["held-out"]) >= 0.95
    assert min(shares["plain-development"], shares["plain-held-out"]) >= 0.4
    assert shares["others"] >= 0.9
