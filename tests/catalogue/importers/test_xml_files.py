"""XML is read record by record, in any encoding; entities, DTDs and depth do no harm."""

import gzip
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.xml_files import XmlFile, XmlRow, by_lang, text, texts
from catalogue.importers.rows import BadRow
from enmusubi.errors import UnreadableFileError

RECORDS = "<grants><grant>{}</grant><grant><title>two</title></grant></grants>"


MARKUP = (
    *("<grant>", "</grant>", "<a b='c'>", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;"),
    *("&#0;", "<!DOCTYPE g [", "]>", "<?x", "?>", "森", "\0", "<a:b xmlns:a='u'/>", "<"),
)


@pytest.fixture
def read(tmp_path):
    """Write a file and return its records, and the error that ended it, if one did."""

    def run(content, name="rows.xml", tags=("grant",)):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        rows = []
        try:
            rows += (row for row in XmlFile(InputFile(path), frozenset(tags)).rows())
        except UnreadableFileError as error:
            return rows, str(error)
        return rows, ""

    return run


def titles(rows):
    return [text(r.element, "title") if isinstance(r, XmlRow) else r.rejection.reason for r in rows]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16LE", "utf-16-be"),
        ("Shift_JIS", "cp932"),
        ("Windows-31J", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("ISO-2022-JP", "iso2022_jp"),
    ],
)
def test_japanese_is_read_in_the_encoding_that_is_declared(read, declared, encoding):
    body = RECORDS.format("<title>森①</title>" if encoding == "cp932" else "<title>森</title>")
    rows, error = read(f'<?xml version="1.0" encoding="{declared}"?>\n{body}'.encode(encoding))
    assert error == ""
    assert titles(rows) == ["森①" if encoding == "cp932" else "森", "two"]


def test_namespaces_go_and_languages_stay(read):
    rows, _ = read(
        '<k:grants xmlns:k="urn:k" xmlns="urn:d"><k:grant k:id="7" xmlns:x="urn:x">'
        '<title xml:lang="ja">森の <sub>花</sub>道</title><title xml:lang="EN">Way</title>'
        "<x:person><x:name>A</x:name></x:person><person><name> B </name><name/></person>"
        "</k:grant></k:grants>"
    )
    element = rows[0].element
    assert (element.tag, element.get("id")) == ("grant", "7")
    assert by_lang(element, "title") == {"ja": "森の 花道", "en": "Way"}
    assert texts(element, "person/name") == ["A", "B"]
    assert (text(element, "@id"), texts(element, "title/@lang")) == ("7", ["ja", "EN"])
    assert (text(element, "nothing/here"), texts(element, "nothing/@id")) == ("", [])


def test_the_outermost_element_can_be_the_record(read):
    rows, _ = read("<grant><title>one</title><grant><title>in</title></grant></grant>")
    assert titles(rows) == ["one"]


def test_the_root_tells_what_a_file_is(tmp_path):
    for name, content, root in (
        ("a.xml", "<?xml version='1.0'?><!-- c --><o:record xmlns:o='u'>", "record"),
        ("b.xml", "no xml", ""),
        ("c.xml", "", ""),
    ):
        (tmp_path / name).write_text(content)
        assert XmlFile(InputFile(tmp_path / name), frozenset()).root_tag() == root


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "dtd",
    [
        f'<!DOCTYPE g [<!ENTITY l0 "lol">{BOMB}]>',
        '<!DOCTYPE g [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE g [<!ENTITY l9 SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE g [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        '<!DOCTYPE g [<!NOTATION n SYSTEM "n"><!ENTITY l9 SYSTEM "x.gif" NDATA n>]>',
    ],
)
def test_entities_of_ones_own_are_refused(read, dtd):
    rows, error = read(dtd + RECORDS.format("<title>&l9;</title>"))
    assert rows == []
    assert "declares entities of its own" in error


def test_a_dtd_elsewhere_is_neither_fetched_nor_missed(read):
    dtd = '<!DOCTYPE grants PUBLIC "-//X//DTD" "http://127.0.0.1:9/g.dtd">'
    rows, error = read(dtd + RECORDS.format("<title>M&uuml;ller &unheard;</title>"))
    assert (titles(rows), error) == (["Müller &unheard;", "two"], "")


