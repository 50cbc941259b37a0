"""Made-up needs of the last year for the member companies of `enmusubi demo`, and lists that were released.

Open to the whole office, so that each role sees how members are treated; their days count back from today.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.models import OPEN, Organisation, StoredNeed
from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.judgements.judgements import Judgement
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, Draft
from enmusubi.settings import Settings
from matcher.records import INTERNAL, NON_COMPETITIVE, MatchList
from matcher.sharding.sharded_recommender import AnyRecommender
from office.access.scoped import reading_as, writing_as
from office.business_days import BusinessDays
from office.matching import Question, ViewerMatching
from office.needs.given_lists import FrozenList, frozen_document
from office.needs.judging import judge
from office.needs.reading import SeenNeed, need_of
from office.needs.releases import RELEASED, release_list
from office.screening.rule_book import rule_book
from office.screening.screening import screen, stopping
from office.statistics.first_contacts import FIRST_CONTACT
from office.ways_in import DEMONSTRATION

SOURCE = "demonstration"
MANAGER = "プロジェクト担当クリエイティブ・マネージャー(会員企業)"
AT = time(10, 30)  # of the day on which a list is released


def make_demonstration_member_needs(
    catalogue: Catalogue, settings: Settings, now: datetime | None = None
) -> int:
    """Write the made-up needs of those companies that are there, once; returns how many."""
    days = BusinessDays(settings.cases)
    today = days.today(now)
    with catalogue.reading() as connection:
        known = select(StoredNeed.need_id).where(StoredNeed.need_id.in_(_by_id()))
        if connection.execute(known.limit(1)).first():
            return 0
        there = set(connection.execute(select(Organisation.organisation_id)).scalars())
    drafts = [
        _draft(need_id, said, _posted(days, today, said["days_ago"]))
        for need_id, said in _by_id().items()
        if said["company"] in there
    ]
    catalogue.write(drafts, source=SOURCE)
    return len(drafts)


def release_demonstration_lists(
    matching: ViewerMatching, recommender: AnyRecommender, now: datetime | None = None
) -> int:
    """Release the lists of the made-up needs on their days, some with a first contact; returns how many.

    Whom screening stops is in none of them; a list whose day is still to come is none yet. Nothing is
    released twice.
    """
    moment = now or datetime.now(UTC)
    with reading_as(matching.catalogue, LOCAL_VIEWER) as connection:
        needs = _without_list(connection)
    return sum(_release(matching, recommender, need, moment) for need in needs)


def _without_list(connection: Connection) -> list[SeenNeed]:
    there = select(StoredNeed.need_id).where(
        StoredNeed.need_id.in_(_by_id()),
        StoredNeed.withdrawn_at.is_(None),
        StoredNeed.need_id.not_in(select(RELEASED.c.need_id)),
    )
    ids = sorted(connection.execute(there).scalars())
    return [need_of(connection, LOCAL_VIEWER, str(need_id)) for need_id in ids]


def _release(
    matching: ViewerMatching, recommender: AnyRecommender, need: SeenNeed, now: datetime
) -> bool:
    said, settings = _by_id()[need.need_id], matching.settings
    days = BusinessDays(settings.cases)
    zone = ZoneInfo(settings.cases.time_zone)
    posted = need.posted_on or days.today(now)
    at = datetime.combine(days.shifted(posted, said["wait"]), AT, zone).astimezone(UTC)
    if at > now:
        return False
    question = Question(need.as_need(), said["top"])
    found = matching.match_with(recommender, LOCAL_VIEWER, question, DEMONSTRATION)
    matches = _cleared(matching.catalogue, settings, need, found)
    if not matches.matches:
        return False
    record_shown(matching.catalogue, matches, NIGHTLY, top=said["top"], now=at)
    content = frozen_document(matches, matches.language, need.title)
    frozen = FrozenList(need.need_id, len(matches.matches), content)
    with writing_as(matching.catalogue, LOCAL_VIEWER) as connection:
        release_list(connection, LOCAL_VIEWER, frozen, now=at)
        if said["contact"]:
            first = matches.matches[0].researcher.researcher_id
            judge(connection, LOCAL_VIEWER, Judgement(need.need_id, first, stage=FIRST_CONTACT))
    return True


def _cleared(
    catalogue: Catalogue, settings: Settings, need: SeenNeed, found: MatchList
) -> MatchList:
    """Return a list without those whom screening stops, ranked anew."""
    people = [one.researcher.researcher_id for one in found.matches]
    with reading_as(catalogue, LOCAL_VIEWER) as connection:
        said = screen(connection, LOCAL_VIEWER, need, people, rule_book(settings.screening))
    stopped = {who for who, findings in said.items() if stopping({who: findings})}
    kept = [one for one in found.matches if one.researcher.researcher_id not in stopped]
    ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(kept, start=1))
    return replace(found, matches=ranked)


def _posted(days: BusinessDays, today: date, days_ago: int) -> date:
    day = today - timedelta(days=days_ago)
    return day if days.is_one(day) else days.shifted(day, -1)


def _draft(need_id: str, said: Mapping[str, Any], posted_on: date) -> Draft:
    values = {
        "need_id": need_id, "organisation_id": said["company"], "area": NON_COMPETITIVE,
        "confidentiality": INTERNAL, "manager": MANAGER, "status": OPEN, "posted_on": posted_on,
        **{name: said[name] for name in ("title", "text", "lang", "horizon", "budget_jpy")},
    }  # fmt: skip
    return Draft(NEEDS, values)


@cache
def _by_id() -> Mapping[str, Mapping[str, Any]]:
    stored = json.loads(Path(__file__).with_name("demonstration_needs.json").read_text("utf-8"))
    return {f"M-{place:02}": said for place, said in enumerate(stored["needs"], start=1)}
