"""Hostile files of grants and patents: nothing breaks, nothing is run, good rows go in."""

from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.kaken import documents as kaken_tables
from catalogue.importers.kaken.documents import read_grant
from catalogue.importers.kaken.source import KAKEN, read_researcher
from catalogue.importers.patents import source as patent_tables
from catalogue.importers.patents.records import MAX_CLAIMS_CHARS, Patent, patent_records
from catalogue.importers.patents.source import PATENTS, read_document
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from enmusubi.errors import UnreadableFileError

GRANT_TAGS = [
    "grantAward",
    "summary",
    "title",
    "member",
    "personalName",
    "fullName",
    "familyName",
    "affiliation",
    "institution",
    "periodOfAward",
    "paragraphList",
    "paragraph",
    "field",
    "review_section",
    "keywordList",
]
PATENT_TAGS = [
    "patent-document",
    "bibliographic-data",
    "publication-reference",
    "document-id",
    "country",
    "name",
    "doc-number",
    "kind",
    "date",
    "invention-title",
    "parties",
    "applicants",
    "applicant",
    "addressbook",
    "inventors",
    "inventor",
    "classification-ipcr",
    "abstract",
    "p",
    "PatentPublication",
    "BibliographicData",
    "InventionTitle",
]
ATTRIBUTES = [
    "lang",
    "id",
    "awardNumber",
    "eradCode",
    "role",
    "sequence",
    "type",
    "yomi",
    "kind",
    "data-format",
]
WORDS = st.one_of(st.text(max_size=20), st.sampled_from(["ja", "en", "principal_investigator"]))


def trees(tags):
    def node(children):
        attributes = st.dictionaries(st.sampled_from(ATTRIBUTES), WORDS, max_size=4)
        return st.tuples(st.sampled_from(tags), attributes, st.text(max_size=30), children)

    return st.recursive(node(st.just([])), lambda inner: node(st.lists(inner, max_size=4)))


def element_of(tree, parent=None):
    tag, attributes, text, children = tree
    element = Element(tag, attributes) if parent is None else SubElement(parent, tag, attributes)
    element.text = text
    for child in children:
        element_of(child, element)
    return element


def rows_of(importer, path):
    (source,) = importer.open_sources(InputFile(path), ImportOptions())
    return list(source.parsed_rows())


def cells_of(headers):
    cells = st.one_of(st.text(), st.none(), st.integers(), st.lists(st.integers(), max_size=2))
    return st.dictionaries(st.sampled_from(headers), cells)


@given(trees(GRANT_TAGS))
def test_no_element_breaks_the_reader_of_grants(tree):
    assert all(record.drafts or record.rejections for record in read_grant(element_of(tree)))


@given(trees(PATENT_TAGS))
def test_no_element_breaks_the_reader_of_patents(tree):
    assert all(record.drafts or record.rejections for record in read_document(element_of(tree)))


@given(
    cells_of(["研究課題/領域番号", "研究課題名", "研究代表者", "研究期間 (年度)", "審査区分", "x"])
)
def test_no_row_breaks_the_reader_of_grants(cells):
    assert all(record.drafts or record.rejections for record in kaken_tables.read_row(cells))


@given(
    cells_of(
        ["文献番号", "発明の名称", "出願人/権利者", "発明者", "発明者ID", "FI", "ステージ", "x"]
    )
)
def test_no_row_breaks_the_reader_of_patents(cells):
    assert all(record.drafts or record.rejections for record in patent_tables.read_row(cells))


NAMED = st.sampled_from(["name", "name:familyName", "humanReadableValue", "lang", "text", "x"])
JSON = st.recursive(
    st.one_of(st.none(), st.text(max_size=9), st.integers(), st.just("ja")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMED, inner)),
)


@given(st.dictionaries(st.sampled_from(["id:person:erad", "name", "affiliations:current"]), JSON))
def test_no_object_breaks_the_reader_of_researchers(researcher):
    record = read_researcher(researcher)
    assert record.drafts or record.rejections


