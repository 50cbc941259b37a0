"""Measures whether a layman's words find the experts whom a specialist's words find.

A pair is one need written twice, as a manager and as an engineer would, and names the researchers
whose own seeds answer it. Owns the form of such pairs and what is counted; knows no catalogue.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from enmusubi.errors import CollectionError
from matcher.recommender import Recommender
from matcher.records import MatchList, Need
from matcher.reranking.calibration import WEAK, WORDS
from training.metrics import Interval, bootstrap_intervals

FIRST = 3  # who opens a list reads so many
DEPTH = 50  # whoever stands below counts as not found, and as weak
LANGUAGES = ("ja", "en")
EVERY = "all"  # the group of all pairs
_FORM = (
    '{"pair_id": "…", "collection": "…", "layman": {"lang": "ja|en", "text": "…"}, '
    '"expert": {"lang": "ja|en", "text": "…"}, "experts": ["researcher_id", …]}'
)

# columns of the table of pairs that were matched, a row a pair
SPECIALIST_FIRST, LAYMAN_FIRST, LOWER = "specialist_first", "layman_first", "words_lower"


@dataclass(frozen=True)
class Wording:
    """One version of a need; the text never shows in `repr`."""

    language: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Pair:
    """One need in a layman's and a specialist's words, and the ids of who answers it."""

    pair_id: str
    collection: str
    layman: Wording
    specialist: Wording
    experts: tuple[str, ...]

    @property
    def languages(self) -> str:
        """`ja` or `en`, or the layman's and the specialist's with a stroke between them."""
        return "/".join(dict.fromkeys((self.layman.language, self.specialist.language)))


@dataclass(frozen=True)
class Kept:
    """What became of the experts of some pairs; shares with 95 % bootstrap intervals over pairs.

    `specialist` and `layman` are the shares of pairs with an expert among the first three of that
    version's list. `kept` is the layman's among the pairs where the specialist's has one, `kept_near`
    the share of these that are kept with a strength at most one word lower; both are None where
    there is no such pair. `lower` counts the pairs that the specialist's version finds by how many
    words the best-ranked expert is called weaker in the layman's list, negative for stronger.
    """

    pairs: int
    specialist: Interval
    layman: Interval
    kept: Interval | None
    kept_near: Interval | None
    lower: Mapping[int, int]


def read_pairs(path: Path, collection: str) -> list[Pair]:
    """Return the pairs of that collection, in the file's order.

    Raises CollectionError for a line of another form, with its number, and when there is no pair.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise CollectionError(
            "%(path)s cannot be read (%(reason)s).", path=path, reason=error
        ) from error
    pairs = [_pair(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    wanted = [pair for pair in pairs if pair.collection == collection]
    if not wanted:
        known = ", ".join(sorted({pair.collection for pair in pairs})) or "–"
        raise CollectionError(
            "%(path)s holds no pairs of the collection %(name)r, but of: %(known)s.",
            path=path,
            name=collection,
            known=known,
        )
    return wanted


def _pair(path: Path, number: int, line: str) -> Pair:
    try:
        record = json.loads(line)
        experts = record["experts"]
        pair = Pair(
            pair_id=record["pair_id"],
            collection=record["collection"],
            layman=_wording(record["layman"]),
            specialist=_wording(record["expert"]),
            experts=tuple(experts),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _malformed(path, number) from error
    strings = (pair.pair_id, pair.collection, *pair.experts)
    if not pair.experts or not isinstance(experts, list) or not all(map(_is_text, strings)):
        raise _malformed(path, number)
    return pair


def _wording(record: Mapping[str, Any]) -> Wording:
    wording = Wording(record["lang"], record["text"])
    if wording.language not in LANGUAGES or not _is_text(wording.text):
        raise ValueError
    return wording


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _malformed(path: Path, number: int) -> CollectionError:
    return CollectionError(
        "%(path)s, line %(number)s: expected %(form)s.", path=path, number=number, form=_FORM
    )


def match_pairs(recommender: Recommender, pairs: Sequence[Pair]) -> pd.DataFrame:
    """Return where each pair's experts stand: one row a pair, in their order.

    Columns: pair_id, languages; of the best-ranked expert in the list of each version,
    `specialist_rank` and `layman_rank` (0 for nobody within DEPTH), `specialist_strength` and
    `layman_strength`; whether that rank is within FIRST (`specialist_first`, `layman_first`); and
    `words_lower`, by how many words of strength the layman's is lower.
    """
    return pd.DataFrame([_row(recommender, pair) for pair in pairs])


def _row(recommender: Recommender, pair: Pair) -> dict[str, object]:
    place = {}
    for name, wording in (("specialist", pair.specialist), ("layman", pair.layman)):
        need = Need(wording.text, need_id=f"{pair.pair_id}-{name}")
        place[name] = best_place(recommender.match(need, top=DEPTH), pair.experts)
    (specialist_rank, specialist), (layman_rank, layman) = place.values()
    return {
        "pair_id": pair.pair_id,
        "languages": pair.languages,
        "specialist_rank": specialist_rank,
        "specialist_strength": specialist,
        "layman_rank": layman_rank,
        "layman_strength": layman,
        SPECIALIST_FIRST: 1 <= specialist_rank <= FIRST,
        LAYMAN_FIRST: 1 <= layman_rank <= FIRST,
        LOWER: WORDS.index(layman) - WORDS.index(specialist),
    }


def best_place(matches: MatchList, experts: Collection[str]) -> tuple[int, str]:
    """Return rank and strength of the best-ranked of these people; 0 and weak for none of them."""
    places = (
        (match.rank, match.strength)
        for match in matches.matches
        if match.researcher.researcher_id in experts
    )
    return min(places, default=(0, WEAK))


def kept_experts(matched: pd.DataFrame) -> dict[str, Kept]:
    """Return what became of the experts, of all pairs and by their languages."""
    return {name: _kept(rows) for name, rows in _groups(matched)}


def _groups(matched: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield EVERY, matched
    for languages, rows in matched.groupby("languages", sort=True):
        yield str(languages), rows


def _kept(matched: pd.DataFrame) -> Kept:
    shares = bootstrap_intervals(matched[[SPECIALIST_FIRST, LAYMAN_FIRST]])
    found = matched[matched[SPECIALIST_FIRST]]
    near = found[LAYMAN_FIRST] & (found[LOWER] <= 1)
    among = (
        bootstrap_intervals(pd.DataFrame({"kept": found[LAYMAN_FIRST], "near": near}))
        if len(found)
        else {}
    )
    return Kept(
        pairs=len(matched),
        specialist=shares[SPECIALIST_FIRST],
        layman=shares[LAYMAN_FIRST],
        kept=among.get("kept"),
        kept_near=among.get("near"),
        lower=dict(sorted(Counter(int(words) for words in found[LOWER]).items())),
    )
