"""Finds companies for a technology: a text, or a seed whose people's chances in a need's own list are told.

For the office alone. A text is neither stored nor logged. Vectors of needs are kept in memory alone; those
of profiles stand in the cache of vectors, too, so that a restart does not encode thousands of them again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import anyio

from catalogue.database.viewer import Viewer
from matcher.encoder.vector_cache import VectorCache
from matcher.outbound import JOINT, NEED, PROFILE, CompanyDocument, RankedCompany
from matcher.queries import check_need
from matcher.records import Need
from office.access.access_log import note_listing, note_seeds
from office.access.rules import FIND_COMPANIES, require
from office.access.scoped import reading_as
from office.index_versions import open_vector_cache
from office.live_recommender import NeedMatcher
from office.matching import Question, ServedMatching, ViewerMatching
from office.outbound.documents import (
    MAX_TEXT_CHARS,
    SpeakingText,
    SpeakingTexts,
    read_texts,
)
from office.outbound.found import (
    CompanyReason,
    FoundCompanies,
    FoundCompany,
    PersonChance,
    TechnologyAsked,
)
from office.outbound.kept_texts import KeptTexts
from office.seeds import SeenSeed, seed_of
from office.ways_in import OUTBOUND

TOGETHER = {
    NEED: 16,
    PROFILE: 64,
}  # texts that are encoded at once; profiles are short, and mostly kept
KEPT_TEXTS = 12_000  # 18 MB of vectors, and as much of words
MOST_COMPANIES = 20
TOLD_TEXTS = 2  # of a company
RANKED_NEEDS = 6  # for which the chances of a seed's people are told


@dataclass(frozen=True)
class EncodedTogether:
    """Texts of one kind that are encoded at once."""

    kind: str
    texts: tuple[str, ...] = field(repr=False)


class CompanySearch:
    """Finds companies with a recommender that the caller holds; safe to share."""

    def __init__(self, matching: ViewerMatching) -> None:
        self.matching = matching
        self._kept = KeptTexts(KEPT_TEXTS)

    @cached_property
    def _cache(self) -> VectorCache:
        return open_vector_cache(self.matching.settings)

    def read(
        self, viewer: Viewer, asked: TechnologyAsked
    ) -> tuple[Need, SeenSeed | None, SpeakingTexts]:
        """Return the technology as it is matched, its seed, and the texts that it is compared with.

        Raises ForbiddenError, UnknownIdError for a seed that the viewer doesn't see, InputError for a text
        that cannot be matched.
        """
        require(viewer, FIND_COMPANIES)
        with reading_as(self.matching.catalogue, viewer) as connection:
            seed = seed_of(connection, viewer, asked.seed_id) if asked.seed_id else None
            most = self.matching.settings.need.max_chars
            technology = Need(asked.text) if seed is None else _technology_of(seed, most)
            check_need(technology, max_chars=most)
            texts = read_texts(connection, viewer, without_seed=asked.seed_id)
        return technology, seed, texts

    def to_encode(self, recommender: NeedMatcher, texts: SpeakingTexts) -> list["EncodedTogether"]:
        """Return the texts whose vectors are not kept, parted so that nobody waits long behind a part."""
        return [
            EncodedTogether(kind, part)
            for kind, size in TOGETHER.items()
            for part in batched(
                self._kept.missing(recommender, (t.whole for t in texts.texts if t.kind == kind)),
                size,
            )
        ]

    def encode(self, recommender: NeedMatcher, part: "EncodedTogether") -> None:
        """Keep the vectors of texts: of needs in memory alone, of profiles on disk, too."""
        self._kept.encode(recommender, part.texts, self._cache if part.kind == PROFILE else None)

    def encode_all(self, recommender: NeedMatcher, texts: SpeakingTexts) -> None:
        """Keep the vectors of all texts, for who holds the recommender alone."""
        for part in self.to_encode(recommender, texts):
            self.encode(recommender, part)

    def rank(
        self, recommender: NeedMatcher, technology: Need, texts: SpeakingTexts, top: int
    ) -> tuple[FoundCompany, ...]:
        """Return the companies with their reasons, the best first."""
        kept = self._kept.of(recommender, (t.whole for t in texts.texts if t.kind != JOINT))
        known = {text: one.vector for text, one in kept.items() if one.vector is not None}
        vectors = dict(zip(known, recommender.centred(list(known.values())), strict=True))
        able = [one for one in texts.texts if one.kind == JOINT or one.whole in vectors]
        documents = [
            self._joint_document(one)
            if one.kind == JOINT
            else CompanyDocument(
                one.company,
                one.kind,
                str(place),
                known[one.whole].language,
                one.whole,
                vectors[one.whole],
                kept[one.whole].words,
            )
            for place, one in enumerate(able)
        ]
        joint = {one.document_id: one for one in able if one.kind == JOINT}
        ranked = recommender.companies(technology, documents)[:top]
        found = [(one, _texts_of(one, able, joint)) for one in ranked]
        asked = [reason.text.whole for _, reasons in found for reason in reasons]
        told = iter(recommender.tell_likeness(technology, asked) if asked else ())
        return tuple(
            FoundCompany(
                texts.names[one.company],
                one.score,
                tuple(
                    replace(reason, sentence=said.sentence, words=said.words)
                    for reason, said in zip(reasons, told, strict=False)
                ),
            )
            for one, reasons in found
        )

    def needs_among(self, found: Sequence[FoundCompany]) -> list[SpeakingText]:
        """Return the needs among the reasons for which the chances of a seed's people are told."""
        texts = [r.text for one in found for r in one.reasons if r.text.need is not None]
        return texts[:RANKED_NEEDS]

    def note(self, viewer: Viewer, found: FoundCompanies) -> None:
        """Note in the audit trail the needs and seeds among the reasons that few may see."""
        reasons = [reason.text for one in found.companies for reason in one.reasons]
        needs = [text.need for text in reasons if text.need is not None]
        note_listing(self.matching.catalogue, viewer, needs, OUTBOUND.code)
        seeds = {text.document_id for text in reasons if text.kind == JOINT}
        seeds |= {found.seed.seed_id} if found.seed else set()
        note_seeds(self.matching.catalogue, viewer, seeds, OUTBOUND.code)

    def find_with(
        self, recommender: NeedMatcher, viewer: Viewer, asked: TechnologyAsked
    ) -> FoundCompanies:
        """Return the companies, noted as shown; raises as `read` does, and what the recommender does."""
        technology, seed, texts = self.read(viewer, asked)
        self.encode_all(recommender, texts)
        found = self.rank(recommender, technology, texts, asked.top)
        if seed is not None:
            chances = {
                text.document_id: self.chances(recommender, viewer, text, seed)
                for text in self.needs_among(found)
            }
            found = with_chances(found, chances)
        shown = _shown(found, seed, texts, lists_reordered=self.matching.may_reorder)
        self.note(viewer, shown)
        return shown

    def chances(
        self, recommender: NeedMatcher, viewer: Viewer, text: SpeakingText, seed: SeenSeed
    ) -> tuple[PersonChance, ...]:
        """Return what a need's own list says of a seed's people."""
        if text.need is None:
            return ()
        people = [one.researcher_id for one in seed.authors]
        question = Question(text.need.as_need())
        lines = self.matching.people_with(recommender, viewer, question, people, OUTBOUND)
        return tuple(PersonChance.of(match) for match in lines.matches)

    def _joint_document(self, one: SpeakingText) -> CompanyDocument:
        words = self._kept.words(one.whole, one.language)
        return CompanyDocument(
            one.company, one.kind, one.document_id, one.language, one.whole, words=words
        )


