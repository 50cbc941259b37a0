"""Markup goes out of texts, and files are decoded as they were written."""

import time

import pytest

from catalogue.importers.reading.decoding import find_encoding
from catalogue.importers.reading.plain_text import one_line, plain_text

JAPANESE = "氏名,所属\n森 花,霞野大学 工学部\n佐藤,理学部\n"


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
        ("\x00\x1b[31m\u202ebad\ud800", "[31mbad"),
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


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_japanese_is_decoded_whatever_its_encoding(encoding):
    sample = JAPANESE.encode(encoding)
    assert sample.decode(find_encoding(sample)) == JAPANESE


@pytest.mark.parametrize(
    ("sample", "encoding"),
    [
        (b"", "utf-8"),
        (b"id,name\n1,Ann\n", "utf-8"),
        (b"id\x00,name\n1,Ann\n", "utf-8"),
        ("id,name\n1,Ann\n".encode("utf-16-be"), "utf-16-be"),
        ("id,name\n1,Ann\n".encode("utf-16-le"), "utf-16-le"),
        ("森花".encode() * 300 + b"\xff", "utf-8"),
        ("森花".encode()[:-1], "utf-8"),
        ("id,name\n1,森花\n2,".encode() + b"\xff\xfe\n", "utf-8"),
        ("ｱｲｳ,半角ｶﾅ".encode("cp932"), "cp932"),
    ],
)
def test_odd_samples_are_decoded_as_the_likeliest(sample, encoding):
    assert find_encoding(sample) == encoding


def test_western_accents_are_decoded():
    sample = "name\nMüller\nGarçon était\n".encode("cp1252")
    assert "Müller" in sample.decode(find_encoding(sample))


def test_a_zero_byte_does_not_make_a_file_utf_16():
    assert find_encoding(b"researcher_id,name_en\n\x00") == "utf-8"
