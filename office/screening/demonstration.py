"""Made-up leave and an end of a contract for `enmusubi demo`, in days from today: what HR looks at first."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select

from catalogue.database.models import Researcher
from catalogue.database.screening_models import CONTRACT_END, LEAVE
from catalogue.records.catalogue import Catalogue
from office.screening.screened_facts import LIMITS

SOURCE, REMARK = "demonstration", "架空 / Made up"
AWAY = (("HU-0602", 40, 220), ("HU-0204", -20, 75))  # who, from and until so many days from today
ENDS = (("HU-0405", 121), ("HU-0907", 150))


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
