"""Matching with the real weights: the same ranking in either precision, and the end of long texts."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from matcher.encoder.encoder import PASSAGE, Encoder
from matcher.encoder.forward import EncodedText
from matcher.encoder.loading import load_encoder
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.tables import Corpus

NEAR_TIE = 0.1  # log-odds; those of one need span 1 and more
SEEDS = (
    "酸素を通さない透明な薄膜を紙の上に作る方法。",
    "果物を傷つけない柔らかいロボットハンド。",
    "味噌の発酵を温度で制御する。",
    "高齢者の睡眠を床の振動から推定する。",
    "海水淡水化のための膜の目詰まりを防ぐ表面処理。",
    "溶接部の欠陥を超音波で検出する深層学習。",
    "リチウムイオン電池の劣化を充電曲線から診断する。",
    "畳表に使うい草の乾燥条件と色の変化。",
    "方言の音声を文字に起こす音声認識。",
    "里山の獣害を減らす監視カメラ網。",
    "Biodegradable coatings that keep oxygen out of paper packaging.",
    "Grasp planning for soft robotic grippers handling berries.",
    "Microbial dynamics in soy sauce fermentation.",
    "Contact-free sleep staging with millimetre-wave radar.",
    "Antifouling membranes for reverse osmosis.",
    "Guided ultrasonic waves reveal corrosion in steel bridges.",
    "State-of-health estimation of batteries by impedance spectroscopy.",
    "Colour stability of natural fibres under ultraviolet light.",
    "Low-resource speech recognition for endangered languages.",
    "Wildlife detection in forests with thermal cameras.",
)
NEEDS = (
    "紙の食品容器に酸素バリア性を持たせたい。",
    "イチゴを自動で収穫する装置の手先を探している。",
    "発酵食品の品質を安定させたい。",
    "見守り施設で眠りの質を測りたい。",
    "電気自動車の電池の寿命を予測したい。",
    "A way to find rust inside bridges without opening them.",
    "Keep deer and boars away from rice fields.",
    "Longer life for desalination membranes.",
    "Transcribe interviews in regional dialects.",
    "Natural fibres whose colour does not fade.",
)


@pytest.fixture(scope="module")
def corpus(corpus_of: Callable[..., Corpus]) -> Corpus:
    return corpus_of(
        [
            {"seed_id": f"s{row:02d}", "text": text, "people": [f"r{row:02d}"]}
            for row, text in enumerate(SEEDS)
        ]
    )


def scores_by_need(corpus: Corpus, encoder: Encoder, root: Path) -> dict[str, pd.Series]:
    version = build_index(corpus, [], encoder, None, root, keep=1)
    needs = [Need(text, f"n{number}") for number, text in enumerate(NEEDS)]
    run = Recommender.from_parts(version, encoder).recommend(needs, top=len(SEEDS))
    return {
        str(need_id): rows.set_index("researcher_id")["score"]
        for need_id, rows in run.groupby("need_id")
    }


def test_both_precisions_rank_alike_up_to_near_ties(
    corpus: Corpus, real_encoder: Encoder, real_cache_dir: Path, tmp_path: Path
) -> None:
    bf16 = load_encoder("default", real_cache_dir, precision="bf16")
    exact = scores_by_need(corpus, real_encoder, tmp_path / "fp32")
    short = scores_by_need(corpus, bf16, tmp_path / "bf16")

    assert sorted(exact) == sorted(short)
    for need_id, scores in exact.items():
        assert scores.max() - scores.min() > 10 * NEAR_TIE
        for one, other in combinations(scores.index, 2):
            difference = scores[one] - scores[other]
            if abs(difference) > NEAR_TIE:
                found = short[need_id][one] - short[need_id][other]
                assert found * difference > 0, (need_id, one, other)


FRUIT = "果物を傷つけずに収穫したい。"
JAPANESE_FILLER = "この報告では、建物の壁と床の点検について第{}回の会議の記録をまとめる。"
ENGLISH_FILLER = "Meeting number {} was about the walls and the floors of the old building."


@pytest.mark.parametrize(
    ("filler", "joint", "answer"),
    [
        (JAPANESE_FILLER, "", "最後に、果物を傷つけない柔らかいロボットハンドを作った。"),
        (ENGLISH_FILLER, " ", "At last, a soft robotic hand that picks fruit unharmed."),
    ],
    ids=["ja", "en"],
)
def test_the_end_of_a_long_text_is_found_and_named(
    corpus_of: Callable[..., Corpus],
    real_encoder: Encoder,
    tmp_path: Path,
    *,
    filler: str,
    joint: str,
    answer: str,
) -> None:
    text = joint.join([*(filler.format(number) for number in range(34)), answer])
    other = joint.join(filler.format(number) for number in range(34, 40))
    corpus = corpus_of(
        [
            {"seed_id": "s-long", "title": "Report", "text": text, "people": ["r-long"]},
            {"seed_id": "s-other", "title": "Report", "text": other, "people": ["r-other"]},
        ]
    )
    assert len(real_encoder.token_spans(text)) > 512

    version = build_index(corpus, [], real_encoder, None, tmp_path, keep=1)
    first = Recommender.from_parts(version, real_encoder).match(Need(FRUIT)).matches[0]

    assert first.researcher.researcher_id == "r-long"
    shown = first.evidence[0]
    assert shown.passage.endswith(answer)
    if not joint:  # across languages, among sentences that are all alike, a neighbour may be named
        assert shown.sentence == answer
        assert text[shown.sentence_start :] == answer


def test_no_passage_is_longer_than_the_model_reads(real_encoder: Encoder) -> None:
    texts = ["Is it so? No. 3 it is! " * 200, "測る。" * 600, "①～㎏ｶﾞ " * 300, "x " * 2000]

    for text in texts:
        passages = real_encoder.split("A title ①", text)
        prompts = [f"{real_encoder._prompts[PASSAGE]}{passage.text}" for passage in passages]
        sizes = [len(real_encoder._tokenizer(prompt)["input_ids"]) for prompt in prompts]
        assert max(sizes) <= 512
        assert min(sizes[:-1]) > 512 / 2


def test_needs_encoded_together_are_answered_as_alone(
    corpus: Corpus, real_encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = build_index(corpus, [], real_encoder, None, tmp_path / "indexes", keep=1)
    recommender = Recommender.from_parts(version, real_encoder)
    needs = [Need(text) for text in (*NEEDS[:7], NEEDS[0] * 40)]  # the last in several parts
    together = recommender.prepared(needs)
    encoded = []

    def run(ids: list[list[int]]) -> list[EncodedText]:
        encoded.append(len(ids))
        return forward(ids)

    forward = real_encoder._run
    with monkeypatch.context() as watched:
        watched.setattr(real_encoder, "_run", run)
        for need in needs:
            together.match(need)
    assert not encoded  # the sentences' own vectors and the words' were computed beside
    for need in needs:
        alone, joined = (
            {m.researcher.researcher_id: m.score for m in ready.match(need, top=len(SEEDS)).matches}
            for ready in (recommender, together)
        )
        # padding changes the last digits: those nearer to each other than that may change places
        assert joined == pytest.approx(alone, abs=1e-3)
