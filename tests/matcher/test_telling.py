"""Which sentences of a seed tell what the work is about, and which what stands around it."""

import numpy as np
import pytest

from matcher.explaining.telling import (
    ABOUT_SHARE,
    AROUND_LOSS,
    BEFORE_LOSS,
    DOES_GAIN,
    about,
    losses_of,
    said_by,
)


@pytest.mark.parametrize(
    ("sentence", "loss"),
    [
        ("The project will train the next generation of scientists.", AROUND_LOSS),
        ("In addition, the work can help towns advise their residents.", AROUND_LOSS),
        ("成績は出席とレポートにより評価する。", AROUND_LOSS),
        ("Rapid growth in demand calls for smaller converters.", BEFORE_LOSS),
        ("Salt in wells poses a serious threat to farms.", BEFORE_LOSS),
        ("This is largely due to the lack of tools.", BEFORE_LOSS),
        ("私たちはどれだけ森林のことを知っているのだろう?", BEFORE_LOSS),
        ("国内外の論文を読み、討論をおこなう。", AROUND_LOSS),
        ("近年、食品の長期保存への要望が高まっている。", BEFORE_LOSS),
        ("This project aims to develop smart coils for motors.", -DOES_GAIN),
        ("本研究では、米菓の油脂の酸化を抑える包装を扱う。", -DOES_GAIN),
        ("Antioxidants slow the oxidation of rice bran oil.", 0.0),
        ("酸素透過度と保存温度が酸化速度を決める。", 0.0),
    ],
)
def test_what_stands_around_the_work_loses_and_what_is_done_gains(
    sentence: str, loss: float
) -> None:
    assert losses_of(said_by([sentence])).tolist() == [loss]


def test_a_sentence_near_the_title_is_about_the_work() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    is_title = np.array([True, False, False, False])

    assert about(vectors, is_title) == pytest.approx([ABOUT_SHARE, ABOUT_SHARE, 0, -ABOUT_SHARE])


def test_without_a_title_the_sentences_together_say_what_the_work_is_about() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    shares = about(vectors, np.zeros(3, dtype=bool))

    assert shares[0] == shares[1] > shares[2] > 0
    assert not about(np.array([[1, 0], [-1, 0]], dtype=np.float32), np.zeros(2, dtype=bool)).any()


def test_capitals_change_nothing_of_what_a_sentence_tells() -> None:
    sentences = [
        "THE NEXT GENERATION OF SCIENTISTS AND K-12 SCHOOLS",
        "Today wells dry up.",
        "WE MEASURE.",
    ]
    assert losses_of(said_by(sentences)).tolist() == [AROUND_LOSS, BEFORE_LOSS, -DOES_GAIN]
