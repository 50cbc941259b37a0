"""What the forms of projects send: texts, read as what a draft takes."""

from dataclasses import fields
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.pages.project_texts import DAYS, NUMBERS
from enmusubi.errors import InputError
from office.projects.drafts import Draft, EntryKind

MAX_DIGITS = 17


class ProjectForm(BaseModel):
    """What any form of a project sends; each has some of the fields."""

    version: int = Field(0, ge=0)
    name: str = Field("", max_length=400)
    lead: str = Field("", max_length=300)
    state: str = Field("", max_length=20)
    starts_on: str = Field("", max_length=20)
    ends_on: str = Field("", max_length=20)
    researcher_id: str = Field("", max_length=300)
    percent: str = Field("", max_length=20)
    since: str = Field("", max_length=20)
    until: str = Field("", max_length=20)
    part_id: str = Field("", max_length=20)
    planned_on: str = Field("", max_length=20)
    actual_on: str = Field("", max_length=20)
    kind: str = Field("", max_length=20)
    amount_jpy: str = Field("", max_length=40)
    budget_id: str = Field("", max_length=20)
    spent_on: str = Field("", max_length=20)
    voucher: str = Field("", max_length=400)
    note: str = Field("", max_length=400)
    probability: str = Field("", max_length=5)
    impact: str = Field("", max_length=5)
    owner: str = Field("", max_length=200)
    measure: str = Field("", max_length=6_000)
    held_on: str = Field("", max_length=20)
    text: str = Field("", max_length=6_000)
    decisions: str = Field("", max_length=6_000)
    due_on: str = Field("", max_length=20)
    done_on: str = Field("", max_length=20)
    minutes_id: str = Field("", max_length=20)
    light: str = Field("", max_length=10)
    reason: str = Field("", max_length=6_000)
    until_day: str = Field("", max_length=20)

    def draft(self, kind: EntryKind) -> Draft:
        """Return what is entered; raises InputError with the field that cannot be read."""
        values: dict[str, Any] = {}
        for one in fields(kind.draft):
            said = getattr(self, one.name)
            if one.name in DAYS:
                values[one.name] = self.day(one.name)
            elif one.name in NUMBERS:
                values[one.name] = _number(said, one.name)
            else:
                values[one.name] = said
            if values[one.name] is None and "None" not in str(one.type):
                raise InputError("missing.", of_field=_told(one.name))
        draft: Draft = kind.draft(**values)
        return draft

    def day(self, name: str) -> date | None:
        """Return the day in a field, None in an empty one; raises InputError."""
        said = getattr(self, name).strip()
        try:
            return date.fromisoformat(said) if said else None
        except ValueError:
            raise InputError("not a day such as 2026-04-01.", of_field=_told(name)) from None


def as_typed(value: Any) -> str:
    """Return a value as a form has it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(said: str, name: str) -> int | None:
    plain = said.replace(",", "").replace("，", "").strip()
    if not plain:
        return None
    digits = plain.removeprefix("-")
    if not (digits.isdecimal() and len(digits) < MAX_DIGITS):
        raise InputError("not a whole number.", of_field=name)
    return int(plain)


def _told(name: str) -> str:
    return "period" if name in {"since", "until"} else name
