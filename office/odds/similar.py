"""What similar cases teach: the nearest that ended or came to a prototype, by need, people and means.

Needs are compared by the encoder where an index is loaded, or else by the words that they share; who may not
see a case is taught nothing by it. Vectors stay in memory.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from catalogue.database.case_models import (
    CASE_STAGES,
    COMPLETED,
    DECLINED,
    GO,
    SMALL_PROTOTYPE,
    CaseDecision,
)
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from matcher.records import Need
from office.access.rules import WORK_ON_CASES, require, visible_cases
from office.cases.kept import CASES, PEOPLE, KeptCase, cases_by_ids, with_needs
from office.cases.templates import KeptCaseTemplate, templates_of
from office.live_recommender import LiveRecommender, NeedMatcher
from office.odds.history import visible_versions
from office.veil.circle import veils_towards

MOST_COMPARED = 1_000  # the newest that can teach
SHOWN = 5
BY_ENCODER = 16  # of those nearest by words, whose vectors are asked
OF_NEED, OF_PEOPLE, OF_MEANS = 0.7, 0.2, 0.1  # what counts how much
LEAST = 0.12  # of a case that is shown
KEPT, KEPT_VECTORS = 4, 2_000
_MAX_CHARS = 2_000
_TAUGHT = CASE_STAGES[CASE_STAGES.index(SMALL_PROTOTYPE) :]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SimilarTo:
    """What similar cases are looked for: a text, people, means; `case_id` is left out of what is found."""

    text: str = field(repr=False)
    people: frozenset[str] = frozenset()
    means: str = ""
    case_id: int = 0


@dataclass(frozen=True)
class SimilarCase:
    """A case that is like what is asked: how much, in what, and what it taught."""

    case: KeptCase
    likeness: float
    need_is_alike: bool
    people_are_shared: bool
    means_are_same: bool
    said: str = field(repr=False)  # at its last decision that was no go
    templates: tuple[KeptCaseTemplate, ...] = ()


@dataclass(frozen=True)
class Taught:
    """The most similar cases, and how many of them ended how; `reasons` has the commonest first."""

    cases: tuple[SimilarCase, ...]
    by_encoder: bool

    @property
    def completed(self) -> int:
        """How many were completed."""
        return sum(one.case.state == COMPLETED for one in self.cases)

    @property
    def declined(self) -> int:
        """How many were declined."""
        return sum(one.case.state == DECLINED for one in self.cases)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why they were declined, with how often."""
        reasons = Counter(one.case.reason for one in self.cases if one.case.reason)
        return sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True)
class _Corpus:
    """The cases that can teach a viewer: their words as rows, and what else is compared."""

    ids: tuple[int, ...]
    texts: tuple[str, ...] = field(repr=False)
    people: tuple[frozenset[str], ...]
    means: tuple[str, ...]
    vectorizer: Any
    rows: Any


