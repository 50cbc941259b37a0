"""From judgements in the catalogue to what a re-ranker learns from."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from catalogue.database.models import StoredNeed
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.drafts import NEEDS, RESEARCHERS, Draft
from matcher.records import Match, MatchList, ResearcherCard
from training.office_examples import office_examples
from training.propensities import MIN_HARVESTED

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PEOPLE = [f"r{n}" for n in range(6)]


def show(catalogue, need_id, people, *, day=0):
    listed = tuple(Match(n, ResearcherCard(p), 0.0, ()) for n, p in enumerate(people, start=1))
    shown = MatchList(need_id, "en", listed, 6, f"v{day}", "made up")
    record_shown(catalogue, shown, "nightly", now=NOW + timedelta(days=day))


@pytest.fixture
def office(catalogue):
    """Three needs, one of them closed, and six people who were shown for each."""
    drafts = [Draft(RESEARCHERS, {"researcher_id": p, "name_en": f"Person {p}"}) for p in PEOPLE]
    for need_id, status in (("n1", "open"), ("n2", "closed"), ("n3", "open")):
        values = {"need_id": need_id, "text": f"A film for {need_id}", "status": status}
        drafts.append(Draft(NEEDS, values))
    catalogue.write(drafts, source="office")
    for need_id in ("n1", "n2", "n3"):
        show(catalogue, need_id, PEOPLE)
    return catalogue


def judge(catalogue, *said, **values):
    with catalogue.writing() as connection:
        record_judgement(connection, Judgement(*said, **values))


def test_judged_pairs_come_with_their_needs_relevance_and_weights(office):
    judge(office, "n1", "r0", "suitable")
    judge(office, "n1", "r0", stage="nda")
    judge(office, "n1", "r4", "not_suitable", "wrong_field")
    judge(office, "n2", "r1", "suitable")
    judge(office, "n2", "r2", "not_suitable", "conflict")
    judge(office, "n3", "r1", "suitable")
    with office.writing() as connection:
        connection.execute(
            update(StoredNeed).where(StoredNeed.need_id == "n3").values(withdrawn_at=NOW)
        )

    found = office_examples(office)

    assert [need.text for need in found.needs] == ["A film for n1", "A film for n2"]
    rows = found.pairs.set_index(["need_id", "researcher_id"])
    assert rows["relevance"].to_dict() == {("n1", "r0"): 2, ("n1", "r4"): 0, ("n2", "r1"): 1}
    weights = rows["weight"] / rows.loc[("n1", "r0"), "weight"]
    assert weights.tolist() == pytest.approx([1.0, 5.0, 2.0])
    assert not found.verdict.enough
    assert found.verdict.why.startswith("1 needs have")


def test_an_office_that_judged_nothing_teaches_nothing(catalogue):
    found = office_examples(catalogue)

    assert (found.needs, len(found.pairs), found.verdict.enough) == ([], 0, False)
    assert found.propensities.harvested == 0


def test_the_curve_is_estimated_from_first_judgements(office):
    """Everybody changes places with the opposite rank; only who stood at the top was judged."""
    needs = [f"m{n}" for n in range(MIN_HARVESTED)]
    drafts = [Draft(NEEDS, {"need_id": need_id, "text": "A film"}) for need_id in needs]
    office.write(drafts, source="office")
    for n, need_id in enumerate(needs):
        show(office, need_id, PEOPLE)
        first = PEOPLE[0] if n % 2 else PEOPLE[-1]
        if n % 2:
            judge(office, need_id, first, "suitable", judged_at=NOW + timedelta(hours=1))
        show(office, need_id, PEOPLE[::-1], day=1)
        judge(office, need_id, first, "suitable", judged_by="again")

    found = office_examples(office).propensities

    assert (found.harvested, found.eta) == (MIN_HARVESTED, 3.0)
