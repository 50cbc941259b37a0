"""What a night finds besides lists: themes that companies share, companies for patents that nobody uses.

As records, and as the ids that `run.json` keeps of them, so that the next night knows what is new.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from enmusubi.language import clean_text


@dataclass(frozen=True)
class ThemeReport:
    """Needs of several companies that ask for the same thing; no title and no company is named.

    `joined` are the needs that the theme did not have the night before; of a new theme, all.
    """

    need_ids: tuple[str, ...]
    companies: int
    words: tuple[str, ...] = field(repr=False)
    is_new: bool = False
    joined: tuple[str, ...] = ()

    @property
    def has_news(self) -> bool:
        """Whether the theme is new or has grown."""
        return bool(self.joined)


@dataclass(frozen=True)
class UnusedCompany:
    """A company that is near to a patent, and by which kinds of texts.

    `need_id` is an open need of it whose own list calls one of the patent's people good or better, with the
    largest such probability; empty without.
    """

    name: str = field(repr=False)
    kinds: tuple[str, ...]
    need_id: str = ""
    need_title: str = field(default="", repr=False)
    probability: float | None = None


@dataclass(frozen=True)
class UnusedReport:
    """A patent that nobody uses, and the companies that it could be for, the nearest first."""

    seed_id: str
    title: str = field(repr=False)
    companies: tuple[UnusedCompany, ...]

    @property
    def shown_title(self) -> str:
        """The patent's title, or its id where nothing of the title can be seen."""
        return clean_text(self.title) or self.seed_id

    @property
    def need_ids(self) -> tuple[str, ...]:
        """The needs for which the patent's people are likely."""
        return tuple(one.need_id for one in self.companies if one.need_id)


@dataclass(frozen=True)
class LookedUnused:
    """When a patent looked for companies, and what it found: marks of companies, and needs' ids."""

    night: str
    companies: tuple[str, ...] = ()
    need_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownFindings:
    """What the night before found: the needs of each theme (None: it did not look), and by patent."""

    themes: tuple[frozenset[str], ...] | None = None
    unused: Mapping[str, LookedUnused] = field(default_factory=dict)


@dataclass(frozen=True)
class NightFindings:
    """What a night found: themes (None: it did not look), patents with news, and by patent all looks."""

    themes: tuple[ThemeReport, ...] | None = None
    unused: tuple[UnusedReport, ...] = ()
    looked: Mapping[str, LookedUnused] = field(default_factory=dict)

    @property
    def new_themes(self) -> tuple[ThemeReport, ...]:
        """The themes that are new or have grown."""
        return tuple(theme for theme in self.themes or () if theme.has_news)

    @property
    def told_need_ids(self) -> list[str]:
        """The needs whose managers are told by mail that there is news."""
        ids = [need_id for theme in self.new_themes for need_id in theme.need_ids]
        return [*ids, *(need_id for one in self.unused for need_id in one.need_ids)]


def marked_theme(theme: ThemeReport, known: KnownFindings) -> ThemeReport:
    """Return a theme with what of it is new.

    It goes on from the theme of the night before with which it shares the most needs, two at least. Where
    the night before did not look, nothing is marked.
    """
    if known.themes is None:
        return theme
    now = frozenset(theme.need_ids)
    before = max(known.themes, key=lambda one: len(one & now), default=frozenset[str]())
    is_new = len(before & now) < 2
    joined = now if is_new else now - before
    kept = tuple(need_id for need_id in theme.need_ids if need_id in joined)
    return ThemeReport(theme.need_ids, theme.companies, theme.words, is_new, kept)


def company_mark(name: str) -> str:
    """Return what tells a company apart in `run.json` without naming it."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def findings_as_dict(found: NightFindings) -> dict[str, Any]:
    """Return what the next night compares with, as plain values: ids and marks, no text."""
    told: dict[str, Any] = {
        "unused": {
            seed_id: {
                "night": one.night,
                "companies": list(one.companies),
                "needs": list(one.need_ids),
            }
            for seed_id, one in found.looked.items()
        }
    }
    if found.themes is not None:
        told["themes"] = [
            {
                "needs": list(theme.need_ids),
                "companies": theme.companies,
                "is_new": theme.is_new,
                "joined": list(theme.joined),
            }
            for theme in found.themes
        ]
    return told


def read_findings(stored: Mapping[str, Any]) -> KnownFindings:
    """Return what a run says of its findings; runs of older versions say nothing."""
    unused = {
        str(seed_id): LookedUnused(
            str(one["night"]), _texts(one["companies"]), _texts(one["needs"])
        )
        for seed_id, one in stored.get("unused", {}).items()
    }
    themes = stored.get("themes")
    if themes is None:
        return KnownFindings(None, unused)
    return KnownFindings(tuple(frozenset(_texts(one["needs"])) for one in themes), unused)


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def read_themes(stored: Mapping[str, Any]) -> Sequence[ThemeReport]:
    """Return the themes of a run, without their words."""
    return [
        ThemeReport(
            _texts(one["needs"]),
            int(one["companies"]),
            (),
            bool(one["is_new"]),
            _texts(one["joined"]),
        )
        for one in stored.get("themes") or ()
    ]
