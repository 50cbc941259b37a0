"""When an NDA holds: what a need, a veil and screening ask alike."""

from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, Table, or_

from catalogue.database.company_models import Nda

NDAS = cast(Table, Nda.__table__)


def holds_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `nda` rows for those that hold on a day, the first and the last included."""
    return (
        NDAS.c.withdrawn_at.is_(None),
        NDAS.c.signed_on <= day,
        or_(NDAS.c.valid_until.is_(None), NDAS.c.valid_until >= day),
    )
