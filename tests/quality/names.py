"""Common Japanese names with their readings, and the ways in which sources write them.

The lists are our own. Older forms of a family name stand after the usual one; a given name has
every kanji with its reading, so that readings share kanji and kanji share readings as they do.
"""

import random
import re
from dataclasses import dataclass

from catalogue.identity.person_matching import PersonForm

_FAMILIES = """
佐藤 サトウ|鈴木 スズキ|高橋,髙橋 タカハシ|田中 タナカ|伊藤 イトウ|渡辺,渡邊,渡邉 ワタナベ
山本 ヤマモト|中村 ナカムラ|小林 コバヤシ|加藤 カトウ|吉田,𠮷田 ヨシダ|山田 ヤマダ|佐々木 ササキ
山口 ヤマグチ|松本 マツモト|井上 イノウエ|木村 キムラ|林 ハヤシ|斎藤,齋藤,斉藤,齊藤 サイトウ
清水 シミズ|山崎,山﨑 ヤマザキ|森 モリ|池田 イケダ|橋本 ハシモト|阿部 アベ|石川 イシカワ
山下 ヤマシタ|中島,中嶋 ナカジマ|石井 イシイ|小川 オガワ|前田 マエダ|岡田 オカダ|長谷川 ハセガワ
藤田 フジタ|後藤 ゴトウ|近藤 コンドウ|村上 ムラカミ|遠藤 エンドウ|青木 アオキ|坂本 サカモト
福田 フクダ|太田 オオタ|西村 ニシムラ|藤井 フジイ|藤原 フジワラ|三浦 ミウラ|岡本 オカモト
松田 マツダ|中川 ナカガワ|中野 ナカノ|原田 ハラダ|小野 オノ|大野 オオノ|竹内 タケウチ
金子 カネコ|和田 ワダ|石田 イシダ|上田 ウエダ|森田 モリタ|柴田 シバタ|酒井 サカイ
宮崎,宮﨑 ミヤザキ|横山 ヨコヤマ|高木,髙木 タカギ|安藤 アンドウ|大塚 オオツカ|大石 オオイシ
本間 ホンマ|千葉 チバ|土屋 ツチヤ|堀田 ホッタ|広田,廣田 ヒロタ|沢田,澤田 サワダ
浜口,濱口,濵口 ハマグチ|富田,冨田 トミタ|柳沢,柳澤,栁澤 ヤナギサワ|桜井,櫻井 サクライ
国分,國分 コクブ
"""
_GIVEN = """
ケンジ 健司 賢治 謙二 健二|ヒロシ 浩 博 寛 洋 宏|タロウ 太郎|ジロウ 次郎 二郎|イチロウ 一郎
マコト 誠 真 眞|シンイチ 真一 伸一 慎一 愼一 新一|ケンイチ 健一 謙一 研一
ジュンイチ 純一 淳一 順一|コウイチ 浩一 幸一 孝一 晃一|ユウジ 雄二 裕二 祐司
ユウイチ 雄一 祐一 裕一 勇一|ダイスケ 大輔 大介|ショウ 翔|カケル 翔|タケシ 健 武 毅 猛
ケン 健 賢 謙|アツシ 淳 敦 篤|ジュン 淳 純 潤 順|サトル 悟 聡 哲|サトシ 聡 智 哲 敏
アキラ 明 章 昭 彰 晃|トオル 徹 亨 透|ツトム 勉 努 務|ススム 進|マナブ 学 學|ミノル 実 實 稔
シゲル 茂 滋|イサオ 功 勲|タカシ 隆 孝 崇 貴 敬|ヒデキ 秀樹 英樹 秀紀|ナオキ 直樹 直紀 尚樹
カズヤ 和也 一也|タクヤ 拓也 卓也|テツヤ 哲也 徹也|シンヤ 真也 慎也 信也|ヨシヒロ 義弘 佳宏 良博
ヤスヒロ 康弘 泰博 靖広|マサヒロ 正博 雅弘 昌宏|カズヒロ 和弘 一博|ユウキ 裕樹 優希 祐貴
リョウタ 亮太 良太|ショウタ 翔太 正太|コウジ 浩二 孝司 幸治|セイジ 誠司 清司
リュウイチ 龍一 竜一 隆一|フミオ 文雄 文夫|ユウコ 裕子 優子 祐子|ヒロコ 裕子 浩子 博子
ヨウコ 洋子 陽子 葉子|ケイコ 恵子 惠子 圭子 敬子|キョウコ 京子 恭子 杏子|キヨコ 清子 喜代子
ジュンコ 純子 順子 淳子|ノリコ 典子 紀子 法子|トモコ 智子 朋子 友子|ユミ 由美 裕美
ユミコ 由美子 弓子|カズコ 和子 一子|サチコ 幸子 祥子|ショウコ 祥子 昌子|マサコ 昌子 正子 雅子
アキコ 明子 亜希子 章子|チエ 千恵 智恵|チヅル 千鶴|メグミ 恵 惠 愛|アイ 愛 藍|マイ 舞 麻衣
ミホ 美穂 美保|サツキ 皐月 五月|シズカ 静香|フミコ 文子 史子|アヤコ 文子 綾子 彩子
"""
_CHINESE_FAMILIES = """
王 オウ Wang|李 リ Li|張 チョウ Zhang|劉 リュウ Liu|陳 チン Chen|趙 チョウ Zhao|黄 コウ Huang
"""
_CHINESE_GIVEN = """
偉 イ Wei|芳 ホウ Fang|静 セイ Jing|強 キョウ Qiang|敏 ビン Min|麗華 レイカ Lihua
建国 ケンコク Jianguo
"""
_WESTERN_FAMILIES = """
スミス Smith|ミュラー Müller|マルタン Martin|ガルシア García|グエン Nguyen|キム Kim
ペトロフ Petrov
"""
_WESTERN_GIVEN = """
ジョン John_Michael|アンナ Anna|ジャン Jean-Pierre|マリア Maria_Clara|アン Van_An|ミンジュ Minju
イワン Ivan
"""
_HEPBURN = (
    (r"sy(?=[auo])", "sh"),
    (r"si", "shi"),
    (r"ty(?=[auo])", "ch"),
    (r"tti", "tchi"),
    (r"ti", "chi"),
    (r"tu", "tsu"),
    (r"zy(?=[auo])", "j"),
    (r"zi", "ji"),
    (r"hu", "fu"),
)
_LONG = re.compile(r"ou|oo")
_ROWS = """
アイウエオ カキクケコ サシスセソ タチツテト ナニヌネノ ハヒフヘホ マミムメモ ラリルレロ ガギグゲゴ ザジズゼゾ
バビブベボ
"""
_CONSONANTS = ("", *"kstnhmrgzb")
_KANA = {
    kana: consonant + vowel
    for row, consonant in zip(_ROWS.split(), _CONSONANTS, strict=True)
    for kana, vowel in zip(row, "aiueo", strict=True)
}
_KANA |= {"ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ン": "n", "ダ": "da", "ヅ": "zu"}
_KANA |= {"デ": "de", "ド": "do"}
_SMALL = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}


