"""What speaks of companies, read for a viewer: needs, profiles, and public work made with them.

Only needs that the viewer sees are read, so that what they don't see changes nothing. A company goes by its
id in the catalogue, or by the key of its name where the catalogue doesn't have it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from catalogue.database.models import CLOSED, UNPUBLISHED, Organisation, Seed
from catalogue.database.record_models import OrganisationKey
from catalogue.database.viewer import Viewer
from catalogue.identity.industry import SEPARATOR
from catalogue.records.source_records import chunks
from matcher.outbound import JOINT, NEED, PROFILE
from matcher.records import PUBLIC
from office.access.rules import FIND_COMPANIES, require
from office.companies.visibility import seen_among
from office.needs.reading import NeedFilter, SeenNeed, needs_page
from office.outbound.profiles import Profile, all_profiles
from office.screening.company_ties import name_key

MOST_NEEDS = 400  # of each status, the newest
MOST_PROFILES = 5_000
MOST_SEEDS = 5_000
PAGE = 200
MAX_TEXT_CHARS = 4_000  # of a document: what stands behind adds time and little else


@dataclass(frozen=True)
class SpeakingText:
    """A text that speaks of a company: its kind, id, title and text; `need` is the need that it is."""

    company: str
    kind: str
    document_id: str
    language: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    year: int | None = None
    need: SeenNeed | None = field(default=None, repr=False)

    @cached_property
    def whole(self) -> str:
        """Title and text as they are compared."""
        return "\n".join(filter(None, (self.title, self.text)))[:MAX_TEXT_CHARS]


_OTHER = {"ja": "en", "en": "ja"}


@dataclass(frozen=True)
class CompanyNames:
    """A company's names, and its id in the catalogue (empty: it isn't there)."""

    name_ja: str
    name_en: str
    organisation_id: str = ""

    def name(self, language: str) -> str:
        """Return the name in `language` (ja or en), or in the other."""
        first, second = (self.name_ja, self.name_en)[:: 1 if language == "ja" else -1]
        return first or second

    def language(self, language: str) -> str:
        """Return the language of what `name` returns: ja or en."""
        has_own = self.name_ja if language == "ja" else self.name_en
        return language if has_own or not (self.name_ja or self.name_en) else _OTHER[language]


@dataclass(frozen=True)
class SpeakingTexts:
    """All texts, and the names of the companies that they speak of."""

    texts: tuple[SpeakingText, ...]
    names: Mapping[str, CompanyNames]

    def count(self, kind: str) -> int:
        """Return how many texts are of a kind."""
        return sum(one.kind == kind for one in self.texts)


def read_texts(connection: Connection, viewer: Viewer, *, without_seed: str = "") -> SpeakingTexts:
    """Return the texts that speak of companies, as far as the viewer sees them; raises ForbiddenError.

    The seed that is asked about, and copies of it, are left out.
    """
    require(viewer, FIND_COMPANIES)
    needs = [*_needs(connection, viewer, ""), *_needs(connection, viewer, CLOSED)]
    profiles = all_profiles(connection, viewer, MOST_PROFILES)
    seeds = _joint_seeds(connection, without_seed)
    named = {name for row in seeds for name in row["companies"].split(SEPARATOR) if name}
    keys = {name: name_key(name) for name in named}
    known = _known(
        connection, viewer, {*keys.values(), *(one.organisation_key for one in profiles)}
    )
    names: dict[str, CompanyNames] = {}
    texts = [
        *_of_needs(needs, names),
        *_of_profiles(profiles, known, names),
        *_of_seeds(seeds, keys, known, names),
    ]
    names |= _catalogue_names(connection, {one.company for one in texts})
    return SpeakingTexts(tuple(texts), names)


def _needs(connection: Connection, viewer: Viewer, status: str) -> list[SeenNeed]:
    wanted = NeedFilter(status=status) if status else NeedFilter()
    found: list[SeenNeed] = []
    cursor = ""
    while len(found) < MOST_NEEDS:
        page = needs_page(connection, viewer, wanted, after=cursor, limit=PAGE)
        found += page.items
        cursor = page.after
        if not cursor:
            break
    return found[:MOST_NEEDS]


def _joint_seeds(connection: Connection, without_seed: str) -> list[Mapping[Any, Any]]:
    columns = (Seed.seed_id, Seed.title, Seed.text, Seed.lang, Seed.year, Seed.companies)
    query = select(*columns, Seed.copy_key).where(
        Seed.companies != "",
        Seed.visibility == PUBLIC,
        Seed.patent_status != UNPUBLISHED,
        Seed.withdrawn_at.is_(None),
    )
    if without_seed:
        copy = select(Seed.copy_key).where(Seed.seed_id == without_seed)
        key = connection.execute(copy).scalar() or ""
        query = query.where(Seed.seed_id != without_seed)
        query = query.where(Seed.copy_key != key) if key else query
    ordered = query.order_by(Seed.year.is_(None), Seed.year.desc(), Seed.seed_id)
    return [dict(row) for row in connection.execute(ordered.limit(MOST_SEEDS)).mappings()]


def _known(connection: Connection, viewer: Viewer, keys: Iterable[str]) -> dict[str, str]:
    """Return the id of the one organisation that has each key, of those that the viewer may know.

    Of keys that several of them have, none.
    """
    found: dict[str, set[str]] = {}
    for chunk in chunks(sorted(set(keys) - {""})):
        query = select(OrganisationKey.key, OrganisationKey.organisation_id)
        for key, organisation_id in connection.execute(query.where(OrganisationKey.key.in_(chunk))):
            found.setdefault(key, set()).add(organisation_id)
    seen = seen_among(connection, viewer, set().union(*found.values()))
    told = {key: ids & seen for key, ids in found.items()}
    return {key: next(iter(ids)) for key, ids in told.items() if len(ids) == 1}


def _company(key: str, known: Mapping[str, str]) -> str:
    return f"id {known[key]}" if key in known else f"key {key}"


def _of_needs(needs: Iterable[SeenNeed], names: dict[str, CompanyNames]) -> Iterable[SpeakingText]:
    for need in needs:
        company = f"id {need.organisation_id}" if need.organisation_id else f"need {need.need_id}"
        names.setdefault(company, CompanyNames(need.company, "", need.organisation_id))
        yield SpeakingText(company, NEED, need.need_id, need.lang, need.title, need.text, need=need)


def _of_profiles(
    profiles: Iterable[Profile], known: Mapping[str, str], names: dict[str, CompanyNames]
) -> Iterable[SpeakingText]:
    for profile in profiles:
        company = _company(profile.organisation_key, known)
        named = CompanyNames(profile.name_ja, profile.name_en)
        names.setdefault(company, named)
        for language, text in profile.texts().items():
            number = str(profile.profile_id)
            yield SpeakingText(company, PROFILE, number, language, profile.name(language), text)


def _of_seeds(
    seeds: Iterable[Mapping[Any, Any]],
    keys: Mapping[str, str],
    known: Mapping[str, str],
    names: dict[str, CompanyNames],
) -> Iterable[SpeakingText]:
    for row in seeds:
        for name in filter(None, row["companies"].split(SEPARATOR)):
            if key := keys[name]:
                company = _company(key, known)
                names.setdefault(company, CompanyNames(name, ""))
                yield SpeakingText(
                    company,
                    JOINT,
                    row["seed_id"],
                    row["lang"],
                    row["title"],
                    row["text"],
                    year=row["year"],
                )


def _catalogue_names(connection: Connection, companies: Iterable[str]) -> dict[str, CompanyNames]:
    ids = [one.removeprefix("id ") for one in companies if one.startswith("id ")]
    found: dict[str, CompanyNames] = {}
    for chunk in chunks(sorted(ids)):
        query = select(Organisation.organisation_id, Organisation.name_ja, Organisation.name_en)
        rows = connection.execute(query.where(Organisation.organisation_id.in_(chunk)))
        found |= {f"id {key}": CompanyNames(ja, en, key) for key, ja, en in rows}
    return found
