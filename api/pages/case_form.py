"""What the form of a case sends, and where it differs from a case as it stands."""

from typing import Any

from pydantic import BaseModel, Field

from enmusubi.errors import InputError
from office.cases.kept import KeptCase


class CaseForm(BaseModel):
    """What the form of a new case sends, and that of a change."""

    need_id: str = Field("", max_length=300)
    title: str = Field("", max_length=400)
    company: str = Field("", max_length=400)
    means: str = Field("", max_length=40)
    amount_jpy: str = Field("", max_length=40)
    next_step: str = Field("", max_length=400)
    manager: str = Field("", max_length=200)
    is_closed: str = Field("", max_length=10)
    person: list[str] = Field(default_factory=list, max_length=30)
    added: str = Field("", max_length=300)
    lead: str = Field("", max_length=300)
    origin: str = Field("hand", max_length=20)
    note: str = Field("", max_length=6_000)
    version: int = Field(0, ge=0)
    template: int = Field(0, ge=0, lt=2**63)
    once: str = Field("", max_length=100)

    @property
    def people(self) -> tuple[str, ...]:
        """The ids of its people, with the one that was added."""
        return tuple(filter(None, dict.fromkeys([*self.person, self.added.strip()])))

    @property
    def amount(self) -> int | None:
        """The amount in yen; raises InputError."""
        plain = self.amount_jpy.replace(",", "").replace("，", "").strip()
        if not plain:
            return None
        if not (plain.isdecimal() and len(plain) < 19):
            raise InputError("not an amount in yen.", of_field="amount_jpy")
        return int(plain)

    def differing(self, case: KeptCase) -> list[str]:
        """Return the names of the fields in which what was entered is not what the case says now."""
        before = _said_by(case)
        mine = {
            "title": self.title.strip(),
            "company": self.company.strip(),
            "means": self.means,
            "amount_jpy": self.amount,
            "next_step": self.next_step.strip(),
            "manager": self.manager or case.manager,  # not named: it stays
            "is_closed": bool(self.is_closed),
            "people": set(self.people),
            "lead": self.lead if self.lead in self.people else "",
        }
        unasked = {"company"} if case.organisation_id else set()
        unasked |= {"is_closed"} if case.need_id else set()
        return [
            name for name, value in mine.items() if name not in unasked and value != before[name]
        ]


def _said_by(case: KeptCase) -> dict[str, Any]:
    leads = [one.card.researcher_id for one in case.people if one.is_lead]
    names = ("title", "company", "means", "amount_jpy", "next_step", "manager", "is_closed")
    values = {name: getattr(case, name) for name in names}
    return {**values, "people": set(case.people_ids), "lead": leads[0] if leads else ""}
