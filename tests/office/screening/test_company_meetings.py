"""Where competitors meet in a group of needs: by name, group and field, as imported."""

from catalogue.records.drafts import NEEDS, Draft
from office.access.scoped import reading_as
from office.needs.reading import needs_by_ids
from office.screening.company_meetings import company_meetings
from tests.support.worlds.screened import (
    CLOSED,
    COMPANY,
    HEAD,
    NEED,
    PLAIN,
    RIVAL,
    SATO,
    SISTER,
    rivals,
)


def meetings(office, *need_ids, viewer=HEAD):
    with reading_as(office, viewer) as connection:
        found = company_meetings(connection, needs_by_ids(connection, viewer, need_ids))
    return [(one.organisation_ids, one.relation, one.field_id) for one in found]


def test_competitors_and_companies_of_one_group_are_told_once_a_pair(office):
    open_one = {
        "area": "non-competitive",
        "confidentiality": "public",
        "title": "膜",
        "text": "膜。",
    }
    rows = {"N-k": "kurose", "N-d": "denshi"}
    office.write(
        [Draft(NEEDS, {"need_id": n, "organisation_id": o, **open_one}) for n, o in rows.items()],
        source="test",
    )
    everybody = (NEED, CLOSED, PLAIN, "N-k", "N-d")
    assert meetings(office, *everybody) == [(("aonami", "denshi"), "group", "")]
    with office.writing() as connection:
        rivals(connection, RIVAL, COMPANY, "polymers-textiles")
    expected = [
        (("aonami", "kurose"), "competitor", "polymers-textiles"),
        (("denshi", "kurose"), "competitor", "polymers-textiles"),  # by its sister
        (("aonami", "denshi"), "group", ""),
    ]
    assert meetings(office, *everybody) == meetings(office, *everybody, viewer=SATO) == expected
    with office.writing() as connection:
        rivals(connection, SISTER, RIVAL)  # in all fields
    assert (("denshi", "kurose"), "competitor", "") in meetings(office, *everybody)
    assert meetings(office, NEED, CLOSED, PLAIN) == []
