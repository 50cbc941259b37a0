"""BibTeX entries become seeds; a broken one harms no other, and nothing in them is run."""

import logging
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.bibtex import files as bibtex_files
from catalogue.importers.bibtex.files import ENTRY_KEY, ENTRY_TYPE
from catalogue.importers.bibtex.latex_text import text_of_latex, verbatim_of_latex
from catalogue.importers.bibtex.source import BIBTEX, names_in, read_entry
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions

SAMPLE = Path(__file__).parents[2] / "samples" / "bibtex" / "publications.bib"
BROKEN = 3
UNTITLED = 7


@pytest.fixture
def read(tmp_path):
    """Return the rows of a file with that content."""

    def rows(content, encoding="utf-8"):
        path = tmp_path / "some.bib"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return rows_of(path)

    return rows


def rows_of(path):
    (source,) = BIBTEX.open_sources(InputFile(path), ImportOptions())
    return list(source.parsed_rows())


def values_of(row):
    (draft,) = row.drafts
    return draft.values


def test_every_field_of_an_article_finds_its_column():
    (seed,) = rows_of(SAMPLE)[0].drafts
    assert seed.values == {
        "seed_id": "bibtex:mori2021-399095edce",
        "kind": "paper",
        "title": "Oxygen Barriers from TiO2 & Clay: 50% Better",
        "text": "Films of “cellulose” keep oxygen out, as LeQua @ CLEF said.",
        "year": 2021,
        "doi": "10.5555/kasumi_31",
        "venue": "Journal of Imaginary Packaging Letters",
    }
    assert seed.people == ("name:|Hana Mori", "name:|Jiro Sato", "name:|Jörg Müller")


def test_entries_inherit_from_the_one_that_crossref_names():
    values = values_of(rows_of(SAMPLE)[1])
    assert (values["year"], values["venue"]) == (2018, "架空橋梁講演会論文集")
    assert values["title"] == "木造橋の振動計測"
    assert values["text"] == "木造橋; 振動"


def test_an_entry_without_key_or_type_inherits_too(read):
    rows = read(
        "@misc{p, title={P}, year=2001}\n@misc{, title={A}, crossref={p}} @{b, crossref={p}}"
    )
    assert values_of(rows[1])["year"] == 2001


def test_a_broken_entry_is_rejected_with_its_text_and_the_others_go_in():
    rows = rows_of(SAMPLE)
    assert [row.number for row in rows] == list(range(1, 9))
    assert [row.number for row in rows if not row.drafts] == [BROKEN, UNTITLED]
    assert "a brace" in rows[BROKEN - 1].rejections[0].reason
    assert rows[BROKEN - 1].raw().startswith("@article{broken2020,")
    assert rows[BROKEN - 1].raw().endswith("}")


def test_the_kind_follows_the_type_of_entry():
    kinds = [values_of(row)["kind"] for row in rows_of(SAMPLE) if row.drafts]
    assert kinds == ["paper", "paper", "presentation", "patent", "paper", "paper"]


def test_a_patent_goes_by_its_number_and_its_holders_are_companies():
    values = values_of(rows_of(SAMPLE)[4])
    assert values["seed_id"] == "patent:JP2020123456A"
    assert (values["year"], values["companies"]) == (2020, "霞製紙株式会社")


def test_links_are_taken_as_they_are_and_preprints_have_one():
    rows = rows_of(SAMPLE)
    assert values_of(rows[3])["url"] == "https://example.org/posters/22_b"
    assert values_of(rows[5])["url"] == "https://arxiv.org/abs/2401.00001"


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-8-sig", "utf-16"])
def test_japanese_entries_are_read_in_every_encoding(read, encoding):
    entry = "@article{a,\n  title = {木造橋の振動計測と損傷評価},\n  author = {橘, 由紀}\n}\n"
    (row,) = read(entry, encoding)
    assert values_of(row)["title"] == "木造橋の振動計測と損傷評価"
    assert row.drafts[0].people == ("name:|橘 由紀",)


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("Mori, Hana and Jiro Sato", ["Hana Mori", "Jiro Sato"]),
        ("森, 花 and 佐藤 次郎", ["森 花", "佐藤 次郎"]),
        ("{森 花} and others", ["森 花"]),
        ("森 花、佐藤 次郎", ["森 花", "佐藤 次郎"]),
        ("森，花 AND 佐藤，次郎", ["森 花", "佐藤 次郎"]),
        ("van der Berg, Jan and Smith, Jr., Bob", ["Jan van der Berg", "Bob Smith Jr."]),
        (r"M{\"u}ller, J{\"o}rg", ["Jörg Müller"]),
        ("{Kasumi Works, Inc.}", ["Kasumi Works, Inc."]),
        ("Mori, Hana,", ["Hana Mori"]),
        (", ,", []),
        ("", []),
    ],
)
def test_names_are_read_in_both_orders(authors, names):
    assert names_in(authors) == names


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"{\'E}t{\'e} \& {DNA}", "Été & DNA"),
        (r"$\alpha$-Fe$_2$O$_3$", "α-Fe2O3"),
        ("50% of it\nand more", "50% of it\nand more"),
        ("50% of {it}\nand more", "50% of it\nand more"),
        (r"\textit{in vivo}~--~\emph{x}", "in vivo – x"),
        (r"\input{/etc/passwd}\write18{rm} x", "18rm x"),
        ("{" * 50_000 + "a", "a"),
        ("x$", "x"),
        ("木造{橋}", "木造橋"),
    ],
)
def test_latex_becomes_text_and_nothing_is_run(source, text):
    assert text_of_latex(source) == text


