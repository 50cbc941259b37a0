"""What rules of screening look at, read for all people at once: no query is made a person.

Seeds count as far as the viewer may see them, so that what is hidden changes nothing; declared interests
are read whoever asks, for their flag is shown to all of the office (`office.screening.findings.neutral`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sqlalchemy import Connection, RowMapping, Table, or_, select
from sqlalchemy.orm import aliased

from catalogue.database.judgement_models import ShownList
from catalogue.database.models import Authorship, Researcher, Seed
from catalogue.database.screening_models import DeclaredInterest, PastEmployer, PersonLimit
from catalogue.database.viewer import Viewer
from catalogue.identity.links import homes_of
from catalogue.identity.organisation_names import organisation_keys
from office.access.rules import visible_seeds
from office.access.scoped import without_row_security
from office.companies.ndas import KeptNda, nda_holding
from office.needs.reading import SeenNeed
from office.screening.company_ties import (
    CompanyTie,
    Ties,
    company_ties,
    organisations_of,
)
from office.screening.export_control import ExportControlFinding
from office.screening.workload import Workload, workloads
from office.veil.kept import holding_veils

INTERESTS = cast(Table, DeclaredInterest.__table__)
LIMITS = cast(Table, PersonLimit.__table__)
EMPLOYERS = cast(Table, PastEmployer.__table__)
Row = RowMapping


@dataclass(frozen=True)
class JointSeed:
    """A seed that a person made with a company, or with somebody who works there."""

    seed_id: str
    kind: str
    year: int | None
    tie: CompanyTie


@dataclass(frozen=True)
class ScreenedFacts:
    """All that is looked at; by researcher id where it is of people."""

    today: date
    need: SeenNeed | None
    ties: Ties = field(default_factory=dict)
    need_field: str = ""
    interests: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    joint: Mapping[str, Sequence[JointSeed]] = field(default_factory=dict)
    limits: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    employers: Sequence[Row] = ()
    nda: KeptNda | None = None
    is_veiled: bool = False  # a veil says what of the need may be told
    touching: Mapping[str, Sequence[tuple[str, ExportControlFinding]]] = field(default_factory=dict)

    def tie_of(self, name: str) -> CompanyTie | None:
        """Return what a company of that name is to the need's."""
        return next((self.ties[k] for k in organisation_keys(name, "") if k in self.ties), None)


def read_facts(
    connection: Connection,
    viewer: Viewer,
    need: SeenNeed | None,
    people: Sequence[str],
    *,
    today: date,
    recent_years: int,
) -> ScreenedFacts:
    """Return what the rules look at, of a need and people by their present ids."""
    homes = homes_of(connection, people) | {its_id: its_id for its_id in people}
    limits = standing_rows(connection, LIMITS, homes)
    loads = workloads(connection, viewer, homes, today)
    is_veiled = need is not None and bool(holding_veils(connection, [need.need_id], today))
    if need is None or not need.organisation_id:
        return ScreenedFacts(today, need, limits=limits, workloads=loads, is_veiled=is_veiled)
    ties = company_ties(connection, need.organisation_id)
    with without_row_security(connection):
        interests = standing_rows(connection, INTERESTS, homes)
    return ScreenedFacts(
        today,
        need,
        ties=ties,
        need_field=_field_of(connection, need.need_id),
        interests=interests,
        joint=_joint(connection, viewer, people, ties, today.year - recent_years),
        limits=limits,
        workloads=loads,
        employers=_employers(connection, need.manager),
        nda=nda_holding(connection, need, today),
        is_veiled=is_veiled,
    )


def standing_rows(
    connection: Connection, table: Table, homes: Mapping[str, str]
) -> dict[str, list[Row]]:
    """Return the rows of a table that stand, by the present ids of their people."""
    query = select(table).where(
        table.c.researcher_id.in_(sorted(homes)), table.c.withdrawn_at.is_(None)
    )
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(query.order_by(*table.primary_key.columns)).mappings():
        found[homes[row["researcher_id"]]].append(row)
    return found


def _field_of(connection: Connection, need_id: str) -> str:
    """Return the need's field of research as its newest list had it; empty where nothing is known."""
    query = select(ShownList.field_id).where(ShownList.need_id == need_id)
    newest = query.order_by(ShownList.shown_at.desc(), ShownList.list_id.desc()).limit(1)
    return connection.execute(newest).scalar() or ""


def _employers(connection: Connection, manager: str) -> list[Row]:
    if not manager:
        return []
    query = select(EMPLOYERS).where(EMPLOYERS.c.user_id == manager)
    return list(connection.execute(query).mappings().all())


def _joint(
    connection: Connection, viewer: Viewer, people: Sequence[str], ties: Ties, first_year: int
) -> dict[str, list[JointSeed]]:
    found: defaultdict[str, dict[str, JointSeed]] = defaultdict(dict)
    if not ties:
        return {}
    mine = (
        select(Authorship.researcher_id, Seed.seed_id, Seed.kind, Seed.year, Seed.companies)
        .join(Seed, Seed.seed_id == Authorship.seed_id)
        .where(
            Authorship.researcher_id.in_(sorted(people)),
            Seed.withdrawn_at.is_(None),
            or_(Seed.year.is_(None), Seed.year >= first_year),
            visible_seeds(viewer),
        )
    )
    for person, seed_id, kind, year, companies in connection.execute(
        mine.where(Seed.companies != "")
    ):
        if tie := _first_tie(companies.split("; "), ties):
            found[person].setdefault(seed_id, JointSeed(seed_id, kind, year, tie))
    if places := organisations_of(connection, ties):
        other = aliased(Authorship)
        with_staff = (
            mine.join(other, other.seed_id == Seed.seed_id)
            .join(Researcher, Researcher.researcher_id == other.researcher_id)
            .where(
                other.researcher_id != Authorship.researcher_id,
                Researcher.organisation_id.in_(sorted(places)),
            )
            .with_only_columns(
                Authorship.researcher_id,
                Seed.seed_id,
                Seed.kind,
                Seed.year,
                Researcher.organisation_id,
            )
        )
        for person, seed_id, kind, year, place in connection.execute(with_staff):
            found[person].setdefault(seed_id, JointSeed(seed_id, kind, year, places[str(place)]))
    return {person: list(seeds.values()) for person, seeds in found.items()}


def _first_tie(names: Iterable[str], ties: Ties) -> CompanyTie | None:
    keys = (key for name in names for key in organisation_keys(name, ""))
    return next((ties[key] for key in keys if key in ties), None)
