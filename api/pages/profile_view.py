"""What a researcher's profile shows besides its texts: the chart of years, fields, ids elsewhere, facets."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from api.pages.charts import STEP, Bar, stacked
from enmusubi.language import JAPANESE
from enmusubi.messages import N_
from matcher.domains.taxonomy import Field, field_of_code, load_taxonomy
from office.researchers import SeenResearcher

CHART_YEARS = 40  # so many are drawn at most; earlier ones are told in words
OTHERS = "other"
GROUPS = ("paper", "patent", "grant", OTHERS)
GROUP_LABELS = {
    "paper": N_("Papers"),
    "patent": N_("Patents"),
    "grant": N_("Grants"),
    OTHERS: N_("Others"),
}
MAX_FIELDS = 8
_ADDRESSES = {  # name and address of the systems that know people; the id stands for {}
    "orcid": ("ORCID", "https://orcid.org/{}"),
    "researchmap_id": ("researchmap", "https://researchmap.jp/{}"),
    "kaken_id": ("KAKEN", "https://nrid.nii.ac.jp/nrid/{}/"),
    "openalex_id": ("OpenAlex", "https://openalex.org/{}"),
    "erad_id": ("e-Rad", ""),
}
Counts = Mapping[tuple[int | None, str], int]
MAX_KEYWORDS = 8
_BETWEEN_KEYWORDS = re.compile("[、，,;；\n]+")
ABSTRACT_BYTES = 2_000  # of each seed in the list, so that a page of them stays light


def abstract(text: str) -> str:
    """Return the beginning of a seed's text that its place in a list has room for."""
    encoded = text.encode()
    if len(encoded) <= ABSTRACT_BYTES:
        return text
    return encoded[:ABSTRACT_BYTES].decode(errors="ignore").rstrip() + "…"


def keywords(person: SeenResearcher, language: str) -> list[str]:
    """Return the first few keywords of a person in a language, or in the other where there are none."""
    both = (person.keywords_ja, person.keywords_en)[:: 1 if language == JAPANESE else -1]
    words = _BETWEEN_KEYWORDS.split(next((text for text in both if text.strip()), ""))
    return [word.strip() for word in words if word.strip()][:MAX_KEYWORDS]


@dataclass(frozen=True)
class YearRow:
    """The counts of a year by group, in the order of GROUPS."""

    year: int
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)


@dataclass(frozen=True)
class YearChart:
    """Seeds over the years: bars to be drawn, and the same as rows."""

    bars: tuple[Bar, ...]
    rows: tuple[YearRow, ...]  # all years with seeds, the newest first
    groups: tuple[str, ...]  # those that occur
    first: int
    last: int
    width: int
    highest: int
    earlier: int  # seeds of years before the first that is drawn
    undated: int


@dataclass(frozen=True)
class OtherId:
    """An id in another system; `url` is empty where it has no page."""

    system: str
    value: str
    url: str


def year_chart(counts: Counts) -> YearChart | None:
    """Return the chart of seeds by year and kind, or None where no seed has a year."""
    by_year: dict[int, Counter[str]] = defaultdict(Counter)
    for (year, kind), count in counts.items():
        if year is not None:
            by_year[year][kind if kind in GROUPS else OTHERS] += count
    if not by_year:
        return None
    last = max(by_year)
    first = max(min(by_year), last - CHART_YEARS + 1)
    highest = max(sum(found.values()) for year, found in by_year.items() if year >= first)
    rows = [YearRow(y, tuple(by_year[y][g] for g in GROUPS)) for y in sorted(by_year, reverse=True)]
    return YearChart(
        bars=tuple(
            bar
            for row in rows
            if row.year >= first
            for bar in stacked(row.counts, GROUPS, row.year - first, highest)
        ),
        rows=tuple(rows),
        groups=tuple(g for n, g in enumerate(GROUPS) if any(row.counts[n] for row in rows)),
        first=first,
        last=last,
        width=(last - first + 1) * STEP,
        highest=highest,
        earlier=sum(row.total for row in rows if row.year < first),
        undated=sum(count for (year, _), count in counts.items() if year is None),
    )


def fields_of(codes: Iterable[str], known_for: Sequence[str] = ()) -> list[tuple[Field, int]]:
    """Return the fields that a researcher is known for, then those that seeds' codes stand for, the
    commonest first, each with the number of seeds that have a code of it."""
    counted: Counter[str] = Counter()
    for seed in codes:
        found = {field_of_code(code) for code in seed.split(";") if code.strip()}
        counted.update(field for field in found if field)
    known = load_taxonomy().by_id
    others = sorted(counted.keys() - set(known_for), key=lambda name: (-counted[name], name))
    names = [name for name in (*known_for, *others) if name in known]
    return [(known[name], counted[name]) for name in names[:MAX_FIELDS]]


def other_ids(ids: Mapping[str, str]) -> list[OtherId]:
    """Return a person's ids in other systems with their pages, ORCID first."""
    found = []
    for name, (system, address) in _ADDRESSES.items():
        if value := ids.get(name, ""):
            url = address.format(quote(value, safe="")) if _has_page(name, value) else ""
            found.append(OtherId(system, value, url))
    return found


def _has_page(name: str, value: str) -> bool:
    if name == "kaken_id":
        return len(value) == 13 and value.isascii() and value.isdecimal()
    return bool(_ADDRESSES[name][1])


def facets(counts: Counts) -> tuple[list[tuple[str, int]], list[tuple[int, int]]]:
    """Return how many seeds each kind has, the commonest first, and each year, the newest first."""
    kinds: Counter[str] = Counter()
    years: Counter[int] = Counter()
    for (year, kind), count in counts.items():
        kinds[kind] += count
        if year is not None:
            years[year] += count
    ranked = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return ranked, sorted(years.items(), reverse=True)