def test_links_lose_braces_and_escapes_only():
    assert verbatim_of_latex(r"\url{https://a.example/~x\_y--z}") == "https://a.example/~x_y--z"


def test_the_same_key_in_two_files_is_not_the_same_seed(read):
    ids = {
        values_of(read(f"@article{{mori2021, title={{{title}}}}}")[0])["seed_id"]
        for title in ("Clay films", "clay FILMS", "Paper cups")
    }
    assert len(ids) == 2
    assert all(seed_id.startswith("bibtex:mori2021-") for seed_id in ids)


def test_rejected_entries_come_with_the_macros_that_they_use(read):
    macros = '@string{im = "Imag."}\n@string{jip = {J. } # im}\n@string{x = "y"}\n'
    (row,) = read(macros + "@article{a, journal = jip}\n")
    assert row.raw() == "@string{jip = {J. Imag.}}\n@article{a, journal = jip}"


def test_a_file_belongs_to_its_researcher_as_a_source():
    (own,) = BIBTEX.open_sources(InputFile(SAMPLE), ImportOptions(researcher="HU-1"))
    (alone,) = BIBTEX.open_sources(InputFile(SAMPLE), ImportOptions())
    assert (own.source, alone.source) == ("bibtex:HU-1", "bibtex:publications.bib")


def test_a_file_without_entries_says_so(tmp_path):
    path = tmp_path / "empty.bib"
    path.write_text("nothing here\n")
    (source,) = BIBTEX.open_sources(InputFile(path), ImportOptions())
    assert list(source.parsed_rows()) == []
    assert "nothing found: expected entries such as @article" in source.notes()[0].reason


def test_entries_on_one_line_and_fields_that_come_twice_go_in(read):
    rows = read("@misc{a, title={A}, title={B}} @misc{b, title={C}}\n@misc(c, title={D})")
    assert [(row.number, values_of(row)["title"]) for row in rows] == [(1, "A"), (2, "C"), (3, "D")]


def test_undecodable_bytes_reject_their_entry_only(read):
    good = "@misc{a, title={木造橋の振動}}\n".encode()
    rows = read(good * 20 + b"@misc{b, title={x\xff\xfe}}\n" + good)
    assert [row.number for row in rows if not row.drafts] == [21]
    assert "bytes that are not" in rows[20].rejections[0].reason


def test_an_entry_without_end_is_bounded(read, monkeypatch):
    monkeypatch.setattr(bibtex_files, "MAX_ENTRY_CHARS", 1_000)
    rows = read("@misc{a, title={" + "x\n" * 5_000 + "@misc{b, title={B}}")
    assert "longer than 1,000 characters" in rows[0].rejections[0].reason
    assert values_of(rows[1])["title"] == "B"


@pytest.mark.parametrize(
    "content",
    [
        "@misc{a, title={" + "{" * 100_000,
        "@misc{a, title=" + "{" * 50_000 + "}" * 50_000 + "}",
        "@string{a = {" + "x" * 900 + "}}\n@misc{a, title = " + "a # " * 100_000 + "a}",
        "".join(f"@string{{m{n + 1} = m{n} # m{n}}}\n" for n in range(60)) + "@misc{a, title=m60}",
        "@misc{a, author={" + "and " * 50_000 + "}, title={A}}",
        "@misc{a, title={" + "\\'" * 50_000 + "}}",
        "@" * 200_000 + "\n@misc{" + "@" * 200_000,
        "@misc{a, " + "x = 1, " * 50_000 + "}",
        "@misc{a, crossref={a}, title={<script>alert(1)</script>=cmd|'/c calc'!A1}}",
    ],
)
def test_crafted_entries_end_soon_and_quietly(read, content, caplog):
    started = time.perf_counter()
    with caplog.at_level(logging.DEBUG):
        rows = read(content)
    assert time.perf_counter() - started < 20
    assert len(rows) == 1
    assert caplog.text == ""
    assert "script" not in str(rows)


@given(st.text(alphabet='@{}"#=,()\\ \nabitle$%&~é橋', max_size=120))
def test_entries_of_any_text_are_read_or_rejected(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.bib"
    path.write_text(f"@misc{{a, title = {text}\n@misc{{z, title={{last}}}}\n", "utf-8")
    rows = rows_of(path)
    assert values_of(rows[-1])["title"] == "last"
    assert all(row.drafts or row.rejections for row in rows)


@given(st.dictionaries(st.sampled_from(["title", "author", "url", "doi", "eprint"]), st.text()))
def test_fields_of_any_text_give_records(fields):
    for record in read_entry({ENTRY_TYPE: "misc", ENTRY_KEY: "a", **fields}):
        assert record.drafts or record.rejections
