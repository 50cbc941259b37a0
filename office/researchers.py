"""Researchers as a viewer sees them: the rules are part of every query.

Whom a source withdrew is out. What a researcher's card counts of work with industry is public work alone,
the same for every viewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from catalogue.database.models import CONTACTS, Organisation, Researcher
from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from catalogue.records.corpus import industry_records, select_researchers
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.table_rules import STORED, content_hash
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from matcher.records import ResearcherCard
from matcher.tables import researcher_card
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import SEE_CONTACTS, SEE_RESEARCHERS, require
from office.query_texts import check_text

UNKNOWN_RESEARCHER = N_("No researcher has that id. Match lists show the ids.")
OTHER_IDS = ("orcid", "openalex_id", "researchmap_id", "kaken_id", "erad_id")


@dataclass(frozen=True)
class SeenResearcher:
    """A researcher with what the catalogue knows of them; unknown ids are not among `ids`."""

    card: ResearcherCard
    name_kana: str
    aliases: str
    ids: Mapping[str, str]
    keywords_ja: str
    keywords_en: str
    profile_ja: str
    profile_en: str
    version: str


@dataclass(frozen=True)
class ResearcherFilter:
    """Which researchers are listed: parts of names in either script, without regard to case."""

    name: str = ""
    institution: str = ""
    department: str = ""


@dataclass(frozen=True)
class Contacts:
    """How a researcher is reached; empty where it is not known."""

    email: str = ""
    extension: str = ""
    homepage: str = ""
    laboratory: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CONTACTS)


ALL_RESEARCHERS = ResearcherFilter()


def researcher_page(
    connection: Connection,
    viewer: Viewer,
    wanted: ResearcherFilter = ALL_RESEARCHERS,
    *,
    after: str = "",
    limit: int = 50,
) -> Page[ResearcherCard]:
    """Return researchers by id; raises ForbiddenError and InputError."""
    require(viewer, SEE_RESEARCHERS)
    query = select_researchers().where(Researcher.withdrawn_at.is_(None), *_named(wanted))
    own_id = Researcher.researcher_id
    rows, cursor = rows_by_id(connection, query, own_id, after=after, limit=limit)
    worked = industry_records(connection, [row["researcher_id"] for row in rows])
    return Page(
        tuple(researcher_card(row, worked.get(row["researcher_id"], {})) for row in rows), cursor
    )


def researcher_of(connection: Connection, viewer: Viewer, researcher_id: str) -> SeenResearcher:
    """Return a researcher by the id they have, or had before they were joined with another.

    Raises ForbiddenError, and UnknownIdError for a researcher who isn't there or was withdrawn.
    """
    require(viewer, SEE_RESEARCHERS)
    check_text("researcher_id", researcher_id)
    current = rows_of(connection, [researcher_id]).get(researcher_id, researcher_id)
    query = select_researchers().where(
        Researcher.researcher_id == current, Researcher.withdrawn_at.is_(None)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_RESEARCHER)
    return _seen(row, industry_records(connection, [current]).get(current, {}))


def researchers_by_ids(
    connection: Connection, viewer: Viewer, researcher_ids: Sequence[str]
) -> list[SeenResearcher]:
    """Return those of the researchers who are there, in the order of the ids; a page's worth.

    Raises ForbiddenError.
    """
    require(viewer, SEE_RESEARCHERS)
    query = select_researchers().where(
        Researcher.researcher_id.in_(researcher_ids), Researcher.withdrawn_at.is_(None)
    )
    worked = industry_records(connection, list(researcher_ids))
    found = {
        row["researcher_id"]: _seen(row, worked.get(row["researcher_id"], {}))
        for row in connection.execute(query).mappings()
    }
    return [found[key] for key in researcher_ids if key in found]


def _seen(row: Any, worked: Mapping[str, Any]) -> SeenResearcher:
    told = ("name_kana", "aliases", "keywords_ja", "keywords_en", "profile_ja", "profile_en")
    return SeenResearcher(
        card=researcher_card(row, worked),
        ids={name: row[name] for name in OTHER_IDS if row[name]},
        version=_version(row),
        **{name: row[name] for name in told},
    )


def contacts_of(connection: Connection, viewer: Viewer, researcher_id: str) -> Contacts:
    """Return how a researcher is reached, for the office; raises ForbiddenError for all others."""
    return contacts_of_all(connection, viewer, [researcher_id]).get(researcher_id, Contacts())


def contacts_of_all(
    connection: Connection, viewer: Viewer, researcher_ids: Sequence[str]
) -> dict[str, Contacts]:
    """Return how each researcher is reached, for the office; raises ForbiddenError for all others."""
    require(viewer, SEE_CONTACTS)
    columns = [Researcher.__table__.c[name] for name in ("researcher_id", *CONTACTS)]
    query = select(*columns).where(
        Researcher.researcher_id.in_(researcher_ids), Researcher.withdrawn_at.is_(None)
    )
    rows = connection.execute(query).mappings()
    return {row["researcher_id"]: Contacts(**{n: row[n] for n in CONTACTS}) for row in rows}


def _version(row: Any) -> str:
    """Return the hash of what every reader of a researcher sees: how they are reached changes it not."""
    return content_hash({name: row[name] for name in STORED[RESEARCHERS].columns if name in row})


def _named(wanted: ResearcherFilter) -> list[ColumnElement[bool]]:
    columns: dict[str, tuple[Any, ...]] = {
        "name": (Researcher.name_ja, Researcher.name_kana, Researcher.name_en, Researcher.aliases),
        "institution": (Organisation.name_ja, Organisation.name_en, Organisation.aliases),
        "department": (Researcher.department_ja, Researcher.department_en),
    }
    conditions = []
    for name, searched in columns.items():
        if part := getattr(wanted, name).strip():
            check_text(name, part)
            conditions.append(or_(*(c.icontains(part, autoescape=True) for c in searched)))
    return conditions
