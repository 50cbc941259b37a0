"""The words of the report in both languages; every heading shows both."""

from collections.abc import Iterable

from enmusubi.messages import Message
from enmusubi.translation import say
from matcher.explaining import standing
from matcher.explaining.words import STRENGTHS, objection_text
from matcher.records import COMPETITIVE, NON_COMPETITIVE, Objection

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
NO_RESEARCHER = "該当する研究者がいません。 Nobody matches."
NOBODY_FITS = "適任者なし Nobody fits"
EVENED = " ".join(standing.ListOrder(is_evened=True).said(language) for language in ("ja", "en"))
NEW_THEME, LARGER_THEME = "新しいテーマ New theme", "拡大 Larger"
DORMANT_NOTE = (
    "受付を終え、適任者が決まらなかったニーズに、新しいシーズが合いそうです。 "
    "Needs that were closed without anybody who suits, and new seeds that may suit them."
)
THEMES_NOTE = (
    "複数の企業の非競争領域ニーズに共通するテーマです。どの企業のニーズかを他社に伝えてはなりません。 "
    "Themes that open non-competitive needs of several companies share. Tell no company of another."
)
CASES_NOTE = (
    "その夜の時点で期限が近い案件と、期限を過ぎた案件です。"
    "色の付いた行は、今回初めて統括に知らせたものです。 "
    "Cases that were due soon or overdue that night; coloured ones were told to the chief for the first time."
)
CASE_CLOCKS = {"due_soon": "期限間近 Due soon", "overdue": "期限超過 Overdue"}
UNUSED_NOTE = (
    "公開済みまたは登録済みで企業が関わった記録のない特許と、内容の近い企業です。"
    "企業の関心を示すものではありません。 "
    "Published or granted patents that no company stands on, and the companies nearest to them; "
    "nearness says nothing of whether a company wants one."
)
FOUND_BY = {"need": "ニーズ Need", "profile": "企業情報 Profile", "joint": "共同成果 Joint work"}
CONFIDENTIAL = (
    "秘密（関係者限り）：企業のニーズの本文を含みます。 "
    "Confidential: this report holds the text of needs."
)


def fits_nobody(title: str) -> str:
    """Return that nobody fits a need, in both languages."""
    return f"{standing.fits_nobody(title, 'ja')} {standing.fits_nobody(title, 'en')}"


def nobody_fits(title: str) -> str:
    """Return the notice above the list of a need that nobody fits, in both languages."""
    return f"{standing.nobody_fits(title, 'ja')} {standing.nobody_fits(title, 'en')}"


def list_heading(*, nearest: bool) -> str:
    """Return what a need's list is called, in both languages."""
    return f"{standing.heading('ja', nearest=nearest)} {standing.heading('en', nearest=nearest)}"


def fold_label(count: int) -> str:
    """Return what a fold says that hides so many people, in both languages."""
    return f"{standing.folded(count, 'ja')} {standing.folded(count, 'en')}"


def theme_mark(*, is_new: bool, joined: int) -> str:
    """Return the mark of a theme in both languages, empty for one without news."""
    if is_new:
        return NEW_THEME
    return f"{LARGER_THEME} +{joined}" if joined else ""


def found_by(kinds: Iterable[str]) -> str:
    """Return by which kinds of texts a company was found, in both languages."""
    return ", ".join(FOUND_BY.get(kind, kind) for kind in kinds)


def kind_label(kind: str) -> str:
    """Return the kind of a seed in both languages; unknown kinds as they are."""
    return KINDS.get(kind, kind)


def area_label(area: str) -> str:
    """Return the area of a need in both languages; nothing when it is unknown."""
    return AREAS.get(area, area)


def strength_label(strength: str) -> str:
    """Return the word for a match's strength in both languages."""
    return " ".join(words[strength] for words in STRENGTHS.values() if strength in words)


def objection_label(objection: Objection) -> str:
    """Return what speaks against a match in both languages."""
    return f"{objection_text(objection, 'ja')} {objection_text(objection, 'en')}"


def in_both_languages(message: Message) -> str:
    """Return what a message says, in Japanese and in English."""
    japanese, english = say(message, "ja"), str(message)
    return english if japanese == english else f"{japanese} {english}"
