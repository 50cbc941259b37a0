"""Quantities in a text, and the range that could stand for one: 1,900 tonnes as 1,000 to 2,000 tonnes.

A range goes from one step of the series 1, 2, 5 × 10^n to the next (the preferred numbers of ISO 3 in
their coarsest form), so that about three of them lie in a decade. Years, and whole numbers below ten, tell
little and are no quantities here; the year in which a company was founded does, and its decade stands for it.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

_DIGITS = dict(zip("〇一二三四五六七八九", range(10), strict=True))
_TENS, _MYRIADS = {"十": 10, "百": 100, "千": 1_000}, {"万": 10**4, "億": 10**8, "兆": 10**12}
_KANJI = "〇一二三四五六七八九十百千万億兆"
_PLAIN = r"[0-9０-９]+(?:[,，][0-9０-９]{3})*(?:[.．][0-9０-９]+)?"
_NUMBER = rf"(?:{_PLAIN}(?:[十百千万億兆]+)?|[{_KANJI}]+)"
_JA_UNIT = (
    r"(?:円|ドル|人|名|社|棟|台|基|本|枚|袋|個|件|店舗?|か所|ヶ所|箇所|拠点|工場|トン|キログラム|グラム|ミリグラム|マイクログラム|"
    r"キロメートル|メートル|センチ(?:メートル)?|ミリ(?:メートル)?|ミクロン|リットル|パーセント|割|度|気圧|ボルト|アンペア|ワット|"
    r"種類|品目|時間|分|秒|日|週間|か月|ヶ月|年間?|歳|代|缶|瓶|樽|箱|食|羽|頭|匹|株|冊|部屋|部|室|床|席|戸|世帯|隻|両|機|点|"
    r"校|園|病院|施設|自治体|市町村|か国|カ国|錠|粒|玉|束|巻|着|足|編|回線|会員|便|路線|駅|畳|坪|ヘクタール|平方メートル|"
    r"立方メートル|アール|バレル)"
)
_SI_UNIT = (
    r"(?:%|％|‰|℃|°C|°F|K\b|[kMG]?Pa\b|bar\b|[µμmcdk]?m[²³23]?\b|[µμmk]?g\b|kg\b|[mk]?L\b|ml\b|t\b|"
    r"[kMG]?W(?:h)?\b|[km]?V\b|[m]?A\b|[kMG]?Hz\b|rpm\b|ppm\b|ppb\b|dB\b|cm\b|mm\b|nm\b|"
    r"yen\b|JPY\b|USD\b|dollars?\b|euros?\b|percent\b|people\b|employees\b|staff\b|sites?\b|plants?\b|"
    r"warehouses\b|stores\b|shops\b|units?\b|tonn?e?s\b|tons\b|kilos?\b|litres?\b|liters?\b|metres?\b|"
    r"meters?\b|degrees\b|hours?\b|minutes?\b|seconds?\b|days?\b|weeks?\b|months?\b|customers\b|"
    r"(?:screw )?compressors\b|motors\b|(?:square|cubic) met(?:re|er)s\b|hectares\b|"
    # what is counted: a plural, but of no word that only ends like one
    r"(?!(?:times|was|is|has|as|this|plus|series|versus|minus|process|less)\b)[a-z]{3,}s\b)"
)
_QUANTITY = re.compile(
    rf"(?P<money>[¥￥$€]\s?)?(?P<number>{_NUMBER})(?P<space>[ \u00a0]?)(?P<unit>{_JA_UNIT}|{_SI_UNIT})?",
)
_SCALE = {"thousand": 1_000, "million": 10**6, "billion": 10**9}
_SCALED = re.compile(
    rf"(?<![0-9０-９])(?<![0-9０-９][,，.．])(?P<number>{_PLAIN}) (?P<scale>thousand|million|billion)"
    r"(?P<unit> (?:yen|dollars|euros))?"
)


_FOUNDED = re.compile(
    r"(?<![0-9０-９])(?P<ja>[12１２][0-9０-９]{3})年?(?=(?:の|に)?(?:創業|創立|設立|創設|開業))"
    r"|(?:founded|established|since|incorporated)(?: in)? (?P<en>[12][0-9]{3})(?![0-9])",
    re.IGNORECASE,
)
YEAR, FOUNDING_DIGITS = "founded", 3  # a year of founding tells as much as three digits


@dataclass(frozen=True)
class Quantity:
    """A quantity: its place in the text, its number and its unit as written, both empty of blanks."""

    start: int
    end: int
    number: float
    digits: int  # significant ones
    unit: str
    money: str = field(default="")


def quantities(text: str) -> Iterator[Quantity]:
    """Yield the quantities of a text, from its beginning on."""
    scaled = [*_scaled(text), *_founded(text)]
    yield from scaled
    taken = [(one.start, one.end) for one in scaled]
    for found in _QUANTITY.finditer(text):
        if any(start < found.end() and found.start() < end for start, end in taken):
            continue
        unit, money = found["unit"] or "", (found["money"] or "").strip()
        number = number_of(found["number"])
        if number is None or not (unit or money) or (unit.startswith("年") and number >= 1900):
            continue
        if number < 10 and number == int(number) and not money and unit not in {"%", "％", "割"}:
            continue
        if not found["number"][0].isdigit() and unit in {"分", "度", "代", "日"} and number < 10:
            continue
        yield Quantity(found.start(), found.end(), number, significant(number), unit.strip(), money)


def _scaled(text: str) -> Iterator[Quantity]:
    for found in _SCALED.finditer(text):
        base = number_of(found["number"])
        if base is not None:
            number = base * _SCALE[found["scale"]]
            unit = (found["unit"] or "").strip()
            yield Quantity(found.start(), found.end(), number, significant(number), unit)


def _founded(text: str) -> Iterator[Quantity]:
    for found in _FOUNDED.finditer(text):
        start, end = found.span() if found["ja"] else found.span("en")
        year = int(unicodedata.normalize("NFKC", found["ja"] or found["en"]))
        yield Quantity(start, end, year, FOUNDING_DIGITS, YEAR)


def number_of(written: str) -> float | None:
    """Return the value of a number in digits, kanji or both (4万, 千二百), None for what is none."""
    text = unicodedata.normalize("NFKC", written).replace(",", "")
    total, part, digits = 0.0, 0.0, ""
    for sign in text:
        if sign.isascii() and (sign.isdigit() or sign == "."):
            digits += sign
        elif sign in _DIGITS:
            digits += str(_DIGITS[sign])
        elif sign in _TENS:
            part += _as_number(digits, 1.0) * _TENS[sign]
            digits = ""
        elif sign in _MYRIADS:
            total += (part + _as_number(digits, 0.0 if part else 1.0)) * _MYRIADS[sign]
            part, digits = 0.0, ""
        else:
            return None
    try:
        return total + part + _as_number(digits, 0.0)
    except ValueError:
        return None


def _as_number(digits: str, empty: float) -> float:
    return float(digits) if digits else empty


def significant(number: float) -> int:
    """Return how many significant digits a number has: 1,900 has two."""
    return max(1, len(f"{number:.6g}".replace(".", "").replace("-", "").strip("0").split("e")[0]))


def steps_around(number: float) -> tuple[float, float]:
    """Return the step of 1, 2, 5 × 10^n at or below a number, and the next one."""
    if number <= 0:
        return 0.0, 1.0
    decade = 10.0 ** math.floor(math.log10(number))
    steps = [decade * factor for factor in (1, 2, 5, 10)]
    low = max(step for step in steps if step <= number * (1 + 1e-9))
    return low, steps[steps.index(low) + 1]


def as_range(quantity: Quantity, language: str) -> str:
    """Return the range that stands for a quantity, as a text of `language` (ja or en) writes it."""
    if quantity.unit == YEAR:
        decade = int(quantity.number) // 10 * 10
        return f"{decade}年代" if language == "ja" else f"{decade}s"
    low, high = (written(one, language) for one in steps_around(quantity.number))
    unit, money = quantity.unit, quantity.money
    if language == "ja":
        return f"{money}{low}〜{money}{high}{unit}"
    tight = unit in {"%", "℃", "°C", "°F"}
    return f"{money}{low} to {money}{high}{'' if tight or not unit else ' '}{unit}"


def written(number: float, language: str) -> str:
    """Return a number as a text writes it: in Japanese with 万 and 億 from ten thousand on."""
    if language == "ja":
        for sign, value in (("億", 10**8), ("万", 10**4)):
            if number >= value:
                return f"{number / value:,.6g}{sign}"
    return f"{number:,.0f}" if number >= 1 else f"{number:.6g}"
