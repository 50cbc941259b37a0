"""Needs from Word files: what Word shows once all changes are accepted."""

from collections import Counter

import pytest

from catalogue.importers.need_files import NeedDocument, read_need_document
from catalogue.importers.need_files.office_package import Element, Package
from enmusubi.errors import UnreadableFileError
from tests.support.need_documents import NAMESPACES, word


def document(body: str, **parts: str) -> NeedDocument:
    return read_need_document("need.docx", word(body, **parts), max_bytes=20_000_000)


def read(body: str, **parts: str) -> str:
    return document(body, **parts).text


def notes(body: str, **parts: str) -> list[str]:
    return [str(note) for note in document(body, **parts).notes]


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p>{properties}{''.join(runs)}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def field(code: str, result: str = "", form: str = "") -> str:
    separate = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}' if result else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{form}</w:fldChar></w:r>'
        f"<w:r><w:instrText>{code}</w:instrText></w:r>{separate}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            paragraph(run("課題は"), "<w:ins>", run("膜の目詰まり"), "</w:ins>", run("です")),
            "課題は膜の目詰まりです",
        ),
        (
            paragraph(run("A "), "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>", run("film")),
            "A film",
        ),
        (
            paragraph("<w:moveFrom>", run("旧"), "</w:moveFrom><w:moveTo>", run("新"), "</w:moveTo>"),
            "新",
        ),
        (
            paragraph(run("前半"), properties="<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>")
            + paragraph(run("後半")),
            "前半後半",
        ),
        (
            "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>消した行</w:t></w:r></w:p></w:tc></w:tr>"
            f"<w:tr><w:tc>{paragraph(run('残る行'))}</w:tc></w:tr></w:tbl>",
            "残る行",
        ),
        (
            "<w:tbl><w:tr><w:tc>" + paragraph(run("外")) + "<w:tbl><w:tr><w:tc>"
            + paragraph(run("内")) + "</w:tc></w:tr></w:tbl><w:p/></w:tc></w:tr></w:tbl>",
            "外\n内",
        ),
        (
            paragraph(run("希望："), f"<w:sdt><w:sdtPr/><w:sdtContent>{run('洗浄')}</w:sdtContent></w:sdt>"),
            "希望：洗浄",
        ),
        (
            f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph(run('段落の欄'))}</w:sdtContent></w:sdt>",
            "段落の欄",
        ),
        (
            paragraph(
                run("希望："),
                "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>",
                run("ここをクリックして入力"),
                "</w:sdtContent></w:sdt>",
            ),
            "希望：",
        ),
        (
            paragraph("<w:smartTag><w:smartTag>", run("東京"), "</w:smartTag></w:smartTag>", run("で")),
            "東京で",
        ),
        (
            paragraph(
                "<w:r><w:ruby><w:rubyPr/><w:rt>", run("まく"), "</w:rt><w:rubyBase>", run("膜"),
                "</w:rubyBase></w:ruby></w:r>", run("の洗浄"),
            ),
            "膜の洗浄",
        ),
        (
            paragraph(field('EQ \\* jc2 \\* "Font:ＭＳ 明朝" '
            '\\* hps10 \\o\\ad(\\s\\up 9(まく),膜)'), run("の洗浄")),
            "膜の洗浄",
        ),
        (paragraph(field("eq \\o\\ac(○,秘)")), "秘"),
        (paragraph(run("予算 "), field("FORMTEXT", run("500万円"))), "予算 500万円"),
        (
            paragraph(
                field("FORMCHECKBOX", form="<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"),
                run("共同研究 "),
                field("FORMCHECKBOX", form='<w:ffData><w:checkBox><w:default w'
                ':val="0"/></w:checkBox></w:ffData>'),
                run("受託"),
            ),
            "☑共同研究 ☐受託",
        ),
        (
            paragraph(
                field(
                    "FORMDROPDOWN",
                    form='<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="一年"/>'
                    '<w:listEntry w:val="二年"/></w:ddList></w:ffData>',
                )
            ),
            "二年",
        ),
        (paragraph(field(f"IF {field('MERGEFIELD x', run('1'))} = 1", run("該当"))), "該当"),
        (paragraph('<w:fldSimple w:instr="MERGEFIELD a">', run("差し込み"), "</w:fldSimple>"), "差し込み"),
        (
            paragraph(
                run("粒径 5 "), '<w:r><w:sym w:font="Symbol" w:char="F06D"/></w:r>', run("m "),
                '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>',
            ),
            "粒径 5 μm ✓",
        ),
        (paragraph(run("a", '<w:rFonts w:ascii="Symbol"/>'), run("線")), "α線"),
        (
            paragraph(run("1.5×10"), run("-3", '<w:vertAlign w:val="superscript"/>'), run(" Pa")),
            "1.5×10⁻³ Pa",
        ),
        (paragraph(run("CO"), run("2", '<w:vertAlign w:val="subscript"/>')), "CO2"),
        (paragraph(run("a"), "<w:r><w:tab/></w:r>", run("b"), "<w:r><w:noBreakHyphen/></w:r>"), "a\tb-"),
    ],
)  # fmt: skip
def test_a_paragraph_reads_as_word_shows_it(body: str, shown: str) -> None:
    assert read(body) == shown