def test_deep_nesting_rejects_its_record_and_very_deep_nesting_ends_the_file(read):
    deep = RECORDS.format("<a>" * 50_000 + "</a>" * 50_000)
    assert titles(read(deep)[0]) == ["nested deeper than 200 elements", "two"]
    rows, error = read(RECORDS.format("") + "<a>" * 100_001)
    assert (titles(rows), "damaged after record 2" in error) == (["", "two"], True)
    rows, error = read("<g><grant/><grant>" + "<a>" * 100_001)
    assert (len(rows), "nested deeper than 100,000" in error) == (1, True)


@pytest.mark.parametrize(
    "huge",
    [
        "<title>" + "x" * 50_000_000 + "</title>",
        ('<title x="' + "x" * 7_000_000 + '"/>') * 5,
        "<a/>" * 600_000,
    ],
)
def test_a_record_that_is_too_large_is_rejected_and_the_next_goes_in(read, huge):
    rows, error = read(RECORDS.format(huge))
    assert (titles(rows), error) == (["longer than 32,000,000 characters", "two"], "")


def test_a_tag_without_end_stops_the_reading(read):
    rows, error = read('<g><grant/><grant x="' + "x" * 50_000_000)
    assert len(rows) == 1
    assert "a tag or comment of more than 8,000,000 bytes" in error


def test_zero_bytes_go_and_broken_bytes_reject_their_record(read):
    content = RECORDS.format("<title>a\0b\x0b</title>").encode()
    assert titles(read(content)[0]) == ["ab", "two"]
    rows, _ = read(content.replace(b"two", b"\xff\xfe"))
    assert titles(rows) == ["ab", "bytes that are not utf-8"]
    assert "title" in rows[1].raw()


@pytest.mark.parametrize("end", ["<grant><title>thr", "</oops>", "<grant>&nope</grant>", "<"])
def test_broken_xml_keeps_the_records_before(read, end):
    rows, error = read("<g><grant><title>one</title></grant>" + end)
    assert titles(rows) == ["one"]
    assert "is damaged after record 1 (line 1: " in error


def test_truncated_gzip_keeps_the_records_before(read):
    many = "".join(f"<grant><title>{n * 7_919 % 100_003}</title></grant>" for n in range(20_000))
    whole = gzip.compress(f"<g>{many}</g>".encode())
    rows, error = read(whole[: len(whole) // 2], "rows.xml.gz")
    assert len(rows) > 5_000
    assert "gzip data breaks off" in error


@pytest.mark.parametrize("content", ["", "  ", "no xml", "{}"])
def test_what_is_no_xml_is_named(read, content):
    rows, error = read(content)
    assert rows == []
    assert "rows.xml is damaged after record 0" in error


@pytest.mark.parametrize("name", ["unheard-of", "rot13", "zlib", "idna", "undefined", "hex"])
def test_an_encoding_that_is_none_is_named(read, name):
    _, error = read(f'<?xml version="1.0" encoding="{name}"?><g/>')
    assert f"encoding '{name}', which is unknown" in error


def test_a_file_of_any_length_takes_little_memory(tmp_path):
    path = tmp_path / "long.xml"
    with path.open("w") as target:
        target.write("<g>")
        for _ in range(2_000):
            target.write(("<grant><title>" + "t" * 1_000 + "</title></grant>\n<other/>") * 10)
        target.write("</g>")
    tracemalloc.start()
    count = sum(1 for _ in XmlFile(InputFile(path), frozenset({"grant"})).rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 3_000_000 < path.stat().st_size


def test_a_record_can_be_written_back(read):
    rows, _ = read(RECORDS.format('<title xml:lang="ja">a &lt; b</title>') + "\n")
    again, _ = read(f"<g>{rows[0].raw()}</g>")
    assert again[0].raw() == rows[0].raw() == '<grant><title lang="ja">a &lt; b</title></grant>'


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(MARKUP),
        max_size=20,
    )
)
def test_any_markup_gives_records_or_says_what_is_wrong(read, parts):
    rows, _ = read("<g>" + "".join(parts) + "</g>")
    assert all(isinstance(row, XmlRow | BadRow) for row in rows)