@dataclass(frozen=True)
class Name:
    """A family or given name: how it is written, and read."""

    kanji: tuple[str, ...]  # the usual form first
    kana: str
    spelt: str = ""  # in Latin letters, where it is no Japanese name

    @property
    def kunrei(self) -> str:
        """The name in Kunrei romaji with every long vowel written out."""
        sounds: list[str] = []
        for letter in self.kana:
            if letter in _SMALL:
                sounds[-1] = sounds[-1][:-1] + _SMALL[letter]
            elif letter == "ッ":
                sounds.append("*")
            else:
                sounds.append(_KANA[letter])
        return re.sub(r"\*(.)", r"\1\1", "".join(sounds))


def _parts(text: str) -> list[list[str]]:
    return [part.split() for part in text.replace("\n", "|").split("|") if part]


def _given() -> list[Name]:
    return [Name((kanji,), kana) for kana, *written in _parts(_GIVEN) for kanji in written]


def _families() -> list[Name]:
    return [Name(tuple(kanji.split(",")), kana) for kanji, kana in _parts(_FAMILIES)]


def _foreign(text: str) -> list[Name]:
    """Return names that are spelt in one way; those of the West have no kanji."""
    parts = _parts(text)
    return [Name(tuple(kanji), kana, spelt.replace("_", " ")) for *kanji, kana, spelt in parts]


