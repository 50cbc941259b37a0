"""How a saved search asks besides its text, as JSON: filters, area, order, length, marks and added words.

Names that this program doesn't know are left out when it is read, so that programs of several versions
can share a catalogue. Marks that an index has no more are let go one by one, so that the others act.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from sqlalchemy import Connection

from catalogue.identity.links import rows_of
from enmusubi.errors import UnknownIdError
from matcher.records import NOT_REFINED, Filters, Mark, Refinement

_NOT_KEPT = {"visibilities"}  # the rules say at each run what its owner may be shown
_FILTERS = {f.name for f in fields(Filters)} - _NOT_KEPT
_MARK = {f.name for f in fields(Mark)}
_SIDES = ("more_like", "less_like")


@dataclass(frozen=True)
class Conditions:
    """How a search asks besides its text; `top` is 0, `sort` and `spread` empty where nothing was chosen."""

    filters: Filters = field(default_factory=Filters)
    area: str = ""
    sort: str = ""
    top: int = 0
    refinement: Refinement = NOT_REFINED
    spread: str = ""

    def as_json(self) -> str:
        """Return what is set as JSON; what may be seen is not among it."""
        refinement = self.refinement
        given = {
            **{name: value for name, value in asdict(self.filters).items() if name in _FILTERS},
            "area": self.area,
            "sort": self.sort,
            "top": self.top,
            "spread": self.spread,
            **{side: [_set(asdict(mark)) for mark in getattr(refinement, side)] for side in _SIDES},
            "terms": refinement.terms,
        }
        return json.dumps(_set(given), ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """Return the conditions as they were stored."""
        given = json.loads(stored)
        filters: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in given.items()
            if name in _FILTERS
        }
        more, less = (tuple(map(_mark, given.get(side, ()))) for side in _SIDES)
        return cls(
            filters=Filters(**filters),
            area=given.get("area", ""),
            sort=given.get("sort", ""),
            top=given.get("top", 0),
            refinement=Refinement(more, less, tuple(given.get("terms", ()))),
            spread=given.get("spread", ""),
        )


def _set(given: Mapping[str, Any]) -> dict[str, Any]:
    # 0 is the start of a sentence, and says something there
    return {n: v for n, v in given.items() if v or (n == "sentence_start" and v is not None)}


def _mark(given: Mapping[str, Any]) -> Mark:
    return Mark(**{name: value for name, value in given.items() if name in _MARK})


def without_lost(
    connection: Connection, refinement: Refinement, error: UnknownIdError
) -> Refinement:
    """Return a refinement without the mark that the index does not have; raises the error if it is no mark's.

    A person who was joined with another since is marked by the id of now.
    """
    lost = str(error.message.values.get("id", ""))
    now = rows_of(connection, [lost]).get(lost, "")
    rest = replace(
        refinement,
        more_like=_renamed(refinement.more_like, lost, now),
        less_like=_renamed(refinement.less_like, lost, now),
    )
    if rest == refinement:
        raise error
    return rest


def _renamed(marks: tuple[Mark, ...], lost: str, now: str) -> tuple[Mark, ...]:
    there = tuple(mark for mark in marks if lost not in {mark.researcher_id, mark.seed_id})
    person = any(mark.researcher_id == lost for mark in marks)
    return (*there, Mark(researcher_id=now)) if person and now not in {"", lost} else there
