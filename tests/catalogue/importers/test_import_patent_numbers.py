"""Numbers of patents have one form, and nothing unpublished is taken for public."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.database.models import PATENT_STATUSES
from catalogue.importers.patents.numbers import (
    application_number,
    application_year,
    document_number,
    is_application,
    is_grant_kind,
    patent_status,
)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("特開2020-123456", "JP2020123456A"),
        ("特開２０２０－１２３４５６号公報", "JP2020123456A"),
        ("特開２０２０－１２３４５６号", "JP2020123456A"),
        ("JP 2020-123456 A1", "JP2020123456A"),
        ("JP2020123456A", "JP2020123456A"),
        ("特表2020-512345", "JP2020512345A"),
        ("特許第６，５４３，２１０号", "JP6543210B"),
        ("特許第6543210号(P6543210)", "JP6543210B"),
        ("JP6543210B2", "JP6543210B"),
        ("特開平10-12345", "JPH10012345A"),
        ("JPH10-012345A", "JPH10012345A"),
        ("特公平7-12345", "JPH07012345B"),
        ("実登3212345", "JP3212345U"),
        ("再表2015/072306", "WO2015072306"),
        ("WO 2015/072306 A1", "WO2015072306"),
        ("WO98/12345", "WO1998012345"),
        ("US 2020/0123456 A1", "US20200123456A1"),
        ("EP3456789B1", "EP3456789B1"),
        ("特願2018-123456", "JP2018-123456"),
        ("未定", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_a_document_has_one_number_however_it_is_written(written, number):
    assert document_number(written) == number


@pytest.mark.parametrize(
    ("written", "number", "year"),
    [
        ("特願2018-123456", "JP2018-123456", "2018"),
        ("特願２０１８－１２３４", "JP2018-001234", "2018"),
        ("特願平10-12345", "JPH10-012345", "H10"),
        ("JP2018123456", "JP2018-123456", "2018"),
        ("PCT/JP2018/012345", "PCT/JP2018/012345", ""),
        ("PCT/JP98/1234", "PCT/JP1998/001234", ""),
        ("US 17/999,001", "US17/999001", ""),
        ("JP6543210", "JP6543210", ""),
        ("出願準備中", "", ""),
    ],
)
def test_an_application_has_one_number_and_its_year(written, number, year):
    assert (application_number(written), application_year(written)) == (number, year)


def test_an_application_is_told_from_a_document():
    assert is_application("特願2018-123456") and is_application("PCT/JP2018/012345")
    assert not is_application("特開2020-123456") and not is_application("JP6543210B2")


@given(st.text())
def test_no_text_breaks_the_numbers(text):
    assert document_number(text) == document_number(text.strip())
    application_number(text), application_year(text), is_application(text)


TOMORROW = (
    date.today() + timedelta(days=2)
).isoformat()  # still ahead where midnight passes while tests run


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, "unpublished"),
        ({"words": "出願中"}, "unpublished"),
        ({"words": "未公開", "published": True}, "unpublished"),
        ({"words": "公開予定"}, "unpublished"),
        ({"words": "取下"}, "unpublished"),
        ({"words": "拒絶査定"}, "unpublished"),
        ({"words": "Not yet published"}, "unpublished"),
        ({"published": True, "published_on": TOMORROW}, "unpublished"),
        ({"published_on": TOMORROW}, "unpublished"),
        ({"words": "未登録"}, "unpublished"),
        ({"published": True}, "published"),
        ({"published_on": "令和3年4月1日"}, "published"),
        ({"words": "未公開", "published_on": "2020-01-09"}, "published"),
        ({"words": "公開"}, "published"),
        ({"words": "審査中", "published": True}, "published"),
        ({"words": "拒絶理由通知", "published": True}, "published"),
        ({"words": "拒絶査定不服審判", "published": True}, "published"),
        ({"words": "特許 有効"}, "granted"),
        ({"words": "登録"}, "granted"),
        ({"words": "無効審判", "granted": True}, "granted"),
        ({"words": "in force"}, "granted"),
        ({"granted": True}, "granted"),
        ({"words": "特許 消滅"}, "lapsed"),
        ({"words": "権利満了"}, "lapsed"),
        ({"words": "みなし取下げ", "published": True}, "lapsed"),
        ({"words": "拒絶査定", "published": True}, "lapsed"),
        ({"words": "Expired"}, "lapsed"),
        ({"words": "lapsed", "granted": True}, "lapsed"),
    ],
)
def test_the_status_comes_from_words_numbers_and_dates(told, status):
    assert patent_status(**told) == status


@given(st.text(), st.text())
def test_without_any_sign_of_publication_nothing_is_public(words, day):
    assert patent_status(words=words, published_on=day) in PATENT_STATUSES
    assert patent_status(words=f"社外秘 {TOMORROW}", published_on="近日") == "unpublished"


def test_kinds_of_granted_patents_are_known():
    assert [is_grant_kind(kind) for kind in ("B2", "Ｂ１", "特許公報(B2)", "C")] == [True] * 4
    assert not any(map(is_grant_kind, ("A", "A1", "公開特許公報(A)", "", "A" * 10**6)))