FAMILIES, GIVEN = _families(), _given()
FOREIGN = (
    (_foreign(_CHINESE_FAMILIES), _foreign(_CHINESE_GIVEN)),
    (_foreign(_WESTERN_FAMILIES), _foreign(_WESTERN_GIVEN)),
)


def romaji(name: Name, choice: random.Random) -> str:
    """Return a name in Latin letters in one of the usual ways."""
    if name.spelt:
        first, *middle = name.spelt.split()
        middles = ("", f" {middle[0][0]}.", f" {middle[0]}") if middle else ("",)
        return first + choice.choice(middles)
    text = name.kunrei
    if choice.random() < 0.9:
        for pattern, to in _HEPBURN:
            text = re.sub(pattern, to, text)
        if choice.random() < 0.2:
            text = re.sub(r"n(?=[bmp])", "m", text)
    written = choice.choices(("o", "ō", "ou", "oh", "ô"), (70, 10, 10, 7, 3))[0]
    if written == "oh":
        text = re.sub(r"(?:ou|oo)(?![aiueoy])", "oh", text)
    text = _LONG.sub("o" if written == "oh" else written, text)
    if choice.random() < 0.9:
        text = text.replace("uu", "u")
    return text.capitalize()


def latin(family: Name, given: Name, choice: random.Random) -> str:
    """Return a full name in Latin letters: order, capitals, hyphens and initials vary."""
    last, first = romaji(family, choice), romaji(given, choice)
    if first.endswith("ichi") and choice.random() < 0.15:
        first = f"{first[:-4]}{choice.choice(('-', chr(39), '’'))}ichi"
    middle = f" {choice.choice('AJKM')}." if choice.random() < 0.01 else ""
    forms = (
        (f"{first}{middle} {last}", 60),
        (f"{last} {first}", 8),
        (f"{last}, {first}{middle}", 8),
        (f"{last.upper()} {first}", 7),
        (f"{first}{middle} {last.upper()}", 7),
        (f"{first[0]}. {last}", 6),
        (f"{last} {first[0]}", 4),
    )
    return choice.choices([form for form, _ in forms], [weight for _, weight in forms])[0]


def japanese(family: Name, given: Name, choice: random.Random) -> str:
    """Return a full name in kanji, with or without a space, in old forms now and then."""
    if not family.kanji:
        return f"{given.kana}・{family.kana}"
    form = family.kanji[0] if choice.random() < 0.8 else choice.choice(family.kanji)
    return f"{form}{choice.choice((' ', ' ', '　', ''))}{given.kanji[0]}"


def kana(family: Name, given: Name, choice: random.Random) -> str:
    """Return a name's reading in katakana, seldom in hiragana or without a space."""
    text = f"{family.kana}{choice.choice((' ', ' ', ' ', '　', ''))}{given.kana}"
    if choice.random() < 0.1:
        return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)
    return text


def person_form(family: Name, given: Name, source: str, choice: random.Random) -> PersonForm:
    """Return a person's names as a source of one kind gives them."""
    ja, reading, en = (write(family, given, choice) for write in (japanese, kana, latin))
    if source == "office":
        return PersonForm(ja, reading, en)
    if source == "grants":
        return PersonForm(ja, reading, "")
    if source == "profiles":
        return PersonForm(ja, reading if choice.random() < 0.6 else "", en)
    if source == "papers":
        return PersonForm("", "", en)
    return PersonForm(ja, "", "")
