"""What the codes of cases are called in files and on the command line, and by which words files name them."""

from collections.abc import Mapping

Words = Mapping[str, Mapping[str, str]]

STAGE_WORDS: Words = {
    "ja": {
        "discovery": "発掘", "dialogue": "対話", "nda": "秘密保持契約", "small_prototype": "小規模試作",
        "full_prototype": "本格試作", "deployment": "本実装",
    },
    "en": {
        "discovery": "Discovery", "dialogue": "Dialogue", "nda": "NDA",
        "small_prototype": "Small prototype", "full_prototype": "Full prototype",
        "deployment": "Deployment",
    },
}  # fmt: skip
STATE_WORDS: Words = {
    "ja": {"running": "進行中", "held": "保留", "declined": "見送り", "completed": "完了"},
    "en": {
        "running": "Under way", "held": "On hold", "declined": "Declined", "completed": "Completed",
    },
}  # fmt: skip
MEANS_WORDS: Words = {
    "ja": {
        "joint_research": "共同研究", "licence_out": "ライセンスアウト", "licence_in": "ライセンスイン",
        "alliance": "アライアンス・共同販売・OEM", "cvc": "CVC",
        "accelerator": "アクセラレーター・コンテスト",
        "joint_venture": "ジョイントベンチャー", "m_and_a": "M&A", "consulting": "学術指導",
    },
    "en": {
        "joint_research": "Joint research", "licence_out": "Licence out", "licence_in": "Licence in",
        "alliance": "Alliance, joint sales, OEM", "cvc": "Corporate venture capital",
        "accelerator": "Accelerator or contest", "joint_venture": "Joint venture",
        "m_and_a": "Merger or acquisition", "consulting": "Technical consulting",
    },
}  # fmt: skip
REASON_WORDS: Words = {
    "ja": {
        "too_early": "時期尚早", "no_benefit": "既存のものに比べて利点がない",
        "no_commercial_route": "事業化の道筋がない", "description_vague": "説明が曖昧",
        "wrong_field": "分野が違う", "no_capacity": "対応する余力がない", "conflict": "利益相反",
        "other": "その他の理由",
    },
    "en": {
        "too_early": "Too early", "no_benefit": "No benefit over what exists",
        "no_commercial_route": "No commercial route", "description_vague": "Description too vague",
        "wrong_field": "Wrong field", "no_capacity": "No capacity",
        "conflict": "Conflict of interest", "other": "Another reason",
    },
}  # fmt: skip
CLOCK_WORDS: Words = {
    "ja": {"": "", "on_time": "期限内", "due_soon": "期限間近", "overdue": "期限超過", "paused": "停止中"},
    "en": {
        "": "", "on_time": "On time", "due_soon": "Due soon", "overdue": "Overdue", "paused": "Stands",
    },
}  # fmt: skip
