"""Prefectures of Japan and the region that each lies in, by the usual eight: places made broader.

Regions as the Geospatial Information Authority of Japan divides the country (八地方区分).
"""

import re

_REGIONS = {
    ("北海道", "Hokkaido"): "北海道 Hokkaido",
    ("東北地方", "the Tohoku region"): (
        "青森 Aomori 岩手 Iwate 宮城 Miyagi 秋田 Akita 山形 Yamagata 福島 Fukushima"
    ),
    ("関東地方", "the Kanto region"): (
        "茨城 Ibaraki 栃木 Tochigi 群馬 Gunma 埼玉 Saitama 千葉 Chiba 東京 Tokyo 神奈川 Kanagawa"
    ),
    ("中部地方", "the Chubu region"): (
        "新潟 Niigata 富山 Toyama 石川 Ishikawa 福井 Fukui 山梨 Yamanashi 長野 Nagano 岐阜 Gifu "
        "静岡 Shizuoka 愛知 Aichi"
    ),
    ("近畿地方", "the Kinki region"): (
        "三重 Mie 滋賀 Shiga 京都 Kyoto 大阪 Osaka 兵庫 Hyogo 奈良 Nara 和歌山 Wakayama"
    ),
    ("中国地方", "the Chugoku region"): (
        "鳥取 Tottori 島根 Shimane 岡山 Okayama 広島 Hiroshima 山口 Yamaguchi"
    ),
    ("四国地方", "Shikoku"): "徳島 Tokushima 香川 Kagawa 愛媛 Ehime 高知 Kochi",
    ("九州・沖縄地方", "the Kyushu and Okinawa region"): (
        "福岡 Fukuoka 佐賀 Saga 長崎 Nagasaki 熊本 Kumamoto 大分 Oita 宮崎 Miyazaki "
        "鹿児島 Kagoshima 沖縄 Okinawa"
    ),
}
REGION_OF = {  # of each prefecture, without its 都, 府 or 県, in both scripts: the region's two names
    name: names for names, prefectures in _REGIONS.items() for name in prefectures.split()
}
_ENDINGS = "都道府県"


def region_of(place: str, language: str) -> str:
    """Return the region that a place begins by naming a prefecture of, empty where it names none."""
    for name, names in REGION_OF.items():
        if place.casefold().startswith(name.casefold()):
            return names[0 if language == "ja" else 1]
    return ""


def is_prefecture(place: str) -> bool:
    """Say whether a place is a whole prefecture, and no town in it."""
    plain = re.sub(r"(?<!\s)\s*+Prefecture$", "", place.strip(), flags=re.IGNORECASE)
    names = {plain.casefold(), plain[:-1].casefold() if plain[-1:] in _ENDINGS else ""}
    return any(name.casefold() in names for name in REGION_OF)


def prefectures(script: str) -> tuple[str, ...]:
    """Return the prefectures' names in `ja` or `en` letters, without their endings."""
    is_ascii = script == "en"
    return tuple(name for name in REGION_OF if name.isascii() == is_ascii)
