"""Needs by field of research: how many, how many of them found somebody, and where nobody is known.

A need's field and whether anybody fits are those of its newest list of a night.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.models import OPEN, StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST
from office.access.rules import SEE_STATISTICS, require, visible_needs
from office.needs.verdicts import count_suitable, standing_verdicts

UNSURE, UNKNOWN = "", "?"  # no field could be told; no night has told one


@dataclass(frozen=True)
class FieldCounts:
    """The needs of a field. `hit` of the `judged` ones have somebody suitable; `nobody` fits in others.

    `people` are the researchers known for the field; None where the index is not loaded.
    """

    field_id: str
    needs: int
    open: int
    judged: int
    hit: int
    nobody: int
    people: int | None = None

    @property
    def hit_rate(self) -> float | None:
        """The share of the judged needs with somebody suitable, None where none was judged."""
        return self.hit / self.judged if self.judged else None

    @property
    def is_told(self) -> bool:
        """Whether it is a field of research."""
        return self.field_id not in {UNSURE, UNKNOWN}

    @property
    def has_nobody(self) -> bool:
        """Whether it is a field with needs for which nobody is known, or none of which anybody fits."""
        return self.is_told and (self.people == 0 or 0 < self.needs == self.nobody)


def needs_by_field(
    connection: Connection, viewer: Viewer, people: Mapping[str, int] | None = None
) -> list[FieldCounts]:
    """Return the counts of each field with needs, most needs first; fields that are not told come last.

    `people` has how many researchers are known for each field. Raises ForbiddenError.
    """
    require(viewer, SEE_STATISTICS)
    own = SHOWN_LIST.alias()
    newest = (
        select(own.c.list_id)
        .where(own.c.need_id == StoredNeed.need_id, own.c.source == NIGHTLY)
        .order_by(own.c.shown_at.desc(), own.c.list_id.desc())
        .limit(1)
        .correlate(StoredNeed)
        .scalar_subquery()
    )
    stands = standing_verdicts(viewer)
    judged = (
        select(stands.c.need_id, count_suitable(stands).label("suitable"))
        .group_by(stands.c.need_id)
        .subquery()
    )
    of_need = (
        select(
            func.coalesce(SHOWN_LIST.c.field_id, UNKNOWN).label("field_id"),
            _one(StoredNeed.status == OPEN).label("open"),
            _one(judged.c.need_id.is_not(None)).label("judged"),
            _one(judged.c.suitable > 0).label("hit"),
            _one(SHOWN_LIST.c.fits_nobody.is_(True)).label("nobody"),
        )
        .select_from(StoredNeed)
        .outerjoin(SHOWN_LIST, SHOWN_LIST.c.list_id == newest)
        .outerjoin(judged, judged.c.need_id == StoredNeed.need_id)
        .where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))
        .subquery()
    )
    counted = (func.sum(of_need.c[name]) for name in ("open", "judged", "hit", "nobody"))
    query: Any = select(of_need.c.field_id, func.count(), *counted)
    found = []
    for name, needs, *sums in connection.execute(query.group_by(of_need.c.field_id)):
        opened, judged_needs, hit, nobody = map(int, sums)
        known = _known(people, str(name))
        found.append(
            FieldCounts(str(name), int(needs), opened, judged_needs, hit, nobody, people=known)
        )
    return sorted(found, key=lambda f: (not f.is_told, -f.needs, f.field_id))


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return the expression that is 1 where the condition holds, else 0."""
    return case((condition, 1), else_=0)


def _known(people: Mapping[str, int] | None, field_id: str) -> int | None:
    if people is None or field_id in {UNSURE, UNKNOWN}:
        return None
    return people.get(field_id, 0)
