"""Made-up memberships for `enmusubi demo`: the companies of the made-up needs, from days before today.

No users: an account would end that this computer's own user needs none.
"""

from datetime import date, timedelta

from sqlalchemy import select

from catalogue.database.member_models import REGULAR, SPECIAL, SUPPORTING, TRIAL
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.records.catalogue import Catalogue
from office.members.kept import MEMBERSHIPS
from office.members.memberships import MembershipDraft, keep_membership

COUNT = 8
KINDS = (REGULAR, SPECIAL, REGULAR, SUPPORTING, REGULAR, TRIAL, SUPPORTING, REGULAR)
TERMS = "架空の条件：年3件まで相談できる。\nMade-up terms: three consultations a year."
CONTACTS = "架空の窓口担当 Made-up contact"
A_YEAR = timedelta(days=365)
ENDS_IN = (45, 310, 200, 20, 340, 90, 150, 30)  # days, so that some end soon


def make_demonstration_members(catalogue: Catalogue, today: date | None = None) -> int:
    """Write made-up memberships where there are none; returns how many."""
    day = today or date.today()
    with catalogue.writing() as connection:
        if connection.execute(select(MEMBERSHIPS.c.membership_id).limit(1)).first():
            return 0
        query = select(StoredNeed.organisation_id).where(StoredNeed.organisation_id.is_not(None))
        companies = sorted({str(one) for one in connection.execute(query).scalars()})[:COUNT]
        for company, kind, left in zip(companies, KINDS, ENDS_IN, strict=False):
            until = day + timedelta(days=left)
            draft = MembershipDraft(
                company, until - A_YEAR + timedelta(days=1), until, kind, CONTACTS, TERMS
            )
            keep_membership(connection, LOCAL_VIEWER, draft)
    return len(companies)
