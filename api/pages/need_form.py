"""The form of a need: its fields as strings, from a stored need or from what was sent."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Form

from enmusubi.errors import EmptyNeedError, InputError
from office.needs.managers import Manager
from office.needs.reading import SeenNeed

Line = Annotated[str, Form(max_length=1_000)]
Prose = Annotated[str, Form()]


@dataclass(frozen=True)
class NeedForm:
    """A need as the form shows it and sends it; everything is text."""

    title: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    area: str = ""
    horizon: str = field(default="", repr=False)
    budget_jpy: str = field(default="", repr=False)
    constraints: str = field(default="", repr=False)
    confidentiality: str = "confidential"
    manager: str = ""

    @classmethod
    def of(cls, need: SeenNeed) -> "NeedForm":
        """Return the form filled in with a need."""
        plain = {name: getattr(need, name) for name in NAMES if name != "budget_jpy"}
        budget = "" if need.budget_jpy is None else str(need.budget_jpy)
        return cls(**plain, budget_jpy=budget)

    def fields(self) -> dict[str, Any]:
        """Return what is to be written; a company that was emptied is taken off by its id."""
        values: dict[str, Any] = {name: getattr(self, name) for name in NAMES}
        values["budget_jpy"] = re.sub(r"[,，、\s円]", "", self.budget_jpy)
        if not self.company.strip():
            del values["company"]
            values["organisation_id"] = ""
        return values

    def differing(self, other: "NeedForm") -> list[str]:
        """Return the names of the fields in which two forms differ; line ends don't count."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in NAMES)
        return [name for name, mine, theirs in pairs if not is_same_text(mine, theirs)]


NAMES = tuple(NeedForm.__dataclass_fields__)


def sent_form(  # noqa: PLR0917 - FastAPI passes them by name
    title: Line = "",
    text: Prose = "",
    company: Line = "",
    area: Line = "",
    horizon: Line = "",
    budget_jpy: Line = "",
    constraints: Prose = "",
    confidentiality: Line = "",
    manager: Line = "",
) -> NeedForm:
    """Return the form that a request sends."""
    return NeedForm(
        title.strip(),
        text,
        company.strip(),
        area,
        horizon.strip(),
        budget_jpy.strip(),
        constraints,
        confidentiality,
        manager.strip(),
    )


Sent = Annotated[NeedForm, Depends(sent_form)]


def manager_choices(managers: Iterable[Manager], *present: str) -> dict[str, str]:
    """Return how each login that can be chosen is shown; who is the manager at present stays a choice."""
    choices = {
        one.user_id: one.name if one.name == one.user_id else f"{one.name} ({one.user_id})"
        for one in managers
    }
    return choices | {login: login for login in present if login not in choices}


def faulty_fields(error: InputError) -> Collection[str]:
    """Return the names of the fields that an error is about."""
    if isinstance(error, EmptyNeedError):
        return {"text"}
    found = error.fields & {*NAMES, "organisation_id"}
    return {"company" if name == "organisation_id" else name for name in found}


def is_same_text(one: str, other: str) -> bool:
    """Return whether two texts are the same; line ends and blanks before them don't count."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
