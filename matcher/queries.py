"""Needs into queries: checks a need, encodes it, centres it for one index version, adds field and area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import EmptyNeedError, InputError
from enmusubi.language import clean_text, detect_language
from matcher.areas import infer_area
from matcher.centring import centre, known_means
from matcher.domains.classifier import Domains
from matcher.encoder.encoder import QUERY, EncodedPassage, Encoder, EncodingCache, OnProgress, unit
from matcher.explaining.need_parts import NeedParts, body_of, parts_of, sentences_of
from matcher.features.records import PeopleRecords, describe_people
from matcher.need_roles.classifier import alone, load_roles
from matcher.passages import Passage, Span
from matcher.records import Need
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot
from matcher.term_links import TermLinker

MIN_LETTERS = 2
TERM_BORDER = "、"  # parts words in both languages, and no word has it


@dataclass(frozen=True)
class EncodedNeed:
    """A need's text, language and vector (unit, not centred): the mean of its parts' vectors.

    `sentences` are the vectors of its sentences, shape (n_sentences, dimension), not centred;
    `places` says where each stands in the text. Parts overlap, so that sentences can come twice.
    """

    need_id: str
    text: str
    language: str
    vector: NDArray[np.float32]
    sentences: NDArray[np.float32]
    places: tuple[Span, ...] = ()


def check_need(need: Need, *, max_chars: int) -> None:
    """Raise EmptyNeedError or InputError when the text cannot be matched; the text is not quoted."""
    letters = sum(1 for character in clean_text(need.text) if character.isalnum())
    if letters < MIN_LETTERS:
        raise EmptyNeedError(
            "The need has %(count)s letters; there is nothing to search with. Describe "
            "in a sentence or two what is looked for.",
            count=letters,
        )
    if len(need.text) > max_chars:
        raise InputError(
            "The need has %(count)s characters, at most %(most)s are read. Shorten "
            "it to what is looked for, or raise ENMUSUBI_NEED__MAX_CHARS.",
            count=f"{len(need.text):,}",
            most=f"{max_chars:,}",
        )


def is_matchable(need: Need, *, max_chars: int) -> bool:
    """Return whether `check_need` lets a need pass."""
    try:
        check_need(need, max_chars=max_chars)
    except InputError:
        return False
    return True


def written_text(need: Need) -> str:
    """Return what the company wrote: the title, if any, and the text."""
    title, text = clean_text(need.title), clean_text(need.text)
    return f"{title}\n{text}" if title else text


def need_text(need: Need) -> str:
    """Return what is matched: what the company wrote, and in a last line the words that were added."""
    text, added = written_text(need), [clean_text(term) for term in need.refinement.terms]
    return "\n".join((text, TERM_BORDER.join(added))) if added else text


def encode_needs(
    needs: Sequence[Need],
    encoder: Encoder,
    cache: EncodingCache | None,
    on_progress: OnProgress | None = None,
) -> list[EncodedNeed]:
    """Return the needs encoded, in order; long ones in parts whose vectors are averaged."""
    texts = [need_text(need) for need in needs]
    parts = [encoder.split("", text) for text in texts]
    flat = [part for need_parts in parts for part in need_parts]
    encoded = iter(encoder.encode(flat, role=QUERY, cache=cache, on_progress=on_progress))
    grouped = [[next(encoded) for _ in need_parts] for need_parts in parts]
    return [
        EncodedNeed(
            need.need_id,
            text,
            detect_language(written_text(need)),
            _mean(group, encoder),
            _sentences(group, encoder),
            _places(need_parts),
        )
        for need, text, need_parts, group in zip(needs, texts, parts, grouped, strict=True)
    ]


def _mean(parts: list[EncodedPassage], encoder: Encoder) -> NDArray[np.float32]:
    if not parts:
        return np.zeros(encoder.dimension, dtype=np.float32)
    return unit(np.mean([part.vector for part in parts], axis=0))


def _sentences(parts: list[EncodedPassage], encoder: Encoder) -> NDArray[np.float32]:
    nothing = np.zeros((0, encoder.dimension), dtype=np.float32)
    return np.concatenate([nothing, *(part.sentence_vectors for part in parts)])


def _places(parts: Sequence[Passage]) -> tuple[Span, ...]:
    return tuple(
        (sentence.source_start, sentence.source_start + sentence.end - sentence.start)
        for part in parts
        for sentence in part.sentences
    )


class QueryMaker:
    """What needs are compared with: an index version's means, and the encoder's fields."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self._means = snapshot.means
        self._encoder = encoder
        self._roles = load_roles(encoder.checksum)
        self._holds = snapshot.lexical.holds
        self._shipped = known_means(encoder)
        self._linker = TermLinker(snapshot.vocabularies, encoder, self._shipped)
        self._domains = Domains.load(encoder.checksum)
        self.records: PeopleRecords = describe_people(snapshot, self._domains, self._shipped)

    def make(self, need: Need, encoded: EncodedNeed) -> NeedQuery:
        """Return the query of a need and its encoding."""
        language = encoded.language
        languages = [language] * len(encoded.sentences)
        return NeedQuery(
            need_id=encoded.need_id,
            text=encoded.text,
            language=language,
            vector=centre(encoded.vector[None, :], [language], QUERY, self._means)[0],
            sentences=centre(encoded.sentences, languages, QUERY, self._means),
            places=encoded.places,
            fields=self._fields(encoded),
            area=infer_area(encoded.text, language, need.area),
            linked=self._linker.link(encoded.text, language, self._holds),
        )

    def parts(self, need: Need, query: NeedQuery, cache: EncodingCache | None = None) -> NeedParts:
        """Return the parts of a need that evidence can answer: no greeting, no closing, not who writes."""

        roles = self._roles
        if roles is None:
            return parts_of(query)

        def classify(sentences: Sequence[str]) -> Sequence[str]:
            return roles.roles(
                alone(sentences, query.language, self._encoder, self._shipped, cache)
            )

        return parts_of(query, classify=classify, title_chars=len(clean_text(need.title)))

    def read_ahead(self, need: Need, encoded: EncodedNeed, cache: EncodingCache) -> None:
        """Encode what `make` and `parts` are going to ask for besides: its words, each sentence by itself."""
        self._linker.learn(encoded.text, encoded.language)
        if self._roles is None:
            return
        sentences = sentences_of(encoded.text, encoded.places)
        told = [part.text for part in body_of(sentences, len(clean_text(need.title)))]
        if told:
            alone(told, encoded.language, self._encoder, self._shipped, cache)

    def alone(
        self, needed: NeedParts, language: str, cache: EncodingCache | None = None
    ) -> NDArray[np.float32]:
        """Return the centred vectors of a need's parts, each encoded by itself, shape (n_parts, d)."""
        texts = [part.text for part in needed.parts]
        return alone(texts, language, self._encoder, self._means, cache)

    def _fields(self, encoded: EncodedNeed) -> np.ndarray:
        """Return the need's fields by probability; empty where none of them is sure enough."""
        vector = centre(encoded.vector[None, :], [encoded.language], QUERY, self._shipped)
        probabilities = self._domains.probabilities(vector)
        sure = self._domains.usable and self._domains.choose(probabilities)[0] is not None
        return probabilities[0] if sure else np.zeros(0)
