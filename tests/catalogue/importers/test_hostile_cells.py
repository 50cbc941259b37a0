"""Expressions that meet files of strangers take a time that grows with the text alone, whatever it holds."""

import re
import time

import pytest

from catalogue.importers.need_files import mail_threads, pdf
from catalogue.importers.patents import records
from catalogue.importers.recognition import headers

LONG, AT_MOST_S = 20_000, 0.3


@pytest.mark.parametrize(
    ("pattern", "piece", "ending"),
    [
        (headers._NUMBERING, "■", "\0"),  # did not end: a run of marks was shared out in all ways
        (records._FI_TAIL, " ", "A1"),
        (mail_threads._CLOSING, " ", "!x"),
        (pdf._PAGE_NUMBER, " ", "x"),
        (pdf._PAGE_NUMBER, "-", "1 x"),
    ],
)
def test_it_fails_in_linear_time(pattern: re.Pattern[str], piece: str, ending: str) -> None:
    text, began = piece * LONG + ending, time.thread_time()
    for way in (pattern.match, pattern.fullmatch):
        way(text)
    assert time.thread_time() - began < AT_MOST_S


def test_they_still_find_what_they_are_for() -> None:
    assert headers._NUMBERING.sub("", "■■ (1) 氏名") == "氏名"
    assert records._FI_TAIL.match(", 301 @ A")[1] == "301"
    assert records._FI_TAIL.match(" Z")[2] == "Z"
    assert mail_threads._CLOSING.match("  Best regards, ")
    assert all(map(pdf._PAGE_NUMBER.match, ("- 3 -", "Page 3 of 12", "第 3 頁", "3/12ページ")))
