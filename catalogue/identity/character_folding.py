"""Which letters, and which spellings of Japanese names in Latin letters, are one for comparing.

Old and new forms of kanji, the two kana, accents; and kana in Latin letters, where Hepburn, Kunrei and
what stands in passports and papers meet in one form: し, shi and si are `si`; おお, ō, ou, oh and o are
`o`. Only for keys by which things are found; what is shown stays as it was written.
"""

import re
import unicodedata
from functools import lru_cache

# An old or variant form and the form in use, after the official tables of 1946 and 1981.
_OLD_AND_NEW = """
亞亜 惡悪 壓圧 圍囲 爲為 醫医 壹壱 稻稲 飮飲 隱隠 營営 榮栄 衞衛 驛駅 悅悦 閱閲 圓円 緣縁 艷艶
鹽塩 奧奥 應応 橫横 歐欧 毆殴 黃黄 溫温 穩穏 假仮 價価 畫画 會会 壞壊 懷懐 繪絵 槪概 擴拡 殼殻
覺覚 學学 嶽岳 樂楽 渴渇 卷巻 陷陥 勸勧 寬寛 關関 歡歓 觀観 罐缶 巖巌 旣既 歸帰 氣気 龜亀 僞偽
戲戯 犧犠 舊旧 據拠 擧挙 虛虚 峽峡 挾挟 敎教 狹狭 强強 鄕郷 堯尭 曉暁 區区 驅駆 勳勲 薰薫 羣群
徑径 惠恵 揭掲 溪渓 經経 繼継 莖茎 螢蛍 輕軽 鷄鶏 藝芸 擊撃 缺欠 儉倹 劍剣 圈圏 檢検 權権 獻献
硏研 縣県 險険 顯顕 驗験 嚴厳 效効 廣広 恆恒 鑛鉱 號号 國国 黑黒 濟済 碎砕 齋斎 劑剤 櫻桜 册冊
雜雑 產産 參参 慘惨 棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 實実 舍舎 寫写 釋釈 壽寿 收収
從従 澁渋 獸獣 縱縦 肅粛 處処 緖緒 敍叙 奬奨 將将 燒焼 稱称 證証 乘乗 剩剰 壤壌 孃嬢 條条 淨浄
疊畳 穰穣 讓譲 釀醸 囑嘱 觸触 寢寝 愼慎 晉晋 眞真 盡尽 圖図 粹粋 醉酔 隨随 髓髄 數数 樞枢 瀨瀬
淸清 靑青 聲声 靜静 齊斉 攝摂 竊窃 專専 戰戦 淺浅 潛潜 纖繊 踐践 錢銭 禪禅 曾曽 雙双 壯壮 搜捜
插挿 爭争 總総 聰聡 莊荘 裝装 騷騒 臟臓 藏蔵 卽即 屬属 續続 墮堕 體体 對対 帶帯 滯滞 瀧滝 單単
團団 彈弾 斷断 癡痴 遲遅 晝昼 蟲虫 鑄鋳 廳庁 聽聴 敕勅 鎭鎮 遞逓 鐵鉄 轉転 點点 傳伝 黨党 盜盗
燈灯 當当 鬪闘 德徳 獨独 讀読 屆届 繩縄 貳弐 惱悩 腦脳 霸覇 廢廃 拜拝 賣売 麥麦 發発 髮髪 拔抜
蠻蛮 祕秘 濱浜 甁瓶 拂払 佛仏 倂併 竝並 變変 辨弁 辯弁 瓣弁 邊辺 舖舗 穗穂 寶宝 豐豊 沒没 飜翻
每毎 萬万 滿満 麵麺 默黙 彌弥 藥薬 譯訳 豫予 餘余 與与 譽誉 搖揺 樣様 謠謡 遙遥 瑤瑶 來来 賴頼
亂乱 覽覧 龍竜 兩両 獵猟 綠緑 壘塁 淚涙 勵励 禮礼 隸隷 靈霊 齡齢 戀恋 鍊錬 爐炉 勞労 樓楼 郞郎
祿禄 錄録 亙亘 灣湾 步歩 戶戸 內内 吳呉 增増 曆暦 歷歴 槇槙 頰頬 瘦痩 蔣蒋 鷗鴎 瀆涜 籠篭 繫繋
噓嘘 俠侠 摑掴 攪撹 萊莱 蠟蝋 醬醤 顚顛 驒騨 麴麹 囊嚢 屛屏 幷并 剝剥 塡填 彥彦 鄰隣 凉涼 晄晃
曻昇 昻昂 禱祷
"""
# Forms that families write in several ways: 渡辺 and 渡邉 may be one person on two papers. 斎 and 斉
# are two letters, but so often mixed up in 斎藤 that for names they are one here.
_OF_NAMES = """
髙高 﨑崎 嵜崎 碕崎 㟢崎 邉辺 斉斎 澤沢 濵浜 嶋島 嶌島 𠮷吉 冨富 峯峰 桒桑 栁柳 桺柳 楳梅 穐秋
舩船 舘館 檜桧 蘆芦 礒磯 籔薮 藪薮 埜野 㐂喜 壻婿 曺曹 鉃鉄 﨔欅 閒間 泻潟 杦杉 枩松 枡桝 渕淵
渊淵 𦚰脇 苅刈 葊庵 廐厩 竈釜 凛凜 糀麹 裵裴 邨村 﨟臈 靍鶴 靏鶴 翆翠 逹達 弌一 弍二 弎三
"""
_NEW = {ord(pair[0]): pair[1] for pair in f"{_OLD_AND_NEW}{_OF_NAMES}".split()}
_NEW[ord("齊")] = "斎"  # like 斉 itself
_KATAKANA = {code: chr(code + 0x60) for code in range(0x3041, 0x3097)}
_LARGE = str.maketrans("ァィゥェォヵヶッャュョヮヰヱヲヂヅ", "アイウエオカケツヤユヨワイエオジズ")
_LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_LATIN |= str.maketrans({"ı": "i", "ħ": "h"})
_REPEATED = "々"
_JAPANESE = re.compile(  # a letter that is_kanji or is_kana takes
    "[々\u3400-\u9fff\U00020000-\U0003ffff\u3041-\u3096\u30a1-\u30fa\u30fc]"
)

