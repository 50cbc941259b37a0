"""Which figures there are, in their groups, with their units and definitions in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.database.case_models import CASE_STAGES, DEPLOYMENT

FINANCE, SPEED, LEARNING = "finance", "speed", "learning"
GROUPS = (FINANCE, SPEED, LEARNING)
YEN, DAYS, SHARE, COUNT = "yen", "days", "share", "count"
SUM, MEAN, RATIO = "sum", "mean", "ratio"
SELF_SUFFICIENCY = "self_sufficiency"
STAND_ALONE_YEARS = 5  # until the office is to live by its own income
MANY, FEW = "many", "few"  # which is good
GROUP_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {FINANCE: "財務", SPEED: "スピード", LEARNING: "学習"},
    "en": {FINANCE: "Finance", SPEED: "Speed", LEARNING: "Learning"},
}


@dataclass(frozen=True)
class Figure:
    """A figure: its unit, whether it is a sum or a mean over cases, and which way is good.

    `names` and `definitions` are in Japanese and English.
    """

    name: str
    group: str
    unit: str
    made_by: str
    good: str
    names: tuple[str, str]
    definitions: tuple[str, str]

    def title(self, language: str) -> str:
        """Return what it is called."""
        return self.names[language != "ja"]

    def definition(self, language: str) -> str:
        """Return what it counts."""
        return self.definitions[language != "ja"]


_STAGE_NAMES = {
    "discovery": ("発掘", "discovery"),
    "dialogue": ("対話", "dialogue"),
    "nda": ("秘密保持契約", "NDA"),
    "small_prototype": ("小規模試作", "small prototype"),
    "full_prototype": ("本格試作", "full prototype"),
}


def _money(name: str, names: tuple[str, str], what: tuple[str, str]) -> Figure:
    said = (
        f"期間内の日付で案件に記録された{what[0]}の合計。",
        f"Sum of {what[1]} recorded for cases with a day in the period.",
    )
    return Figure(name, FINANCE, YEN, SUM, MANY, names, said)


def _days(stage: str) -> Figure:
    japanese, english = _STAGE_NAMES[stage]
    said = (
        f"「{japanese}」の段階を期間内に出た案件が、その段階にいた営業日数の平均。保留や先方の番の日も数える。"
        "飛ばした段階と、表から取り込んだ案件の最初の段階は除く。",
        f"Mean of the business days that cases which left the stage “{english}” in the period had been "
        "in it, days on hold and on the company's turn included. Stages passed over, and the first stage of "
        "cases taken over from a spreadsheet, are left out.",
    )
    names = (f"{japanese}の日数", f"Days in {english}")
    return Figure(f"days_{stage}", SPEED, DAYS, MEAN, FEW, names, said)


ALL: tuple[Figure, ...] = (
    _money("revenue", ("共創収益", "Co-created revenue"),
           ("共創収益（共同の事業から大学と企業が得た収益）",
            "co-created revenue (what both earn by what they made)")),
    _money("contract", ("契約額", "Contracts"), ("契約額", "contract amounts")),
    _money("indirect", ("間接経費収入", "Indirect income"),
           ("間接経費・戦略的経費の収入", "indirect and strategic costs that were paid")),
    _money("licence", ("ライセンス収入", "Licence income"), ("実施料などの収入", "licence fees")),
    _money("investment", ("民間投資", "Private investment"), ("民間からの投資額", "private investment")),
    Figure(
        SELF_SUFFICIENCY, FINANCE, SHARE, RATIO, MANY,
        ("自立度", "Self-sufficiency"),
        ("間接経費収入とライセンス収入の合計を、その期間の組織の費用（四半期は年額の4分の1）で割った値。"
         "費用が未入力の年度は示さない。5年後に100％となる直線を目安とする。",
         "Indirect and licence income divided by the office's cost of the period, a quarter of the year's "
         "for a quarter. Nothing is said of a year whose cost is not entered. The yardstick is a straight "
         "line to 100 % after five years."),
    ),
    *(_days(stage) for stage in CASE_STAGES if stage != DEPLOYMENT),
    Figure(
        "time_to_market", SPEED, DAYS, MEAN, FEW,
        ("実装までの日数", "Time to market"),
        ("期間内に初めて本実装に進んだ案件の、登録日からの営業日数の平均。表から取り込んだ案件は除く。",
         "Mean of the business days from the opening of cases that came to deployment for the first time in "
         "the period. Cases taken over from a spreadsheet are left out."),
    ),
    Figure(
        "decisions_in_time", SPEED, SHARE, MEAN, MANY,
        ("期限内の判断", "Decisions in time"),
        ("期間内の判断のうち、期限日までに行われたものの割合。期限のない判断と、時計が止まっている間の判断は除く。",
         "Share of the decisions of the period that were made by the last day of their clocks. Decisions "
         "without a clock, or made while it stood, are left out."),
    ),
    Figure(
        "themes", LEARNING, COUNT, SUM, MANY,
        ("開始したテーマ", "Themes started"),
        ("期間内に登録された案件の数。", "Number of cases that were opened in the period."),
    ),
    Figure(
        "conversion", LEARNING, SHARE, MEAN, MANY,
        ("試作から実装への移行", "Prototype to deployment"),
        ("期間内に試作を終えた案件（本実装に進んだか、試作の段階で見送られた）のうち、本実装に進んだものの割合。",
         "Share that came to deployment among the cases whose prototype ended in the period, by deployment "
         "or by being declined at one of the prototype stages."),
    ),
    Figure(
        "joint_patents", LEARNING, COUNT, SUM, MANY,
        ("共同出願特許", "Joint patents"),
        ("期間内の日付で案件に記録された共同出願の件数。",
         "Number of joint patents recorded for cases with a day in the period."),
    ),
    Figure(
        "reused", LEARNING, COUNT, SUM, MANY,
        ("知見の再利用", "Reused knowledge"),
        ("期間内に、保存された成功例・失敗例から始められた案件の数。",
         "Number of cases of the period that were opened from a case kept as a template."),
    ),
    Figure(
        "win_rate", LEARNING, SHARE, MEAN, MANY,
        ("マッチの成約率", "Win rate of matches"),
        ("期間内に、初めて試作に進んだか試作の前に見送られた案件のうち、試作に進んだものの割合。内訳を「登録元」で見ると、マッチの出所別になる。",
         "Share that came to a prototype among the cases that in the period did so for the first time or "
         "were declined before one. By “came from” it is the win rate of each source of matches."),
    ),
)  # fmt: skip
FIGURES: Mapping[str, Figure] = {figure.name: figure for figure in ALL}
