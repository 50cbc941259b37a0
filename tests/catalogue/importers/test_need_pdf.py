"""Needs from PDFs: Japanese encodings, reading order, pictures, and letters that are not told."""

import time
from collections import Counter

import pytest
from fpdf import FPDF

from catalogue.importers.need_files import NeedDocument, read_need_document
from catalogue.importers.need_files.pdf_glyphs import TextRun
from catalogue.importers.need_files.pdf_layout import Effort, lines_of
from enmusubi.errors import UnreadableFileError
from tests.support.need_documents import HELVETICA, japanese_font, pdf, set_at, sjis

TEXT = "酸素を通さない薄膜を探しています。髙 ABC 123"


def document(content: bytes) -> NeedDocument:
    return read_need_document("need.pdf", content, max_bytes=20_000_000)


def read(content: bytes) -> str:
    return document(content).text


@pytest.mark.parametrize(
    ("cmap", "encoding"),
    [
        ("90ms-RKSJ-H", "cp932"),
        ("90msp-RKSJ-H", "cp932"),
        ("90pv-RKSJ-H", "shift_jis"),
        ("Ext-RKSJ-H", "shift_jis"),
        ("EUC-H", "euc_jp"),
        ("UniJIS-UCS2-H", "utf-16-be"),
        ("UniJIS-UTF16-H", "utf-16-be"),
        ("UniJIS-UTF16-V", "utf-16-be"),
        ("90ms-RKSJ-V", "cp932"),
        ("EUC-V", "euc_jp"),
    ],
)
def test_text_is_read_by_every_usual_japanese_encoding(cmap: str, encoding: str) -> None:
    text = TEXT if encoding in {"cp932", "utf-16-be"} else TEXT.replace("髙", "高")
    page = set_at(300, 700, text.encode(encoding))

    assert read(pdf(page, fonts={"F1": japanese_font(cmap)})) == text


def test_rows_of_seven_bits_are_read() -> None:
    raw = bytes(byte & 0x7F for byte in "薄膜の相談".encode("euc_jp"))

    assert read(pdf(set_at(50, 700, raw), fonts={"F1": japanese_font("H")})) == "薄膜の相談"


def to_unicode(**letters: str) -> bytes:
    rows = "".join(
        f"<{code[1:]}> <{letter.encode('utf-16-be').hex()}>\n" for code, letter in letters.items()
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{rows}endbfchar endcmap end end"
    ).encode()
    return b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap)


def test_codes_of_glyphs_are_read_by_what_the_font_says_of_them() -> None:
    font = japanese_font("Identity-H", to_unicode="/ToUnicode 200 0 R", ordering="Identity")
    letters = to_unicode(c0001="膜", c0002="⽤", c0003="⻑")
    content = pdf(
        set_at(50, 700, bytes.fromhex("000100020003")), fonts={"F1": font}, objects={200: letters}
    )

    assert read(content) == "膜用長"  # kanji, not the radicals that writers confuse with them


def test_letters_that_no_font_tells_are_said_and_not_guessed() -> None:
    font = japanese_font("Identity-H", ordering="Identity")
    untold = set_at(50, 700, bytes.fromhex("123412351236123712381239"))
    with pytest.raises(
        UnreadableFileError, match=r"letters of this PDF cannot be told.*\(6 of 6\)"
    ):
        document(pdf(untold, fonts={"F1": font}))


@pytest.mark.parametrize("codes", [b"\x01", b"\x01\x01"])  # alone, PDFium does not even name it
def test_a_few_letters_that_are_not_told_stand_as_such(codes: bytes) -> None:
    drawn = (
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]"
        "/FirstChar 1/LastChar 1/Widths[1000]/Encoding<</Differences[1/g1]>>"
        "/CharProcs<</g1 200 0 R>>/Resources<<>>>>"
    )
    glyph = "<</Length 31>>stream\n1000 0 d0 0 0 900 900 re f     \nendstream"
    sound = "読める文章がここに二十字ほど続いている場合はそれを示す。"
    page = set_at(50, 600, sjis(sound), font="F2") + set_at(50, 500, codes)
    fonts = {"F1": drawn, "F2": japanese_font("90ms-RKSJ-H")}
    one = document(pdf(page, fonts=fonts, objects={200: glyph}))

    assert one.text == f"{sound}\n{'〓' * len(codes)}"
    assert [str(note) for note in one.notes] == [
        f"Letters that cannot be told stand as 〓: {len(codes)}. Compare the text with the document."
    ]


