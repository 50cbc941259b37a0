"""What `enmusubi demo` makes up of people: leave, ends of contracts, and where managers worked before.

Days of researchers count from today, for HR looks at what comes first. Managers left their employers longer
ago than screening looks back, so that they are seen in what is told of neutrality alone.
"""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, insert, select

from catalogue.database.models import Organisation, Researcher, StoredNeed
from catalogue.database.screening_models import CONTRACT_END, LEAVE
from catalogue.records.catalogue import Catalogue
from office.screening.company_ties import name_key
from office.screening.screened_facts import EMPLOYERS, LIMITS

SOURCE, REMARK = "demonstration", "架空 / Made up"
AWAY = (("HU-0602", 40, 220), ("HU-0204", -20, 75))  # who, from and until so many days from today
ENDS = (("HU-0405", 121), ("HU-0907", 150))

OF_THE_NEED = ""  # the need's own company
PASTS = (  # a need whose manager worked there, company, industry; made up
    ("N-01", "架空食品ホールディングス株式会社", "foods"),
    ("N-02", "架空電機株式会社", "electric"),
    ("N-03", OF_THE_NEED, "foods"),
    ("N-04", "架空重機工業株式会社", "machinery"),
    ("N-07", "架空製薬株式会社", "pharmaceuticals"),
    ("N-05", "架空化学工業株式会社", "chemicals"),
    ("N-08", "架空建設株式会社", "construction"),
    ("N-09", "Made-up Motors Co., Ltd.", "transport"),
    ("N-10", "Made-up Chemicals Inc.", "chemicals"),
    ("N-12", "Made-up Electronics Ltd.", "electric"),
)
LEFT_ON = date(2014, 3, 31)


def make_demonstration_employers(catalogue: Catalogue) -> int:
    """Write where the managers of the made-up needs worked before, where nothing is known; returns how many.

    Managers of the demonstration have no accounts: they go by what their needs say.
    """
    with catalogue.writing() as connection:
        if connection.execute(select(EMPLOYERS.c.user_id)).first():
            return 0
        company = func.coalesce(func.nullif(Organisation.name_ja, ""), Organisation.name_en)
        query = select(StoredNeed.need_id, StoredNeed.manager, company).join(
            Organisation, Organisation.organisation_id == StoredNeed.organisation_id
        )
        needs = {need_id: (manager, own) for need_id, manager, own in connection.execute(query)}
        rows = []
        for need_id, named, industry in PASTS:
            manager, own = needs.get(need_id, ("", ""))
            former = own if named == OF_THE_NEED else named
            row = {"organisation": former, "organisation_key": name_key(former), "until": LEFT_ON}
            kept = {"industry": industry, "source": SOURCE, "recorded_at": datetime.now(UTC)}
            if manager:
                rows.append({"user_id": manager, **row, **kept})
        if rows:
            connection.execute(insert(EMPLOYERS), rows)
    return len(rows)


def make_demonstration_absences(catalogue: Catalogue, today: date | None = None) -> int:
    """Write them where they are not yet, of the people that are there; returns how many."""
    day = today or date.today()
    with catalogue.writing() as connection:
        if connection.execute(select(LIMITS.c.limit_id).where(LIMITS.c.source == SOURCE)).first():
            return 0
        there = set(connection.execute(select(Researcher.researcher_id)).scalars())
        asked: list[tuple[str, str, date | None, date]] = [
            (who, LEAVE, _ahead(day, since), _ahead(day, until)) for who, since, until in AWAY
        ]
        asked += [(who, CONTRACT_END, None, _ahead(day, until)) for who, until in ENDS]
        rows = [
            {
                "researcher_id": who, "kind": kind, "since": since, "until": until,
                "remark": REMARK, "source": SOURCE, "recorded_at": datetime.now(UTC),
            }
            for who, kind, since, until in asked if who in there
        ]  # fmt: skip
        if rows:
            connection.execute(insert(LIMITS), rows)
    return len(rows)


def _ahead(day: date, days: int) -> date:
    return day + timedelta(days=days)
