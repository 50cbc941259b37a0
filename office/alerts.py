"""Alerts of saved searches: each is run against the index that serves, and ids are compared.

Only researchers who could fit count as found. A search that fails doesn't stop the others, and no
message quotes its text.
"""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import ALERT as ALERT_MAIL
from catalogue.database.viewer import LOCAL_ID, LOCAL_VIEWER, Viewer
from catalogue.identity.links import rows_of
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import EnmusubiError, InputError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from matcher.records import MatchList, Need
from matcher.reranking.calibration import WEAK
from office.access.rules import SAVE_SEARCH, may
from office.access.scoped import reading_as, writing_as
from office.live_recommender import NeedMatcher
from office.mail.queue import enqueue_once
from office.matching import Question, ViewerMatching, stored_need
from office.saved_searches import SEARCHES, Search, search_from
from office.search_conditions import without_lost
from office.ways_in import ALERT

log = logging.getLogger(__name__)


def note_looked(catalogue: Catalogue, viewer: Viewer, search_id: int, matches: MatchList) -> None:
    """Note that the owner of a search saw its list: no researcher found so far is news any more.

    An incomplete list says nothing of who was found so far.
    """
    if not matches.not_asked:
        _note(catalogue, viewer, search_id, matches, looked=True)


def check_alerts(matching: ViewerMatching, recommender: NeedMatcher, top: int) -> int:
    """Run every saved search with an alert as its owner; returns how many have news.

    Those of users who may not sign in any more rest. Whoever has news gets one mail of this run.
    """
    watched, run = _watched(matching.catalogue), datetime.now(UTC).isoformat()
    return sum(_check(matching, recommender, owner, one, (top, run)) for owner, one in watched)


def _check(
    matching: ViewerMatching,
    recommender: NeedMatcher,
    owner: Viewer,
    search: Search,
    how: tuple[int, str],
) -> bool:
    top, run = how
    try:
        matches = _matches(matching, recommender, owner, search, top)
        told = partial(_tell, matching.settings.mail, owner, run)
        return bool(_note(matching.catalogue, owner, search.search_id, matches, on_news=told))
    except (InputError, UnknownIdError) as error:
        log.warning("Saved search %d was not run: %s", search.search_id, type(error).__name__)
        return False
    except (EnmusubiError, OSError):
        raise  # the disk, the index or the model: no other search would fare better
    except Exception as error:  # its message could quote the text, so only its kind is told
        log.warning("Saved search %d failed: %s", search.search_id, type(error).__name__)
        return False


def _matches(
    matching: ViewerMatching, recommender: NeedMatcher, owner: Viewer, search: Search, top: int
) -> MatchList:
    """Return the list of a search as its page shows it, without the marks that the index lost."""
    need, wording = Need(search.text), ""
    if search.need_id:
        need = stored_need(matching.catalogue, owner, search.need_id).as_need()
        wording = search.text
    question, asked = Question(need, top, search.filters), search.refinement
    while True:
        refined = question.refined(asked, wording=wording, area=search.conditions.area)
        try:
            return matching.match_with(recommender, owner, refined, ALERT)
        except UnknownIdError as error:
            with reading_as(matching.catalogue, owner) as connection:
                asked = without_lost(connection, asked, error)


def _tell(mail: MailSettings, owner: Viewer, run: str, connection: Connection) -> None:
    if owner.viewer_id != LOCAL_ID:
        enqueue_once(connection, mail, ALERT_MAIL, owner.viewer_id, run)


def _found(matches: MatchList) -> list[str]:
    return [m.researcher.researcher_id for m in matches.matches if m.strength != WEAK]


def _note(
    catalogue: Catalogue,
    viewer: Viewer,
    search_id: int,
    matches: MatchList,
    *,
    looked: bool = False,
    on_news: Callable[[Connection], None] | None = None,
) -> tuple[str, ...]:
    """Keep what was found, and whether anybody fits; returns the ids that are news now.

    `on_news` is called in the transaction where there are more of them than before.

    The first night makes no news. Compared in the transaction that writes, because the owner may
    have looked while the search ran, or got another role.
    """
    mine = SEARCHES.c.search_id == search_id, SEARCHES.c.user_id == viewer.viewer_id
    with writing_as(catalogue, viewer) as connection:
        row = connection.execute(select(SEARCHES).where(*mine)).mappings().first()
        if row is None:
            return ()  # deleted meanwhile
        if not (looked or _has_role_still(connection, viewer)):
            return ()  # what the role before found
        search = search_from(row)
        known, before = _current(connection, search.known), _current(connection, search.news)
        new = (person for person in _found(matches) if person not in {*known, *before})
        news = [*new, *before]
        if looked or search.checked_at is None:
            known, news = list(dict.fromkeys([*known, *news])), []
        values: dict[str, Any] = {"known": json.dumps(known), "news": json.dumps(news)}
        values["fits_nobody"] = matches.fits_nobody
        if not looked:
            values["checked_at"] = datetime.now(UTC)
        connection.execute(update(SEARCHES).where(*mine).values(values))
        if on_news and len(news) > len(before):
            on_news(connection)
        return tuple(news)


def _has_role_still(connection: Connection, viewer: Viewer) -> bool:
    query = select(UserAccount.role).where(UserAccount.user_id == viewer.viewer_id)
    return viewer == LOCAL_VIEWER or connection.execute(query).scalar() == viewer.role


def _current(connection: Connection, kept: Iterable[str]) -> list[str]:
    """Return the ids that people have now, each once: a researcher who was joined with another is not new."""
    ids = list(kept)
    now = rows_of(connection, ids)
    return list(dict.fromkeys(now.get(researcher_id, researcher_id) for researcher_id in ids))


def _watched(catalogue: Catalogue) -> list[tuple[Viewer, Search]]:
    query = (
        select(SEARCHES, UserAccount.role, UserAccount.researcher_id, UserAccount.disabled_at)
        .outerjoin(UserAccount, UserAccount.user_id == SEARCHES.c.user_id)
        .where(SEARCHES.c.alert)
        .order_by(SEARCHES.c.search_id)
    )
    with catalogue.reading() as connection:
        rows = connection.execute(query).mappings().all()
    owners = ((_owner(row), search_from(row)) for row in rows)
    return [(owner, search) for owner, search in owners if owner and may(owner, SAVE_SEARCH)]


def _owner(row: Any) -> Viewer | None:
    if row["user_id"] == LOCAL_ID:
        return LOCAL_VIEWER
    if row["role"] is None or row["disabled_at"]:
        return None
    return Viewer(row["user_id"], row["role"], researcher_id=row["researcher_id"] or "")
