"""What the codes of projects are called in files and on the command line, and how files name them."""

from collections.abc import Mapping

Words = Mapping[str, Mapping[str, str]]

LIGHT_WORDS: Words = {
    "ja": {"green": "青", "amber": "黄", "red": "赤", "grey": "判定なし"},
    "en": {"green": "Green", "amber": "Amber", "red": "Red", "grey": "Not told"},
}
LIGHT_OF_WORDS: Words = {
    "ja": {"schedule": "日程", "money": "予算", "risks": "リスク", "people": "体制"},
    "en": {"schedule": "Schedule", "money": "Money", "risks": "Risks", "people": "People"},
}
BUDGET_KIND_WORDS: Words = {
    "ja": {
        "people": "人件費", "equipment": "設備・備品費", "facilities": "施設利用料", "travel": "旅費",
        "outsourcing": "外注費", "indirect": "間接経費", "other": "その他",
    },
    "en": {
        "people": "People", "equipment": "Equipment", "facilities": "Use of facilities",
        "travel": "Travel", "outsourcing": "Outsourcing", "indirect": "Indirect cost",
        "other": "Other",
    },
}  # fmt: skip
BUDGET_KINDS_BESIDES: Mapping[str, str] = {
    "備品費": "equipment", "設備費": "equipment", "消耗品費": "other", "物品費": "equipment",
    "施設費": "facilities", "外部委託費": "outsourcing", "委託費": "outsourcing", "謝金": "people",
    "間接費": "indirect", "personnel": "people", "othercost": "other",
}  # fmt: skip
