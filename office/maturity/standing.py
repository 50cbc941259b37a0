"""Where a case stands on seed → product module → product unit → sale, by rules that are data, or by hand.

What it is told by: the case's stage, the kinds of its documents, and those patents of its people that the
whole office may see, so that everybody reads the same.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select

from catalogue.database.case_models import CASE_STAGES, DOCUMENT_KINDS, GATES
from catalogue.database.models import Authorship, Seed
from catalogue.database.money_models import MATURITY_STEPS, CaseMaturity
from catalogue.database.viewer import PROJECT, Viewer
from enmusubi.errors import InputError, SettingsError
from office.access.rules import WORK_ON_CASES, require, visible_seeds
from office.cases.documents import documents_of
from office.cases.kept import KeptCase
from office.cases.steps import CaseStep, changeable, note_step, text_in

BY_HAND = cast(Table, CaseMaturity.__table__)
SHIPPED = Path(__file__).parent / "maturity.toml"
NO_PATENT, ANY_PATENT, GRANTED = "", "any", "granted"
BELOW, WITHIN, ABOVE = "below", "within", "above"  # how a case's own sum stands to a step's band
FACTOR = 10  # a step is about so many times the one before


@dataclass(frozen=True)
class MaturityStep:
    """A step: its band of cost in yen, the gate behind it, what is done in it and when it is passed."""

    name: str
    low_jpy: int
    high_jpy: int
    gate: str
    task: Mapping[str, str]
    passed: Mapping[str, str]


@dataclass(frozen=True)
class MaturityRule:
    """Where a case stands if it is at one of these stages and has all that is asked for."""

    id: str
    step: str
    stages: tuple[str, ...]
    documents: tuple[str, ...]
    patents: str
    reason: Mapping[str, str]


@dataclass(frozen=True)
class MaturityRules:
    """The table: steps in their order, rules in theirs."""

    steps: Mapping[str, MaturityStep]
    rules: tuple[MaturityRule, ...]


@dataclass(frozen=True)
class CaseFacts:
    """What the rules look at."""

    stage: str
    documents: frozenset[str] = frozenset()
    patents: int = 0
    granted: int = 0


@dataclass(frozen=True)
class MaturityStanding:
    """Where a case stands: by a rule and its reason, or by hand, by whom and why."""

    step: str
    rule: MaturityRule
    facts: CaseFacts
    set_by: str = ""
    set_at: datetime | None = None
    reason: str = field(default="", repr=False)

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody said it."""
        return self.set_at is not None


@dataclass(frozen=True)
class StepAhead:
    """A step of the plan with its band: what the whole step usually costs, whoever pays for it.

    The present step has the case's `own_jpy` besides, and how that stands to the band; those behind it have
    `about_jpy` where that sum lies within the band, so that it may be the step's cost and not a part of it.
    """

    step: MaturityStep
    is_present: bool
    own_jpy: int | None = None
    own_stands: str = ""
    about_jpy: int | None = None


