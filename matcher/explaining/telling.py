"""How telling a sentence of a seed is, whatever is asked: what the work is about, or what stands around it.

A sentence near the seed's title says what the work is about. Texts of grants and courses have others: why the
field matters, whom the money trains, how a course is marked. They can lie near a need and tell a manager
nothing, so they are shown only where nothing else is as near.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.explaining.need_parts import is_short

FloatArray = NDArray[np.float64]

# chosen by reading 120 lists of office-dev with shares from 0 to .4 (docs/quality.md)
ABOUT_SHARE = 0.4
AROUND_LOSS = 0.2  # cosines of sentences of one passage to a need differ by about .1
BEFORE_LOSS = 0.1
DOES_GAIN = 0.08

# for lower case: a pattern that ignores case has no literals to look for, and takes three times as long
_AROUND = re.compile(
    r"broader impacts?|outreach|\bk-12\b|undergraduates?|graduate students?|high[- ]school"
    r"|(?:train|prepar|educat)\w{0,12} (?:\w+ ){0,3}(?:students|generation|workforce|scientists|engineers)"
    r"|next generation of|workforce|under-?represented|curricul|fellowship|intellectual merit"
    r"|statutory mission|national competitiveness|economic growth|societal benefit"
    r"|(?:will|can|may|could) (?:also )?(?:benefit|help|inform|contribute|be shared|be disseminated|advance)"
    r"|broader (?:group|community|impact)|policymakers|stakeholders"
    r"|successful completion|transformative|(?:introduce|offer|create|develop) an? (?:\w+ )?course\b"
    r"|students will be (?:graded|evaluated)|attendance|textbook"
    r"|論文(?:の投稿|を読)|学会発表|輪読|討論を?行|演習形式"
    r"|成績|出席|履修|教科書|参考書|定期試験|小テスト|レポート|受講(?:生|者)|単位を",
)
_BEFORE = re.compile(
    r"^(?:recent(?:ly| advance\w*| year\w*| development\w*| progress)|in recent (?:years|decades)"
    r"|over the (?:past|last)|rapid growth|(?:the )?(?:growing|increasing|rapid|rising)\b|increasingly\b"
    r"|today\b|traditionally\b|ultimately\b|in addition\b|this urgency|as (?:the )?(?:world|global|demand)"
    r"|this is (?:largely|mainly|often)\b)|\b(?:has|have) (?:raised|attracted|served)\b"
    r"|\bposes? (?:an? )?(?:serious|significant|major|growing)\b|\bare (?:widely used|long chain)\b"
    r"|[?？]$|^(?:近年|昨今|今日|現在では|これまで)",
)


_DOES = re.compile(
    r"\b(?:this|the|our) (?:\w+ ){0,3}(?:project|award|research|study|work|paper|laboratory|group|team"
    r"|invention|goal|objective|aim|course|lecture)s?\b|\bwe \w+|\b(?:aims?|seeks?) to\b"
    r"|\bwill (?:develop|investigate|stud|design|examine|create|build|explore|use|test|measure|quantif)"
    r"|本(?:研究|課題|発明|講義|論文|手法)|研究室では"
    r"|を(?:開発|解明|検討|検証|提案|測定|解析|評価|構築|設計|確立|実現|明らかに|目指)|(?:する|作る)ことにした",
)

IS_SHORT = 4  # of what a sentence says, beside the place of what it loses among _LOSSES
_LOSSES = np.array([0.0, -DOES_GAIN, BEFORE_LOSS, AROUND_LOSS])


def said_by(sentences: Sequence[str]) -> NDArray[np.uint8]:
    """Return for each sentence what it says of the work, as a number that versions keep; shape (n,)."""
    said = [_place_of_loss(text) | IS_SHORT * is_short(text) for text in sentences]
    return np.array(said, dtype=np.uint8)


def losses_of(said: NDArray[np.uint8]) -> FloatArray:
    """Return for each sentence what it loses for telling what stands around the work; shape (n,).

    Less than 0 for one that says what is done.
    """
    return np.asarray(_LOSSES[said & (IS_SHORT - 1)])


def _place_of_loss(text: str) -> int:
    lower = text.lower()
    if _AROUND.search(lower):
        return 3
    if _BEFORE.search(lower):
        return 2
    return 1 if _DOES.search(lower) else 0


def about(vectors: NDArray[np.float32], is_title: NDArray[np.bool_]) -> FloatArray:
    """Return ABOUT_SHARE of each sentence's cosine to the title, or to all sentences where there is none.

    `vectors` are unit vectors of a passage's sentences, shape (n, dimension), `is_title` has the shape (n,).
    """
    of_work = (vectors[is_title] if is_title.any() else vectors).sum(axis=0)
    length = float(np.linalg.norm(of_work)) or 1.0
    return np.asarray(ABOUT_SHARE * (vectors @ of_work) / length, dtype=np.float64)
