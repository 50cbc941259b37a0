"""The parts of a need that can be answered or left open (its sentences, each once), and how near each
candidate comes to each of them, compared with the other candidates.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from enmusubi.language import JAPANESE, detect_language
from matcher.need_roles.classifier import ANSWERABLE, CLOSING, GREETING, WISH
from matcher.passages import Span
from matcher.records import NeedPart
from matcher.retrieval import NeedQuery

MIN_JAPANESE_LETTERS = 14
MIN_ENGLISH_WORDS = 4
_WORD = re.compile(r"\w+")
Classify = Callable[[Sequence[str]], Sequence[str]]  # the sentences of a text into their roles


@dataclass(frozen=True)
class NeedParts:
    """The parts in the order of the text, and their centred unit vectors, shape (n_parts, d).

    `roles` are those of `need_roles`, one a part; WISH for a title, and wherever nothing tells them apart.
    `sought` says where each part stands among the need as a whole (0) and its sentences, counted from 1.
    """

    parts: tuple[NeedPart, ...]
    vectors: NDArray[np.float32]
    roles: tuple[str, ...] = ()
    sought: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """Whether each part says what is wanted, as a title and a wish do."""
        roles = self.roles or (WISH,) * len(self.parts)
        return np.array([role == WISH for role in roles], dtype=bool)


def parts_of(
    query: NeedQuery, *, classify: Classify | None = None, title_chars: int = 0
) -> NeedParts:
    """Return the parts of a need; at least one.

    Very short sentences (headings, greetings) are left out where there are longer ones, and what is no
    problem, wish, constraint or background by the roles that `classify` gives to the sentences. Those within
    the first `title_chars` are the title, which says what is wanted.
    """
    rows = {place: row for row, place in reversed(list(enumerate(query.places)))}
    found = sentences_of(query.text, query.places)
    if not found:
        whole = NeedPart(query.text, 0, len(query.text))
        return NeedParts((whole,), query.vector[None, :], (WISH,), np.zeros(1, dtype=np.int64))
    body = body_of(found, title_chars)
    told = classify([part.text for part in body]) if classify else ()
    roles = dict(zip(body, told, strict=False))
    kept = _answerable(found, roles)
    sentences = np.array([rows[part.start, part.end] for part in kept], dtype=np.int64)
    return NeedParts(
        tuple(kept),
        query.sentences[sentences],
        tuple(roles.get(part, WISH) for part in kept),
        sentences + 1,
    )


def sentences_of(text: str, places: Sequence[Span]) -> list[NeedPart]:
    """Return the sentences of a need, in their order, from where they stand; each once."""
    return [NeedPart(text[start:end], start, end) for start, end in sorted(set(places))]


def body_of(sentences: Sequence[NeedPart], title_chars: int) -> list[NeedPart]:
    """Return the sentences behind the title, whose roles are told."""
    return [part for part in sentences if part.end > title_chars]


def _answerable(found: Sequence[NeedPart], roles: Mapping[NeedPart, str]) -> list[NeedPart]:
    """Return the sentences that evidence can answer; whatever is there when none of them can be."""
    long = [part for part in found if not is_short(part.text)]
    told = [part for part in long if roles.get(part, WISH) in ANSWERABLE]
    polite = [part for part in long if roles.get(part, WISH) not in (GREETING, CLOSING)]
    return told or polite or long or list(found)


def is_short(sentence: str) -> bool:
    """Say whether a sentence is too short to carry information: a heading, a keyword, a greeting."""
    if detect_language(sentence) == JAPANESE:
        # told by the sentence's beginning where that has as many
        beginning = sentence[: 2 * MIN_JAPANESE_LETTERS]
        return all(
            sum(map(str.isalnum, some)) < MIN_JAPANESE_LETTERS for some in (beginning, sentence)
        )
    return len(list(islice(_WORD.finditer(sentence), MIN_ENGLISH_WORDS))) < MIN_ENGLISH_WORDS


def part_shares(nearness: NDArray[np.float64], needed: NeedParts) -> NDArray[np.float64]:
    """Return for each person and part the share of the candidates who come no nearer to it, in (0, 1].

    `nearness` has how near everybody comes to the need and to its sentences, shape (1 + sentences, people);
    the shares have the shape (people, parts).
    """
    near = nearness[needed.sought]
    ordered = np.sort(near, axis=1)
    no_nearer = [
        np.searchsorted(row, own, side="right") for row, own in zip(ordered, near, strict=True)
    ]
    return np.asarray(np.stack(no_nearer, axis=1) / near.shape[1])
