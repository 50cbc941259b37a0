"""Where the office's users worked before, with the industry: for the chief, who may say which it is."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, update

from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import N_
from office.access import audit
from office.access.rules import SEE_NEUTRALITY, require
from office.people import names_of
from office.screening.industries import BY_CODE
from office.screening.screened_facts import EMPLOYERS

UNKNOWN_EMPLOYER = N_("No former employer of that user is kept.")
USER = "user"  # the kind of the audit trail's object


@dataclass(frozen=True)
class PastEmployment:
    """A former employer of a user; `name` is the login where the account has none."""

    user_id: str
    name: str
    organisation: str
    organisation_key: str
    until: date | None
    industry: str  # a code, empty where nobody said it


def past_employments(connection: Connection, viewer: Viewer) -> tuple[PastEmployment, ...]:
    """Return all former employers, by user and company; raises ForbiddenError."""
    require(viewer, SEE_NEUTRALITY)
    query = select(EMPLOYERS).order_by(EMPLOYERS.c.user_id, EMPLOYERS.c.organisation_key)
    rows = connection.execute(query).mappings().all()
    names = names_of(connection, {row["user_id"] for row in rows})
    return tuple(
        PastEmployment(
            row["user_id"],
            names.get(row["user_id"], row["user_id"]),
            row["organisation"],
            row["organisation_key"],
            row["until"],
            row["industry"],
        )
        for row in rows
    )


def set_industry(
    connection: Connection, viewer: Viewer, user_id: str, organisation_key: str, industry: str
) -> None:
    """Say in which industry a former employer is, or that it isn't known (empty).

    Raises ForbiddenError, InputError for an industry that there isn't, UnknownIdError for a former
    employer that isn't kept.
    """
    require(viewer, SEE_NEUTRALITY)
    if industry and industry not in BY_CODE:
        raise InputError("not one of the industries that there are.", of_field="industry")
    there = EMPLOYERS.c.user_id == user_id, EMPLOYERS.c.organisation_key == organisation_key
    is_text = "\x00" not in user_id + organisation_key
    if not is_text or connection.execute(select(EMPLOYERS.c.user_id).where(*there)).first() is None:
        raise UnknownIdError(UNKNOWN_EMPLOYER)
    connection.execute(update(EMPLOYERS).where(*there).values(industry=industry))
    audit.record(connection, viewer, "change", USER, user_id, what="industry")
