"""Markup goes out of texts."""

import time

import pytest

from catalogue.importers.reading.plain_text import one_line, plain_text


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<i>in vitro</i> H<sub>2</sub>O", "in vitro H2O"),
        ("p<0.05, x <y and z> 3", "p<0.05, x <y and z> 3"),
        ("&lt;b&gt;A &amp;amp; B&lt;/b&gt;", "A & B"),
        ("<jats:p>One.</jats:p><jats:p>Two.</jats:p>", "One.\n\nTwo."),
        ("a<br/>b<script>alert('x')</script>c<!-- d -->e", "a\nbce"),
        ('<a href="javascript:x" disabled>text</a>', "text"),
        ("<script>never closed", "never closed"),
        ("  many   blanks \n\n\n\n lines ", "many blanks\n\nlines"),
        ("\x00\x1b[31m\u202ebad\ud800", "[31mbad〓"),
        ("\ue000田 \U000f0001\ufffd", "〓田 〓〓"),
        ("\uf0b7 item \uf0a7 葛\U000e0100城", "• item • 葛\U000e0100城"),
    ],
)
def test_markup_and_control_characters_go(marked, plain):
    assert plain_text(marked) == plain


def test_a_title_stays_on_one_line():
    assert one_line("<p>A</p><p>title</p>") == "A title"


@pytest.mark.parametrize(
    "unit", ["<script>", "<!--", "<a b=", '<a b="', "<a b c", "&amp;", "<i>", "\n ", "< "]
)
def test_hostile_markup_takes_no_time(unit):
    started = time.monotonic()
    plain_text((unit * 200_000)[:200_000])
    assert time.monotonic() - started < 5
