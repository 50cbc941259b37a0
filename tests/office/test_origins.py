"""First contacts by where managers worked before: counted by hand, on both databases, for the chief alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from catalogue.database.judgement_models import NIGHTLY
from catalogue.database.models import StoredNeed
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft
from enmusubi.errors import ForbiddenError, InputError, UnknownIdError
from office.access.audit import ENTRY
from office.access.scoped import reading_as, writing_as
from office.cases.decisions import DECISIONS
from office.screening.company_ties import name_key
from office.screening.importing import import_screening
from office.screening.industries import BY_CODE, INDUSTRIES, industry_of
from office.screening.past_employers import past_employments, set_industry
from office.statistics.exposure import exposure
from office.statistics.origins import NO_EMPLOYER, UNTOLD
from office.statistics.shares import FEWEST_NEEDS
from tests.support.worlds import furnish
from tests.support.worlds.pages import HEAD, OPEN_NEED, SATO, TANAKA, match_list
from tests.support.worlds.screened import asked, at_work, employer, group

OWNER, OTHER = "青波ホールディングス株式会社", "黒瀬工業株式会社"
AONAMI = "青波化学株式会社"
LATER = timedelta(days=400)


@pytest.fixture
def office(catalogue, tmp_path):
    """The office of the pages' tests on either database; all of its needs are Sato's."""
    furnish("pages", catalogue, tmp_path)
    return catalogue


def add_needs(office, count, manager, company="kurose"):
    named = {"organisation_id": "kurose", "name_ja": OTHER, "kind": "company"}
    needs = [
        Draft(NEEDS, {"need_id": f"{manager}-{n}", "text": "薄い膜を探す。", "manager": manager,
                      "organisation_id": company})
        for n in range(count)
    ]  # fmt: skip
    office.write([Draft(ORGANISATIONS, named), *needs], source="t")
    return [need.values["need_id"] for need in needs]


def worked(office, user_id, company, industry=""):
    with writing_as(office, HEAD) as connection:
        employer(connection, user_id, company, date(2012, 3, 31))
        set_industry(connection, HEAD, user_id, name_key(company), industry)


def talked(office, need_id, person="R-01", stage="dialogue"):
    with office.writing() as connection:
        said = Judgement(need_id, person, "suitable", stage=stage, judged_by="sato")
        record_judgement(connection, said)


def read(office, viewer=HEAD, *, now=None):
    with reading_as(office, viewer) as connection:
        return exposure(connection, viewer, now=now or datetime.now(UTC))


def by_industry(found):
    return {one.industry: one for one in found.origins}


def test_nothing_is_told_of_origins_where_no_former_employer_is_kept(office):
    talked(office, OPEN_NEED)
    assert read(office).origins == ()


def test_contacts_count_for_the_industry_of_the_needs_manager(office):
    first, second = add_needs(office, 2, "tanaka")
    worked(office, "sato", "架空電機株式会社", "electric")
    for need_id, person in ((OPEN_NEED, "R-01"), (OPEN_NEED, "R-02"), (first, "R-01")):
        talked(office, need_id, person)
    talked(office, second, stage="discovery")
    found = by_industry(read(office))
    electric, others = found["electric"], found[NO_EMPLOYER]
    assert (electric.contacts, electric.managers) == (2, 1)
    assert (others.contacts, others.managers, others.needs) == (1, 1, 1)
    assert electric.contact_share == pytest.approx(2 / 3)
    assert electric.interval is None and electric.ratio_interval is None  # too few needs
    assert (electric.own_needs, electric.own_contacts) == (0, 0)
    assert not others.is_known


def test_a_manager_of_two_industries_counts_for_both_in_equal_parts(office):
    worked(office, "sato", "架空電機株式会社", "electric")
    worked(office, "sato", "架空化学株式会社")
    talked(office, OPEN_NEED)
    found = by_industry(read(office))
    assert set(found) == {"electric", UNTOLD}
    assert all(one.contact_share == pytest.approx(0.5) for one in found.values())
    assert all((one.contacts, one.ratio) == (1, pytest.approx(1)) for one in found.values())


@pytest.mark.parametrize("former", [AONAMI, OWNER, "青波化学（株）"])
def test_contacts_with_the_former_employer_or_its_group_are_told(office, former):
    with writing_as(office, HEAD) as connection:
        group(connection, OWNER, AONAMI)
    worked(office, "sato", former, "chemicals")
    talked(office, OPEN_NEED)
    told = by_industry(read(office))["chemicals"]
    assert (told.own_contacts, told.own_needs) == (1, told.needs)


def test_an_industry_whose_managers_get_all_contacts_is_marked(office):
    mine, theirs = (add_needs(office, FEWEST_NEEDS, name) for name in ("sato", "tanaka"))
    worked(office, "sato", "架空電機株式会社", "electric")
    worked(office, "tanaka", "架空化学株式会社", "chemicals")
    for need_id in mine:
        talked(office, need_id)
        talked(office, need_id, "R-02")
    for need_id in [*mine, *theirs]:
        record_shown(office, match_list(need_id, "R-01", "R-02"), NIGHTLY)
    for need_id in theirs:
        # a letter that was taken back is no contact, nor is a case before its first gate
        with writing_as(office, HEAD) as connection:
            asked(connection, need_id, "R-01", asked_at=datetime.now(UTC),
                  revoked_at=datetime.now(UTC))  # fmt: skip
            at_work(connection, need_id, "R-01", "discovery", opened_at=datetime.now(UTC))
    talked(office, theirs[0])
    found = by_industry(read(office))
    assert found["electric"].is_uneven and found["electric"].ratio > 1
    assert found["chemicals"].is_uneven and found["chemicals"].ratio < 1
    low, high = found["electric"].interval
    assert 0 < low <= found["electric"].contact_share <= high <= 1


def test_cases_that_passed_a_gate_and_letters_are_first_contacts_too(office):
    needs = add_needs(office, 3, "tanaka")
    now = datetime.now(UTC)
    with writing_as(office, HEAD) as connection:
        asked(connection, needs[0], "R-01", asked_at=now)
        at_work(
            connection, needs[1], "R-02", "nda", opened_at=now
        )  # came from a file, without decisions
        long = at_work(connection, needs[2], "R-01", "dialogue", opened_at=now - LATER)
        alone = at_work(connection, "", "R-01", "dialogue", opened_at=now, company=OTHER,
                        manager="tanaka")  # fmt: skip
        gate = {
            "gate": "dialogue",
            "decision": "go",
            "from_stage": "discovery",
            "to_stage": "dialogue",
        }
        blank = dict.fromkeys(("skipped", "reason"), "") | {"criteria": "[]", "role": "chief"}
        connection.execute(
            insert(DECISIONS).values(
                case_id=long, decided_by="head", decided_at=now, **gate, **blank
            )
        )
    talked(office, needs[1], "R-02")  # the same need and person once more
    worked(office, "tanaka", OTHER, "machinery")
    found = read(office)
    told = by_industry(found)["machinery"]
    assert (told.contacts, told.own_contacts) == (4, 4) and alone
    assert sum(one.contacts for one in found.departments) == 4
    [company] = [one for one in found.companies if one.name_ja == OTHER]
    assert (company.needs, company.contacted) == (3, 3)
    assert read(office, now=now + timedelta(days=366)).origins == ()


def test_a_need_that_was_withdrawn_counts_no_more(office):
    (need_id,) = add_needs(office, 1, "tanaka")
    worked(office, "tanaka", "架空電機株式会社", "electric")
    talked(office, need_id)
    assert by_industry(read(office))["electric"].contacts == 1
    with office.writing() as connection:
        here = StoredNeed.__table__
        connection.execute(
            here.update().where(here.c.need_id == need_id).values(withdrawn_at=datetime.now(UTC))
        )
    assert "electric" not in by_industry(read(office))


def test_an_import_names_industries_and_an_empty_cell_takes_none_away(office, tmp_path):
    path = tmp_path / "pasts.csv"
    heading = "ログイン名,出身企業,業種\n"
    path.write_text(f"{heading}sato,架空電機株式会社,電機\ntanaka,架空化学,謎の業種\n", "utf-8")
    [report] = import_screening(office, HEAD, path)
    assert (report.added, [one.field for one in report.rejections]) == (1, ["industry"])
    path.write_text(f"{heading}sato,架空電機株式会社,\n", "utf-8")
    [again] = import_screening(office, HEAD, path)
    assert again.unchanged == 1
    with reading_as(office, HEAD) as connection:
        [kept] = past_employments(connection, HEAD)
    assert (kept.name, kept.organisation, kept.industry) == (
        "佐藤 みどり", "架空電機株式会社", "electric",
    )  # fmt: skip


def test_the_chief_alone_reads_and_says_industries_and_it_is_noted(office):
    worked(office, "sato", "架空電機株式会社", "electric")
    key = name_key("架空電機株式会社")
    for viewer in (SATO, TANAKA):
        with writing_as(office, viewer) as connection:
            with pytest.raises(ForbiddenError):
                set_industry(connection, viewer, "sato", key, "foods")
            with pytest.raises(ForbiddenError):
                past_employments(connection, viewer)
    with writing_as(office, HEAD) as connection:
        with pytest.raises(InputError, match="industries"):
            set_industry(connection, HEAD, "sato", key, "wizardry")
        for user_id, company in (("nobody", key), ("sato", "-"), ("sa\x00to", key)):
            with pytest.raises(UnknownIdError):
                set_industry(connection, HEAD, user_id, company, "foods")
        last = (
            connection.execute(select(ENTRY).order_by(ENTRY.c.entry_id.desc())).mappings().first()
        )
    assert (last["action"], last["object_kind"], last["object_id"]) == ("change", "user", "sato")


def test_industries_have_one_code_and_their_words_are_of_one_industry():
    words = [
        word for one in INDUSTRIES for word in (one.code, one.name_ja, one.name_en, *one.words)
    ]
    assert all(industry_of(word) in BY_CODE for word in words)
    assert len(BY_CODE) == len(INDUSTRIES) == 36
    for one in INDUSTRIES:
        for word in (one.code, one.name_ja, one.name_en, *one.words):
            assert industry_of(word) == one.code, word
    assert industry_of("電気機器 ") == industry_of("電機") == "electric"
    assert industry_of("魔法") is None