@cache
def maturity_rules(changed: Path | None = None) -> MaturityRules:
    """Return the table, the office's own file in place of what ships.

    Raises SettingsError for a file that cannot be read, or has values that there are not.
    """
    try:
        stored = tomllib.loads((changed or SHIPPED).read_text("utf-8"))
        steps = {name: _step(name, stored["step"][name]) for name in MATURITY_STEPS}
        rules = tuple(_rule(row) for row in stored["rule"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            "%(path)s cannot be read: %(reason)s.", path=changed, reason=type(error).__name__
        ) from error
    stages = {stage for rule in rules if not _asks(rule) for stage in rule.stages}
    if stages != set(CASE_STAGES):  # without more than the stage, every case must stand somewhere
        raise SettingsError(
            "%(path)s cannot be read: %(reason)s.", path=changed, reason="rule.stages"
        )
    return MaturityRules(steps, rules)


def standing(facts: CaseFacts, rules: MaturityRules) -> MaturityRule:
    """Return the first rule that holds."""
    return next(rule for rule in rules.rules if _holds(rule, facts))


def standing_of(
    connection: Connection, viewer: Viewer, case: KeptCase, rules: MaturityRules
) -> MaturityStanding:
    """Return where a case stands; what somebody said by hand goes before the rules."""
    require(viewer, WORK_ON_CASES)
    facts = _facts(connection, case)
    rule = standing(facts, rules)
    mine = select(BY_HAND).where(BY_HAND.c.case_id == case.case_id)
    row = (
        connection.execute(mine.order_by(BY_HAND.c.maturity_id.desc()).limit(1)).mappings().first()
    )
    if row is None or not row["step"]:
        return MaturityStanding(rule.step, rule, facts)
    return MaturityStanding(row["step"], rule, facts, row["set_by"], row["set_at"], row["reason"])


def set_standing(
    connection: Connection, viewer: Viewer, case_id: int, step: str, reason: str
) -> KeptCase:
    """Say where a case stands, with a reason; an empty step lets the rules say it again.

    Raises ForbiddenError, UnknownIdError and InputError.
    """
    case = changeable(connection, viewer, case_id, None)
    if step not in {"", *MATURITY_STEPS}:
        raise InputError("not a step that there is.", of_field="step")
    said, now = text_in(reason, "reason", required=bool(step)), datetime.now(UTC)
    row = {
        "case_id": case_id, "step": step, "reason": said, "set_by": viewer.viewer_id, "set_at": now,
    }  # fmt: skip
    connection.execute(insert(BY_HAND).values(**row))
    detail = {"step": step}
    note_step(connection, viewer, case_id, case.need_id, CaseStep("maturity", detail, said), now)
    return case


def steps_ahead(step: str, rules: MaturityRules, own_jpy: int | None) -> tuple[StepAhead, ...]:
    """Return the present step and those ahead; `own_jpy` is what the case itself costs, where known."""
    first = MATURITY_STEPS.index(step)
    stands = _stands(own_jpy, rules.steps[step]) if own_jpy else ""
    found = [StepAhead(rules.steps[step], True, own_jpy or None, stands)]
    for place, name in enumerate(MATURITY_STEPS[first + 1 :], start=1):
        about = own_jpy * FACTOR**place if own_jpy and stands == WITHIN else None
        found.append(StepAhead(rules.steps[name], False, about_jpy=about))
    return tuple(found)


def _stands(amount: int, step: MaturityStep) -> str:
    if amount < step.low_jpy:
        return BELOW
    return ABOVE if amount > step.high_jpy else WITHIN


def _facts(connection: Connection, case: KeptCase) -> CaseFacts:
    kinds = frozenset(one.kind for one in documents_of(connection, case))
    everybody = Viewer("", PROJECT)  # who sees the least of the office
    query = (
        select(Seed.seed_id, Seed.patent_status)
        .join(Authorship, Authorship.seed_id == Seed.seed_id)
        .where(
            Authorship.researcher_id.in_(case.people_ids),
            Seed.kind == "patent",
            Seed.withdrawn_at.is_(None),
            visible_seeds(everybody),
        )
        .distinct()
    )
    found = connection.execute(query).all() if case.people_ids else []
    granted = sum(row.patent_status == GRANTED for row in found)
    return CaseFacts(case.stage, kinds, len(found), granted)


def _holds(rule: MaturityRule, facts: CaseFacts) -> bool:
    if facts.stage not in rule.stages or not set(rule.documents) <= facts.documents:
        return False
    return bool({NO_PATENT: True, ANY_PATENT: facts.patents, GRANTED: facts.granted}[rule.patents])


def _asks(rule: MaturityRule) -> bool:
    return bool(rule.documents or rule.patents)


def _step(name: str, row: Mapping[str, Any]) -> MaturityStep:
    low, high = row["cost_jpy"]
    if not 0 < low <= high or row["gate"] not in {"", *GATES}:
        raise ValueError(name)
    task = {"ja": row["task_ja"], "en": row["task_en"]}
    return MaturityStep(
        name, low, high, row["gate"], task, {"ja": row["passed_ja"], "en": row["passed_en"]}
    )


def _rule(row: Mapping[str, Any]) -> MaturityRule:
    rule = MaturityRule(
        row["id"], row["step"], tuple(row["stages"]), tuple(row.get("documents", ())),
        row.get("patents", NO_PATENT), {"ja": row["reason_ja"], "en": row["reason_en"]},
    )  # fmt: skip
    known = rule.step in MATURITY_STEPS and set(rule.stages) <= set(CASE_STAGES)
    if not (known and set(rule.documents) <= set(DOCUMENT_KINDS)):
        raise ValueError(rule.id)
    if rule.patents not in {NO_PATENT, ANY_PATENT, GRANTED}:
        raise ValueError(rule.id)
    return rule
