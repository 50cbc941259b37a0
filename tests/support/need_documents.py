"""Made-up need files in the real shape: Word, slides and PDF, written part by part."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import docx

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": W,
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    }.items()
)
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def word(body: str, **parts: str) -> bytes:
    """Return a Word file with this body; further parts go by their kind, such as `footnotes`."""
    made, plain = io.BytesIO(), io.BytesIO()
    docx.Document().save(plain)
    document = f"<w:document {NAMESPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            content = old.read(entry).decode("utf-8", "surrogateescape")
            if entry == "word/document.xml":
                content = document
            elif entry == "word/_rels/document.xml.rels":
                named = "".join(relationship(kind, _name(kind)) for kind in parts)
                content = content.replace("</Relationships>", f"{named}</Relationships>")
            new.writestr(entry, content.encode("utf-8", "surrogateescape"))
        for kind, content in parts.items():
            new.writestr(f"word/{_name(kind)}", content)
    return made.getvalue()


def _name(kind: str) -> str:
    return f"made-{kind}.{'html' if kind == 'aFChunk' else 'xml'}"


def relationship(kind: str, target: str, number: str = "") -> str:
    """Return a relationship whose id is its kind, or the number that is given."""
    name = number or f"id-{kind.rstrip('0123456789')}"
    return f'<Relationship Id="{name}" Type="{KIND}{kind.rstrip("0123456789")}" Target="{target}"/>'


def package(parts: Mapping[str, str]) -> bytes:
    """Return a zip file of XML parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return made.getvalue()


def relationships(*given: str) -> str:
    """Return a part of relationships."""
    return f'<Relationships xmlns="{RELATIONSHIPS}">{"".join(given)}</Relationships>'


def slides(*shapes: str, hidden: Sequence[int] = ()) -> bytes:
    """Return a presentation with one slide for each text of shapes; numbers from 1 name the hidden."""
    numbers = range(1, len(shapes) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in numbers)
    parts = {
        "_rels/.rels": relationships(relationship("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {NAMESPACES}><p:sldIdLst>{listed}</p:sldIdLst>"
        "</p:presentation>",
        "ppt/_rels/presentation.xml.rels": relationships(
            *(relationship("slide", f"slides/slide{n}.xml", f"s{n}") for n in numbers)
        ),
    }
    for n, content in zip(numbers, shapes, strict=True):
        show = ' show="0"' if n in hidden else ""
        parts[f"ppt/slides/slide{n}.xml"] = (
            f"<p:sld {NAMESPACES}{show}><p:cSld><p:spTree>{content}</p:spTree></p:cSld></p:sld>"
        )
    return package(parts)


def shape(*paragraphs: str, kind: str = "") -> str:
    """Return a shape on a slide, in a placeholder of a kind or of its own."""
    place = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
    lines = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in paragraphs)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="s"/><p:cNvSpPr/>{place}</p:nvSpPr>'
        f"<p:txBody>{lines}</p:txBody></p:sp>"
    )


PdfObject = bytes | str


def pdf(*pages: str, fonts: Mapping[str, str] | None = None, **more: Any) -> bytes:
    """Return a PDF with a content stream for each page.

    `annotations` are the annotations of the first page; `catalogue` stands in the catalogue, `media` is
    the size of a page, `objects` are further objects by their numbers from 100.
    """
    named = "".join(f"/{name} {100 + n} 0 R" for n, name in enumerate(fonts or {}))
    numbers = [10 + 2 * n for n in range(len(pages))]
    objects: dict[int, PdfObject] = {
        1: f"<</Type/Catalog/Pages 2 0 R{more.get('catalogue', '')}>>",
        2: f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{n} 0 R' for n in numbers)}]>>",
        **{100 + n: font for n, font in enumerate((fonts or {}).values())},
        **more.get("objects", {}),
    }
    for at, (number, content) in enumerate(zip(numbers, pages, strict=True)):
        annotations = f"/Annots[{more.get('annotations', '')}]" if not at else ""
        objects[number] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[{more.get('media', '0 0 600 800')}]{annotations}"
            f"/Contents {number + 1} 0 R/Resources<</Font<<{named}>>/XObject<<{more.get('images', '')}>>>>>>"
        )
        stream = content.encode("latin-1")
        objects[number + 1] = b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream)
    written = b"%PDF-1.7\n"
    for number, content in objects.items():
        body = content.encode("latin-1") if isinstance(content, str) else content
        written += b"%d 0 obj%s\nendobj\n" % (number, body)
    return written + b"trailer<</Root 1 0 R/Size 999>>\nstartxref\n0\n%%EOF"


def japanese_font(cmap: str, *, to_unicode: str = "", ordering: str = "Japan1") -> str:
    """Return a font that is not embedded and encodes its text by a predefined CMap."""
    return (
        f"<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/{cmap}{to_unicode}/DescendantFonts["
        f"<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/DW 1000/CIDSystemInfo<</Registry(Adobe)"
        f"/Ordering({ordering})/Supplement 2>>/FontDescriptor<</Type/FontDescriptor/FontName/HeiseiMin-W3"
        "/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/As"
        "cent 800/Descent -200/CapHeight 700/StemV 80>>>>]>>"
    )


HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def set_at(x: float, y: float, text: bytes, *, font: str = "F1", size: float = 12) -> str:
    """Return the instruction that writes a text at a place."""
    return f"BT /{font} {size} Tf {x} {y} Td <{text.hex()}> Tj ET\n"


def sjis(text: str) -> bytes:
    """Return a text as cp932, which Windows calls Shift JIS, has it."""
    return text.encode("cp932")
