"""A researcher is asked by a letter, answers once by its link, and is not asked too often."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from catalogue.database.models import StoredNeed
from catalogue.database.screening_models import PersonLimit
from catalogue.database.viewer import ADMINISTRATOR, PORTAL, Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from office.access.scoped import reading_as, writing_as
from office.backup.restoring import restore_backup
from office.backup.writing import write_backup
from office.home.waiting import ANSWERED, waiting_for
from office.inquiries.answering import open_inquiry
from office.inquiries.asking import revoke_inquiry, take_note
from office.inquiries.kept import inquiries_of
from office.inquiries.reminding import remind
from office.mail.queue import NO_MAIL
from office.needs.judging import standing_judgements
from office.nightly.parts import open_nightly_parts
from tests.office.inquiries.steps import (
    LETTER,
    MORI_MAIL,
    answer,
    ask_mori,
    days_pass,
    kept,
    stored,
    today,
    token_in,
)
from tests.office.mail.steps import queue, trail
from tests.support.worlds.personal import HEAD, HUSHED, PATENTS, SATO, TANAKA

ABOUT_MORI = {"need_id": "N-open", "researcher_id": "R-1"}


def limits(catalogue):
    with catalogue.reading() as connection:
        columns = (PersonLimit.kind, PersonLimit.amount, PersonLimit.since, PersonLimit.until)
        query = select(*columns, PersonLimit.withdrawn_at).order_by(PersonLimit.limit_id)
        return [tuple(row) for row in connection.execute(query)]


def revoke(catalogue, inquiry_id, viewer=SATO):
    with writing_as(catalogue, viewer) as connection:
        return revoke_inquiry(connection, viewer, inquiry_id)


def test_a_letter_goes_to_the_researcher_with_a_link_of_which_only_the_hash_is_kept(
    catalogue, settings, sender, post
):
    asked = ask_mori(catalogue, settings)
    assert asked.token == ""
    assert sender.send_all() == ["sent"]
    [mail] = post.mails
    assert (mail["To"], mail["Reply-To"]) == (MORI_MAIL, "sato@example.ac.jp")
    assert mail["Subject"] == "【縁結び】ご研究についてのお尋ね（オープンイノベーション機構）"
    assert post.texts[0].startswith(LETTER)
    token = token_in(post.texts[0])
    assert len(token) >= 43 and token not in stored(catalogue)
    assert open_inquiry(catalogue, token).message == LETTER
    [sent] = queue(catalogue)
    assert (sent.user_id, sent.kind, sent.state) == ("sato", "inquiry", "sent")
    assert MORI_MAIL not in repr(sent)
    assert trail(catalogue, "ask researcher") == [ABOUT_MORI]


@pytest.mark.parametrize("code", ["interested", "not_now", "not_my_field", "no_capacity"])
def test_an_answer_is_kept_once_and_waits_for_who_asked(catalogue, code):
    asked = ask_mori(catalogue)
    answer(catalogue, asked.token, code, remark="よろしく", who_else="林 海")
    found = kept(catalogue, asked.inquiry_id)
    assert (found.answer, found.remark) == (code, "よろしく")
    assert found.who_else == ("林 海" if code == "not_my_field" else "")
    with pytest.raises(UnknownIdError, match="doesn't hold"):
        answer(catalogue, asked.token, "interested")
    assert trail(catalogue, "answer inquiry") == [ABOUT_MORI]
    with reading_as(catalogue, SATO) as connection:
        assert [one.kind for one in waiting_for(connection, SATO, [])].count(ANSWERED) == 1
        assert standing_judgements(connection, SATO, "N-open") == []  # nothing is judged by itself
    with writing_as(catalogue, SATO) as connection:
        assert take_note(connection, SATO, asked.inquiry_id).noted_at
        assert ANSWERED not in [one.kind for one in waiting_for(connection, SATO, [])]


def test_links_that_are_unknown_answered_over_or_taken_back_are_answered_alike(catalogue):
    answered = ask_mori(catalogue)
    answer(catalogue, answered.token, "interested")
    over = ask_mori(catalogue, researcher_id="R-2")
    days_pass(catalogue, 22)
    revoked = ask_mori(catalogue, researcher_id="R-3")
    revoke(catalogue, revoked.inquiry_id)
    said = set()
    for token in (answered.token, over.token, revoked.token, "x" * 43, "", "y" * 5_000):
        for use in (open_inquiry, lambda c, t: answer(c, t, "interested")):
            with pytest.raises(UnknownIdError) as refusal:
                use(catalogue, token)
            said.add(str(refusal.value))
    assert len(said) == 1
    assert kept(catalogue, over.inquiry_id).state(datetime.now(UTC)) == "expired"
    with pytest.raises(ConflictError, match="answered or taken back"):
        revoke(catalogue, revoked.inquiry_id)


def test_nobody_is_asked_more_often_than_the_limit_whoever_asks_for_whichever_need(catalogue):
    ask_mori(catalogue, need_id="N-closed", limit=2)
    with pytest.raises(ConflictError, match="already, and the answer is waited for"):
        ask_mori(catalogue, need_id="N-closed", viewer=HEAD, limit=2)
    first = ask_mori(catalogue, limit=2)
    revoke(catalogue, first.inquiry_id)
    for viewer in (SATO, HEAD):
        with pytest.raises(ConflictError, match="2 inquiries within 30 days; the limit is 2"):
            ask_mori(catalogue, viewer=viewer, limit=2)
    ask_mori(catalogue, researcher_id="R-2", limit=2)
    days_pass(catalogue, 31)
    ask_mori(catalogue, limit=2)


def test_capacity_is_fed_and_a_later_answer_takes_the_place_of_the_one_before(catalogue):
    later = today() + timedelta(days=90)
    answer(catalogue, ask_mori(catalogue).token, "not_now", not_before=later)
    assert limits(catalogue) == [("not_before", None, later, None, None)]
    second = ask_mori(catalogue)
    answer(catalogue, second.token, "no_capacity", cases=1, not_before=later + timedelta(days=1))
    first, *standing = limits(catalogue)
    assert first[:4] == ("not_before", None, later, None) and first[4] is not None
    assert standing == [
        ("not_before", None, later + timedelta(days=1), None, None),
        ("running", 1, today(), later, None),
    ]
    answer(catalogue, ask_mori(catalogue).token, "interested", not_before=later, cases=9)
    assert len(limits(catalogue)) == 3


@pytest.mark.parametrize(
    ("code", "more", "said"),
    [
        ("", {}, "Choose one"),
        ("suitable", {}, "Choose one"),
        ("not_now", {"not_before": date(2020, 1, 1)}, "after today"),
        ("not_now", {"not_before": date(9999, 1, 1)}, "after today"),
        ("no_capacity", {"cases": 100}, "from 0 to 99"),
        ("interested", {"remark": "あ" * 2_001}, "2001 characters"),
    ],
)
def test_a_faulty_answer_does_not_use_the_link_up(catalogue, code, more, said):
    asked = ask_mori(catalogue)
    with pytest.raises(InputError, match=said):
        answer(catalogue, asked.token, code, **more)
    assert open_inquiry(catalogue, asked.token).message == LETTER


def test_only_the_manager_and_the_chief_ask_and_only_who_sees_the_need_reads(catalogue):
    for viewer in (TANAKA, PATENTS):
        with pytest.raises(ForbiddenError, match="manager and the chief"):
            ask_mori(catalogue, viewer=viewer)
        with pytest.raises(UnknownIdError):
            ask_mori(catalogue, viewer=viewer, need_id="N-closed")
    for viewer in (Viewer("boss", ADMINISTRATOR), Viewer("p", PORTAL)):
        with pytest.raises(ForbiddenError, match="may not ask researchers"):
            ask_mori(catalogue, viewer=viewer)
    asked = ask_mori(catalogue, need_id="N-closed")
    with pytest.raises(UnknownIdError):
        kept(catalogue, asked.inquiry_id, TANAKA)
    with reading_as(catalogue, TANAKA) as connection:
        assert inquiries_of(connection, TANAKA, "N-closed") == []
    assert kept(catalogue, asked.inquiry_id, HEAD).need_id == "N-closed"


def test_a_letter_that_quotes_a_closed_need_or_goes_elsewhere_is_refused(catalogue, settings):
    quoting = f"ご相談です。\n{HUSHED.upper().replace(' ', '  ')}"
    with pytest.raises(InputError, match="quotes the need's text"):
        ask_mori(catalogue, need_id="N-closed", message=quoting)
    with pytest.raises(InputError, match="not an address of this researcher"):
        ask_mori(catalogue, settings, address="someone@evil.example")
    with pytest.raises(InputError, match="expected 1 to 5000"):
        ask_mori(catalogue, message=" \n ")
    with pytest.raises(InputError, match="Copy the text instead"):
        ask_mori(catalogue, address=MORI_MAIL)  # without a mail server
    assert queue(catalogue) == [] and trail(catalogue, "ask researcher") == []


def test_one_sentence_of_a_closed_need_is_a_quotation_too(catalogue):
    sentence = "低温で強く接着できる樹脂を探しています"
    with catalogue.writing() as connection:
        chosen = update(StoredNeed).where(StoredNeed.need_id == "N-closed")
        connection.execute(chosen.values(text=f"相談です。{sentence}。量産は来春です。"))
    with pytest.raises(InputError, match="Say it in other words"):
        ask_mori(catalogue, need_id="N-closed", message=f"企業が「{sentence}」とのことです。")
    assert ask_mori(catalogue, need_id="N-closed", message="接着の相談です。相談です。")


def test_who_did_not_answer_is_reminded_once_after_half_of_the_time(
    catalogue, settings, sender, post
):
    asked = ask_mori(catalogue, settings)
    ask_mori(catalogue, researcher_id="R-2")  # copied: whoever sent it reminds
    sender.send_all()
    days_pass(catalogue, 10)
    assert remind(catalogue, settings.mail) == 0
    days_pass(catalogue, 1)
    assert remind(catalogue, NO_MAIL) == 0
    assert [remind(catalogue, settings.mail) for _ in range(2)] == [1, 0]
    sender.send_all()
    [_, mail] = post.mails
    assert (mail["To"], mail["Subject"]) == (MORI_MAIL, "【縁結び】【再送】ご研究についてのお尋ね")
    assert kept(catalogue, asked.inquiry_id).reminded_at
    first, second = map(token_in, post.texts)
    assert first != second
    assert open_inquiry(catalogue, first) == open_inquiry(catalogue, second)
    answer(catalogue, first, "interested")
    with pytest.raises(UnknownIdError):
        open_inquiry(catalogue, second)


def test_the_night_reminds(catalogue, settings, sender, url):
    ask_mori(catalogue, settings)
    sender.send_all()
    days_pass(catalogue, 11)
    at_night = settings.model_copy(update={"database_url": url})
    with open_nightly_parts(at_night) as parts:
        assert parts.remind() == 1
    assert [one.kind for one in queue(catalogue, "waiting")] == ["reminder"]


def test_what_was_taken_back_or_answered_is_neither_sent_nor_reminded_of(
    catalogue, settings, sender, post
):
    asked = ask_mori(catalogue, settings)
    revoke(catalogue, asked.inquiry_id)
    assert sender.send_all() == ["called_off"] and post.mails == []
    days_pass(catalogue, 15)
    assert remind(catalogue, settings.mail) == 0


def test_of_a_withdrawn_need_no_link_opens_and_no_letter_is_sent(catalogue, settings, sender):
    link = ask_mori(catalogue).token
    ask_mori(catalogue, settings, researcher_id="R-1", need_id="N-closed")
    with catalogue.writing() as connection:
        connection.execute(update(StoredNeed).values(withdrawn_at=datetime.now(UTC)))
    assert sender.send_all() == ["called_off"]
    with pytest.raises(UnknownIdError):
        open_inquiry(catalogue, link)
    with pytest.raises(UnknownIdError):
        answer(catalogue, link, "interested")


def test_a_backup_brings_inquiries_back_and_their_links_hold(catalogue, settings, tmp_path):
    asked = ask_mori(catalogue)
    before = stored(catalogue)
    write_backup(catalogue, settings, tmp_path / "backup.zip")
    answer(catalogue, asked.token, "interested")
    restore_backup(catalogue, settings, tmp_path / "backup.zip", replace=True)
    assert stored(catalogue) == before
    assert open_inquiry(catalogue, asked.token).inquiry_id == asked.inquiry_id
