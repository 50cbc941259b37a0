"""How a list stands as a whole: what it is called, who stands apart, and the notice where nobody fits.

Every form of a list (page, paper, file, report, answer of the API) reads it here, so that none of them
shows a list of misfits as a list of those who fit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.records import Match, SpreadEffect
from matcher.reranking.calibration import WEAK

WHO_FIT: Mapping[str, str] = {"ja": "該当する研究者", "en": "Researchers who fit"}
NEAREST: Mapping[str, str] = {"ja": "比較的近い研究者", "en": "The nearest researchers"}
UNLIKELY: Mapping[str, str] = {
    "ja": "見込みの低い研究者",
    "en": "Researchers who are less likely to fit",
}
_FOLDED: Mapping[str, str] = {
    "ja": "見込みの低い研究者を表示（{count}名）",
    "en": "Show the researchers who are less likely to fit ({count})",
}
_FITS_NOBODY: Mapping[str, str] = {
    "ja": "適任と見込まれる研究者は見つかりませんでした。",
    "en": "Nobody here fits well.",
}
_FITS_NOBODY_OF: Mapping[str, str] = {
    "ja": "「{title}」に適任と見込まれる研究者は見つかりませんでした。",
    "en": "Nobody here fits “{title}” well.",
}
_NEAREST_FOLLOW: Mapping[str, str] = {
    "ja": "以下は、比較的近い研究者です。",
    "en": " The nearest are listed all the same.",
}
_ALL_UNLIKELY: Mapping[str, str] = {
    "ja": "ここに示す研究者は、いずれも適任である見込みが低めです。",
    "en": "None of the researchers shown here is likely to fit.",
}
_EVENED: Mapping[str, str] = {
    "ja": "適合の見込みがほぼ同じ研究者の並び順は、抽選で決めています。",
    "en": "People whose chances are nearly equal stand in an order drawn by lot.",
}
_INCOMPLETE: Mapping[str, str] = {
    "ja": "この一覧は全員を対象としていません。検索データの一部から応答がなく、"
    "研究者の約{percent}%を照会できませんでした。しばらくしてから、もう一度お試しください。",
    "en": "This list is incomplete: a part of the index did not answer, so that about {percent} % of the "
    "researchers were not asked. Try again in a few minutes.",
}
_SPREAD: Mapping[str, str] = {
    "ja": "並び順は「{level}」で、部局や分野が偏らないように並べています。上位10人で期待される適任者数 "
    "{plain:.1f} → {spread:.1f}、部局の数 {before} → {after}。",
    "en": "The order is “{level}”: spread over departments and fields. Among the first ten, expected "
    "suitable people {plain:.1f} → {spread:.1f}, departments {before} → {after}.",
}
_LEVELS: Mapping[str, Mapping[str, str]] = {  # of matcher.spreading, as pages call them
    "ja": {"balanced": "ほどよく", "wide": "幅広く", "unexpected": "意外性を重く"},
    "en": {"balanced": "Balanced", "wide": "Wide", "unexpected": "Unexpected"},
}
_BUSY_LAST: Mapping[str, str] = {
    "ja": "適合の見込みが同じ研究者の中では、対応余力のない研究者を後に並べています。",
    "en": "Among people of the same percentage, those without free capacity come last.",
}


@dataclass(frozen=True)
class ListOrder:
    """What made the order of a list another than the plain one, by probability and id.

    `is_evened`: equals share their places by lot; `spread`: over departments and fields; `busy_last`: of
    equals, those without free capacity come last.
    """

    is_evened: bool = False
    spread: SpreadEffect | None = None
    busy_last: bool = False

    def said(self, language: str) -> str:
        """Return that in words of ja or en, for those who see the list alone; empty for the plain order."""
        told = [_EVENED[language]] if self.is_evened else []
        if (effect := self.spread) is not None:
            told.append(
                _SPREAD[language].format(
                    level=_LEVELS[language].get(effect.level, effect.level),
                    plain=effect.expected_plain,
                    spread=effect.expected,
                    before=effect.departments_plain,
                    after=effect.departments,
                )
            )
        told += [_BUSY_LAST[language]] if self.busy_last else []
        return ("" if language == "ja" else " ").join(told)


PLAIN_ORDER = ListOrder()


@dataclass(frozen=True)
class Standing:
    """The heading of a list, its notice (empty where somebody shown could fit), and its two parts.

    Both parts keep the order of the list; `of_order` says what made that another than the plain one, else it
    is empty.
    """

    heading: str
    notice: str
    likely: tuple[Match, ...]
    unlikely: tuple[Match, ...]
    of_order: str = ""


def standing(
    shown: Sequence[Match],
    language: str,
    *,
    fits_nobody: bool,
    title: str = "",
    order: ListOrder = PLAIN_ORDER,
    not_asked: float = 0.0,
) -> Standing:
    """Return how the people shown stand, in words of the language.

    `fits_nobody` and `title` are the whole list's and its need's; the people shown may be a part of
    it, such as a later page, on which nobody is likely to fit either. `not_asked` is the share of
    researchers who were not asked, which the notice tells first.
    """
    likely = tuple(match for match in shown if match.strength != WEAK)
    unlikely = tuple(match for match in shown if match.strength == WEAK)
    notice = ""
    if shown and fits_nobody:
        notice = nobody_fits(title, language)
    elif shown and not likely:
        notice = _ALL_UNLIKELY[language]
    of_order = order.said(language) if shown else ""
    called = heading(language, nearest=bool(notice))
    if not_asked:
        notice = incomplete(not_asked, language) + (" " + notice if notice else "")
    return Standing(called, notice, likely, unlikely, of_order)


def incomplete(not_asked: float, language: str) -> str:
    """Return the notice above a list for which a share of the researchers was not asked."""
    return _INCOMPLETE[language].format(percent=max(1, round(100 * not_asked)))


def heading(language: str, *, nearest: bool) -> str:
    """Return what a list is called; `nearest` says that nobody in it is likely to fit."""
    return (NEAREST if nearest else WHO_FIT)[language]


def nobody_fits(title: str, language: str) -> str:
    """Return the notice above a list that nobody here fits the need of that title.

    Without a title it names none.
    """
    return fits_nobody(title, language) + _NEAREST_FOLLOW[language]


def fits_nobody(title: str, language: str) -> str:
    """Return the same where no list follows."""
    named = " ".join(title.split())
    return _FITS_NOBODY_OF[language].format(title=named) if named else _FITS_NOBODY[language]


def folded(count: int, language: str) -> str:
    """Return what a fold says that hides so many people who are less likely to fit."""
    return _FOLDED[language].format(count=count)


def all_unlikely(matches: Sequence[Match]) -> bool:
    """Say whether nobody of these is likely to fit; of nobody that holds, too."""
    return all(match.strength == WEAK for match in matches)
