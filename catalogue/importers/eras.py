"""Years of the Japanese eras; knows the calendar only, nothing of columns."""

import re

# The year before each era's first, and the last year that is taken: plans that were written before
# an era ended name years beyond its end, such as 平成35年度.
ERAS = {
    "明治": (1867, 45),
    "大正": (1911, 15),
    "昭和": (1925, 64),
    "平成": (1988, 41),
    "令和": (2018, 82),
}
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_ERA_YEAR = re.compile(
    r"(?:(?P<era>明治|大正|昭和|平成|令和)|(?P<letter>[MTSHR])\.?)"
    r"\s*(?P<year>元|\d{1,2})(?![\dA-Z])",
    re.IGNORECASE,
)


def western(text: str) -> str:
    """Return the text with the era year at its start as a Western one.

    `令和3年4月1日` gives `2021年4月1日`, `R3.4.1` gives `2021.4.1` and `平成元年度` `1989年度`. Text
    that begins otherwise, or with a year that its era does not have, stays as it is. The text must
    be in NFKC, so that digits have one width and `㋿` is two characters.
    """
    found = _ERA_YEAR.match(text)
    if not found:
        return text
    before, last = ERAS[found["era"] or _LETTERS[found["letter"].upper()]]
    year = 1 if found["year"] == "元" else int(found["year"])
    return f"{before + year}{text[found.end() :]}" if 1 <= year <= last else text