def formula(inside: str) -> str:
    return paragraph(run("式 "), f"<m:oMath>{inside}</m:oMath>")


def said(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("inside", "line"),
    [
        (f"<m:f><m:num>{said('a+b')}</m:num><m:den>{said('2')}</m:den></m:f>", "(a+b)/2"),
        (f"<m:sSup><m:e>{said('x')}</m:e><m:sup>{said('2')}</m:sup></m:sSup>", "x²"),
        (f"<m:sSub><m:e>{said('CO')}</m:e><m:sub>{said('2')}</m:sub></m:sSub>", "CO₂"),
        (f"<m:sSup><m:e>{said('e')}</m:e><m:sup>{said('-E/kT')}</m:sup></m:sSup>", "e^(-E/kT)"),
        (f"<m:rad><m:deg/><m:e>{said('x+1')}</m:e></m:rad>", "√(x+1)"),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{said("i=1")}</m:sub>'
            f"<m:sup>{said('n')}</m:sup><m:e>{said('a')}</m:e></m:nary>",
            "∑_(i=1)ⁿ a",
        ),
        (f"<m:d><m:e>{said('x')}</m:e></m:d>{said('=1')}", "(x)=1"),
        (f"<w:del>{said('y')}</w:del>{said('z')}", "z"),
    ],
)
def test_a_formula_is_linear_text(inside: str, line: str) -> None:
    assert read(formula(inside)) == f"式 {line}"


def box(text: str) -> str:
    return f"<w:txbxContent>{paragraph(run(text))}</w:txbxContent>"


def test_a_text_box_is_read_once_and_after_its_paragraph() -> None:
    drawn = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData>'
        f"<wps:wsp><wps:txbx>{box('箱の中の課題')}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{box('箱の中の課題')}</v:textbox>"
        "</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    old = (
        "<w:r><w:pict><v:group><v:shape><v:textbox>"
        f"{box('古い箱')}</v:textbox></v:shape></v:group></w:pict></w:r>"
    )
    art = '<w:r><w:pict><v:shape><v:textpath string="飾り文字"/></v:shape></w:pict></w:r>'

    assert read(paragraph(drawn, run("見出し")) + paragraph(old, art)).splitlines() == [
        "見出し",
        "箱の中の課題",
        "古い箱",
        "飾り文字",
    ]


def test_diagrams_and_charts_are_read() -> None:
    drawn = (
        "<w:r><w:drawing><a:graphic><a:graphicData>"
        '<dgm:relIds r:dm="id-diagramData"/><c:chart r:id="id-'
        'chart"/></a:graphicData></a:graphic></w:drawing></w:r>'
    )
    data = (
        f"<dgm:dataModel {NAMESPACES}><dgm:ptLst><dgm:pt><dgm:t>"
        "<a:p><a:r><a:t>洗浄</a:t></a:r></a:p></dgm:t></dgm:pt>"
        '<dgm:pt type="pres"><dgm:t><a:p><a:r><a:t>表示用</a:t><'
        "/a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    chart = (
        f"<c:chartSpace {NAMESPACES}><c:chart><c:plotArea><c:s"
        "er><c:tx><c:v>流量</c:v></c:tx><c:cat><c:v>2025</c:v>"
        "</c:cat><c:val><c:v>1.2</c:v></c:val></c:ser></c:plotArea></c:chart></c:chartSpace>"
    )

    assert read(paragraph(drawn), diagramData=data, chart=chart) == "洗浄\n流量: 2025 1.2"


def test_notes_stand_after_the_paragraph_that_refers_to_them() -> None:
    noted = (
        f'<w:footnotes {NAMESPACES}><w:footnote w:id="2">'
        f"{paragraph(run('注：80℃以上'))}</w:footnote></w:footnotes>"
    )
    body = paragraph(run("高温で使う。"), '<w:r><w:footnoteReference w:id="2"/></w:r>')

    assert read(body + paragraph(run("次")), footnotes=noted) == "高温で使う。\n注：80℃以上\n次"


