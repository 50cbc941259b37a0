"""What a company's user sees: the needs, lists, answers and cases of their company, and nothing else.

Everything is read as the company's own portal would read it, by the same rules in the queries. Of cases they
learn the stage, the state and the days on which gates were passed: no reasons, notes, people or managers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from catalogue.database.account_models import Client, ClientCompany, UserAccount
from catalogue.database.case_models import GATES, GO, RECYCLE
from catalogue.database.judgement_models import API
from catalogue.database.models import Organisation
from catalogue.database.viewer import MACHINE, OF_MEMBER, PORTAL, Viewer
from catalogue.identity.links import rows_of
from catalogue.judgements.judgements import Judgement
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import UnknownIdError
from enmusubi.settings import local_time
from office.access import audit
from office.access.rules import SEE_OWN_COMPANY, require
from office.access.scoped import reading_as, writing_as
from office.cases.decisions import DECISIONS
from office.cases.kept import KeptCase, kept_cases, seen
from office.companies.finding import UNKNOWN_COMPANY, home_ids
from office.members.kept import KeptMembership, holding_membership
from office.needs.judging import judge
from office.needs.reading import NeedFilter, SeenNeed, need_of, needs_page
from office.needs.releases import RELEASE_KIND, Released, release_of, released_people, releases_page
from office.needs.verdicts import JUDGEMENT
from office.veil.kept import Veil, holding_veils

SHOWN_NEEDS, SHOWN_LISTS = 200, 200


@dataclass(frozen=True)
class MemberNeed:
    """A need of the company, what others are shown of it while it is veiled, and its lists."""

    need: SeenNeed
    veil: Veil | None
    lists: tuple[Released, ...] = ()


@dataclass(frozen=True)
class MemberCase:
    """A case as its company sees it: gates that were passed, each with its day."""

    case_id: int
    need_id: str
    title: str = field(repr=False)
    lang: str
    stage: str
    state: str
    stage_since: date
    gates: tuple[tuple[str, date], ...]


@dataclass(frozen=True)
class CompanyAnswer:
    """What the company said last of a researcher; `by_portal` says that its portal said it."""

    researcher_id: str
    verdict: str
    reason: str
    judged_at: datetime
    by: str
    by_portal: bool


@dataclass(frozen=True)
class MemberHome:
    """The first page of a company's user."""

    name_ja: str
    name_en: str
    membership: KeptMembership | None
    needs: tuple[MemberNeed, ...]
    cases: tuple[MemberCase, ...]
    answered: Mapping[int, int]  # how many people of a list the company answered, by release


def as_company(viewer: Viewer) -> Viewer:
    """Return who reads for a company's user; raises ForbiddenError, and UnknownIdError without a company."""
    require(viewer, SEE_OWN_COMPANY)
    if len(viewer.companies) != 1:
        raise UnknownIdError(UNKNOWN_COMPANY)
    return replace(viewer, role=PORTAL, kind=OF_MEMBER)


def member_home(catalogue: Catalogue, viewer: Viewer) -> MemberHome:
    """Return the needs, lists and cases of the viewer's company; raises as `as_company` does."""
    company = as_company(viewer)
    (organisation_id,) = company.companies
    with reading_as(catalogue, company) as connection:
        names = select(Organisation.name_ja, Organisation.name_en).where(
            Organisation.organisation_id == organisation_id
        )
        row = connection.execute(names).first()
        found = needs_page(connection, company, NeedFilter(status=""), limit=SHOWN_NEEDS).items
        veils = holding_veils(connection, [need.need_id for need in found])
        needs = tuple(
            MemberNeed(need, veils.get(need.need_id), _lists(connection, company, need.need_id))
            for need in found
        )
        cases = _cases(connection, company)
    with catalogue.reading() as connection:  # what only the office's policies let through
        today = local_time(datetime.now().astimezone(), "ja").date()
        holding = holding_membership(connection, organisation_id, today)
        told = _with_gates(connection, cases)
        answered = {
            one.release_id: len(_of_list(said, connection, one))
            for need in needs
            if need.lists
            for said in [_answers(connection, organisation_id, need.need.need_id)]
            for one in need.lists
        }
    _note_reading(catalogue, viewer, "member home")
    ja, en = (row.name_ja, row.name_en) if row else ("", "")
    return MemberHome(ja, en, holding, needs, told, answered)


def member_need(
    catalogue: Catalogue, viewer: Viewer, need_id: str
) -> tuple[MemberNeed, tuple[MemberCase, ...]]:
    """Return a need of the viewer's company with its lists, and its cases.

    Raises as `as_company` does, and UnknownIdError for another company's.
    """
    company = as_company(viewer)
    with reading_as(catalogue, company) as connection:
        need = need_of(connection, company, need_id)
        veil = holding_veils(connection, [need_id]).get(need_id)
        lists = _lists(connection, company, need_id)
        cases = [case for case in _cases(connection, company) if case.need_id == need_id]
    with catalogue.reading() as connection:
        told = _with_gates(connection, cases)
    _note_reading(catalogue, viewer, "member need", need_id)
    return MemberNeed(need, veil, lists), told


