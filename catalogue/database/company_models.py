"""What the office agreed with companies, as typed models. Read with `catalogue.database.models`."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from catalogue.database.models import Base
from catalogue.database.record_models import SERIAL


class Nda(Base):
    """A non-disclosure agreement with a company: for all its needs, or for one (`need_id`).

    `organisation_id` is the company's id at that time, a home id: read it through the records, for two
    companies may have become one since. It holds from `signed_on` to `valid_until`, both included,
    without an end where that is null. `recorded_by` is a login; `source` names the file and row, or is empty.
    """

    __tablename__ = "nda"

    nda_id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    organisation_id: Mapped[str] = mapped_column(index=True)
    need_id: Mapped[str]
    signed_on: Mapped[date]
    valid_until: Mapped[date | None]
    remark: Mapped[str]
    source: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
