"""A corpus of made-up Japanese files, in every encoding that offices keep them in.

Names with rare kanji, addresses, forms, tables, mail, half-width kana: all of it made up. Each file
is the text and its bytes, so that whoever reads them can be counted right or wrong.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FAMILIES = """
佐藤 鈴木 髙橋 髙﨑 田中 渡邉 渡邊 齋藤 齊藤 斎藤 濵田 栁沢 德永 瀨川 塚本 草彅 槗本
増井 増田 冨樫 寺﨑 舘 桒原 蓜島 釼持 鷗 鶯谷 檜垣 薗田 廣瀬 國分 黑田 萬代 邨田 蘆屋
躑躅森 纐纈 鰐渕 小鳥遊 五十嵐 神山 中村 森 林 岡 東海林 勅使河原 𠮷田 﨏本 伊東 山田
大内田 榊 辻 葛城 祇園
"""
FAMILIES = _FAMILIES.split()
_GIVEN = """
花子 太郎 颯 翔太 凛 琉聖 彗 昊 煌 珀 瑛太 璃子 碧 笙 紬 絢音 聡 莉緒 薫 詠美 賢治
遼 陽菜 鴻 一 美咲 由美子 健 さくら ひかり あゆみ カレン リサ 彰 昴 晃 晄 喆 燁 珣 隆
明 誠
"""
GIVEN = _GIVEN.split()
_KANA = """
ﾔﾏﾀﾞ ｻﾄｳ ﾅｶ ﾓﾘ ﾊﾔｼ ﾀｶﾊｼ ﾀﾅｶ ﾜﾀﾅﾍﾞ ｵｵｳﾁﾀﾞ ｷﾉｼﾀ ﾂｼﾞ
ﾀｶﾅｼ ﾊﾅｺ ﾀﾛｳ ﾐｻｷ ｼｮｳﾀ ｶﾚﾝ ﾘｻ ｱｷﾗ ｱﾕﾐ ﾏｺﾄ
"""
KANA = _KANA.split()
_PLACES = """
霞野県星見市中央区緑町 東京都千代田区丸の内 大阪府堺市鳳 北海道札幌市厚別区 三重県四日市市鵜の森
茨城県龍ケ崎市 京都府京都市左京区鹿ヶ谷 福岡県糟屋郡粕屋町 埼玉県鴻巣市吹上 鹿児島県薩摩川内市
"""
PLACES = _PLACES.split()
BUILDINGS = ("", "", "霞ビル２Ｆ", "ﾐﾄﾞﾘﾏﾝｼｮﾝ305", "第１研究棟（３階）", "グリーンハイツ№2")
_DEPARTMENTS = """
工学部 理学研究科 医学部附属病院 農学部 薬学部 産学連携本部 総務課 人文社会科学系
"""
DEPARTMENTS = _DEPARTMENTS.split()
_POSITIONS = """
教授 准教授 講師 助教 特任研究員 技術職員 課長補佐
"""
POSITIONS = _POSITIONS.split()
MATTERS = (
    "膜の目詰まりを抑えたい。月１回の交換を半年に延ばしたい。",
    "水に溶けない薄膜で、酸素を通さない食品包装材料を探しています。",
    "ﾌﾟﾗｽﾞﾏ処理後の表面粗さ Ra≦0.2μm、温度は１～５℃、誤差±3%以内。",
    "コスト：￥１，０００／㎡以下（㈱霞野製作所調べ）→要見積",
    "①原料の選別 ②乾燥（80℃×2h） ③粉砕 ④分級 ⑤検査 Ⅲ型は対象外",
    "騒音は60㏈以下、重量は3㌔㌘まで、電源は－３０Ｖ～＋３０Ｖ。",
    "高齢者の転倒を、カメラを使わずに検知するしくみ。プライバシーに配慮すること。",
    "鋳造品の巣を非破壊で調べたい。X線CTは高価なので、超音波か渦電流を考えている。",
    "糠・籾殻の有効利用。炭化して土壌改良材にできないか？",
    "ＡＩによる需要予測（季節性・天候・イベントを考慮）と在庫の最適化",
    "※【至急】納期は令和８年３月末。担当：営業第二課 内線1234",
    "■要望 ①薄膜",
    "リチウムイオン電池のセパレーターの濡れ性を上げたい",
    "お茶の香りを保つ乾燥の方法について、相談したいことがあります。",
)
ENGLISH = (
    "contact: office@example.org",
    "Model X-200 (Rev.3), 24V DC",
    "see also ISO 9001 / JIS Z 8801",
)


@dataclass(frozen=True)
class EncodedFile:
    """One file: its kind and encoding by name, its text as it must come out, and its bytes."""

    kind: str
    encoding: str
    text: str
    content: bytes


def corpus(files: int, random_state: int) -> Iterator[EncodedFile]:
    """Yield about so many files, every kind in every encoding that can hold its text."""
    chance = random.Random(random_state)
    per_pair = max(1, files // (len(KINDS) * len(ENCODINGS)))
    for kind, write in KINDS.items():
        for encoding, encode in ENCODINGS.items():
            for _ in range(per_pair):
                text = _fitting(write, encode, chance)
                if text is not None:
                    content = encode(text)
                    yield EncodedFile(kind, encoding, _as_it_reads(text, encoding), content)


def _fitting(
    write: Callable[[random.Random], str], encode: Callable[[str], bytes], chance: random.Random
) -> str | None:
    """Return a text of the kind, without the characters that the encoding lacks."""
    text = write(chance)
    kept = "".join(letter for letter in text if _encodes(letter, encode))
    return kept if len(kept) * 2 > len(text) and not kept.isascii() else None


def _encodes(letter: str, encode: Callable[[str], bytes]) -> bool:
    try:
        encode(letter)
    except UnicodeEncodeError:
        return False
    return True


def _as_it_reads(text: str, encoding: str) -> str:
    """Return the text with the signs that Windows and the standard map to different characters."""
    if encoding == "shift_jis":
        return text.encode("shift_jis").decode("cp932")
    if encoding in ("euc_jp_windows", "iso_2022_jp_windows"):
        return text.translate(_AS_THE_STANDARD)
    return text


_AS_THE_STANDARD = str.maketrans("～∥－￠￡￢", "〜‖−¢£¬")


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FAMILIES)}{chance.choice((' ', '　', ''))}{chance.choice(GIVEN)}"


def _staff_list(chance: random.Random) -> str:
    rows = ["職員番号,氏名,フリガナ,所属,職名"]
    for number in range(chance.randint(1, 30)):
        kana = f"{chance.choice(KANA)} {chance.choice(KANA)}"
        place = f"{chance.choice(DEPARTMENTS)},{chance.choice(POSITIONS)}"
        rows.append(f"A{number:04},{_name(chance)},{kana},{place}")
    return _lines(rows, chance)


def _names_alone(chance: random.Random) -> str:
    rows = ["researcher_id,name_ja"]
    rows += [f"r{number},{_name(chance)}" for number in range(chance.randint(1, 6))]
    return _lines(rows, chance)


def _half_width_table(chance: random.Random) -> str:
    rows = ["id,name_kana,bank"]
    for number in range(chance.randint(2, 20)):
        rows.append(f"{number},{chance.choice(KANA)} {chance.choice(KANA)},ｶｽﾐﾉ ｷﾞﾝｺｳ")
    return _lines(rows, chance)


def _addresses(chance: random.Random) -> str:
    rows = ["氏名\t郵便番号\t住所\t電話"]
    for _ in range(chance.randint(1, 15)):
        place = f"{chance.choice(PLACES)}{chance.randint(1, 9)}－{chance.randint(1, 30)}"
        postcode = f"〒{chance.randint(100, 999)}-{chance.randint(1000, 9999)}"
        rows.append(f"{_name(chance)}\t{postcode}\t{place}{chance.choice(BUILDINGS)}\t03-1234-5678")
    return _lines(rows, chance)


def _form(chance: random.Random) -> str:
    rows = [
        "【技術相談申込書】",
        f"会社名：㈱{chance.choice(FAMILIES)}工業",
        f"担当者：{_name(chance)}",
    ]
    rows += [f"【課題】{chance.choice(MATTERS)}" for _ in range(chance.randint(1, 4))]
    rows.append(f"連絡先（TEL・FAX）：{chance.choice(ENGLISH)}")
    return _lines(rows, chance)


def _mail(chance: random.Random) -> str:
    rows = [
        "Subject: 技術相談について",
        f"From: {_name(chance)} <a@example.org>",
        "",
        "お世話になっております。",
    ]
    rows += [chance.choice(MATTERS) for _ in range(chance.randint(1, 5))]
    rows += [
        "どうぞよろしくお願いいたします。",
        "--",
        f"{chance.choice(PLACES)}1-2-3",
        *ENGLISH[:1],
    ]
    return _lines(rows, chance)


def _one_matter(chance: random.Random) -> str:
    return chance.choice(MATTERS)


def _short_note(chance: random.Random) -> str:
    return chance.choice((*PLACES, *DEPARTMENTS, *MATTERS))[: chance.randint(3, 12)]


def _symbols(chance: random.Random) -> str:
    rows = ["項目,値"]
    for _ in range(chance.randint(3, 12)):
        signs = "".join(chance.choices("①②③ⅠⅡⅢ→←↑■□●○◎△▲※±×÷≦≧∞∴♂♀℃￥％㎡㎜㎏㏄㈱㈲№℡", k=6))
        rows.append(f"{chance.choice(('値', '幅', '注', '型'))}{signs},{chance.randint(1, 999)}")
    return _lines(rows, chance)


def _lines(rows: list[str], chance: random.Random) -> str:
    end = chance.choice(("\n", "\r\n"))
    return end.join(rows) + chance.choice(("", end))


def _euc_of_windows(text: str) -> bytes:
    """Encode as Windows writes EUC-JP: JIS X 0208 with NEC's signs and IBM's kanji in its rows."""
    parts = []
    for letter in text:
        if letter.isascii():
            parts.append(letter.encode())
        elif "\uff61" <= letter <= "\uff9f":
            parts.append(b"\x8e" + letter.encode("cp932"))
        else:
            parts.append(bytes(byte | 0x80 for byte in _place(letter)))
    return b"".join(parts)


def _jis_of_windows(text: str) -> bytes:
    """Encode as mail programs on Windows do, line by line: CP50221."""
    parts, now = [], b"\x1b(B"
    for letter in text:
        if letter.isascii():
            wanted, code = b"\x1b(B", letter.encode()
        elif "\uff61" <= letter <= "\uff9f":
            wanted, code = b"\x1b(I", bytes([letter.encode("cp932")[0] & 0x7F])
        else:
            wanted, code = b"\x1b$B", _place(letter)
        parts.append(code if wanted == now else wanted + code)
        now = wanted
    return b"".join(parts) + (b"" if now == b"\x1b(B" else b"\x1b(B")


def _place(letter: str) -> bytes:
    """Return a character's two bytes of JIS, NEC's selection of IBM's kanji included."""
    code = letter.translate(_AS_THE_STANDARD).encode("euc_jp", "ignore")
    if len(code) == 2:
        return bytes(byte & 0x7F for byte in code)
    for row in (0x2D, *range(0x79, 0x7D)):
        for cell in range(0x21, 0x7F):
            lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
            trail = cell + 0x7E if (row - 0x21) % 2 else cell + 0x1F + (cell > 0x5F)
            if bytes([lead, trail]).decode("cp932", "replace") == letter:
                return bytes([row, cell])
    raise UnicodeEncodeError("jis", letter, 0, 1, "not in JIS X 0208 of Windows")


KINDS: dict[str, Callable[[random.Random], str]] = {
    "staff list": _staff_list,
    "names alone": _names_alone,
    "half-width table": _half_width_table,
    "addresses": _addresses,
    "form": _form,
    "mail": _mail,
    "one matter": _one_matter,
    "short note": _short_note,
    "symbols": _symbols,
}
_CODECS = (
    *("cp932", "shift_jis", "euc_jp", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
    *("utf-32", "utf-32-le", "utf-32-be", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2"),
    *("iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_ext"),
)


def _codec(name: str) -> Callable[[str], bytes]:
    return lambda text: text.encode(name)


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    **{name: _codec(name) for name in _CODECS},
    "euc_jp_windows": _euc_of_windows,
    "iso_2022_jp_windows": _jis_of_windows,
}