def member_release(
    catalogue: Catalogue, viewer: Viewer, release_id: int
) -> tuple[Released, SeenNeed, dict[str, CompanyAnswer]]:
    """Return a released list, its need, and what the company answered, by researcher.

    Raises as `as_company` does, and UnknownIdError for another company's or one that was revoked.
    """
    company = as_company(viewer)
    with reading_as(catalogue, company) as connection:
        released = release_of(connection, company, release_id)
        need = need_of(connection, company, released.need_id)
    (organisation_id,) = company.companies
    with catalogue.reading() as connection:
        said = _answers(connection, organisation_id, released.need_id)
        answers = _of_list(said, connection, released)
    audit.note(catalogue, viewer, "read", RELEASE_KIND, str(release_id))
    return released, need, answers


def answer_release(
    catalogue: Catalogue,
    viewer: Viewer,
    release_id: int,
    researcher_id: str,
    *,
    verdict: str,
    reason: str = "",
) -> None:
    """Keep what the company says of a researcher of a list, as its portal's feedback is kept.

    Raises as `member_release` does, UnknownIdError for somebody who is not on the list, and InputError.
    """
    company = as_company(viewer)
    with writing_as(catalogue, company) as connection:
        released = release_of(connection, company, release_id)
        if researcher_id not in released_people(released):
            raise UnknownIdError("The list has no researcher of that id.")
        said = Judgement(released.need_id, researcher_id, verdict, reason)
        judge(connection, company, said)


def _note_reading(catalogue: Catalogue, viewer: Viewer, what: str, object_id: str = "") -> None:
    """Note that a company's user read: the trail tells who saw what from outside."""
    audit.note(catalogue, viewer, "read", "need" if object_id else "company", object_id, what=what)


def _lists(connection: Connection, company: Viewer, need_id: str) -> tuple[Released, ...]:
    return releases_page(connection, company, need_id, limit=50).items


def _cases(connection: Connection, company: Viewer) -> list[KeptCase]:
    query = seen(company)
    return kept_cases(connection, company, query.order_by(query.selected_columns.case_id.desc()))


def _with_gates(connection: Connection, cases: Sequence[KeptCase]) -> tuple[MemberCase, ...]:
    """Return cases with the days on which gates were passed, those passed again by the last day."""
    ids = [case.case_id for case in cases]
    query = select(
        DECISIONS.c.case_id, DECISIONS.c.gate, DECISIONS.c.decision, DECISIONS.c.decided_at
    ).where(DECISIONS.c.case_id.in_(ids), DECISIONS.c.decision.in_((GO, RECYCLE)))
    passed: dict[int, dict[str, date]] = {case_id: {} for case_id in ids}
    for case_id, gate, decision, at in connection.execute(query.order_by(DECISIONS.c.decision_id)):
        if decision == GO:
            passed[case_id][gate] = local_time(at, "ja").date()
    return tuple(
        MemberCase(
            case.case_id, case.need_id, case.title, case.lang, case.stage, case.state,
            local_time(case.stage_since, "ja").date(),
            tuple((gate, passed[case.case_id][gate]) for gate in GATES if gate in passed[case.case_id]),
        )
        for case in cases
    )  # fmt: skip


def _answers(connection: Connection, organisation_id: str, need_id: str) -> list[CompanyAnswer]:
    """Return what the company's users and its own portals said of a need, in the order of time."""
    homes = home_ids(connection, organisation_id)
    users = select(UserAccount.user_id, UserAccount.name).where(
        UserAccount.organisation_id.in_(homes)
    )
    portals = select(ClientCompany.client_id).join(
        Client, Client.client_id == ClientCompany.client_id
    ).where(ClientCompany.organisation_id.in_(homes), Client.role == PORTAL)  # fmt: skip
    names = {f"{OF_MEMBER}:{one}": name or one for one, name in connection.execute(users)}
    machines = [f"{MACHINE}:{one}" for one in connection.execute(portals).scalars()]
    query = select(JUDGEMENT).where(
        JUDGEMENT.c.need_id == need_id,
        JUDGEMENT.c.origin == API,
        JUDGEMENT.c.withdrawn_at.is_(None),
        or_(JUDGEMENT.c.judged_by.in_(sorted(names)), JUDGEMENT.c.judged_by.in_(machines)),
    )
    ordered = query.order_by(JUDGEMENT.c.judged_at, JUDGEMENT.c.judgement_id)
    return [_answer(row, names) for row in connection.execute(ordered).mappings()]


def _answer(row: Any, names: Mapping[str, str]) -> CompanyAnswer:
    kind, _, who = row["judged_by"].partition(":")
    by = names.get(row["judged_by"], who)
    return CompanyAnswer(
        row["researcher_id"], row["verdict"], row["reason"], row["judged_at"], by, kind == MACHINE
    )


def _of_list(
    answers: Sequence[CompanyAnswer], connection: Connection, released: Released
) -> dict[str, CompanyAnswer]:
    """Return the last answer of each person of a list, by the id that the list has."""
    people = released_people(released)
    ids = sorted({*people, *(one.researcher_id for one in answers)})
    now = {one: one for one in ids} | rows_of(connection, ids)
    last = {now[one.researcher_id]: one for one in answers}
    return {person: last[now[person]] for person in people if now[person] in last}
