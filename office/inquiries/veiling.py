"""A letter as it goes out, and as its link shows it: without what the need's veil keeps secret by then."""

from sqlalchemy import Connection

from catalogue.identity.links import rows_of
from office.inquiries.kept import KeptInquiry
from office.veil.secrets import secrets_before_nda, without_secrets


def told_message(connection: Connection, inquiry: KeptInquiry) -> str:
    """Return the text of a letter that may be told now; `connection` names no viewer."""
    whose = inquiry.researcher_id
    person = rows_of(connection, [whose]).get(whose, whose)
    return without_secrets(inquiry.message, secrets_before_nda(connection, inquiry.need_id, person))