def test_a_cell_of_megabytes_is_a_fault_of_its_field():
    cells = {"課題番号": "20H99001", "研究課題名": "題" * 5_000_000, "研究代表者": "森" * 5_000_000}
    (record,) = kaken_tables.read_row(cells)
    assert {fault.field for fault in record.rejections} == {"title"}
    (record,) = patent_records(Patent(number="x1234", title="題", abstract="要" * 5_000_000))
    assert [fault.field for fault in record.rejections] == ["text"]


def test_long_claims_are_cut():
    (record,) = patent_records(Patent(number="x1234", title="題", claims="請" * 5_000_000))
    assert len(str(record.drafts[0].values["text"])) == MAX_CLAIMS_CHARS


@pytest.mark.parametrize(
    "cell", ["A01B" + " " * 200_000, "3" * 200_000, "(" * 200_000, ", " * 200_000]
)
def test_patterns_take_no_longer_than_the_cell_is_long(cell):
    names = (
        "文献番号",
        "発明の名称",
        "出願人/権利者",
        "発明者",
        "FI",
        "Fターム",
        "ステージ",
        "要約",
    )
    assert patent_tables.read_row(dict.fromkeys(names, cell))
    assert kaken_tables.read_row(dict.fromkeys(("課題番号", "研究代表者", "審査区分"), cell))


def test_markup_and_formulas_in_cells_do_nothing(tmp_path):
    path = tmp_path / "grants.csv"
    path.write_text(
        "研究課題/領域番号,研究課題名,研究代表者\n"
        "20H99009,<script>alert(1)</script>=SUM(A1),\x00森 彩 (00990001)\n",
        "utf-8",
    )
    (row,) = rows_of(KAKEN, path)
    assert row.drafts[-1].values["title"] == "=SUM(A1)"
    assert row.drafts[-1].people == ("erad:00990001",)


def test_broken_bytes_reject_their_row_only(tmp_path):
    path = tmp_path / "patents.csv"
    good = "特願2018-99900{},題{}\n"
    head = "application_number,title\n" + good.format(1, "一")
    path.write_bytes(head.encode() + b"JP2018999002,\xff\xfe\n" + good.format(3, "三").encode())
    rows = rows_of(PATENTS, path)
    assert [bool(row.drafts) for row in rows] == [True, False, True]


@pytest.mark.parametrize(("importer", "tag"), [(KAKEN, "grantAward"), (PATENTS, "patent-document")])
def test_an_entity_bomb_is_never_unfolded(tmp_path, importer, tag):
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(12))
    path = tmp_path / "bomb.xml"
    element = f"<{tag} id='1'><title>&e11;</title></{tag}>"
    path.write_text(f"<!DOCTYPE a [{nested}]><a>{element}</a>", "utf-8")
    try:
        rows = rows_of(importer, path)
    except UnreadableFileError:
        rows = []
    assert not any("boom" in str(dict(draft.values)) for row in rows for draft in row.drafts)


@pytest.mark.parametrize(("importer", "tag"), [(KAKEN, "grantAward"), (PATENTS, "patent-document")])
def test_what_stands_before_the_damage_goes_in(tmp_path, importer, tag):
    whole = (
        f"<{tag} awardNumber='20H99001' doc-number='9990001'><summary><title>題</title></summary>"
    )
    title = "<invention-title>題</invention-title>"
    path = tmp_path / "broken.xml"
    path.write_text(f"<a>{whole}{title}</{tag}><{tag}><summary>", "utf-8")
    (source,) = importer.open_sources(InputFile(path), ImportOptions())
    found = []
    with pytest.raises(UnreadableFileError, match="damaged after record 1"):
        found.extend(source.parsed_rows())
    assert len(found) == 1 and found[0].drafts


def test_a_header_below_ten_lines_of_title_is_not_looked_for(tmp_path):
    path = tmp_path / "patents.csv"
    path.write_text("題\n" * 10 + "application_number,title\n", "utf-8")
    with pytest.raises(UnreadableFileError, match="in its first rows"):
        rows_of(PATENTS, path)
