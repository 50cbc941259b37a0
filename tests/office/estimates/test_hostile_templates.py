"""Word files that an office is made to upload as templates: what they may do, fetch, run and take."""

import io
import time
import warnings
import zipfile

import pytest

from enmusubi.errors import InputError
from office.contracts import filling
from office.contracts.fields import FIELDS, SAMPLE
from office.contracts.filling import MAX_FILE_BYTES, check_package, fields_used, filled
from office.contracts.filling_process import fill
from tests.office.estimates.test_plans_and_contracts import text_of, word_file


def repacked(content, **parts):
    """Return a package with parts in place of, or besides, its own."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", 8) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        "{{ company.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ range(10**9) }}",
        "{% for x in company %}{{ x }}{% endfor %}",
        "{{ company * 1000000 }}",
        "{{ company|upper }}",
        "{% set x = company %}",
        "{% include company %}",
        "{% import company as x %}",
        "{% macro m() %}{% endmacro %}",
        "{{ self }}",
        "{{ cycler }}",
        "{{ company",
        "{% if company %}",
    ],
)
def test_a_template_that_does_more_than_name_fields_is_refused(line):
    for content in (word_file(line), word_file("x", properties=line)):
        with pytest.raises(InputError):
            fill(content, SAMPLE)


def test_hostile_packages_are_refused_before_they_are_opened():
    good = word_file("{{ company }}")
    check_package(good)
    bomb = repacked(good, **{"word/bomb.xml": b"<a>" + b" " * 6_000_000 + b"</a>"})
    assert len(bomb) < MAX_FILE_BYTES
    named = repacked(good, **{"word/bomb.png": bytes(21_000_000)})
    with zipfile.ZipFile(io.BytesIO(good)) as parts:
        relations = parts.read("word/_rels/document.xml.rels").decode()
        document = parts.read("word/document.xml")
    outside = relations.replace(
        "</Relationships>",
        '<Relationship Id="x9" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/attachedTemplate" Target="http://127.0.0.1/x.dotm" TargetMode="External"/>'
        "</Relationships>",
    )
    entities = b'<!DOCTYPE x [<!ENTITY e "ee">]>' + document.split(b"?>", 1)[-1]
    for content in (
        b"", b"PK", b"\xd0\xcf\x11\xe0" + bytes(600), bytes(MAX_FILE_BYTES + 1), bomb, named,
        repacked(good, **{"word/vbaProject.bin": b"x"}),
        repacked(good, **{"word/_rels/document.xml.rels": outside}),
        repacked(good, **{"word/document.xml": entities}),
        repacked(good, **{"word/document.xml": b"<open>"}),
        word_file("{{ company }} " * 600),
    ):  # fmt: skip
        with pytest.raises(InputError):
            fields_used(content, SAMPLE)
    long = filled(word_file("{{ company }}"), {**SAMPLE, "company": "a" * 10**6})
    assert len(text_of(long)) == 5_000
    assert set(FIELDS) == set(SAMPLE)


def with_body(part):
    """Return a Word file that has a piece of XML at the beginning of its text."""
    good = word_file("x")
    with zipfile.ZipFile(io.BytesIO(good)) as parts:
        document = parts.read("word/document.xml").decode()
    return repacked(
        good, **{"word/document.xml": document.replace("<w:body>", f"<w:body>{part}", 1)}
    )


@pytest.mark.parametrize(
    "part",
    [
        "<w:p>" + '<w:r w:rsidR="1"/>' * 200_000 + "</w:p>",
        "<w:p><w:r><w:t>" + "{{p " * 100_000 + "</w:t></w:r></w:p>",
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{% colspan" + " " * 20_000
        + "</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
    ],
    ids=("runs", "fields", "blanks"),
)  # fmt: skip
def test_a_template_that_keeps_docxtpl_busy_is_given_up_in_its_own_process(part, monkeypatch):
    monkeypatch.setattr(filling, "MAX_S", 3.0)
    content = with_body(part)
    assert len(content) < 100_000
    with pytest.raises(InputError, match="takes too long"):
        fields_used(content, SAMPLE)


def related(kind, target="http://127.0.0.1/x", mode='TargetMode="External"'):
    """Return a Word file with a relationship of a kind."""
    good = word_file("x")
    with zipfile.ZipFile(io.BytesIO(good)) as parts:
        relations = parts.read("word/_rels/document.xml.rels").decode()
    one = f'<Relationship Id="x9" Type="http://x/relationships/{kind}" Target="{target}" {mode}/>'
    told = relations.replace("</Relationships>", f"{one}</Relationships>")
    return repacked(good, **{"word/_rels/document.xml.rels": told})


def in_field(*pieces):
    """Return a Word file with a field, its code in pieces."""
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{one}"/></w:r>' for one in ("begin", "end"))
    code = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in pieces)
    return with_body(f"<w:p>{begin}{code}{end}</w:p>")


def test_what_a_word_file_runs_or_fetches_is_refused_whatever_it_is_called():
    check_package(related("hyperlink"))
    check_package(in_field(" PAGE "))
    check_package(in_field(' HYPERLINK "http://example.jp/link" '))
    for kind in ("attachedTemplate", "mailMergeSource", "transform", "aFChunk", "video", "image"):
        with pytest.raises(InputError, match=r"fetches|other files"):
            check_package(related(kind))
    for kind in ("vbaProject", "control", "package", "aFChunk"):
        with pytest.raises(InputError, match="macros or other files"):
            check_package(related(kind, "plain.bin", ""))
    for pieces in (
        (' INCLUDEPICTURE "http://127.0.0.1/a.png" \\d ',), (" INCLUDE", "TEXT x "), ("DDE", "AUTO c"),
        (" LINK Excel.Sheet.8 http://127.0.0.1/x ",), (" dde x",), ("  IMPORT x",),
    ):  # fmt: skip
        with pytest.raises(InputError, match="fetches"):
            check_package(in_field(*pieces))
    with pytest.raises(InputError, match="fetches"):
        check_package(with_body('<w:p><w:fldSimple w:instr=" INCLUDEPICTURE http://x "/></w:p>'))
    parted = in_field("INCLUDE{% if company %}PICTURE http://127.0.0.1{% endif %}")
    with pytest.raises(InputError, match="fetches"):
        fields_used(parted, SAMPLE)


def test_of_two_parts_of_one_name_none_is_opened():
    good = word_file("x")
    for name in ("word/document.xml", "word/Document.xml"):
        twice = io.BytesIO(good)
        with zipfile.ZipFile(twice, "a") as package, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package.writestr(name, b"<a/>")
        with pytest.raises(InputError):
            check_package(twice.getvalue())


def test_a_definition_of_a_type_is_refused_in_every_encoding():
    good = word_file("x")
    with zipfile.ZipFile(io.BytesIO(good)) as parts:
        document = parts.read("word/document.xml").decode().partition("?>")[2]
    said = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "ee">]>' + document
    with pytest.raises(InputError):
        check_package(repacked(good, **{"word/document.xml": said.encode("utf-16")}))


def test_many_fields_are_looked_through_in_the_time_of_their_number():
    begins = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 90_000
    content, begun = with_body(f"<w:p>{begins}</w:p>"), time.process_time()
    check_package(content)
    assert time.process_time() - begun < 10
