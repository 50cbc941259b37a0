"""Which happenings are told by mail: news of searches, a night's candidates, one-time passwords."""

import re
from datetime import UTC, datetime

import pytest

from enmusubi.errors import InputError, WrongPasswordError
from enmusubi.settings import IndexSettings
from matcher.records import VISIBILITIES, Match, Need, ResearcherCard
from office.accounts.mail_choices import choose_mails
from office.accounts.passwords import one_time_password
from office.accounts.signing_in import PasswordAuthenticator
from office.accounts.users import Users
from office.alerts import check_alerts
from office.backup.restoring import restore_backup
from office.backup.writing import write_backup
from office.mail.passwords import told_by_mail
from office.matching import ViewerMatching
from office.nightly.telling import tell_managers, with_candidates
from office.reports.records import NeedReport, ReportedMatch
from office.saved_searches import SearchDraft, save_search
from tests.office.mail.conftest import BOSS
from tests.office.mail.steps import ask_in, make_due, queue
from tests.office.personal.finding import Index
from tests.support.post_office import ADDRESS, TAKEN
from tests.support.worlds.personal import HUSHED, SATO

NIGHT = "2031-04-01"


def report(strength="good", *, is_new=True, fits_nobody=False, need_id="N-open"):
    match = Match(1, ResearcherCard("R-1"), 1.0, (), 0.5, strength)
    return NeedReport(Need("x", need_id), (ReportedMatch(match, is_new),), fits_nobody=fits_nobody)


def test_a_night_that_finds_somebody_new_for_searches_is_told_once(
    catalogue, settings, sender, post
):
    everything = {"index": IndexSettings(visibilities=VISIBILITIES)}
    matching = ViewerMatching(catalogue, settings.model_copy(update=everything))
    for name in ("glue of nobody's", "b"):
        save_search(catalogue, SATO, SearchDraft(name, HUSHED, alert=True))
    index = Index(["R-1"])
    assert check_alerts(matching, index, 20) == 0
    assert queue(catalogue) == []  # the first night makes no news
    index.people = ["R-1", "R-2"]
    assert check_alerts(matching, index, 20) == 2
    check_alerts(matching, index, 20)  # the same people: no news
    assert sender.send_all() == ["sent"]
    assert f"{ADDRESS}/searches\n" in post.texts[0]
    for hidden in (HUSHED, "glue"):
        assert hidden not in post.texts[0]


def test_candidates_are_new_people_who_could_fit():
    good = [report(), report(fits_nobody=True, need_id="b"), report("weak", need_id="c")]
    assert with_candidates([*good, report(is_new=False, need_id="d")]) == ["N-open"]


def test_a_manager_is_told_of_a_night_once_and_when_its_report_is_there(
    catalogue, settings, sender, post
):
    for _ in range(2):  # the night was killed and ran again
        tell_managers(catalogue, settings.mail, NIGHT, ["N-open", "N-closed"])
    assert sender.send_all() == ["failed"]
    assert str(queue(catalogue)[0].fault) == "the report is not published yet"
    (settings.reports_dir / NIGHT).mkdir(parents=True)
    make_due(catalogue)
    assert sender.send_all() == ["failed", "sent"]
    assert tell_managers(catalogue, settings.mail, NIGHT, ["N-open"]) == 0
    assert f"{ADDRESS}/reports/{NIGHT}\n" in post.texts[0]
    assert post.receivers == ["sato@example.ac.jp"]


def test_a_password_is_mailed_where_that_was_chosen_and_stands_nowhere_else(
    catalogue, settings, sender, post
):
    users, shown = Users(catalogue), one_time_password()
    also = told_by_mail(settings.mail, with_it=True)
    users.set_password(BOSS, "sato", shown, also=also)
    assert sender.send_all() == ["sent"]
    mailed = re.search("仮パスワード：(.+)", post.texts[0])[1]
    assert mailed != shown
    door = PasswordAuthenticator(catalogue)
    assert door.sign_in("sato", mailed).must_change_password
    with pytest.raises(WrongPasswordError):
        door.sign_in("sato", shown)


