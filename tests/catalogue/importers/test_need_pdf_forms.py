"""Needs from PDFs that are forms: what was filled in, and beside which label."""

from catalogue.importers.need_files import read_need_document
from tests.support.need_documents import japanese_font, pdf, set_at, sjis


def read(content: bytes) -> str:
    return read_need_document("need.pdf", content, max_bytes=20_000_000).text


def field(name: str, value: str, box: str, kind: str = "Tx", more: str = "") -> str:
    encoded = (b"\xfe\xff" + value.encode("utf-16-be")).hex()
    return f"<</Type/Annot/Subtype/Widget/FT/{kind}/T({name})/V<{encoded}>/Rect[{box}]/F 4{more}>>"


def form(page: str, *fields: str) -> bytes:
    numbers = range(300, 300 + len(fields))
    named = " ".join(f"{n} 0 R" for n in numbers)
    return pdf(
        page,
        fonts={"F1": japanese_font("90ms-RKSJ-H")},
        annotations=named,
        catalogue=f"/AcroForm<</Fields[{named}]/DA(/Helv 0 Tf)>>",
        objects=dict(zip(numbers, fields, strict=True)),
    )


def test_what_was_filled_in_stands_beside_its_label() -> None:
    labels = (
        set_at(50, 700, sjis("課題："))
        + set_at(50, 640, sjis("予算："))
        + set_at(50, 600, sjis("共同研究"))
    )
    content = form(
        labels,
        field("Text1", "膜の目詰まり\r八十度で使う", "100 680 500 715"),
        field("Text2", "500万円", "100 636 300 656"),
        field("Text3", "", "100 500 300 520"),
        "<</Type/Annot/Subtype/Widget/FT/Btn/T(c)/V/Yes/AS/Yes/Rect[120 598 132 612]/F 4"
        "/AP<</N<</Yes 400 0 R/Off 400 0 R>>>>>>",
    )

    assert read(content).splitlines() == [
        "課題：膜の目詰まり",
        "八十度で使う",
        "予算：500万円",
        "共同研究\t☑",
    ]


def test_a_field_without_a_label_on_the_page_is_named_as_it_is_shown_or_not_at_all() -> None:
    named = "\ufeff予算".encode("utf-16-be").hex()
    shown = f"/TU<{named}>"
    content = form(
        "",
        field("yosan", "500万円", "100 636 300 656", more=shown),
        field("kadai", "膜の目詰まり", "100 560 300 580"),
        field("Text7", "二年", "100 500 300 520", more="/TU(Text7)"),
    )

    assert read(content).splitlines() == ["予算: 500万円", "膜の目詰まり", "二年"]


def test_hidden_fields_are_left_out_and_typed_notes_are_read() -> None:
    note = (
        "<</Type/Annot/Subtype/FreeText/Contents(typed on t"
        "he page)/Rect[100 400 300 420]/F 4/DA(/Helv 9 Tf)>>"
    )
    hidden = field("x", "見えない", "100 636 300 656").replace("/F 4", "/F 2")

    assert read(form(set_at(50, 700, sjis("見出し")), hidden, note)).splitlines() == [
        "見出し",
        "typed on the page",
    ]
