"""A pre-screen for export control: which sentences touch a topic of the lists. Never a verdict.

Texts, codes and sentence vectors go in, findings come out: the topic with its items, the sentence's place,
how it was found and what to ask. Knows no database, no people and no web. A finding says that somebody is to
look; that there is none says nothing. Words alone are enough; vectors add sentences that say the same in
other words: a sentence counts whose cosine to a topic's example exceeds that to the nearest ordinary
sentence by a margin.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matcher.passages import Span, split_sentences
from office.screening.export_control_terms import Spellings, TermFinder
from office.screening.export_control_topics import (
    ExportControlTopics,
    Topic,
    load_topics,
)

WORDS, VECTOR, IPC = "words", "vector", "ipc"
FOUND_BY = (WORDS, VECTOR, IPC)
PATENT_SCHEMES = ("ipc:", "fi:", "cpc:")
ASK, NOTE = "ask", "note"  # 要確認, and what only weighs beside it
MARGIN = 0.15  # of a sentence's cosine to an example over that to an ordinary sentence
MARGIN_IN_FIELD = 0.12  # where the need's fields are the topic's
NEIGHBOURS = 1  # sentences on either side in which the words of a rule may stand
FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class ScreenedText:
    """A text to look at; `source_id` is a seed's id, empty for the need itself.

    `vectors` are centred unit vectors of the sentences that `places` says, shape (n, dimension); both
    may be empty. `codes` are a patent's, such as `ipc:F42B 12/00`, `fields` the likely ids of the taxonomy.
    """

    text: str = field(repr=False)
    source_id: str = ""
    places: tuple[Span, ...] = ()
    vectors: FloatArray | None = field(default=None, repr=False)
    codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleVectors:
    """The centred unit vectors of the examples: (n_topics, n_languages, dimension), and of ordinary ones."""

    topics: FloatArray
    ordinary: FloatArray  # (n_sentences, dimension)


@dataclass(frozen=True)
class ExportControlFinding:
    """That a text touches a topic: where, how it was found, and the ids of what to ask.

    `start` and `end` are the sentence's place in its text, equal where a code alone says it. `terms` and
    `sentence` may be confidential and never show in `repr` or logs.
    """

    topic_id: str
    level: str  # ASK or NOTE
    items: tuple[str, ...]
    source_id: str
    start: int
    end: int
    found_by: tuple[str, ...]
    checklist: tuple[str, ...]
    similarity: float | None = None  # cosine to the nearest example, where vectors were there
    sentence: str = field(default="", repr=False)
    terms: tuple[str, ...] = field(default=(), repr=False)


def export_control_findings(
    texts: Sequence[ScreenedText],
    *,
    topics: ExportControlTopics | None = None,
    examples: ExampleVectors | None = None,
) -> tuple[ExportControlFinding, ...]:
    """Return what the texts touch, one finding a topic and text, in the order of texts and topics.

    Linear in the texts' length. Circumstances (abroad, people, unpublished) come as notes behind topics.
    """
    known = topics or load_topics()
    screen = _screen(known)
    return tuple(finding for text in texts for finding in screen.findings(text, examples))


@dataclass(frozen=True)
class _Hit:
    """What was found of a topic in a text: the best sentence's place in the list of sentences."""

    sentence: int | None
    found_by: tuple[str, ...]
    terms: tuple[str, ...] = ()
    similarity: float | None = None