def test_headers_and_footers_are_read_once_and_the_pages_numbers_are_not() -> None:
    def margin(kind: str, text: str) -> str:
        number = paragraph(
            run("- "), '<w:fldSimple w:instr="PAGE">', run("1"), "</w:fldSimple>", run(" -")
        )
        return f"<w:{kind} {NAMESPACES}>{paragraph(run(text))}{number}</w:{kind}>"

    shown = '<w:headerReference r:id="id-header"/><w:footerReference r:id="id-footer"/>'
    body = paragraph(properties=f"<w:pPr><w:sectPr>{shown}</w:sectPr></w:pPr>") + paragraph(
        run("本文")
    )
    parts = {
        "header": margin("hdr", "株式会社みどり"),
        "header2": margin("hdr", "株式会社みどり"),
        "footer": margin("ftr", "社外秘"),
    }

    assert read(body, **parts) == "株式会社みどり\n本文\n社外秘"


def test_hidden_text_is_left_out_and_said() -> None:
    style = f'<w:styles {NAMESPACES}><w:style w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    body = paragraph(
        run("見える"), run("隠れた", "<w:vanish/>"), run("文体", '<w:rStyle w:val="H"/>'),
        run("戻した", '<w:rStyle w:val="H"/><w:vanish w:val="0"/>'),
    )  # fmt: skip

    assert read(body, styles=style) == "見える戻した"
    assert notes(body, styles=style) == ["Text that is formatted as hidden was left out."]


def test_a_page_that_was_put_in_as_a_whole_is_read() -> None:
    page = "<html><meta charset=utf-8><style>p{}</style><p>膜の<ruby>目<rt>め</rt></ruby>詰まり</p></html>"

    assert read('<w:altChunk r:id="id-aFChunk"/>', aFChunk=page) == "膜の目詰まり"


def test_what_was_not_read_is_said() -> None:
    comments = (
        f"<w:comments {NAMESPACES}><w:comment>{paragraph(run('社内限り'))}</w:comment></w:comments>"
    )
    body = paragraph(
        "<w:ins>", run("課題"), "</w:ins>", "<w:r><w:object><o:OLEObject/></w:object></w:r>"
    )

    assert notes(body, comments=comments) == [
        "Tracked changes were read as if all were accepted.",
        "Comments in the margin were left out.",
        "Embedded objects, such as workbooks in the text, were not read.",
    ]
    assert "社内限り" not in read(body, comments=comments)


def test_a_box_in_a_box_without_end_is_refused() -> None:
    itself = paragraph('<w:r><w:footnoteReference w:id="1"/></w:r>')
    noted = f'<w:footnotes {NAMESPACES}><w:footnote w:id="1">{itself}</w:footnote></w:footnotes>'

    with pytest.raises(UnreadableFileError, match="seems to be damaged"):
        read(itself, footnotes=noted)


def test_styles_and_notes_are_parsed_once_however_many_notes_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = "".join(
        paragraph(run(f"本文{n}"), f'<w:r><w:footnoteReference w:id="{n}"/></w:r>')
        for n in range(1, 31)
    )
    noted = "".join(
        f'<w:footnote w:id="{n}">{paragraph(run(f"注{n}"))}</w:footnote>' for n in range(1, 31)
    )
    parsed = Counter[str]()
    parse = Package.root

    def counted(package: Package, name: str) -> Element:
        parsed[name] += 1
        return parse(package, name)

    monkeypatch.setattr(Package, "root", counted)
    text = read(
        body,
        footnotes=f"<w:footnotes {NAMESPACES}>{noted}</w:footnotes>",
        styles=f"<w:styles {NAMESPACES}/>",
    )

    assert text.endswith("本文30\n注30")
    assert len(parsed) >= 4
    assert max(parsed.values()) == 1, parsed


def test_a_style_without_a_name_that_hides_hides_nothing_else() -> None:
    styles = f"<w:styles {NAMESPACES}><w:style><w:rPr><w:vanish/></w:rPr></w:style></w:styles>"

    assert read(paragraph(run("膜の目詰まり")), styles=styles) == "膜の目詰まり"


def test_styles_in_a_long_chain_are_followed_to_the_one_that_hides() -> None:
    chain = "".join(
        f'<w:style w:styleId="s{n}"><w:basedOn w:val="s{n + 1}"/></w:style>' for n in range(20_000)
    )
    hiding = '<w:style w:styleId="s20000"><w:rPr><w:vanish/></w:rPr></w:style>'
    styled = run("隠れた文", '<w:rStyle w:val="s0"/>')
    for last, shown in ((hiding, "課題"), ("", "課題隠れた文")):
        styles = f"<w:styles {NAMESPACES}>{chain}{last}</w:styles>"
        assert read(paragraph(run("課題"), styled), styles=styles) == shown
