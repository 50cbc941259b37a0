"""People as the office names them: researchers by the ids they were kept under, users by login.

A researcher who was joined with another since then is found under the id they have now. For which
needs a researcher was listed is told here, too, as far as the viewer may see them: a list that a user
was shown may owe its order to confidential seeds, so that who may not be shown those is told of the
nights' lists alone, which public seeds make.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, select

from catalogue.database.account_models import UserAccount
from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.models import Researcher, StoredNeed
from catalogue.database.viewer import LOCAL_ID, Viewer
from catalogue.identity.links import homes_of, rows_of
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from catalogue.records.catalogue import Catalogue
from catalogue.records.corpus import select_researchers
from catalogue.records.source_records import chunks
from matcher.records import CONFIDENTIAL, ResearcherCard
from matcher.tables import researcher_card
from office.access.rules import SEE_NEEDS, matched_visibilities, may, visible_needs
from office.access.scoped import reading_as
from office.veil.circle import titles_as_shown

LOCAL_WORDS = {"ja": "この端末の利用者", "en": "this computer's user"}


def cards_of(connection: Connection, kept_ids: Iterable[str]) -> dict[str, ResearcherCard]:
    """Return the card of each id, without the record of work with industry; unknown ids are out."""
    found: dict[str, ResearcherCard] = {}
    for chunk in chunks(sorted(set(kept_ids))):
        current = {kept: kept for kept in chunk} | rows_of(connection, chunk)
        query = select_researchers().where(
            Researcher.researcher_id.in_(sorted(set(current.values()))),
            Researcher.withdrawn_at.is_(None),
        )
        cards = {}
        for row in connection.execute(query).mappings():
            cards[row["researcher_id"]] = researcher_card(row)
        found |= {kept: cards[now] for kept, now in current.items() if now in cards}
    return found


def ids_of(connection: Connection, researcher_id: str) -> list[str]:
    """Return all ids under which a researcher may have been kept, the present one included."""
    current = rows_of(connection, [researcher_id]).get(researcher_id, researcher_id)
    return sorted({researcher_id, current, *homes_of(connection, [current])})


def names_of(connection: Connection, user_ids: Iterable[str]) -> dict[str, str]:
    """Return the name of each login that has an account with one."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(user_ids))):
        query = select(UserAccount.user_id, UserAccount.name).where(
            UserAccount.user_id.in_(chunk), UserAccount.name != ""
        )
        found |= {row.user_id: row.name for row in connection.execute(query)}
    return found


def called(login: str, names: Mapping[str, str], language: str) -> str:
    """Return what a user is called in a file in ja or en; who has no account, by what they are."""
    return names.get(login) or (LOCAL_WORDS[language] if login == LOCAL_ID else login)


def name_in_documents(connection: Connection, login: str) -> str:
    """Return who a document names: the account's name or the login, nobody where there is no account."""
    return names_of(connection, {login}).get(login, "" if login == LOCAL_ID else login)


def names_of_researchers(
    catalogue: Catalogue, researcher_ids: Iterable[str], language: str
) -> dict[str, str]:
    """Return the name in ja or en of each id that a researcher has or had."""
    with catalogue.reading() as connection:
        cards = cards_of(connection, researcher_ids)
    return {its_id: card.name(language) for its_id, card in cards.items()}


@dataclass(frozen=True)
class Appearance:
    """A researcher's place in the newest list of a need that held them."""

    need_id: str
    title: str = field(repr=False)
    status: str
    rank: int
    shown_at: datetime


def appearances(
    catalogue: Catalogue, viewer: Viewer, researcher_id: str, *, limit: int = 50
) -> list[Appearance]:
    """Return the needs for which a researcher was listed, the newest list first; one line a need."""
    if not may(viewer, SEE_NEEDS):
        return []
    columns = SHOWN_LIST.c.need_id, StoredNeed.title, StoredNeed.status
    with reading_as(catalogue, viewer) as connection:
        query = (
            select(*columns, SHOWN_MATCH.c.rank, SHOWN_LIST.c.shown_at)
            .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
            .join(StoredNeed, StoredNeed.need_id == SHOWN_LIST.c.need_id)
            .where(
                SHOWN_MATCH.c.researcher_id.in_(ids_of(connection, researcher_id)),
                visible_needs(viewer),
                StoredNeed.withdrawn_at.is_(None),
            )
            .order_by(SHOWN_LIST.c.shown_at.desc(), SHOWN_LIST.c.list_id.desc(), SHOWN_MATCH.c.rank)
        )
        if CONFIDENTIAL not in matched_visibilities(viewer):
            query = query.where(SHOWN_LIST.c.source == NIGHTLY)
        found: dict[str, Appearance] = {}
        for need_id, title, status, rank, shown_at in connection.execute(query):
            found.setdefault(need_id, Appearance(need_id, title, status, rank, shown_at))
        listed = list(found.values())[:limit]
        titles = titles_as_shown(connection, viewer, {one.need_id: one.title for one in listed})
    return [replace(one, title=titles[one.need_id]) for one in listed]
