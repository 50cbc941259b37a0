"""How far a need's list is spread: as its reader asks, or as is usual for the need's kind.

The plain order is the rule. Only where the office's setting allows it, and a need is disruptive, is its list
spread without being asked for. Knows which researchers worked with the need's company before.
"""

from collections.abc import Callable

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from catalogue.database.record_models import OrganisationKey
from catalogue.identity.industry import SEPARATOR
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError
from enmusubi.settings import MatchingSettings
from matcher.need_kinds.classifier import DISRUPTIVE
from matcher.records import Need, ResearcherCard
from matcher.spreading import LEVELS, NOT_SPREAD, SAFEST, Spread, known_to_nobody
from office.live_recommender import NeedMatcher
from office.needs.kinds import set_kind_of


def spread_for(
    catalogue: Catalogue,
    settings: MatchingSettings,
    recommender: NeedMatcher,
    need: Need,
    asked: str,
) -> Spread:
    """Return how a need's list is spread; `asked` is a level, empty for what is usual.

    Raises InputError for no level.
    """
    level = asked or usual_level(catalogue, settings, recommender, need)
    if level not in LEVELS:
        raise InputError(
            "expected one of %(choices)s.", of_field="spread", choices=", ".join(LEVELS)
        )
    return NOT_SPREAD if level == SAFEST else Spread(level, is_known=_known_by(catalogue, need))


def usual_level(
    catalogue: Catalogue, settings: MatchingSettings, recommender: NeedMatcher, need: Need
) -> str:
    """Return the level of a need for whom nobody asked for one."""
    usual = settings.spread_of_disruptive
    if usual == SAFEST:
        return NOT_SPREAD.level
    kind = ""
    if need.need_id:
        with catalogue.reading() as connection:
            kind = set_kind_of(connection, need.need_id)
    if not kind:
        guess = recommender.need_kind(need)
        kind = guess.kind if guess else ""
    return usual if kind == DISRUPTIVE else NOT_SPREAD.level


def _known_by(catalogue: Catalogue, need: Need) -> Callable[[ResearcherCard], bool]:
    """Return what says of a researcher's card whether public work with the need's company is known."""
    if not need.company:
        return known_to_nobody
    with catalogue.reading() as connection:
        keys = _keys_of(connection, need.company)

    def is_known(card: ResearcherCard) -> bool:
        partners = card.industry_partners.split(SEPARATOR)
        return any(keys & set(organisation_keys(partner, "")) for partner in partners if partner)

    return is_known


def _keys_of(connection: Connection, company: str) -> frozenset[str]:
    """Return the keys of a company's name and of its other names in the catalogue."""
    own = frozenset(organisation_keys(company, ""))
    asked, also = aliased(OrganisationKey), aliased(OrganisationKey)
    query = (
        select(also.key)
        .join(asked, asked.organisation_id == also.organisation_id)
        .where(asked.key.in_(sorted(own)))
    )
    return own | frozenset(connection.execute(query).scalars())
