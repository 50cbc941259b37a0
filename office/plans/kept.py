"""Plans of cases in versions: the draft or the newest version, edited, made anew from what is known.

A save keeps all sections as they were read, in one language; sections that nobody edited keep apart what is
about each researcher, so that somebody who asks to be forgotten is taken out of them.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import IntegrityError

from catalogue.database.money_models import CasePlan
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError, StaleVersionError, UnknownIdError
from enmusubi.language import clean_text
from enmusubi.messages import N_
from enmusubi.settings import Settings
from office.access.rules import WORK_ON_CASES, require
from office.cases.kept import KeptCase, case_of
from office.cases.portals import tell_portals
from office.cases.steps import CaseStep, changeable, note_step
from office.plans.drafting import PlanPart, PlanSection, drafted
from office.plans.knowing import know
from office.plans.words import SECTIONS
from office.webhooks.events import PLAN_SAVED

PLANS = cast(Table, CasePlan.__table__)
LANGUAGES = ("ja", "en")
DRAFT = 0  # the version of a plan that nobody saved
MAX_SECTION_CHARS = 30_000
STALE_PLAN = N_("Another user changed the plan meanwhile. Read it again, and repeat your change.")


@dataclass(frozen=True)
class KeptPlan:
    """A plan in a language; version 0 is the draft of this moment, made by nobody."""

    case_id: int
    language: str
    version: int
    sections: tuple[PlanSection, ...]
    estimate_id: int
    estimate_version: int
    made_by: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True)
class PlanRead:
    """A plan beside what the draft says now, and all versions, the newest first."""

    case: KeptCase
    plan: KeptPlan
    draft: tuple[PlanSection, ...]
    versions: tuple[KeptPlan, ...]

    @property
    def outdated(self) -> tuple[str, ...]:
        """The sections that nobody edited and that would be said otherwise now."""
        now = {one.name: one.text for one in self.draft}
        return tuple(
            one.name
            for one in self.plan.sections
            if not one.is_edited and self.plan.version and one.text != now[one.name]
        )


def read_plan(  # noqa: PLR0917 - which plan, in which language
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    language: str,
    settings: Settings,
    version: int | None = None,
) -> PlanRead:
    """Return a case's plan: a version, None: the newest, or the draft where none was saved, or 0 is asked.

    Raises ForbiddenError, UnknownIdError, and InputError for a language that there is not.
    """
    require(viewer, WORK_ON_CASES)
    _check_language(language)
    case = case_of(connection, viewer, case_id)
    known = know(connection, viewer, case, settings, language)
    draft = drafted(known, language)
    versions = _versions(connection, case_id, language)
    quoted = known.estimate
    plan = KeptPlan(
        case_id, language, DRAFT, draft, quoted.estimate_id if quoted else 0,
        quoted.version if quoted else 0,
    )  # fmt: skip
    if versions and version is None:
        plan = versions[0]
    elif version:
        plan = next((one for one in versions if one.version == version), plan)
        if plan.version != version:
            raise UnknownIdError("The plan has no version of that number.")
    return PlanRead(case, plan, draft, tuple(versions))


def newest_plans(connection: Connection, viewer: Viewer, case: KeptCase) -> dict[str, KeptPlan]:
    """Return the newest version in each language that has one."""
    require(viewer, WORK_ON_CASES)
    found = {one: _versions(connection, case.case_id, one) for one in LANGUAGES}
    return {language: some[0] for language, some in found.items() if some}


def save_plan(  # noqa: PLR0917 - whose plan, as it is to be
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    language: str,
    texts: Mapping[str, str],
    settings: Settings,
    *,
    anew: Collection[str] = (),
    expected_version: int | None = None,
) -> KeptPlan:
    """Keep a plan as its next version; returns it.

    `texts` are sections as they are to be, those that are not named stay; those of `anew` are made of
    what is known now. Raises ForbiddenError, UnknownIdError, StaleVersionError and InputError.
    """
    case = changeable(connection, viewer, case_id, None)
    if (set(texts) | set(anew)) - set(SECTIONS):
        raise InputError("not a section that there is.", of_field="sections")
    read = read_plan(connection, viewer, case_id, language, settings)
    if expected_version is not None and read.plan.version != expected_version:
        raise StaleVersionError(STALE_PLAN)
    draft = {one.name: one for one in read.draft}
    sections = [
        draft[one.name] if one.name in anew else _edited(one, draft[one.name], texts)
        for one in read.plan.sections
    ]
    now, version = datetime.now(UTC), read.plan.version + 1
    known = know(connection, viewer, case, settings, language).estimate
    quotes_anew = "estimate" in anew or not read.plan.version
    estimate = (
        (known.estimate_id if known else 0, known.version if known else 0)
        if quotes_anew
        else (read.plan.estimate_id, read.plan.estimate_version)
    )
    row = {
        "case_id": case_id, "language": language, "version": version,
        "content": _as_json(sections), "estimate_id": estimate[0],
        "estimate_version": estimate[1], "made_by": viewer.viewer_id, "made_at": now,
    }  # fmt: skip
    try:
        with connection.begin_nested():
            connection.execute(insert(PLANS).values(**row))
    except IntegrityError:  # another wrote the same version
        raise StaleVersionError(STALE_PLAN) from None
    step = CaseStep("plan", {"language": language, "version": version})
    note_step(connection, viewer, case_id, case.need_id, step, now)
    tell_portals(connection, case, PLAN_SAVED, language=language, version=version)
    return _versions(connection, case_id, language)[0]


def _edited(kept: PlanSection, draft: PlanSection, texts: Mapping[str, str]) -> PlanSection:
    if kept.name not in texts:
        return kept
    text = clean_text(texts[kept.name].replace("\r\n", "\n")).strip()
    if len(text) > MAX_SECTION_CHARS:
        raise InputError(
            "%(count)s characters found, at most %(most)s are kept.",
            of_field=kept.name,
            count=len(text),
            most=MAX_SECTION_CHARS,
        )
    for known in (kept, draft):
        if text == clean_text(known.text).strip():
            return known
    return PlanSection(kept.name, (PlanPart(text),), is_edited=True)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise InputError("expected ja or en.", of_field="language")


def _versions(connection: Connection, case_id: int, language: str) -> list[KeptPlan]:
    mine = (PLANS.c.case_id == case_id) & (PLANS.c.language == language)
    query = select(PLANS).where(mine).order_by(PLANS.c.version.desc())
    return [_kept(row) for row in connection.execute(query).mappings()]


def _kept(row: Any) -> KeptPlan:
    names = (
        "case_id", "language", "version", "estimate_id", "estimate_version", "made_by", "made_at",
    )  # fmt: skip
    said = {one["section"]: one for one in json.loads(row["content"]) if one}
    sections = tuple(_section(name, said.get(name, {})) for name in SECTIONS)
    return KeptPlan(**{name: row[name] for name in names}, sections=sections)


def _section(name: str, said: Mapping[str, Any]) -> PlanSection:
    parts = tuple(
        PlanPart(one["text"], one["researcher_id"]) for one in said.get("parts", ()) if one
    )
    return PlanSection(name, parts, bool(said.get("is_edited")))


def _as_json(sections: Sequence[PlanSection]) -> str:
    said = [
        {
            "section": one.name,
            "is_edited": one.is_edited,
            "parts": [{"researcher_id": p.researcher_id, "text": p.text} for p in one.parts],
        }
        for one in sections
    ]
    return json.dumps(said, ensure_ascii=False)
