"""Tells managers by mail that the night found new candidates for needs that they look after."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from catalogue.database.models import StoredNeed
from catalogue.database.service_models import CANDIDATES
from catalogue.records.catalogue import Catalogue
from catalogue.records.source_records import chunks
from enmusubi.mail_settings import MailSettings
from office.mail.queue import enqueue_once
from office.outbound.dormant import DormantNews
from office.reports.records import DormantPerson, DormantReport, NeedReport


def with_candidates(needs: Iterable[NeedReport]) -> list[str]:
    """Return the ids of the needs that have a new researcher who could fit."""
    return [
        need.need.need_id
        for need in needs
        if not need.fits_nobody and any(one.is_new for one in need.likely)
    ]


def tell_managers(
    catalogue: Catalogue, mail: MailSettings, report_name: str, need_ids: Sequence[str]
) -> int:
    """Write one mail to each manager of the needs about a night's report; returns how many are new.

    It may be called again for the same report: whoever was told of it is not told twice.
    """
    if not (need_ids and mail.host):
        return 0
    with catalogue.writing() as connection:
        managers: set[str] = set()
        for chunk in chunks(list(need_ids)):
            query = select(StoredNeed.manager).where(StoredNeed.need_id.in_(chunk))
            managers |= set(connection.execute(query).scalars())
        return sum(
            enqueue_once(connection, mail, CANDIDATES, manager, report_name)
            for manager in sorted(managers - {""})
        )


def told_dormant(news: DormantNews) -> DormantReport:
    """Return what a report says of a dormant need."""
    people = tuple(
        DormantPerson(
            card, chance, tuple(seed.seed_id for seed in seeds), tuple(s.title for s in seeds)
        )
        for card, chance, seeds in news.people
    )
    return DormantReport(news.need_id, news.title, news.company, people)
