"""How likely a text is Japanese as people write it: tells a right decoding from a wrong one.

Each character's probability is the share that its kind has in Japanese writing, divided among the
characters of that kind: Unicode's blocks, the levels of JIS X 0208, and the kanji taught at school.
Half-width kana are a way of writing of their own, in which whole files are written.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

# 学年別漢字配当表, the 1,026 kanji of primary school: about nine tenths of the kanji in a page.
_TAUGHT = """
一右雨円王音下火花貝学気九休玉金空月犬見五口校左三山子四糸字耳七車手十出女小上森人水正生青夕石赤千川先早草足村大男
竹中虫町天田土二日入年白八百文木本名目立力林六引羽雲園遠何科夏家歌画回会海絵外角楽活間丸岩顔汽記帰弓牛魚京強教近兄
形計元言原戸古午後語工公広交光考行高黄合谷国黒今才細作算止市矢姉思紙寺自時室社弱首秋週春書少場色食心新親図数西声星
晴切雪船線前組走多太体台地池知茶昼長鳥朝直通弟店点電刀冬当東答頭同道読内南肉馬売買麦半番父風分聞米歩母方北毎妹万明
鳴毛門夜野友用曜来里理話悪安暗医委意育員院飲運泳駅央横屋温化荷界開階寒感漢館岸起期客究急級宮球去橋業曲局銀区苦具君
係軽血決研県庫湖向幸港号根祭皿仕死使始指歯詩次事持式実写者主守取酒受州拾終習集住重宿所暑助昭消商章勝乗植申身神真深
進世整昔全相送想息速族他打対待代第題炭短談着注柱丁帳調追定庭笛鉄転都度投豆島湯登等動童農波配倍箱畑発反坂板皮悲美鼻
筆氷表秒病品負部服福物平返勉放味命面問役薬由油有遊予羊洋葉陽様落流旅両緑礼列練路和愛案以衣位茨印英栄媛塩岡億加果貨
課芽賀改械害街各覚潟完官管関観願岐希季旗器機議求泣給挙漁共協鏡競極熊訓軍郡群径景芸欠結建健験固功好香候康佐差菜最埼
材崎昨札刷察参産散残氏司試児治滋辞鹿失借種周祝順初松笑唱焼照城縄臣信井成省清静席積折節説浅戦選然争倉巣束側続卒孫帯
隊達単置仲沖兆低底的典伝徒努灯働特徳栃奈梨熱念敗梅博阪飯飛必票標不夫付府阜富副兵別辺変便包法望牧末満未民無約勇要養
浴利陸良料量輪類令冷例連老労録圧囲移因永営衛易益液演応往桜可仮価河過快解格確額刊幹慣眼紀基寄規喜技義逆久旧救居許境
均禁句型経潔件険検限現減故個護効厚耕航鉱構興講告混査再災妻採際在財罪殺雑酸賛士支史志枝師資飼示似識質舎謝授修述術準
序招証象賞条状常情織職制性政勢精製税責績接設絶祖素総造像増則測属率損貸態団断築貯張停提程適統堂銅導得毒独任燃能破犯
判版比肥非費備評貧布婦武復複仏粉編弁保墓報豊防貿暴脈務夢迷綿輸余容略留領歴胃異遺域宇映延沿恩我灰拡革閣割株干巻看簡
危机揮貴疑吸供胸郷勤筋系敬警劇激穴券絹権憲源厳己呼誤后孝皇紅降鋼刻穀骨困砂座済裁策冊蚕至私姿視詞誌磁射捨尺若樹収宗
就衆従縦縮熟純処署諸除承将傷障蒸針仁垂推寸盛聖誠舌宣専泉洗染銭善奏窓創装層操蔵臓存尊退宅担探誕段暖値宙忠著庁頂腸潮
賃痛敵展討党糖届難乳認納脳派拝背肺俳班晩否批秘俵腹奮並陛閉片補暮宝訪亡忘棒枚幕密盟模訳郵優預幼欲翌乱卵覧裏律臨朗論
藤伊塚尾浜沢亀鈴斎渡須菅柴杉桑熊鶴瀬脇柳飛彦郎哲也介斗翔沙紗菜綾絢彩麻奈那恵智之弘浩隆剛誠聡史樹輝
"""
_SCHOOL = frozenset(_TAUGHT) - {"\n"}
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_RARE_KANA = re.compile("[\uff61-\uff67\uff68-\uff6b\uff87\uff8d]")  # ｦ, signs, small vowels, ﾇ ﾍ
# A voicing mark where nothing can be voiced; a small kana or a long vowel where a word begins, or
# after what it cannot follow; a doubled sound that cannot be doubled.
_MISWRITTEN = re.compile(
    "(?<![ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<![ﾊ-ﾎ])ﾟ|(?<![･-ﾟ])[ｧ-ｰﾝ]|(?<![ｲｳｷｸｼﾁﾂﾃﾄﾌﾞﾟ])[ｧ-ｫ]"
    "|(?<![ｷｼﾁﾆﾋﾐﾘﾃﾌﾞﾟ])[ｬ-ｮ]|ｯ(?![ｶ-ﾄﾊ-ﾎｰ])|[｡､]."
)
_MISWRITING = math.log(0.02)
_RARITY = math.log(0.2)
_WRITINGS = (0.01, 0.9)  # the share of half-width kana: in most files, and in files full of them
_RARE_WRITING = math.log(0.002)  # how often a file is of the second kind
_NEVER = 1e-12
_OTHER_LETTERS = 1e-7  # of scripts that no Japanese text is written in, kanji outside of JIS
_SHARES = (  # of a kind in Japanese writing without half-width kana, and how many there are
    (re.compile("[\t\n\r -~]"), 0.20, 98),
    (re.compile("[\u3041-\u3096\u309b-\u309e]"), 0.33, 90),
    (re.compile("[\u30a1-\u30fc]"), 0.12, 92),
    (re.compile("[、。，．・：；？！（）「」『』【】〔〕～〜－−―＝　々〒※→℃％￥]"), 0.06, 34),
    (re.compile("[０-９Ａ-Ｚａ-ｚ]"), 0.02, 62),
)
_SCHOOL_SHARE, _VARIANT_SHARE = 0.24, 0.0005
_VARIANTS = 400
_BY_ROW = (
    (0xD0, 0.002 / 3_390),
    (0xB0, 0.025 / 1_939),
    (0xA1, 0.004 / 700),
)  # second level, first, signs


def log_likelihood(text: str) -> float:
    """Return the logarithm of how likely such a text is; always below 0, higher is likelier."""
    counted = Counter(text)
    half_width = sum(n for letter, n in counted.items() if _HALF_WIDTH.match(letter))
    odd = len(_MISWRITTEN.findall(text)) * _MISWRITING if half_width else 0
    odd += sum(n for c, n in counted.items() if _RARE_KANA.match(c)) * _RARITY
    shared = sum(n * _log_probability(c) for c, n in counted.items() if not _HALF_WIDTH.match(c))
    return odd + shared + max(_of_writings(len(text), half_width))


def _of_writings(length: int, half_width: int) -> Iterator[float]:
    """Yield what half-width kana add, for each way of writing."""
    for share, rarity in zip(_WRITINGS, (0.0, _RARE_WRITING), strict=True):
        others = (length - half_width) * math.log(1 - share)
        yield rarity + others + half_width * math.log(share / 63)


@lru_cache(maxsize=1 << 14)
def _log_probability(letter: str) -> float:
    return math.log(_probability(letter))


def _probability(letter: str) -> float:
    for kind, share, count in _SHARES:
        if kind.match(letter):
            return share / count
    if letter in _SCHOOL:
        return _SCHOOL_SHARE / len(_SCHOOL)
    if letter < " " or "\x7f" <= letter < "\xa0" or letter == "\ufffd":
        return _NEVER
    place = letter.encode("euc_jp", "ignore")
    if len(place) == 2:
        return next(share for first, share in _BY_ROW if place[0] >= first)
    return _OTHER_LETTERS if place else _outside_of_jis(letter)  # JIS X 0212 has three bytes


def _outside_of_jis(letter: str) -> float:
    """Return the probability of what Windows knows besides, such as ① and 髙, or of other letters."""
    try:
        letter.encode("cp932")
    except UnicodeEncodeError:
        return _OTHER_LETTERS if letter.isprintable() else _NEVER
    return _VARIANT_SHARE / _VARIANTS if letter.isprintable() else _NEVER * 10