class CompanyFinder:
    """Finds companies in the queue for the encoder, for pages and the API."""

    def __init__(self, matching: ServedMatching) -> None:
        self._matching = matching
        self._search = CompanySearch(matching)

    async def find(self, viewer: Viewer, asked: TechnologyAsked) -> FoundCompanies:
        """Return the companies, noted as shown.

        Raises as `CompanySearch.read` does, IndexUnusableError, and TooBusyError where too many wait.
        """
        matching, search = self._matching, self._search
        technology, seed, texts = await anyio.to_thread.run_sync(search.read, viewer, asked)
        new = await anyio.to_thread.run_sync(lambda: search.to_encode(matching.live.get(), texts))
        for part in new:
            await matching.gate.run(partial(self._encode, part))
        found = await matching.gate.ask(
            matching.live,
            technology,
            lambda ready: search.rank(ready, technology, texts, asked.top),
        )
        if seed is not None:
            chances = {}
            for text in search.needs_among(found):
                chances[text.document_id] = await self._chances(viewer, text, seed)
            found = with_chances(found, chances)
        shown = _shown(found, seed, texts, lists_reordered=matching.may_reorder)
        await anyio.to_thread.run_sync(search.note, viewer, shown)
        return shown

    def _encode(self, part: EncodedTogether) -> None:
        self._search.encode(self._matching.live.get(), part)

    async def _chances(
        self, viewer: Viewer, text: SpeakingText, seed: SeenSeed
    ) -> tuple[PersonChance, ...]:
        need = text.need.as_need() if text.need else Need("")
        return await self._matching.gate.ask(
            self._matching.live,
            need,
            lambda ready: self._search.chances(ready, viewer, text, seed),
        )


def with_chances(
    found: Sequence[FoundCompany], chances: dict[str, tuple[PersonChance, ...]]
) -> tuple[FoundCompany, ...]:
    """Return the companies with the chances of people in the lists of their needs, by need id."""
    return tuple(
        replace(
            one,
            reasons=tuple(
                replace(reason, people=chances.get(reason.text.document_id, ()))
                if reason.text.kind == NEED
                else reason
                for reason in one.reasons
            ),
        )
        for one in found
    )


def batched(texts: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield texts in their order, `size` at once."""
    for first in range(0, len(texts), size):
        yield tuple(texts[first : first + size])


def _technology_of(seed: SeenSeed, most: int) -> Need:
    """Return a seed as it is matched: the beginning of its text, or its title where it has none."""
    text = seed.text[: min(most, MAX_TEXT_CHARS)]
    return Need(text, title=seed.title) if text else Need(seed.title)


def _texts_of(
    ranked: RankedCompany, able: Sequence[SpeakingText], joint: dict[str, SpeakingText]
) -> tuple[CompanyReason, ...]:
    reasons = []
    for like in ranked.found_by[:TOLD_TEXTS]:
        document = like.document
        is_joint = document.kind == JOINT
        text = joint[document.document_id] if is_joint else able[int(document.document_id)]
        reasons.append(CompanyReason(text, like.likeness))
    return tuple(reasons)


def _shown(
    found: tuple[FoundCompany, ...],
    seed: SeenSeed | None,
    texts: SpeakingTexts,
    *,
    lists_reordered: bool,
) -> FoundCompanies:
    needs, profiles, joint = (texts.count(kind) for kind in (NEED, PROFILE, JOINT))
    return FoundCompanies(found, seed, needs, profiles, joint, lists_reordered)
