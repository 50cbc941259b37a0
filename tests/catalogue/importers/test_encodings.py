"""Files are decoded as they were written, whatever Japanese encoding they are in, or refused by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.reading.decoding import find_encoding, is_foreign, known_encoding
from catalogue.importers.reading.decoding_errors import ERRORS
from catalogue.importers.reading.iso_2022_jp import NAME as ISO_2022_JP
from catalogue.importers.reading.iso_2022_jp import Iso2022JpDecoder
from tests.support.encoded_corpus import corpus

JAPANESE = "氏名,所属\n森 花,霞野大学 工学部\n佐藤,理学部\n"


def decoded(content: bytes) -> str:
    return content.decode(find_encoding(content), ERRORS).removeprefix("\ufeff")


def count_errors(files: int, random_state: int) -> tuple[int, list[str]]:
    """Return how many files were read, and of each that came out wrong what it was."""
    wrong, count = [], 0
    for file in corpus(files, random_state):
        count += 1
        text = decoded(file.content)
        refused = any(is_foreign(line, find_encoding(file.content)) for line in text.splitlines())
        if text != file.text or refused:
            wrong.append(f"{file.kind} in {file.encoding}, {len(file.content)} bytes")
    return count, wrong


def test_made_up_files_come_out_right_in_every_encoding():
    count, wrong = count_errors(400, random_state=7)
    assert wrong == []
    assert count > 300


@pytest.mark.exhaustive
@pytest.mark.parametrize("random_state", [1, 2, 3])
def test_thousands_of_made_up_files_come_out_right_in_every_encoding(random_state):
    count, wrong = count_errors(6_000, random_state)
    assert wrong == []
    assert count > 5_000


@pytest.mark.parametrize(
    "text",
    [
        "【課題】①膜（Ⅲ型）→月１回：￥１，０００／㎡",
        "■要望\r\n①薄膜",
        "id,name\r\ne7,山① 太郎\r\n",
        "髙﨑 彅,温度は１～５℃、－３０Ｖ∥①㈱ｾﾝｻ㌔",
        "ﾌﾟﾗｽﾞﾏ",
        "①②③",
    ],
)
def test_what_fits_cp932_is_cp932_whatever_share_are_symbols(text):
    content = text.encode("cp932")
    assert find_encoding(content) == "cp932"
    assert decoded(content) == text


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_japanese_is_decoded_whatever_its_encoding(encoding):
    assert decoded(JAPANESE.encode(encoding)) == JAPANESE


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
        ("民法VII".encode("euc_jp"), "euc_jp"),
        ("α-amylase, 3 µm, Łódź, Привет".encode(), "utf-8"),
    ],
)
def test_odd_samples_are_decoded_as_the_likeliest(sample, encoding):
    assert find_encoding(sample) == encoding


def test_western_accents_are_decoded():
    content = "name\nMüller\nGarçon était\n".encode("cp1252")
    assert decoded(content) == "name\nMüller\nGarçon était\n"


def test_western_letters_that_could_be_kanji_are_neither_guessed_to_be():
    for text in ("It\u2019s new", "cafés and façades", "20 \xb0C", "tolerance \xb15%"):
        content = text.encode("cp1252")
        encoding = find_encoding(content)
        assert is_foreign(content.decode(encoding, ERRORS), encoding)


def test_a_zero_byte_does_not_make_a_file_utf_16():
    assert find_encoding(b"researcher_id,name_en\n\x00") == "utf-8"
    assert find_encoding("職員番号\0,氏名\r\n1,森田 花子\r\n".encode("cp932")) == "cp932"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["膜の開発", "Film, 膜", "地上の金を\n掘りぬく上"])
def test_wide_encodings_need_no_mark_and_no_line_end(text, encoding):
    assert decoded(text.encode(encoding)) == text


JIS = {
    "RFC 1468": (b"\x1b$BKl\x1b(B", "膜"),
    "JIS C 6226": (b"\x1b$@Kl\x1b(J", "膜"),
    "roman": (b"\x1b(J\\100~\x1b(B", "¥100‾"),
    "-1": ("騙颱丂".encode("iso2022_jp_1"), "騙颱丂"),
    "-2": ("膜 막 é Ω".encode("iso2022_jp_2"), "膜 막 é Ω"),
    "-3": ("①㐂".encode("iso2022_jp_3"), "①㐂"),
    "-2004": ("𠮟噓⑳".encode("iso2022_jp_2004"), "𠮟噓⑳"),
    "half-width kana": (b"\x1b(I1236\x1b(B", "ｱｲｳｶ"),
    "half-width kana by shift": (b"\x0e1236\x0f ok", "ｱｲｳｶ ok"),
    "signs of Windows": (b"\x1b$B-!-j\x1b(B", "①㈱"),
    "no way back at the line's end": (b"\x1b$BKl\nOK", "膜\nOK"),
}


@pytest.mark.parametrize(("content", "text"), JIS.values(), ids=JIS)
def test_iso_2022_jp_is_read_with_all_its_escapes(content, text):
    assert find_encoding(content) == ISO_2022_JP
    assert decoded(content) == text
    pieces = Iso2022JpDecoder()
    cut = "".join(pieces.decode(bytes([byte])) for byte in content) + pieces.decode(b"", final=True)
    assert cut == text


@pytest.mark.parametrize(
    "content",
    [
        b"\x1b$BK\x1b(B",  # half a character
        b"\x1b$B\x7fK\x1b(B",
        b"\x1b$BKl\x1b(Z",  # an escape that is none
        b"\x1b$B)!\x1b(B",  # a place with no character
        b"\x1b(I~\x1b(B",
        b"\x1b$BKl\x1b",
    ],
)
def test_broken_iso_2022_jp_is_marked_and_never_dropped(content):
    assert find_encoding(content) == ISO_2022_JP
    assert is_foreign(decoded(content), ISO_2022_JP)
    with pytest.raises(UnicodeDecodeError):
        content.decode(ISO_2022_JP)


def test_names_of_iso_2022_jp_in_mappings_are_known():
    for name in ("iso-2022-jp", "ISO-2022-JP-2", "cp50221", "iso2022_jp_3"):
        assert known_encoding(name) == ISO_2022_JP


def test_euc_jp_of_windows_has_its_signs_and_kanji():
    content = b"\xad\xa1 " + "膜\n".encode("euc_jp") + b"\xad\xea" + "霞野".encode("euc_jp")
    assert decoded(content) == "① 膜\n㈱霞野"


@pytest.mark.parametrize(
    ("most", "few"),
    [
        ("cp932", "utf-8"),
        ("cp932", "euc_jp"),
        ("euc_jp", "utf-8"),
        ("euc_jp", "cp932"),
        ("utf-8", "cp932"),
        ("utf-8", "euc_jp"),
        ("utf-8", "iso2022_jp"),
        ("cp932", "iso2022_jp"),
    ],
)
def test_of_two_encodings_the_rows_of_the_rarer_are_refused(most, few):
    rows = [f"{number},森田 花子,霞野大学 工学部,水処理と膜の研究" for number in range(20)]
    lines = [row.encode(few if number in (3, 11) else most) for number, row in enumerate(rows)]
    content = b"\n".join(lines)
    encoding = find_encoding(content)
    read = content.decode(encoding, ERRORS).split("\n")
    assert [n for n, row in enumerate(read) if is_foreign(row, encoding)] == [3, 11]
    assert all(read[n] == rows[n] for n in range(20) if n not in (3, 11))


@given(st.binary(max_size=400))
def test_whatever_the_bytes_an_encoding_is_named_and_nothing_breaks(content):
    encoding = find_encoding(content)
    try:
        text = content.decode(encoding, ERRORS)
    except UnicodeError:
        assert encoding.startswith(("utf-16", "utf-32"))  # they break off between two bytes
    else:
        is_foreign(text, encoding)
