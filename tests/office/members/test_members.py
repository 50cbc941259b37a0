"""Members and their users, standing in, handing over: one office, told through the real parts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from catalogue.database.account_models import UserAccount
from catalogue.database.service_models import Mail
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, LEGAL, MEMBER, PROJECT, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, Draft
from enmusubi.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    StaleVersionError,
    UnknownIdError,
)
from enmusubi.mail_settings import MailSettings
from enmusubi.settings import Settings, local_time
from office.access.scoped import reading_as, writing_as
from office.accounts.federated import Stranger, account_of
from office.accounts.sessions import Sessions
from office.accounts.users import Users
from office.cases.deciding import GateChoice, decide_gate
from office.cases.decisions import decisions_of
from office.cases.gates import MET, gates_of
from office.cases.kept import case_of
from office.cases.opening import CaseDraft, open_case
from office.delegations.delegations import DelegationDraft, end_delegation, make_delegation
from office.delegations.handing_over import hand_over, preview, undo
from office.members.demonstration import make_demonstration_members
from office.members.importing import import_members
from office.members.kept import MEMBERSHIPS, memberships_page
from office.members.links import LINKS, use_link
from office.members.memberships import MembershipDraft, change_membership, keep_membership
from office.members.sign_ins import bind
from office.members.users import ask_for_link, invite, shut_out, users_of
from office.shortlists import add_to_shortlist, shortlist

ROOT, HEAD = Viewer("root", ADMINISTRATOR), Viewer("head", CHIEF)
TODAY = local_time(datetime.now(UTC), "ja").date()
LOGIN = "sato@aonami.example"
ACCOUNTS = {"root": ADMINISTRATOR, "head": CHIEF, "kato": PROJECT, "mori": PROJECT, "abe": LEGAL}
MAIL = MailSettings(host="mail.example", sender="enmusubi@example.ac.jp")


@pytest.fixture
def office(catalogue: Catalogue) -> Catalogue:
    need = {"title": "膜", "text": "薄い膜を探しています。", "organisation_id": "aonami"}
    closed = {**need, "area": "competitive", "confidentiality": "confidential"}
    catalogue.write(
        [
            Draft(ORGANISATIONS, {"organisation_id": "aonami", "name_ja": "青波フーズ", "kind": "company"}),
            Draft(NEEDS, {**need, "need_id": "N-1", "area": "non-competitive", "manager": "kato",
                          "confidentiality": "public"}),
            Draft(NEEDS, {**closed, "need_id": "N-2", "manager": "kato"}),
            Draft(RESEARCHERS, {"researcher_id": "R-1", "name_ja": "林 海"}),
        ],
        source="test",
    )  # fmt: skip
    for login, role in ACCOUNTS.items():
        Users(catalogue).create(ROOT, login, role=role)
    with catalogue.writing() as connection:
        keep_membership(connection, HEAD, MembershipDraft("青波フーズ", TODAY - timedelta(days=30)))
    return catalogue


def viewer_now(catalogue: Catalogue, login: str) -> Viewer:
    """Return somebody as a session of theirs says now."""
    sessions = Sessions(catalogue)
    found = sessions.find(sessions.start(login))
    assert found is not None
    return found.viewer


def invited(catalogue: Catalogue, **more: Any) -> Any:
    said: dict[str, Any] = {
        "email": LOGIN,
        "name": "佐藤",
        "language": "ja",
        "mail": MailSettings(),
    }
    with catalogue.writing() as connection:
        return invite(connection, HEAD, "aonami", **{**said, "by_mail": False, **more})


def test_a_link_lets_a_companys_user_in_once_until_it_expires(office: Catalogue) -> None:
    made = invited(office)
    user = use_link(office, made.token)
    assert (user.role, user.organisation_id) == (MEMBER, "aonami")
    assert viewer_now(office, LOGIN).companies == {"aonami"}
    for token in (made.token, "another", ""):
        with pytest.raises(UnknownIdError, match="doesn't hold"):
            use_link(office, token)
    late = invited(office)
    with office.writing() as connection:
        over = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(LINKS).values(expires_at=over))
        stored = set(connection.execute(select(LINKS.c.token_hash)).scalars())
    assert not {late.token, made.token} & stored  # fingerprints alone
    with pytest.raises(UnknownIdError):
        use_link(office, late.token)
    first, second = invited(office), invited(office)  # the newest alone opens
    with pytest.raises(UnknownIdError):
        use_link(office, first.token)
    with office.writing() as connection:
        shut_out(connection, HEAD, "aonami", LOGIN)
    with pytest.raises(UnknownIdError):
        use_link(office, second.token)
    with office.reading() as connection:
        [kept] = users_of(connection, HEAD, "aonami")
    assert kept.user.disabled_at is not None


def test_a_link_is_mailed_to_users_of_members_and_nobody_else(office: Catalogue) -> None:
    invited(office)
    assert not ask_for_link(office, "stranger@aonami.example", MAIL)
    assert ask_for_link(office, LOGIN.upper(), MAIL)
    assert not ask_for_link(office, LOGIN, MAIL)  # not twice in two minutes
    with office.reading() as connection:
        rows = connection.execute(select(Mail.user_id, Mail.kind, Mail.about)).all()
    assert [row[:2] for row in rows] == [(LOGIN, "member_link")]
    with pytest.raises(ConflictError, match="another account"):
        Users(office).create(ROOT, "chief@aonami.example", role=CHIEF)
        invited(office, email="chief@aonami.example")
    with pytest.raises(InputError, match="company's user"):
        Users(office).change(ROOT, LOGIN, role=CHIEF)


def stranger(**more: Any) -> Stranger:
    said = {"subject": "1", "login": "sato", "name": "佐藤", "role": "viewer", "is_mapped": False}
    return Stranger("https://id.example", **{**said, "verified_email": LOGIN, **more})


def test_a_companys_own_sign_in_makes_its_users_and_nobody_of_the_office(
    office: Catalogue,
) -> None:
    with office.writing() as connection:
        bind(connection, HEAD, "aonami", "domain", "@AONAMI.example")
        with pytest.raises(InputError, match="not a domain"):
            bind(connection, HEAD, "aonami", "domain", "gmail.com")
    invited(office)
    user = account_of(office, stranger())  # the account that was invited, now by its own sign-in
    assert (user.user_id, user.role, user.organisation_id) == (LOGIN, MEMBER, "aonami")
    with pytest.raises(ForbiddenError):  # a mapped role does not make them one of the office
        account_of(office, stranger(role=CHIEF, is_mapped=True))
    other = account_of(office, stranger(subject="2", login="mallory", verified_email=""))
    assert other.role == "viewer"  # an address that nobody verified tells of no company
    with office.writing() as connection:
        [kept] = memberships_page(connection, HEAD, organisation_id="aonami").items
        ended = MembershipDraft("aonami", kept.since, TODAY - timedelta(days=1))
        change_membership(connection, HEAD, kept.membership_id, ended, expected_version=1)
        with pytest.raises(StaleVersionError):
            change_membership(connection, HEAD, kept.membership_id, ended, expected_version=1)
    assert viewer_now(office, LOGIN).companies == frozenset()
    with pytest.raises(ForbiddenError):
        account_of(office, stranger())


def test_a_table_of_members_is_taken_over(office: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    rows = (
        "企業名,会員種別,入会日,有効期限,窓口",
        "白浜製薬,賛助会員,令和8年4月1日,2027-03-31,山田",
        ",正会員,2026-04-01,,",
        "黒瀬工業,正会員,,,",
        "青波フーズ,正会員,2020-01-01,,",
    )
    file.write_text("\n".join(rows), "utf-8")
    report = import_members(office, HEAD, file)
    assert (report.added, report.left_out) == (1, 3)
    assert {one.field for one in report.rejections} == {"company", "since"}
    assert import_members(office, HEAD, file).unchanged == 1
    with pytest.raises(ForbiddenError):
        import_members(office, Viewer("x", MEMBER), file)


def test_a_stand_in_decides_for_a_colleague_and_no_longer_than_that(office: Catalogue) -> None:
    settings = Settings()
    with writing_as(office, HEAD) as connection:
        draft = CaseDraft("N-1", researcher_ids=("R-1",), lead="R-1")
        case = open_case(connection, HEAD, draft, settings)
        closed = open_case(connection, HEAD, CaseDraft("N-2", researcher_ids=("R-1",)), settings)
        gate = gates_of(connection, HEAD)["dialogue"]
    answers = {one.id: MET for one in gate.criteria}
    go = GateChoice("go", answers, reason="可")
    other = "mori" if "project" not in gate.roles else "abe"
    with pytest.raises(ForbiddenError):
        decide_gate(
            office, viewer_now(office, other), case.case_id, go, settings, expected_version=None
        )
    away = DelegationDraft("head", other, TODAY, TODAY + timedelta(days=3))
    with office.writing() as connection:
        with pytest.raises(ForbiddenError, match="Only the chief"):
            make_delegation(connection, Viewer("kato", PROJECT), away, TODAY)
        kept = make_delegation(connection, HEAD, away, TODAY)
        with pytest.raises(ConflictError):
            make_delegation(connection, HEAD, away, TODAY)
        on = DelegationDraft(other, "kato", TODAY, TODAY)  # hands on their own role alone
        make_delegation(connection, HEAD, on, TODAY)
    deputy = viewer_now(office, other)
    assert [one.user_id for one in deputy.stands_in] == ["head"]
    assert [one.role for one in viewer_now(office, "kato").stands_in] == [ACCOUNTS[other]]
    with pytest.raises(UnknownIdError):  # sight is not handed on
        decide_gate(office, deputy, closed.case_id, go, settings, expected_version=None)
    decide_gate(office, deputy, case.case_id, go, settings, expected_version=None)
    with reading_as(office, HEAD) as connection:
        [decision] = decisions_of(connection, case_of(connection, HEAD, case.case_id))
    assert (decision.decided_by, decision.decided_for, decision.role) == (other, "head", CHIEF)
    _hold(
        office, "head", datetime.now(UTC)
    )  # nobody confirmed the role: it is nobody's to stand in for
    assert viewer_now(office, other).stands_in == ()
    _hold(office, "head", None)
    with office.writing() as connection:
        end_delegation(connection, deputy, kept.delegation_id)
    assert viewer_now(office, other).stands_in == ()


def _hold(office: Catalogue, login: str, at: datetime | None) -> None:
    with office.writing() as connection:
        chosen = UserAccount.user_id == login
        connection.execute(update(UserAccount).where(chosen).values(held_at=at))


def test_nobody_outside_the_office_stands_in(office: Catalogue) -> None:
    invited(office)
    for login in (LOGIN, "root", "nobody"):
        draft = DelegationDraft("head", login, TODAY, TODAY)
        with office.writing() as connection, pytest.raises(InputError, match="of the office"):
            make_delegation(connection, HEAD, draft, TODAY)


def test_all_that_somebody_manages_goes_over_and_comes_back(office: Catalogue) -> None:
    kato, mori = Viewer("kato", PROJECT), Viewer("mori", PROJECT)
    add_to_shortlist(office, kato, "R-1", "N-1")
    with writing_as(office, kato) as connection:
        draft = CaseDraft("N-1", researcher_ids=("R-1",), manager="kato")
        case = open_case(connection, kato, draft, Settings())
    assert preview(office, kato, "kato").counts == {
        "need": 2, "case": 1, "shortlist": 1, "search": 0, "inquiry": 0,
    }  # fmt: skip
    [named] = preview(office, kato, "kato").named["case"]
    assert (named.object_id, named.title) == (str(case.case_id), case.title)
    with pytest.raises(ForbiddenError):
        preview(office, mori, "kato")
    with pytest.raises(ForbiddenError):  # of accounts that are closed alone
        hand_over(office, ROOT, "kato", "mori")
    Users(office).disable(ROOT, "kato")
    with pytest.raises(InputError):
        hand_over(office, ROOT, "kato", "root")
    done = hand_over(office, ROOT, "kato", "mori")
    with reading_as(office, mori) as connection:
        kept = case_of(connection, mori, case.case_id)
    assert (kept.manager, kept.need_manager, kept.version) == ("mori", "mori", case.version + 1)
    assert [one.need_id for one in shortlist(office, mori)] == ["N-1"]
    with pytest.raises(ConflictError, match="closed"):
        undo(office, HEAD, done.hand_over_id)
    Users(office).enable(ROOT, "kato")
    with pytest.raises(ForbiddenError, match="Only who handed it over"):  # what was taken from them
        undo(office, kato, done.hand_over_id)
    back, pieces = undo(office, HEAD, done.hand_over_id)
    assert (pieces, back.undone_by, shortlist(office, mori)) == (4, "head", [])
    assert preview(office, kato, "kato").counts["need"] == 2
    with pytest.raises(ConflictError, match="taken back"):
        undo(office, HEAD, done.hand_over_id)


def test_the_demonstration_makes_the_companies_of_needs_members_once(office: Catalogue) -> None:
    assert make_demonstration_members(office) == 0  # there is one already
    with office.writing() as connection:
        connection.execute(delete(MEMBERSHIPS))
    assert make_demonstration_members(office) == 1
    with office.reading() as connection:
        [kept] = memberships_page(connection, HEAD, today=TODAY).items
    assert kept.organisation_id == "aonami" and "Made-up" in kept.terms