_VOWELS = "aiueo"
_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
_KANA = {
    kana: row + vowel
    for row, line in _ROWS.items()
    for kana, vowel in zip(line, _VOWELS, strict=True)
}
_KANA |= {
    "ヤ": "ya",
    "ユ": "yu",
    "ヨ": "yo",
    "ワ": "wa",
    "ヰ": "i",
    "ヱ": "e",
    "ヲ": "o",
    "ン": "n",
}
_KANA |= {"ヂ": "zi", "ヅ": "zu", "デ": "de", "ダ": "da", "ド": "do", "ヴ": "vu"}
_SMALL = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_LONG, _DOUBLED = "ー", "ッ"

_FOLDS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"tch", "cch"),
        (r"ssh(?=[aiueo])", "ssy"),
        (r"cch(?=[aiueo])", "tty"),
        (r"sh(?=[aiueo])", "sy"),
        (r"ch(?=[aiueo])", "ty"),
        (r"t?ts(?=u)", "t"),
        (r"dz|d(?=u)", "z"),
        (r"jy?", "zy"),
        (r"(?<=[stz])y(?=i)", ""),
        (r"f(?=u)", "h"),
        (r"m(?=[bmp])", "n"),
        (r"o(?:[uo]|h(?![aiueoy]))+", "o"),
        (r"u(?:u|h(?![aiueoy]))+", "u"),
        (r"^oh(?=[iue])", "o"),  # 大石 is Oishi and Ohishi
    )
)


def compatible(text: str) -> str:
    """Return a text in NFKC, small, with old forms of kanji replaced and 々 written out."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_NEW)
    if _REPEATED not in folded:
        return folded
    characters: list[str] = []
    for letter in folded:
        characters.append(characters[-1] if letter == _REPEATED and characters else letter)
    return "".join(characters)


def katakana(text: str) -> str:
    """Return a text with katakana in place of hiragana."""
    return text.translate(_KATAKANA)


def large_kana(text: str) -> str:
    """Return katakana without small ones and without letters that sound like another."""
    return text.translate(_LARGE)


def unaccented(text: str) -> str:
    """Return small Latin letters without accents; `ī` is `ii`, since `i` alone is another sound."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text).replace("i\u0304", "ii").translate(_LATIN)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not _is_accent(c)))


def _is_accent(letter: str) -> bool:
    return "\u0300" <= letter <= "\u036f"


def is_kanji(letter: str) -> bool:
    """Whether a letter is a Chinese character."""
    return (
        letter == "々" or "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff"
    )


def is_kana(letter: str) -> bool:
    """Whether a letter is hiragana or katakana, long vowels included."""
    return "\u3041" <= letter <= "\u3096" or ("\u30a1" <= letter <= "\u30fc" and letter != "・")


def is_japanese(text: str) -> bool:
    """Whether a text has kanji or kana."""
    return bool(_JAPANESE.search(text))


@lru_cache(maxsize=1 << 15)
def from_kana(text: str) -> str:
    """Return kana in Latin letters, folded; what is no kana stands for nothing."""
    sounds: list[str] = []
    doubled = False
    for letter in katakana(text):
        if letter == _DOUBLED:
            doubled = True
        elif letter in _SMALL:
            sounds.append(_with_small(sounds.pop() if sounds else "", _SMALL[letter]))
        elif letter == _LONG and sounds:
            sounds.append(sounds[-1][-1] if sounds[-1][-1:] in ("o", "u") else "")
        elif sound := _KANA.get(letter, ""):
            sounds.append(sound[0] * doubled + sound)
            doubled = False
    return fold("".join(sounds))


def _with_small(sound: str, small: str) -> str:
    """Return a sound and the small kana after it as one: `ki` and `ya` are `kya`."""
    if small[0] == "y" or sound[-1:] not in _VOWELS:
        return sound[:-1] + small
    return (sound[:-1] or "w") + small if len(sound) > 1 else sound + small


@lru_cache(maxsize=1 << 15)
def fold(word: str) -> str:
    """Return a word of small Latin letters in the one form of all its spellings."""
    word = unaccented(word)
    for pattern, to in _FOLDS:
        word = pattern.sub(to, word)
    return word
