"""Needs from files: every encoding that offices have, and every way a file can be broken."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from catalogue.importers.need_files import MAX_UNPACKED_BYTES, read_need_bytes, read_need_file
from enmusubi.errors import UnreadableFileError

LIMIT = 20_000_000
JAPANESE = "食品包装の酸素バリア性を高めたい。\n水に溶けない薄膜を探しています。"
HUSHED = "zeppelin"


def read(name: str, content: bytes) -> str:
    return read_need_bytes(name, content, max_bytes=LIMIT)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("name", ["need.txt", "need.MD", "need.text"])
def test_japanese_text_is_read_in_every_usual_encoding(name: str, encoding: str) -> None:
    assert read(name, JAPANESE.encode(encoding)) == JAPANESE


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
def test_a_few_words_are_enough_to_tell_the_encoding(encoding: str) -> None:
    assert read("need.txt", "酸素を通さない膜".encode(encoding)) == "酸素を通さない膜"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["酸素", "5 µm", "A film", "A ①", "髙﨑 1"])
def test_a_word_in_wide_characters_is_no_binary_file(encoding: str, text: str) -> None:
    assert read("need.txt", text.encode(encoding)) == text


def test_english_text_with_windows_line_ends_is_read() -> None:
    assert read("need.txt", b"A film.\r\nAgainst air.\r\n") == "A film.\nAgainst air."


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_a_text_with_bytes_that_are_none_is_refused(encoding: str) -> None:
    content = (JAPANESE * 20).encode(encoding)
    with pytest.raises(UnreadableFileError, match=r"need\.txt: .*belong to no Japanese encoding"):
        read("need.txt", content[:30] + b"\xff\xff" + content[30:])


def test_a_text_of_two_encodings_is_refused() -> None:
    first, second = JAPANESE.split("\n")
    for one, other in (("utf-8", "cp932"), ("cp932", "utf-8"), ("utf-8", "iso2022_jp")):
        with pytest.raises(UnreadableFileError, match="or to several"):
            read("need.txt", first.encode(one) + b"\n" + second.encode(other))


def docx_bytes(*paragraphs: str, cells: tuple[str, ...] = ()) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if cells:
        row = document.add_table(rows=1, cols=len(cells)).rows[0]
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def pdf_bytes(text: str) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(width=400, height=200)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(content)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_word_files_give_their_paragraphs_and_table_cells() -> None:
    content = docx_bytes("酸素を通さない膜", "A film", cells=("厚さ", "5 µm"))

    assert read("need.docx", content).splitlines() == ["酸素を通さない膜", "A film", "厚さ", "5 µm"]


def test_pdf_files_give_their_text() -> None:
    assert read("need.PDF", pdf_bytes("A film against air")) == "A film against air"


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes("A film"))))
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def archive(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as written:
        for name, text in files.items():
            written.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("need.txt", b"", "holds no text"),
        ("need.txt", b" \r\n\t", "holds no text"),
        ("need.txt", b"\x7fELF\x02\x01\x01\x00\x00" * 40, "binary, not text"),
        ("need.txt", b"\x00\x01\x02\xff", "binary, not text"),
        ("need.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary, not text"),
        ("need.txt", b"\x01\x00\x00\x00\x02\x00\x00\x00" * 4, "binary, not text"),
        ("need.txt", bytes(40), "binary, not text"),
        ("need.docx", b"", "seems to be damaged"),
        ("need.docx", docx_bytes("A film")[:2000], "seems to be damaged"),
        ("need.docx", archive(a="not a Word file"), "seems to be damaged"),
        ("need.docx", docx_bytes(), "holds no text"),
        ("need.pdf", b"", "seems to be damaged"),
        ("need.pdf", b"%PDF-1.7\nnothing", "seems to be damaged"),
        ("need.pdf", pdf_bytes(""), "holds no text. If it is a scan"),
        ("need.pdf", locked_pdf(), "locked by a password"),
        (
            "need.exe",
            b"MZ",
            "unknown kind; readable are .docm, .docx, .eml, .md, .msg, .pdf, .pptm",
        ),
        ("need", b"text", "unknown kind"),
    ],
)
@pytest.mark.filterwarnings("ignore::pypdf.errors.PdfReadWarning")
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFileError, match=reason) as refusal:
        read(name, content)

    assert str(refusal.value).startswith(name)


def test_an_error_does_not_quote_the_file() -> None:
    content = docx_bytes(HUSHED)
    damaged = content.replace(b"word/document.xml", b"word/documant.xml", 1)

    with pytest.raises(UnreadableFileError) as refusal:
        read("need.docx", damaged)

    assert HUSHED not in str(refusal.value)


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    stream = io.BytesIO(docx_bytes("A film"))
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("word/media/zeros.bin", "w") as entry,
    ):
        for _ in range(MAX_UNPACKED_BYTES // 1_000_000 + 1):
            entry.write(bytes(1_000_000))

    with pytest.raises(UnreadableFileError, match=r"need\.docx: The file unpacks to [\d,]+ bytes"):
        read("need.docx", stream.getvalue())


def test_a_docx_that_names_outside_entities_reads_none_of_them() -> None:
    outside = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    source = zipfile.ZipFile(io.BytesIO(docx_bytes("&x;")))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as written:
        for name in source.namelist():
            text = source.read(name)
            if name == "word/document.xml":
                text = text.replace(b"&amp;x;", b"A film &x;").replace(
                    b"<w:document", outside.encode() + b"<w:document", 1
                )
            written.writestr(name, text)

    assert read("need.docx", stream.getvalue()) == "A film"


def test_too_large_is_told_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "need.txt"
    path.write_bytes(b"a" * 2000)
    message = r"need\.txt has 2,000 bytes, at most 1,000"

    with pytest.raises(UnreadableFileError, match=message):
        read_need_file(path, max_bytes=1000)
    with pytest.raises(UnreadableFileError, match=message):
        read_need_bytes("need.txt", b"a" * 2000, max_bytes=1000)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be read: No such file"):
        read_need_file(tmp_path / "none.txt", max_bytes=LIMIT)
    with pytest.raises(UnreadableFileError, match="cannot be read: Is a directory"):
        read_need_file(tmp_path, max_bytes=LIMIT)


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "need.txt"
    path.write_bytes(JAPANESE.encode("cp932"))

    assert read_need_file(path, max_bytes=LIMIT) == JAPANESE
