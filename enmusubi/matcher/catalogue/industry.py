"""Tells companies from universities, institutes and public bodies by how their names are written.

A legal form decides: 株式会社, Inc., GmbH. Names without any are taken for companies only where they
end as hardly anything but a company does; the rest stays out, because a wrong company would show
a researcher as someone who works with industry.
"""

import re
import unicodedata
from collections.abc import Iterable

SEPARATOR = "; "
MAX_NAME_CHARS = 300

_JA_FORM = re.compile(
    r"(?:株式|有限|合同|合資|合名|相互)会社|\(\s*[株有資]\s*\)|^\([同名]\)|\([同名]\)$"
    r"|(?:カブシキ|ユウゲン|ゴウドウ)\s?ガイシャ"
)
_JA_COMPANY_END = re.compile(
    r"(?:ホールディングス?|製作所|製薬|製鋼|製鉄|製紙|電機|電器|自動車|重工業|化成|工務店|鉄工所"
    r"|酒造|醸造|建設|商事|フィナンシャルグループ)$"
)
_JA_PUBLIC = re.compile(
    r"大学|大學|高専|高等専門学校|高等学校|法人|研究組合|協同組合|病院|学会|協会|機構|財団|公社"
    r"|試験場|センター$|研究所$|研究機構|委員会|連合会|[省庁局署]$|[都道府県市区町村]$"
)
_EN_FORM = re.compile(
    r"\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|l\.?l\.?c|l\.?l\.?p|k\.k"
    r"|g\.k|gmbh|mbh|ug|kgaa|plc|p\.l\.c|s\.a|s\.a\.s|s\.a\.r\.l|sarl|s\.?p\.?a|s\.?r\.?l|b\.v|n\.v"
    r"|a/s|aps|oyj?|pty|pvt|pte|bhd|jsc|s\.e|d\.o\.o|sp\. z o\.o|holdings?"
    r"|kabushiki[ -]?kaisha|kabushiki[ -]?gaisha|yugen[ -]?(?:kaisha|gaisha)|godo[ -]?kaisha)"
    r"\.?$",
    re.IGNORECASE,
)
_EN_SHORT_FORM = re.compile(r"\s(?:AG|SA|SE|AB|AS|BV|NV|KG|KK|SAS|ASA|SPRL)$")  # capitals only
_EN_PUBLIC = re.compile(
    r"\b(?:universit\w*|universidad\w*|college|ministry|school|academy|facult\w+|institut[eo]?s?"
    r"|foundation|stiftung|society|association|council|agency|hospital|trust|church|government"
    r"|center|centre|laborator(?:y|ies)|commission|bureau|organi[sz]ation|administration"
    r"|department of (?!.*\b(?:inc|ltd|corp|co|llc)\b).*)\b",
    re.IGNORECASE,
)
_EN_PUBLIC_FORM = re.compile(  # bodies that bear a legal form although they are no companies
    r"\b(?:universit(?:y|ies)|college|foundation|society|association|academy|hospital|church"
    r"|trust|research institute)[\s,]+(?:corporation|inc|incorporated|limited|ltd)\.?$",
    re.IGNORECASE,
)
_INSTITUTE_INC = re.compile(r"\bresearch institute[\s,]+(?:inc|ltd|incorporated|limited)\.?$", re.I)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_COUNTRY = re.compile(  # registries of organisations tell branches of a company so: `Name (Japan)`
    r"\((?:Japan|United States|United Kingdom|Germany|France|Italy|Spain|Netherlands|Belgium"
    r"|Switzerland|Austria|Sweden|Denmark|Norway|Finland|Ireland|Canada|Australia|China|Taiwan"
    r"|South Korea|India|Singapore|Israel|Brazil|Thailand)\)$"
)
_EN_BORDERS = re.compile(r"\s*[,;/]\s+|\s*;\s*|\s+[-–—]\s+")
_BLANKS = re.compile(r"\s+")


def company_names(names: Iterable[str]) -> str:
    """Return those of the names that are companies', as they are written, joined by `; `."""
    cleaned = (_BLANKS.sub(" ", name.replace(";", ",")).strip() for name in names)
    return SEPARATOR.join(dict.fromkeys(name for name in cleaned if is_company(name)))


def is_company(name: str) -> bool:
    """Whether a name, with or without a department after it, is that of a company."""
    text = _BLANKS.sub(" ", unicodedata.normalize("NFKC", name)).strip()
    if not text or len(text) > MAX_NAME_CHARS:
        return False
    return _is_japanese_company(text) or _is_western_company(text)


def _is_japanese_company(text: str) -> bool:
    """Whether the first piece that tells bears a Japanese form: `X大学 Y(株)共同研究講座` does not."""
    for piece in text.split(" "):
        if _JA_FORM.search(piece):
            return True
        if _JA_PUBLIC.search(piece):
            return False
        if _JA_COMPANY_END.search(piece):
            return True
    return False


def _is_western_company(text: str) -> bool:
    if _COUNTRY.search(text) and not _EN_PUBLIC.search(text) and not _JA_PUBLIC.search(text):
        return True
    plain = _BRACKETS.sub(" ", text).strip(" ,.")
    pieces = [piece for piece in _EN_BORDERS.split(plain) if piece]
    for count in range(1, len(pieces) + 1):
        piece, so_far = pieces[count - 1], ", ".join(pieces[:count])
        if _EN_PUBLIC_FORM.search(so_far) and not _INSTITUTE_INC.search(so_far):
            return False
        if _EN_FORM.search(piece) or _EN_SHORT_FORM.search(piece):
            return bool(count > 1 or " " in piece or _EN_FORM.sub("", piece).strip())
        followed = count < len(pieces) and _EN_FORM.fullmatch(pieces[count].rstrip("."))
        if _EN_PUBLIC.search(piece) and not followed:
            return False
    return False
