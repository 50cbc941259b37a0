"""Greetings, who writes and closings are no parts of a need that evidence could answer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.need_roles.classifier import (
    ROLES,
    TERMS,
    WISH,
    NeedRoles,
    load_roles,
    save_roles,
    sentence_features,
)
from matcher.recommender import Recommender
from matcher.records import Need
from training.need_roles import EXAMPLES, RoleText, fit_roles, read_texts, role_figures

MAIL = (
    "いつもお世話になっております。",
    "弊社は瀬戸内で海苔の佃煮を製造している従業員三十名の会社です。",
    "瓶を開けてから二週間ほどで表面に白い膜が張り、お客様から問い合わせが続いています。",
    "保存料を増やさずに、開封後も風味を保てる製法を探しています。",
    "お忙しいところ恐れ入りますが、何卒よろしくお願い申し上げます。",
)
LETTER = (
    "Dear Sir or Madam, I hope that this letter finds you well.",
    "We are a family company that makes umbrellas and sunshades in the north.",
    "The coating washes off after one rainy season and customers send the umbrellas back.",
    "We would like to find a coating without fluorine that lasts for five years.",
    "Thank you very much for your time, and kind regards to your colleagues.",
)


def shown_parts(encoder: Encoder, corpus_of: Any, folder: Path, need: Need) -> list[str]:
    seeds = [{"seed_id": "s", "text": "Films that keep water out of paper.", "people": ["r"]}]
    version = build_index(corpus_of(seeds), [], encoder, None, folder, keep=1)
    recommender = Recommender.from_parts(version, encoder)
    query = recommender.query(need)
    return [part.text for part in recommender._maker.parts(need, query).parts]


@pytest.mark.parametrize(("mail", "joint"), [(MAIL, ""), (LETTER, " ")], ids=["ja", "en"])
def test_only_what_can_be_answered_is_a_part(
    real_encoder: Encoder, corpus_of: Any, tmp_path: Path, *, mail: tuple[str, ...], joint: str
) -> None:
    parts = shown_parts(real_encoder, corpus_of, tmp_path, Need(joint.join(mail)))

    assert parts == list(mail[2:4])


def test_a_title_and_a_need_of_one_sentence_are_parts(
    real_encoder: Encoder, corpus_of: Any, tmp_path: Path
) -> None:
    titled = Need("".join(MAIL), title="開けた瓶の佃煮を長持ちさせたい")
    only = Need("Thank you for helping us with our umbrellas.")

    assert shown_parts(real_encoder, corpus_of, tmp_path / "a", titled)[0] == titled.title
    assert shown_parts(real_encoder, corpus_of, tmp_path / "b", only) == [only.text]


def assert_told_apart(roles: NeedRoles | None, held_out: list[RoleText]) -> None:
    assert roles is not None
    assert {text.language for text in held_out} == {"ja", "en"}
    figures = role_figures(roles, held_out)
    assert figures["sentences"] > 180
    for name, floor in FLOOR.items():
        assert figures[name] > floor, name


def test_texts_held_out_are_told_apart(real_encoder: Encoder, tmp_path: Path) -> None:
    texts = json.loads(EXAMPLES.read_text("utf-8"))["texts"]
    alone = tmp_path / "held_out.json"
    alone.write_text(json.dumps({"texts": [text for text in texts if text.get("held_out")]}))
    held_out = read_texts(real_encoder, alone)

    assert all(text.held_out for text in held_out)
    assert_told_apart(load_roles(real_encoder.checksum), held_out)
    assert_told_apart(fit_roles(held_out), held_out)  # what is fitted tells apart what it was shown


@pytest.mark.exhaustive
def test_the_shipped_weights_are_those_that_the_texts_give(real_encoder: Encoder) -> None:
    fitted = load_roles(real_encoder.checksum)
    anew = fit_roles([text for text in read_texts(real_encoder) if not text.held_out])

    assert fitted is not None
    assert anew.weights == pytest.approx(
        fitted.weights, abs=0.05
    )  # serving may compute in half precision


FLOOR = {"never answered": 0.95, "answerable": 0.95, "wish": 0.85}


def test_another_encoder_tells_nothing_and_every_sentence_may_be_answered(
    word_encoder: Any, corpus_of: Any, tmp_path: Path
) -> None:
    assert load_roles(word_encoder.checksum) is None
    parts = shown_parts(word_encoder, corpus_of, tmp_path, Need(" ".join(LETTER)))

    assert parts == list(LETTER)


def test_weights_are_written_and_read(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)[:2]
    width = sentence_features(vectors).shape[1] + 1
    weights = np.zeros((len(ROLES), width))
    weights[ROLES.index(WISH), 0] = weights[ROLES.index(TERMS), 1] = 1.0
    save_roles(tmp_path / "roles.npz", NeedRoles(weights), "abc")

    read = load_roles("abc", tmp_path / "roles.npz")

    assert read is not None
    assert read.roles(vectors) == (WISH, TERMS)
    assert read.roles(vectors[:0]) == ()
    assert load_roles("abd", tmp_path / "roles.npz") is None
