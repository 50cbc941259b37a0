"""The shipped classifier of fields with the default encoder, on made-up texts."""

import numpy as np
import pytest

from enmusubi.language import detect_language
from matcher.centring import centre, shipped_means
from matcher.domains.classifier import Domains
from matcher.encoder.encoder import QUERY

MADE_UP = {
    "dentistry": (
        "入れ歯と歯ぐきのすき間を減らす樹脂を探しています。",
        "A cement for dental crowns",
    ),
    "law": ("契約書の条文と民法の判例を調べる研究です。", "Court decisions on copyright law"),
    "fisheries": (
        "ウナギの養殖で卵をかえす方法を研究する。",
        "Aquaculture of shrimp and fish feed",
    ),
    "artificial-intelligence": (
        "深層学習で画像を分類したい。",
        "Deep neural networks for image recognition",
    ),
}


@pytest.mark.parametrize("side", [0, 1], ids=["ja", "en"])
def test_the_shipped_classifier_knows_most_made_up_texts_in_both_languages(real_encoder, side):
    domains = Domains.load(real_encoder.checksum)
    assert domains.usable
    decided = domains.decide(vectors_of(real_encoder, [texts[side] for texts in MADE_UP.values()]))
    right = [found == field for found, field in zip(decided, MADE_UP, strict=True)]
    assert sum(right) >= len(right) - 1  # held out, nine of ten are right


def test_the_shipped_classifier_is_unsure_of_nonsense(real_encoder):
    domains = Domains.load(real_encoder.checksum)
    texts = ("zzx qwv 00", "ほげふが もげら", "hello, how are you", "あああ いいい")
    assert domains.decide(vectors_of(real_encoder, texts)) == [None] * len(texts)


def vectors_of(encoder, texts):
    parts = [encoder.split("", text)[0] for text in texts]
    raw = np.array([item.vector for item in encoder.encode(parts, role=QUERY)])
    means = encoder.language_means or shipped_means(encoder.checksum)
    return centre(raw, [detect_language(text) for text in texts], QUERY, means)
