"""The questions that a vague need can be met by, and the answers that are always plausible.

Answers to *what* come from the need's own list (`choosing`); those of the others stand here. Only ACTING
ones become part of what is matched: general words about aims, attempts and success were measured to lead
a short need away from who fits it (docs/clinic.md), so that they are kept beside it, as conditions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from enmusubi.messages import N_

WHAT, WHOM, VALUE, TRIED, SUCCESS, SECRET = (
    "what", "whom", "value", "tried", "success", "secret",
)  # fmt: skip
ACTING = (WHAT, WHOM, SECRET)  # on the list
BESIDE = (VALUE, TRIED, SUCCESS)  # kept with the need's conditions, which are not matched


@dataclass(frozen=True)
class ClinicQuestion:
    """A question in English (its Japanese stands in the catalogue), and how an answer is said in a need.

    `said` has the sentence in both languages, with `%(answer)s`; `answers` are ready ones.
    """

    question_id: str
    text: str
    said: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]]


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


def _ready(ja: str, en: str) -> dict[str, tuple[str, ...]]:
    return {"ja": tuple(ja.split("／")), "en": tuple(en.split(" / "))}


QUESTIONS: Mapping[str, ClinicQuestion] = {
    one.question_id: one
    for one in (
        ClinicQuestion(
            WHAT,
            N_("Which of these works is nearest to what you mean?"),
            _both("特に%(answer)sについて知りたい。", "It is mainly about %(answer)s."),
            {},
        ),
        ClinicQuestion(
            WHOM,
            N_("For whom, or where, is it to be used?"),
            _both("使うのは%(answer)sである。", "It is to be used in %(answer)s."),
            _ready(
                "食品の製造や流通／工場の製造設備／医療や介護の現場／住宅や社会基盤の維持管理／"
                "農業や水産業／家庭や店頭の消費者／自社の事務や管理の業務／自動車や機械の部品／"
                "電子機器や電池",
                "making and selling food / machines of a factory / hospitals and care / "
                "upkeep of buildings and infrastructure / farming and fisheries / "
                "households and shops / our own office work / parts of cars and machines / "
                "electronic devices and batteries",
            ),
        ),
        ClinicQuestion(
            VALUE,
            N_("What should become better?"),
            _both("%(answer)sことが目的である。", "The aim is to %(answer)s."),
            _ready(
                "材料や部品の性能を高める／寿命や鮮度を延ばす／不良や故障を早く見つける／"
                "人手や作業時間を減らす／安全性や衛生を高める／環境への負荷を減らす／"
                "廃棄物を役立てる／売れ行きや使い心地をよくする／計画や経営の判断をよくする",
                "raise the performance of materials or parts / "
                "make things last or keep fresh longer / find defects and failures early / "
                "save labour and time / make it safer or cleaner / "
                "lower the burden on the environment / make use of waste / "
                "sell better or feel better in use / plan and decide better",
            ),
        ),
        ClinicQuestion(
            TRIED,
            N_("What have you tried so far?"),
            _both(
                "これまでに%(answer)sが、解決していない。",
                "We have tried %(answer)s, without success.",
            ),
            _ready(
                "材料や部品を変えてみた／設備や条件を調整した／センサーで測ってみた／"
                "データを集めて分析した／作業の手順や配置を見直した／外部の業者に頼んだ",
                "other materials or parts / adjusting machines and conditions / "
                "measuring with sensors / collecting and analysing data / "
                "other procedures and shifts / asking a supplier",
            ),
        ),
        ClinicQuestion(
            SUCCESS,
            N_("What would count as a success?"),
            _both("%(answer)sを成果としたい。", "A success would be %(answer)s."),
            _ready(
                "原因や仕組みの解明／試作品での性能の確認／現場で使える測定や検査の方法／"
                "予測や計画の道具／製造の条件や手順／契約や制度の案／利用者による効果の確認",
                "an explanation of the causes / a prototype that performs / "
                "a way to measure or inspect on site / a tool that predicts or plans / "
                "conditions of a process / a draft of rules or contracts / "
                "an effect that users confirm",
            ),
        ),
        ClinicQuestion(
            SECRET,
            N_("May others in the trade know of it?"),
            _both("", ""),
            {},
        ),
    )
}
AREAS = {  # answers about secrecy, and the area that each makes the need of
    "competitive": N_("No, it touches competition"),
    "non-competitive": N_("Yes, others may join"),
}