def test_a_password_mail_tried_again_holds_the_password_that_opens(
    catalogue, settings, sender, post
):
    post.answers = ["451 later", TAKEN]
    users = Users(catalogue)
    also = told_by_mail(settings.mail, with_it=True)
    users.set_password(BOSS, "sato", one_time_password(), also=also)
    sender.send_all()
    make_due(catalogue)
    assert sender.send_all() == ["failed", "sent"]
    mailed = re.search("仮パスワード：(.+)", post.texts[1])[1]
    assert PasswordAuthenticator(catalogue).sign_in("sato", mailed).user_id == "sato"


def test_a_password_mail_is_not_sent_once_another_password_was_set(
    catalogue, settings, sender, post
):
    users = Users(catalogue)
    also = told_by_mail(settings.mail, with_it=True)
    users.set_password(BOSS, "sato", one_time_password(), also=also)
    users.set_password(SATO, "sato", "vier leise Boote am Fluss", is_one_time=False)
    assert sender.send_all() == ["called_off"]
    assert post.raw == []


def test_a_sender_that_took_too_long_leaves_the_password_to_the_one_that_took_over(
    catalogue, settings, sender, post
):
    users = Users(catalogue)
    also = told_by_mail(settings.mail, with_it=True)
    users.set_password(BOSS, "sato", one_time_password(), also=also)
    before = users.get("sato").password_mark
    slow = sender._claim(datetime.now(UTC))
    make_due(catalogue)
    assert sender._claim(datetime.now(UTC))["attempts"] == 2
    assert sender._attempt(slow) == "failed"
    assert users.get("sato").password_mark == before
    assert post.raw == []
    make_due(catalogue)
    assert sender.send_all() == ["sent"]


def test_without_that_choice_the_mail_says_only_where_to_sign_in(catalogue, settings, sender, post):
    given = one_time_password()
    also = told_by_mail(settings.mail, with_it=False)
    Users(catalogue).set_password(BOSS, "sato", given, also=also)
    assert sender.send_all() == ["sent"]
    assert given not in post.texts[0]
    assert "仮パスワード：" not in post.texts[0]
    assert f"{ADDRESS}/login\n" in post.texts[0]


def test_a_password_that_cannot_be_mailed_is_not_set(catalogue, settings):
    users = Users(catalogue)
    users.change(BOSS, "sato", email="")
    before = users.get("sato").password_mark
    with pytest.raises(InputError, match="cannot be mailed"):
        also = told_by_mail(settings.mail, with_it=True)
        users.set_password(BOSS, "sato", one_time_password(), also=also)
    assert users.get("sato").password_mark == before


def test_whoever_switched_a_kind_off_gets_none_of_it(catalogue, settings, sender):
    abe = Users(catalogue).get("abe").viewer
    kept = choose_mails(catalogue, abe, language="en", wanted=["alert"])
    of_estimates = "estimate estimate_checked estimate_returned"
    every_other = f"invitation candidates gate clock escalation milestone {of_estimates}"
    assert (kept.language, kept.muted_mail) == ("en", every_other)
    ask_in(catalogue, settings)
    assert queue(catalogue) == []


@pytest.mark.parametrize("email", ["x", "a@b\nBcc: c@d", "<a@b.c>", "a@b,c@d", "田中@example.jp"])
def test_what_is_no_address_is_refused(catalogue, email):
    with pytest.raises(InputError, match="not an e-mail address"):
        Users(catalogue).change(BOSS, "sato", email=email)


def test_what_waited_in_a_backup_is_not_sent_by_itself(catalogue, settings, sender, post, tmp_path):
    ask_in(catalogue, settings)
    write_backup(catalogue, settings, tmp_path / "backup.zip")
    assert sender.send_all() == ["sent"]
    restore_backup(catalogue, settings, tmp_path / "backup.zip", replace=True)
    assert sender.send_all() == ["sent"]
    [held] = queue(catalogue)
    assert (held.state, "backup was restored" in str(held.fault)) == ("given_up", True)
