"""Released lists, feedback and kept answers in both kinds of database, each in somebody's transaction."""

from datetime import UTC, datetime

import pytest

from catalogue.database.viewer import CHIEF, MACHINE, PORTAL, SCOPES, Viewer
from catalogue.judgements.judgements import Judgement
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, Draft
from enmusubi.errors import ConflictError, UnknownIdError
from office.access.scoped import reading_as, writing_as
from office.idempotency_store import (
    IdempotentRequest,
    StoredAnswer,
    find_stored_answer,
    store_answer,
)
from office.needs.given_lists import FrozenList
from office.needs.judging import judge, standing_judgements
from office.needs.releases import (
    Released,
    release_list,
    release_of,
    releases_page,
    revoke_release,
)

KATO = Viewer("kato", CHIEF)
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def portal(company: str) -> Viewer:
    return Viewer("portal-1", PORTAL, MACHINE, "", frozenset({company}), frozenset(SCOPES))


@pytest.fixture
def office(catalogue: Catalogue) -> Catalogue:
    """A catalogue with one need of one company."""
    row = {"need_id": "N-1", "organisation_id": "aonami", "text": "薄い膜を探しています。"}
    company = {"organisation_id": "aonami", "name_ja": "青波フーズ", "kind": "company"}
    person = {"researcher_id": "R-1", "name_ja": "森 花"}
    drafts = [Draft(ORGANISATIONS, company), Draft(RESEARCHERS, person), Draft(NEEDS, row)]
    assert {outcome.change for outcome in catalogue.write(drafts, source="test")} == {"added"}
    return catalogue


def read(catalogue: Catalogue, viewer: Viewer, release_id: int) -> Released:
    with reading_as(catalogue, viewer) as connection:
        return release_of(connection, viewer, release_id)


def test_a_list_is_released_read_by_its_company_and_taken_back(office):
    with writing_as(office, KATO) as connection:
        released = [release_list(connection, KATO, FrozenList("N-1", 0, "{}")) for _ in range(3)]
    newest = released[-1].release_id
    with reading_as(office, portal("aonami")) as connection:
        page = releases_page(connection, portal("aonami"), "N-1", limit=2)
        rest = releases_page(connection, portal("aonami"), "N-1", after=page.after, limit=2)
        seen = release_of(connection, portal("aonami"), newest)
    assert [item.release_id for item in (*page.items, *rest.items)] == [
        one.release_id for one in reversed(released)
    ]
    assert (seen.released_by, seen.content) == ("", "{}")
    with pytest.raises(UnknownIdError, match="No released list has that id"):
        read(office, portal("kurose"), newest)
    with writing_as(office, KATO) as connection:
        assert revoke_release(connection, KATO, newest).revoked_at is not None
        with pytest.raises(ConflictError, match="revoked already"):
            revoke_release(connection, KATO, newest)
    with pytest.raises(UnknownIdError, match="or none that you may see"):
        read(office, portal("aonami"), newest)


def test_feedback_of_a_company_stands_beside_the_office_s(office):
    theirs = portal("aonami")
    with writing_as(office, theirs) as connection:
        judge(connection, theirs, Judgement("N-1", "R-1", "suitable", judged_by="kato"))
    with writing_as(office, KATO) as connection:
        judge(connection, KATO, Judgement("N-1", "R-1", "not_suitable", "conflict"))
    with reading_as(office, theirs) as connection:
        [own] = standing_judgements(connection, theirs, "N-1")
    with reading_as(office, KATO) as connection:
        [last] = standing_judgements(connection, KATO, "N-1")
    assert (own["judged_by"], own["verdict"]) == ("machine:portal-1", "suitable")
    assert (last["judged_by"], last["reason"]) == ("kato", "conflict")


def test_an_answer_is_kept_in_the_transaction_of_what_it_tells(office):
    request, answer = (
        IdempotentRequest("machine:portal-1", "k", "hash"),
        StoredAnswer(201, {}, "{}"),
    )
    with pytest.raises(ConflictError), writing_as(office, portal("aonami")) as connection:
        store_answer(connection, request, answer, NOW)
        raise ConflictError("the creation fails")
    with writing_as(office, portal("aonami")) as connection:
        assert find_stored_answer(connection, request, NOW) is None
        store_answer(connection, request, answer, NOW)
        assert find_stored_answer(connection, request, NOW) == answer
