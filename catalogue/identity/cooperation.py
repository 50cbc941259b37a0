"""A researcher's record of work with industry: seeds that companies took part in.

Company co-authors and applicants are named in a seed's `companies`, joined by `; `.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

MAX_PARTNERS = 10
Joint = tuple[str, int | None, str]  # researcher id, year and companies of one seed


def cooperation(joint: Iterable[Joint]) -> dict[str, Mapping[str, object]]:
    """Return researcher id → `industry_seeds`, `industry_last_year` and `industry_partners`.

    Partners stand in the order of how often they come up, at most ten. Researchers without such
    seeds are not in it.
    """
    years: dict[str, list[int | None]] = defaultdict(list)
    partners: dict[str, Counter[str]] = defaultdict(Counter)
    for researcher_id, year, companies in joint:
        names = [name for name in companies.split("; ") if name]
        if names:
            years[researcher_id].append(year)
            partners[researcher_id].update(names)
    return {
        researcher_id: {
            "industry_seeds": len(found),
            "industry_last_year": max((year for year in found if year), default=None),
            "industry_partners": "; ".join(_most_frequent(partners[researcher_id])),
        }
        for researcher_id, found in years.items()
    }


def _most_frequent(names: Counter[str]) -> list[str]:
    ordered = sorted(names, key=lambda name: (-names[name], name))
    return ordered[:MAX_PARTNERS]
