"""A small recommender for tests: two people, ranked by shared words, filters kept, the real errors."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import replace
from math import log
from typing import Self

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import InputError, UnknownIdError
from enmusubi.language import detect_language
from matcher.alike_needs import AlikeNeeds, NeedVector, group_alike
from matcher.answer import Answer, Choice, LikelyField, Understood
from matcher.areas import infer_area
from matcher.directions import ToldLikeness
from matcher.encoder.encoder import EncodingCache
from matcher.need_kinds.classifier import KindGuess
from matcher.outbound import CompanyDocument, LikeDocument, RankedCompany
from matcher.queries import check_need
from matcher.records import (
    PUBLIC,
    SEED_KINDS,
    AnsweredPart,
    Contribution,
    Evidence,
    Filters,
    Match,
    MatchList,
    Need,
    NeedPart,
    Objection,
    ResearcherCard,
)
from matcher.shared_terms import OwnedText
from matcher.teams.coverage import TeamWish
from matcher.teams.pool import JointWork, TeamPool
from matcher.veiling.rarity import Rarity

KNOWN_FOR = {"R-01": "food-science", "R-02": "chemical-engineering"}
FIELD_CODES = {"R-01": ("ipc:C08L 1/02", "kaken:30010"), "R-02": ("ipc:B65D",)}
HOSTILE_TITLE = "<script>document.title='taken'</script> & films"
ALL = Filters()
LAST_PART = NeedPart("It must be cheap.", 0, 17)  # which nobody answers
FIRST_PART = 12  # characters that stand for the need's first sentence
WEAK_BELOW = 0.1
_WORD = re.compile(r"[a-z]+|[\u3041-\u9fff]")

MORI = ResearcherCard(
    "R-01", "森 花", "Hana Mori", "星ヶ野大学", "Hoshigano University",
    "材料工学科", "Materials Engineering", "教授", "Professor",
    industry_seeds=2, industry_last_year=2021, industry_partners="青波化学; Aonami <Foods>",
)  # fmt: skip
LINDQVIST = ResearcherCard("R-02", name_en="Ada Lindqvist", department_en="Packaging Science")
FILM_TEXT = "酸素を通しにくい薄い膜を作った。水蒸気にも強い。再利用もしやすい。"
SEEDS = {
    "R-01": Evidence(
        "S-01", "paper", "ja", "食品包装の薄い膜", 2019, "https://example.org/s1",
        "水蒸気にも強い。", "text", 16, FILM_TEXT, 0.71, representative=True,
    ),
    "R-02": Evidence(
        "S-02", "patent", "en", HOSTILE_TITLE, 2012, "javascript:alert(1)",
        "The film <b>blocks</b> oxygen.", "text", 0,
        "The film <b>blocks</b> oxygen. It is thin food packaging.", 0.42,
    ),
}  # fmt: skip


class SmallRecommender:
    """Ranks two researchers by the words that a need shares with their evidence."""

    model = "words@0123456789abcdef"

    def __init__(self, index_version: str = "v000001") -> None:
        self.index_version = index_version
        self.people: tuple[ResearcherCard, ...] = (MORI, LINDQVIST)
        self.prepared_together: list[int] = []

    def prepared(self, needs: Sequence[Need]) -> Self:
        self.prepared_together.append(len(needs))
        return self

    def without(self, researcher_id: str, seed_ids: Collection[str]) -> Self:
        reduced = copy(self)
        gone = researcher_id if SEEDS[researcher_id].seed_id in seed_ids else ""
        reduced.people = tuple(one for one in self.people if one.researcher_id != gone)
        return reduced

    def people_by_field(self) -> dict[str, int]:
        return dict(Counter(KNOWN_FOR.values()))

    def known_for(self, researcher_id: str) -> list[str]:
        if researcher_id not in {person.researcher_id for person in self.people}:
            raise UnknownIdError(researcher_id)
        return ["food-science"]

    def seeds_about(self, words: Sequence[str], filters: Filters = ALL) -> list[str]:
        seeds = (SEEDS[person.researcher_id] for person in self.people if _passes(person, filters))
        return [s.seed_id for s in seeds if all(word in s.passage.lower() for word in words)]

    def likeness_vectors(
        self, needs: Sequence[Need], *, cache: EncodingCache | None = None
    ) -> list[NeedVector | None]:
        return [NeedVector(detect_language(n.text), _counted(n.text)) for n in needs]

    def alike(self, vectors: Sequence[NeedVector]) -> tuple[AlikeNeeds, ...]:
        return group_alike(vectors, {})

    def shared_terms(self, texts: Sequence[OwnedText]) -> tuple[str, ...]:
        words = [set(_WORD.findall(one.text)) for one in texts]
        return tuple(sorted(set.intersection(*words))) if words else ()

    def rarities(self, terms: Sequence[str], language: str) -> list[Rarity]:
        """Every word is unknown here; long ones are rare."""
        return [Rarity(0, 100, min(len(term), 6)) for term in terms]

    def match_people(
        self, need: Need, researcher_ids: Collection[str], *, filters: Filters = ALL
    ) -> MatchList:
        matches = self.match(need, top=10, filters=filters)
        lines = [m for m in matches.matches if m.researcher.researcher_id in researcher_ids]
        return replace(matches, matches=tuple(lines))

    def need_kind(self, need: Need) -> KindGuess:
        return KindGuess("disruptive" if "market" in need.text else "sustaining", 0.8)

    def centred(self, vectors: Sequence[NeedVector]) -> NDArray[np.float32]:
        return np.stack([one.vector for one in vectors]) if vectors else np.zeros((0, 256))

    def look_ahead(self, needs: Sequence[Need], *, filters: Filters = ALL) -> None:
        """Nothing is done for several needs at once."""

    def needs_near(self, researcher_id: str, vectors: Sequence[NeedVector]) -> NDArray[np.float64]:
        seed = _counted(SEEDS[researcher_id].passage)
        return np.array([float(one.vector @ seed) for one in vectors])

    def companies(
        self, technology: Need, documents: Sequence[CompanyDocument]
    ) -> tuple[RankedCompany, ...]:
        """The companies by the words that a text of theirs shares with the technology."""
        asked = set(_WORD.findall(technology.text.lower()))
        best: dict[str, LikeDocument] = {}
        for one in documents:
            shared = len(asked & set(_WORD.findall(one.text.lower()))) / max(len(asked), 1)
            if one.company not in best or shared > best[one.company].likeness:
                best[one.company] = LikeDocument(one, shared)
        found = [RankedCompany(name, one.likeness, (one,)) for name, one in best.items()]
        return tuple(sorted(found, key=lambda one: (-one.score, one.company)))

    def tell_likeness(self, technology: Need, texts: Sequence[str]) -> list[ToldLikeness]:
        return [ToldLikeness(text[:FIRST_PART], 0.5, ("薄い膜",)) for text in texts]

    def match(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> MatchList:
        check_need(need, max_chars=50_000)
        people = [person for person in self.people if _passes(person, filters)]
        scored = [(_nearness(need.text, SEEDS[p.researcher_id]), p) for p in people]
        best = sorted((s for s in scored if s[0] > 0), key=lambda s: (-s[0], s[1].researcher_id))
        first = NeedPart(need.text[:FIRST_PART], 0, min(FIRST_PART, len(need.text)))
        matches = tuple(
            _match(rank, person, score, first)
            for rank, (score, person) in enumerate(best[:top], start=1)
        )
        return MatchList(
            need.need_id,
            detect_language(need.text),
            matches,
            len(people),
            self.index_version,
            self.model,
            fits_nobody=all(match.strength == "weak" for match in matches),
            reranker="linear@fedcba9876543210",
            cuts=(("strong", 0.8), ("good", WEAK_BELOW), ("possible", WEAK_BELOW)),
        )

    def team_pool(
        self, need: Need, *, filters: Filters = ALL, besides: Collection[str] = ()
    ) -> TeamPool:
        """Two wishes, of which each of the two people is near to one; they wrote a report together."""
        matches = self.match(need, top=10, filters=filters)
        cut = len(need.text) // 2
        parts = (NeedPart(need.text[:cut], 0, cut), NeedPart(need.text[cut:], cut, len(need.text)))
        people = tuple(
            replace(m, parts=_answered(parts, place, m)) for place, m in enumerate(matches.matches)
        )
        chances = np.array([[0.7, 0.2] if place % 2 == 0 else [0.2, 0.6] for place in range(9)])
        return TeamPool(
            matches=replace(matches, matches=people),
            wishes=tuple(TeamWish(part, "wish", 0.5) for part in parts),
            main=0,
            chances=chances[: len(people)],
            fields=("food-science",),
            field_shares=np.array([0.6]),
            known_for=np.ones((len(people), 1), dtype=bool),
            joint={(0, 1): JointWork("S-both", "A report by both", 2021)} if people[1:] else {},
        )

    def answer(self, need: Need, *, top: int = 10, filters: Filters = ALL) -> Answer:
        matches = self.match(need, top=top, filters=filters)
        area = infer_area(need.text, matches.language, need.area)
        understood = Understood(matches.language, area, (LikelyField("food-science", 0.61),))
        everybody = self.match(need, top=10, filters=Filters(visibilities=filters.visibilities))
        found = len(self.match(need, top=100, filters=filters).matches)
        return Answer(matches, understood, _facets(everybody), found)


def _answered(parts: tuple[NeedPart, ...], place: int, match: Match) -> tuple[AnsweredPart, ...]:
    seed = match.evidence[0]
    return tuple(
        AnsweredPart(part, seed.seed_id, seed.sentence, is_answer=True)
        if at == place % 2
        else AnsweredPart(part)
        for at, part in enumerate(parts)
    )


def _facets(matches: MatchList) -> dict[str, tuple[Choice, ...]]:
    kinds = Counter(match.evidence[0].kind for match in matches.matches)
    homes = Counter(match.researcher.institution_ja for match in matches.matches)
    return {
        "institution": tuple(Choice(name, n, name) for name, n in homes.items() if name),
        "kind": tuple(Choice(kind, n) for kind, n in kinds.items()),
        "since": (Choice("2017", 1),),
    }


def _counted(text: str) -> NDArray[np.float32]:
    """Return a unit vector of how often each letter stands in a text, folded to 256 places."""
    counts = np.bincount([ord(letter) % 256 for letter in text], minlength=256)
    return (counts / np.linalg.norm(counts)).astype(np.float32)


def _match(rank: int, person: ResearcherCard, nearness: float, part: NeedPart) -> Match:
    seed = SEEDS[person.researcher_id]
    strength = "good" if nearness >= WEAK_BELOW else "weak"
    return Match(
        rank,
        person,
        log(nearness / (1 - nearness)) if nearness < 1 else 20.0,
        (replace(seed, answers=part),),
        probability=nearness,
        strength=strength,
        against=(Objection("old", 2012.0), Objection("part_unmet", 0.25, part)),
        contributions=(
            Contribution("dense_best", 0.5, 2.0),
            Contribution("age_of_last", 9.0, -1.0),
            Contribution("base", None, -0.5),
        ),
        parts=(
            AnsweredPart(part, seed.seed_id, seed.sentence, is_answer=True),
            AnsweredPart(LAST_PART),
        ),
    )


def _nearness(text: str, seed: Evidence) -> float:
    found = set(_WORD.findall(f"{seed.title} {seed.passage}".lower()))
    asked = set(_WORD.findall(text.lower()))
    return len(asked & found) / max(len(asked), 1)


def _passes(person: ResearcherCard, filters: Filters) -> bool:
    unknown = sorted(set(filters.kinds) - set(SEED_KINDS))
    if unknown:
        raise InputError(f"The kind {unknown[0]!r} is unknown; known are {', '.join(SEED_KINDS)}.")
    seed = SEEDS[person.researcher_id]
    assert tuple(filters.visibilities) == (PUBLIC,)
    codes = [part for code in FIELD_CODES[person.researcher_id] for part in (code, code[4:])]
    return (
        _named(filters.institutions, person.institution_ja, person.institution_en)
        and _named(filters.departments, person.department_ja, person.department_en)
        and _named(filters.positions, person.position_ja, person.position_en)
        and (not filters.kinds or seed.kind in filters.kinds)
        and (not filters.domains or KNOWN_FOR[person.researcher_id] in filters.domains)
        and (not filters.languages or seed.language in filters.languages)
        and (not filters.fields or any(c.startswith(tuple(filters.fields)) for c in codes))
        and (filters.since is None or (seed.year or 0) >= filters.since)
        and (filters.until is None or (seed.year or 9999) <= filters.until)
    )


def _named(wanted: Sequence[str], *names: str) -> bool:
    return not wanted or any(w.lower() in name.lower() for w in wanted for name in names)