class SimilarCases:
    """Finds cases that are like one; safe to share among requests."""

    def __init__(self, live: LiveRecommender) -> None:
        self._live = live
        self._corpora: OrderedDict[Any, _Corpus] = OrderedDict()
        self._vectors: OrderedDict[tuple[str, str], Floats | None] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, connection: Connection, viewer: Viewer, asked: SimilarTo) -> Taught:
        """Return the cases of those that the viewer sees which are most like what is asked.

        Raises ForbiddenError.
        """
        require(viewer, WORK_ON_CASES)
        corpus = self._corpus(connection, viewer)
        if not corpus.ids or not asked.text.strip():
            return Taught((), by_encoder=False)
        words = self._by_words(corpus, asked)
        shared = np.array([_overlap(asked.people, one) for one in corpus.people])
        same = np.array([float(bool(asked.means) and asked.means == one) for one in corpus.means])
        others = np.array([one != asked.case_id for one in corpus.ids])
        rest = OF_PEOPLE * shared + OF_MEANS * same
        first = np.where(others, OF_NEED * words + rest, -1.0)
        near = np.argsort(-first, kind="stable")[:BY_ENCODER]
        alike = self._by_encoder(corpus, asked, [int(n) for n in near])
        need = words[near] if alike is None else alike
        scores = np.where(others[near], OF_NEED * need + rest[near], -1.0)
        best = [int(n) for n in np.argsort(-scores, kind="stable") if scores[n] >= LEAST][:SHOWN]
        ids = [corpus.ids[near[n]] for n in best]
        cases = {one.case_id: one for one in cases_by_ids(connection, viewer, ids)}
        said, templates = _said(connection, ids), templates_of(connection, viewer)
        found = tuple(
            SimilarCase(
                cases[case_id],
                float(scores[n]),
                bool(need[n] >= LEAST),
                bool(shared[near[n]]),
                bool(same[near[n]]),
                said.get(case_id, ""),
                tuple(one for one in templates if one.case_id == case_id),
            )
            for n, case_id in zip(best, ids, strict=True)
            if case_id in cases
        )
        return Taught(found, by_encoder=alike is not None)

    def _corpus(self, connection: Connection, viewer: Viewer) -> _Corpus:
        key = visible_versions(connection, viewer)
        with self._lock:
            if key in self._corpora:
                self._corpora.move_to_end(key)
                return self._corpora[key]
        made = _read(connection, viewer)
        with self._lock:
            self._corpora[key] = made
            while len(self._corpora) > KEPT:
                self._corpora.popitem(last=False)
        return made

    @staticmethod
    def _by_words(corpus: _Corpus, asked: SimilarTo) -> Floats:
        row = corpus.vectorizer.transform([asked.text[:_MAX_CHARS]])
        return np.asarray((corpus.rows @ row.T).todense(), float).ravel()

    def _by_encoder(self, corpus: _Corpus, asked: SimilarTo, near: Sequence[int]) -> Floats | None:
        """Return how like the needs of the nearest are, from 0 to 1; None without an index."""
        serving = self._live.serving
        if serving is None:
            return None
        texts = [asked.text, *(corpus.texts[n] for n in near)]
        vectors = self._encoded(serving, texts)
        if any(one is None for one in vectors):
            return None
        known = np.array(vectors)
        known -= known.mean(axis=0)  # what all have in common says nothing
        known /= np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-9)
        return np.asarray(np.clip(known[1:] @ known[0], 0.0, 1.0))

    def _encoded(self, serving: NeedMatcher, texts: Sequence[str]) -> list[Floats | None]:
        keys = [(serving.model, text) for text in texts]
        with self._lock:  # one at a time: encoding takes the processors
            new = [n for n, key in enumerate(keys) if key not in self._vectors]
            needs = [Need(texts[n][:_MAX_CHARS]) for n in new]
            for n, one in zip(new, serving.likeness_vectors(needs) if needs else [], strict=True):
                self._vectors[keys[n]] = None if one is None else np.asarray(one.vector, float)
            found = [self._vectors[key] for key in keys]
            while len(self._vectors) > KEPT_VECTORS:
                self._vectors.popitem(last=False)
        return found


def _read(connection: Connection, viewer: Viewer) -> _Corpus:
    from sklearn.feature_extraction.text import TfidfVectorizer  # takes a while to load

    ended = CASES.c.state.in_((DECLINED, COMPLETED)) | CASES.c.stage.in_(_TAUGHT)
    columns = (
        CASES.c.case_id, CASES.c.need_id, CASES.c.title, CASES.c.means,
        StoredNeed.title.label("need_title"), StoredNeed.text,
    )  # fmt: skip
    query = with_needs(select(*columns)).where(visible_cases(viewer), ended)
    rows = connection.execute(query.order_by(CASES.c.case_id.desc()).limit(MOST_COMPARED)).all()
    veiled = veils_towards(connection, viewer, {row.need_id for row in rows if row.need_id})
    rows = [row for row in rows if row.need_id not in veiled]
    people: dict[int, set[str]] = {row.case_id: set() for row in rows}
    for row in connection.execute(select(PEOPLE)):
        if row.case_id in people:
            people[row.case_id].add(row.researcher_id)
    texts = [case_text(row.title, row.need_title, row.text) for row in rows]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True)
    matrix = vectorizer.fit_transform(texts) if any(t.strip() for t in texts) else None
    if matrix is None:
        rows = []
    return _Corpus(
        tuple(row.case_id for row in rows),
        tuple(texts),
        tuple(frozenset(people[row.case_id]) for row in rows),
        tuple(row.means for row in rows),
        vectorizer,
        matrix,
    )


def case_text(title: str, need_title: str | None = "", need_text: str | None = "") -> str:
    """Return the text by which a case is compared."""
    said = dict.fromkeys(part.strip() for part in (title, need_title, need_text) if part)
    return "\n".join(said)[:_MAX_CHARS]


def _said(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return what was said at the last decision of each case that was no go."""
    query = select(CaseDecision.case_id, CaseDecision.reason).where(
        CaseDecision.case_id.in_(ids), CaseDecision.decision != GO, CaseDecision.reason != ""
    )
    return {
        row.case_id: row.reason
        for row in connection.execute(query.order_by(CaseDecision.decision_id))
    }


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / len(first | second) if first and second else 0.0