LINE = "第{}行は二段組の左の段または右の段の本文です"


def lines(x: float, top: float, texts: list[str], step: float = 18) -> str:
    return "".join(set_at(x, top - step * n, sjis(text), size=10) for n, text in enumerate(texts))


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [LINE.format(f"左{n}") for n in range(6)]
    right = [LINE.format(f"右{n}") for n in range(6)]
    page = set_at(
        50, 760, sjis("二段にまたがる長い見出しがここにあり、紙の右端の近くまで続いています")
    )
    woven = "".join(
        lines(50, 700 - 18 * n, [left[n]]) + lines(320, 700 - 18 * n, [right[n]]) for n in range(6)
    )
    end = set_at(
        50, 500, sjis("二段の後に続く段落で、これも紙の右端の近くまで続く長い一行の文です。")
    )
    text = read(pdf(page + woven + end, fonts={"F1": japanese_font("90ms-RKSJ-H")}))

    assert text.replace("\n", "").index("右0") > text.replace("\n", "").index("左5")
    assert text.startswith("二段にまたがる")
    assert text.endswith("一行の文です。")


def test_a_table_is_read_row_by_row() -> None:
    rows = [
        ("項目", "現状", "目標"),
        ("透過度", "1.0", "0.1"),
        ("耐熱温度", "60℃", "120℃"),
        ("予算", "なし", "五百万円"),
    ]
    page = "".join(
        set_at(50 + 180 * column, 700 - 24 * n, sjis(cell))
        for n, row in enumerate(rows)
        for column, cell in enumerate(row)
    )

    assert read(pdf(page, fonts={"F1": japanese_font("90ms-RKSJ-H")})).splitlines() == [
        "\t".join(row) for row in rows
    ]


def test_vertical_writing_is_read_from_the_right_and_lines_are_joined() -> None:
    columns = [
        "縦書きの文章は右から左へと読み進めるものであり、行は",
        "ここで折り返して左の行へ続きます。最後の行です。",
    ]
    page = "".join(set_at(500 - 24 * n, 700, sjis(text)) for n, text in enumerate(columns))

    assert read(pdf(page, fonts={"F1": japanese_font("90ms-RKSJ-V")})) == "".join(columns)


def test_two_bands_of_vertical_writing_are_read_upper_first() -> None:
    def band(name: str, top: float) -> str:
        texts = [f"{name}の段の第{n}行の本文がここにあります" for n in "一二三四五"]
        return "".join(set_at(500 - 24 * n, top, sjis(text)) for n, text in enumerate(texts))

    text = read(pdf(band("下", 350) + band("上", 700), fonts={"F1": japanese_font("90ms-RKSJ-V")}))

    assert text.index("上の段の第五行") < text.index("下の段の第一行")


@pytest.mark.parametrize(("cmap", "x", "y"), [("90ms-RKSJ-H", 62, 713), ("90ms-RKSJ-V", 309, 688)])
def test_small_readings_beside_kanji_are_left_out(cmap: str, x: int, y: int) -> None:
    left = 50 if cmap.endswith("H") else 300
    page = set_at(left, 700, sjis("この膜の洗浄")) + set_at(x, y, sjis("まく"), size=6)

    assert read(pdf(page, fonts={"F1": japanese_font(cmap)})) == "この膜の洗浄"


def test_a_page_that_lies_on_its_side_is_read() -> None:
    turned = "BT /F1 12 Tf 0 1 -1 0 300 100 Tm <{}> Tj ET\n".format(sjis("横向きの頁の一行").hex())
    below = "BT /F1 12 Tf 0 1 -1 0 330 100 Tm <{}> Tj ET\n".format(sjis("その次の行").hex())

    assert read(pdf(turned + below, fonts={"F1": japanese_font("90ms-RKSJ-H")})).splitlines() == [
        "横向きの頁の一行",
        "その次の行",
    ]


