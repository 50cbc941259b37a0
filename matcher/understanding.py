"""What the service understood of a need: its language, its area and its fields of research."""

from dataclasses import dataclass

import numpy as np

from matcher.areas import AreaGuess, infer_area
from matcher.domains.taxonomy import load_taxonomy
from matcher.retrieval import NeedQuery

LIKELY_FIELDS = 3
MIN_PROBABILITY = 0.1  # what is less likely is not worth reading


@dataclass(frozen=True)
class LikelyField:
    """A field of research (an id of the taxonomy) and how probable it is."""

    field_id: str
    probability: float


@dataclass(frozen=True)
class Understood:
    """Language (ja or en), area with its probability, and the likely fields, none where unsure."""

    language: str
    area: AreaGuess
    fields: tuple[LikelyField, ...] = ()


def understand(query: NeedQuery, area: str = "") -> Understood:
    """Return what was understood of a need; `area` is what was declared of it."""
    return Understood(query.language, infer_area(query.text, query.language, area), _likely(query))


def _likely(query: NeedQuery) -> tuple[LikelyField, ...]:
    best = np.argsort(-query.fields, kind="stable")[:LIKELY_FIELDS]
    ids = load_taxonomy().ids
    likely = (LikelyField(ids[place], float(query.fields[place])) for place in best)
    return tuple(field for field in likely if field.probability >= MIN_PROBABILITY)
