"""The words of the report in both languages; every heading shows both."""

from enmusubi.matcher.records import COMPETITIVE, NON_COMPETITIVE

KINDS = {
    "paper": "論文 Paper",
    "patent": "特許 Patent",
    "grant": "研究課題 Grant",
    "course": "授業 Course",
    "note": "技術資料 Note",
    "presentation": "発表 Presentation",
    "award": "受賞 Award",
    "profile": "プロフィール Profile",
}
AREAS = {COMPETITIVE: "競争領域 Competitive", NON_COMPETITIVE: "非競争領域 Non-competitive"}
NEW = "新 New"
NEW_RESEARCHER = "新 New researcher"
NEW_EVIDENCE = "新根拠 New evidence"
NOBODY = "該当する研究者がいません。 Nobody matches."
CONFIDENTIAL = (
    "社外秘：企業のニーズの本文を含みます。 Confidential: this report holds the text of needs."
)


def kind_label(kind: str) -> str:
    """Return the kind of a seed in both languages; unknown kinds as they are."""
    return KINDS.get(kind, kind)


def area_label(area: str) -> str:
    """Return the area of a need in both languages; nothing when it is unknown."""
    return AREAS.get(area, area)
