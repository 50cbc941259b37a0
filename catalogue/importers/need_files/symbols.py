"""Characters of symbol fonts, which files keep as private codes, as the Unicode characters they draw."""

import re
import unicodedata

from enmusubi.language import LOST_LETTER

MISSING = LOST_LETTER

_SYMBOL = (
    # from 0x20 and from 0xa1: Adobe's Symbol encoding
    " !∀#∃%&∍()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪",
    "〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭",
)
SYMBOL = {0x20 + n: c for n, c in enumerate(_SYMBOL[0])}
SYMBOL |= {0xA1 + n: c for n, c in enumerate(_SYMBOL[1])}
SYMBOL |= {0xF1 + n: c for n, c in enumerate(_SYMBOL[2])}
WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3F: "✍", 0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6D: "❍", 0x6E: "■",
    0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒", 0x73: "◆", 0x74: "◆", 0x75: "◆", 0x76: "❖", 0x77: "◆",
    0x9E: "・", 0x9F: "•", 0xA0: "▪", 0xA1: "○", 0xA2: "○", 0xA3: "○", 0xA4: "◉", 0xA5: "◎", 0xA7: "▪",
    0xA8: "□", 0xAA: "✦", 0xAB: "★", 0xAC: "✶", 0xD5: "⌫", 0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→",
    0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xF3: "⬄", 0xFB: "☒",
    0xFC: "✓", 0xFD: "☒", 0xFE: "☑", **{0x80 + n: c for n, c in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩")},
    **{0x8B + n: c for n, c in enumerate("⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
WINGDINGS_2 = {
    0x50: "✓", 0x4F: "✗", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x2A: "□", 0xA3: "□", 0x98: "●",
    **{0x69 + n: c for n, c in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩")},
}  # fmt: skip
_FONTS = {"symbol": SYMBOL, "wingdings": WINGDINGS, "wingdings 2": WINGDINGS_2}
# a bullet of an unknown font: where Symbol and Wingdings have bullets, nearly all files mean those
_BULLETS = {
    0xB7: "•",
    **{c: WINGDINGS[c] for c in (0x6C, 0x6E, 0x6F, 0x76, 0xA7, 0xA8, 0xD8, 0xFC, 0xFE)},
}
_PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(font: str, code: int) -> str:
    """Return the character that a symbol font draws for a code, `〓` for one that is not known."""
    table = _FONTS.get(font.strip().lower())
    if table is None and not 0xF000 <= code <= 0xF0FF:
        return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF else MISSING
    return (_BULLETS if table is None else table).get(code & 0xFF, MISSING)


def unfolded(text: str, font: str = "") -> str:
    """Return the text with what symbol fonts draw in the place of their private codes."""
    table = _FONTS.get(font.strip().lower(), _BULLETS)
    return _PRIVATE.sub(lambda code: table.get(ord(code[0]) & 0xFF, code[0]), text)


_RADICALS = str.maketrans(
    "⺁⺅⺉⺌⺍⺕⺟⺠⺡⺢⺣⺦⺨⺩⺪⺫⺬⺭⺮⺯⺷⺸⺹⺼⺽⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻫⻬⻭⻯⻰⻲⻳",
    "厂亻刂小小彐母民氵水灬丬犭王疋目示礻竹糸羊羊老肉臼虎衤西西见角角讠贝足车辶辶辶阝钅長镸长门阝雨青韦页风飞食食饣马骨鬼鱼鸟卤麦黄斉齐歯竜龙龟亀",
)
_KANGXI = re.compile("[\u2f00-\u2fd5]")


def plain_kanji(text: str) -> str:
    """Return the text with kanji for the radicals that PDF writers confuse with them: ⽤ becomes 用."""
    text = _KANGXI.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return text.translate(_RADICALS)