class _Screen:
    """The topics, made ready: one finder for all their terms."""

    def __init__(self, known: ExportControlTopics) -> None:
        self._known = known
        terms = {term: None for topic in known.topics for term in _terms_of(topic)}
        terms |= {term: None for one in known.circumstances for term in one.terms}
        self._finder = TermFinder(terms, known.harmless, Spellings(known.spellings))
        said = self._finder.as_found
        self._rules = tuple(_rules_of(topic, said) for topic in known.topics)
        self._said = tuple(tuple(map(said, one.terms)) for one in known.circumstances)
        self._rows: dict[str, set[int]] = defaultdict(set)  # the topics that a term is the start of
        for row, (own, rules) in enumerate(self._rules):
            for term in (*own, *(term for rule in rules for term in rule[0])):
                self._rows[term].add(row)

    def findings(
        self, text: ScreenedText, examples: ExampleVectors | None
    ) -> Iterator[ExportControlFinding]:
        """Yield the findings of one text."""
        spans = split_sentences(text.text)
        words = [frozenset(self._finder.find(text.text[start:end])) for start, end in spans]
        near = _nearest(text, examples)
        said = {row for found in words for term in found for row in self._rows.get(term, ())}
        rows = range(len(self._rules)) if near or text.codes else sorted(said)
        for row in rows:
            topic = self._known.topics[row]
            worded = _by_words(*self._rules[row], words) if row in said else None
            near_it = _by_vector(topic, row, text, near)
            coded = _by_code(topic, text.codes)
            found = [hit for hit in (worded, near_it, coded) if hit]
            if found:
                places = text.places if found[0] is near_it else spans
                yield self._finding(text, topic, places, _joined(found))
        yield from self._circumstances(text, spans, words)

    def _finding(
        self, text: ScreenedText, topic: Topic, spans: Sequence[Span], hit: _Hit
    ) -> ExportControlFinding:
        start, end = (0, 0) if hit.sentence is None else spans[hit.sentence]
        return ExportControlFinding(
            topic_id=topic.id,
            level=ASK,
            items=topic.items,
            source_id=text.source_id,
            start=start,
            end=end,
            found_by=hit.found_by,
            checklist=self._known.questions_for(topic.kind),
            similarity=hit.similarity,
            sentence=text.text[start:end],
            terms=hit.terms,
        )

    def _circumstances(
        self, text: ScreenedText, spans: Sequence[Span], words: Sequence[frozenset[str]]
    ) -> Iterator[ExportControlFinding]:
        for one, terms in zip(self._known.circumstances, self._said, strict=True):
            for (start, end), found in zip(spans, words, strict=True):
                said = tuple(term for term in terms if term in found)
                if said:
                    yield ExportControlFinding(
                        topic_id=one.id,
                        level=NOTE,
                        items=(),
                        source_id=text.source_id,
                        start=start,
                        end=end,
                        found_by=(WORDS,),
                        checklist=self._known.questions_for(one.id),
                        sentence=text.text[start:end],
                        terms=said,
                    )
                    break


@cache
def _screen(known: ExportControlTopics) -> _Screen:
    return _Screen(known)


def _terms_of(topic: Topic) -> Iterator[str]:
    yield from topic.terms
    for rule in topic.together:
        for group in rule:
            yield from group


def _joined(hits: Sequence[_Hit]) -> _Hit:
    """Return one hit that names all ways; the first says the sentence."""
    return _Hit(
        sentence=hits[0].sentence,
        found_by=tuple(way for hit in hits for way in hit.found_by),
        terms=hits[0].terms,
        similarity=next((hit.similarity for hit in hits if hit.similarity is not None), None),
    )


def _by_code(topic: Topic, codes: Sequence[str]) -> _Hit | None:
    """Return a hit without a sentence where a code of a patent begins as one of the topic's."""
    symbols = [code.partition(":")[2] for code in codes if code.startswith(PATENT_SCHEMES)]
    return _Hit(None, (IPC,)) if any(symbol.startswith(topic.ipc) for symbol in symbols) else None


Terms = tuple[str, ...]
Rules = tuple[tuple[Terms, ...], ...]


def _rules_of(topic: Topic, said: Callable[[str], str]) -> tuple[Terms, Rules]:
    """Return a topic's terms and rules as the finder says them, each term once."""
    rules = tuple(
        tuple(tuple(dict.fromkeys(map(said, group))) for group in rule) for rule in topic.together
    )
    return tuple(dict.fromkeys(map(said, topic.terms))), rules


def _by_words(terms: Terms, rules: Rules, words: Sequence[frozenset[str]]) -> _Hit | None:
    """Return the sentence with the most of the terms, or the head of the first rule that holds."""
    own = [tuple(term for term in terms if term in found) for found in words]
    best = max(range(len(own)), key=lambda i: (len(own[i]), -i), default=None)
    if best is not None and own[best]:
        return _Hit(best, (WORDS,), own[best])
    for rule in rules:
        for i, found in enumerate(words):
            head = [term for term in rule[0] if term in found]
            around = set().union(*words[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1])
            rest = [[term for term in group if term in around] for group in rule[1:]]
            if head and all(rest):
                return _Hit(i, (WORDS,), (head[0], *(group[0] for group in rest)))
    return None


def _nearest(
    text: ScreenedText, examples: ExampleVectors | None
) -> tuple[FloatArray, FloatArray] | None:
    """Return the cosines of sentences to topics (n_topics, n) and their margins over ordinary ones."""
    if examples is None or text.vectors is None or not len(text.vectors):
        return None
    cosines = (examples.topics @ text.vectors.T).max(axis=1)
    return cosines, cosines - (examples.ordinary @ text.vectors.T).max(axis=0)


def _by_vector(
    topic: Topic, row: int, text: ScreenedText, near: tuple[FloatArray, FloatArray] | None
) -> _Hit | None:
    """Return the sentence (of `places`) that is nearest to a topic's examples, if it is near enough."""
    if near is None:
        return None
    cosines, margins = near
    place = int(margins[row].argmax())
    needed = MARGIN_IN_FIELD if set(topic.fields) & set(text.fields) else MARGIN
    if margins[row, place] < needed:
        return None
    return _Hit(place, (VECTOR,), similarity=float(cosines[row, place]))