def test_lines_of_a_paragraph_are_joined_and_words_kept_apart() -> None:
    page = FPDF()
    page.add_page()
    page.set_font("Helvetica", size=12)
    sentence = "We look for a thin film that keeps oxygen and moisture out of fresh food. " * 4
    page.multi_cell(0, 8, f"{sentence.strip()}\n\nThe budget is 5 million yen.")

    assert read(bytes(page.output())).splitlines() == [
        sentence.strip(),
        "The budget is 5 million yen.",
    ]


IMAGE = (
    "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/D"
    "eviceGray/BitsPerComponent 8/Length 1>>stream\n0\nendstream"
)
SCAN = "q 600 0 0 800 0 0 cm /I Do Q\n"


def test_pages_that_are_pictures_are_said_to_be() -> None:
    scan: dict[str, object] = {"images": "/I 400 0 R", "objects": {400: IMAGE}}
    fonts = {"F1": HELVETICA}
    written = set_at(50, 700, b"A need that is written in letters.")

    with pytest.raises(UnreadableFileError, match="pages of this PDF are pictures"):
        document(pdf(SCAN, SCAN, fonts=fonts, **scan))
    mixed = document(pdf(SCAN, written, SCAN + set_at(300, 20, b"- 3 -"), fonts=fonts, **scan))
    assert "A need that is written" in mixed.text
    assert [str(note) for note in mixed.notes] == ["Pages that are pictures were not read: 1, 3."]


def test_headers_are_read_once_and_numbers_of_pages_are_not() -> None:
    pages = [
        set_at(50, 780, b"Midori Works, confidential") + set_at(50, 700, f"Body {n}".encode())
        + set_at(300, 20, f"- {n} -".encode())
        for n in range(1, 5)
    ]  # fmt: skip

    assert read(pdf(*pages, fonts={"F1": HELVETICA})).split("\n") == [
        "Midori Works, confidential", "Body 1", "", "Body 2", "", "Body 3", "", "Body 4",
    ]  # fmt: skip


def dense(page: int, rows: int = 59, columns: int = 40) -> str:
    """Return a page of so many numbers, as far from each other as columns are."""
    return "".join(
        set_at(10 + 580 / columns * column, 790 - 780 / rows * row, b"%d" % (page + row), size=4)
        for row in range(rows)
        for column in range(columns)
    )


def test_many_dense_pages_are_read_beside_the_service_and_to_their_end_or_as_far_as_is_said() -> (
    None
):
    content = pdf(*(dense(100 * page) for page in range(1, 31)), fonts={"F1": HELVETICA})
    before = time.process_time()
    read_part = document(content)

    assert time.process_time() - before < 2  # of this process: laid out here, each page took more
    pages = read_part.text.split("\n\n")
    said = [str(note) for note in read_part.notes]
    assert said == (
        [] if len(pages) == 30 else [f"Only the first {len(pages)} of 30 pages were read."]
    )
    assert Counter(pages[0].split()) == {str(100 + row): 40 for row in range(59)}  # none is lost


def test_a_page_without_effort_left_is_read_row_by_row_and_the_next_one_as_before() -> None:
    left = [TextRun("左の段の本文が続く行", 0, 200, y, y + 10, 10) for y in range(0, 120, 20)]
    right = [TextRun("右の段の本文が続く行", 240, 440, y, y + 10, 10) for y in range(0, 120, 20)]
    page = [run for pair in zip(left, right, strict=True) for run in pair]
    effort = Effort(document=100_000, page=10_000)

    effort.begin_page()
    assert "右" not in "".join(lines_of(page, effort)[:1])
    effort.begin_page()
    effort.spend(10_000)
    assert lines_of(page, effort) == ["左の段の本文が続く行\t右の段の本文が続く行"] * 6
    effort.begin_page()
    assert "右" not in "".join(lines_of(page, effort)[:1])
    assert len(lines_of(page, Effort(document=0))) == 6  # none is left for the whole document


def test_more_pages_than_a_need_has_are_not_read_in_silence() -> None:
    page = set_at(50, 700, b"A page of a book, with a line of words on it")
    read_part = document(pdf(*([page] * 210), fonts={"F1": HELVETICA}))

    assert [str(note) for note in read_part.notes] == ["Only the first 200 of 210 pages were read."]
