"""What each contract of a case must settle, by area, and what was settled, in versions."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import IntegrityError

from catalogue.database.money_models import CONTRACT_KINDS, ContractChecklist
from catalogue.database.viewer import IP, LEGAL, StandIn, Viewer
from enmusubi.errors import ForbiddenError, InputError, StaleVersionError, UnknownIdError
from enmusubi.messages import N_
from matcher.records import COMPETITIVE, NON_COMPETITIVE
from office.access.rules import WORK_ON_CASES, require
from office.cases.kept import KeptCase, case_of
from office.cases.portals import tell_portals
from office.cases.steps import CaseStep, Plain, line_in, note_step
from office.delegations.acting import on_case
from office.delegations.standing_in import decided_for
from office.needs.reading import need_of
from office.webhooks.events import CONTRACT_MOVED

DECIDING = (LEGAL, IP)
CHECKLISTS = cast(Table, ContractChecklist.__table__)
OPEN, SETTLED, NOT_APPLICABLE = "open", "settled", "not_applicable"
ANSWERS = (OPEN, SETTLED, NOT_APPLICABLE)
AREAS = (COMPETITIVE, NON_COMPETITIVE)
MAX_NOTE_CHARS = 500
_STALE = N_("Another user changed the checklist meanwhile. Read it again, and repeat your change.")


@dataclass(frozen=True)
class ContractSource:
    """A public guideline, by its name in both languages and its address."""

    ja: str
    en: str
    url: str

    def text(self, language: str) -> str:
        """Return its name."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True)
class ContractItem:
    """A heading, what is asked and what must be settled, by language; `areas` for which it is."""

    id: str
    head: Mapping[str, str]
    ask: Mapping[str, str]
    settle: Mapping[str, str]
    areas: tuple[str, ...]
    sources: tuple[str, ...]
    is_ip: bool = False  # of intellectual property


@dataclass(frozen=True)
class Settled:
    """What was said of an item."""

    item: ContractItem
    answer: str = OPEN
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class CaseChecklist:
    """The checklist of a contract of a case; version 0 is one of which nothing was said yet."""

    kind: str
    area: str
    items: tuple[Settled, ...]
    version: int = 0
    made_by: str = ""
    made_at: datetime | None = None
    may_change: bool = False

    @property
    def open(self) -> int:
        """How many items are still open."""
        return sum(one.answer == OPEN for one in self.items)


@cache
def contract_sources() -> Mapping[str, ContractSource]:
    """Return the guidelines by their ids."""
    return {name: ContractSource(**row) for name, row in _stored()["source"].items()}


@cache
def contract_items(kind: str) -> tuple[ContractItem, ...]:
    """Return the items of a contract in their order."""
    return tuple(
        ContractItem(
            row["id"],
            _by_language(row["head"]),
            _by_language(row["ask"]),
            _by_language(row["settle"]),
            tuple(row.get("areas", AREAS)),
            tuple(row["sources"]),
            row.get("is_ip", False),
        )
        for row in _stored()[kind]
    )


def checklist_of(connection: Connection, viewer: Viewer, case_id: int, kind: str) -> CaseChecklist:
    """Return the newest checklist of a contract, with the items of the case's area.

    A case without a need has no area: it has the items of both. Raises ForbiddenError and UnknownIdError.
    """
    require(viewer, WORK_ON_CASES)
    _check_kind(kind)
    case = case_of(connection, viewer, case_id)
    area = need_of(connection, viewer, case.need_id).area if case.need_id else ""
    mine = (CHECKLISTS.c.case_id == case_id) & (CHECKLISTS.c.kind == kind)
    query = select(CHECKLISTS).where(mine).order_by(CHECKLISTS.c.version.desc()).limit(1)
    row: Any = connection.execute(query).mappings().first()
    said = json.loads(row["answers"]) if row else {}
    items = tuple(
        Settled(one, *said.get(one.id, (OPEN, "")))
        for one in contract_items(kind)
        if not area or area in one.areas
    )
    may_change = _may_change(viewer, case, _away(connection, viewer, case))
    if row is None:
        return CaseChecklist(kind, area, items, may_change=may_change)
    return CaseChecklist(
        kind, area, items, row["version"], row["made_by"], row["made_at"], may_change
    )


def save_checklist(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    kind: str,
    answers: Mapping[str, tuple[str, str]],
    *,
    expected_version: int | None,
) -> CaseChecklist:
    """Keep what was said, by the item's id an answer and a note, as the next version.

    Legal, IP, who looks after the case, and the chief say it. Raises ForbiddenError, UnknownIdError,
    StaleVersionError, and InputError for an item or an answer that there is not.
    """
    before = checklist_of(connection, viewer, case_id, kind)
    case = case_of(connection, viewer, case_id)
    if not before.may_change:
        raise ForbiddenError(
            "Only legal, IP, the manager of the case or of its need, and the chief, change it."
        )
    if expected_version is not None and before.version != expected_version:
        raise StaleVersionError(_STALE)
    known = {one.item.id: (one.answer, one.note) for one in before.items}
    if set(answers) - set(known) or {answer for answer, _ in answers.values()} - set(ANSWERS):
        raise InputError("not an item, or not open, settled or not_applicable.", of_field="answers")
    told = {
        name: (answer, line_in(note, "note", most=MAX_NOTE_CHARS))
        for name, (answer, note) in answers.items()
    }
    now, version = datetime.now(UTC), before.version + 1
    row = {
        "case_id": case_id, "kind": kind, "version": version, "made_by": viewer.viewer_id,
        "made_at": now, "answers": json.dumps({**known, **told}, ensure_ascii=False),
    }  # fmt: skip
    try:
        with connection.begin_nested():
            connection.execute(insert(CHECKLISTS).values(**row))
    except IntegrityError:  # another wrote the same version
        raise StaleVersionError(_STALE) from None
    detail: dict[str, Plain] = {"contract": kind, "version": version}
    if not case.may_change and (away := _away(connection, viewer, case)):
        detail["decided_for"] = away.user_id
    step = CaseStep("contract", detail)
    note_step(connection, viewer, case_id, case.need_id, step, now)
    tell_portals(connection, case, CONTRACT_MOVED, contract=kind, version=version)
    return checklist_of(connection, viewer, case_id, kind)


def _by_language(said: Sequence[str]) -> dict[str, str]:
    return {"ja": said[0], "en": said[1]}


def _may_change(viewer: Viewer, case: KeptCase, away: StandIn | None) -> bool:
    return case.may_change or viewer.role in DECIDING or away is not None


def _away(connection: Connection, viewer: Viewer, case: KeptCase) -> StandIn | None:
    return decided_for(on_case(connection, viewer, case.case_id), DECIDING)


def _check_kind(kind: str) -> None:
    if kind not in CONTRACT_KINDS:
        raise UnknownIdError("There is no contract of that kind.")


@cache
def _stored() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("checklists.toml").read_text("utf-8"))
