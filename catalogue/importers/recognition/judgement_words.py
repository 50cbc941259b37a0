"""What offices write for a verdict, a reason and a stage, as the codes that judgements have."""

import re
import unicodedata
from itertools import chain

from catalogue.database.judgement_models import (
    CONFLICT,
    DECLINED,
    DESCRIPTION_VAGUE,
    NO_CAPACITY,
    NOT_SUITABLE,
    REASONS,
    STAGES,
    SUITABLE,
    VERDICTS,
    as_code,
)

UNDECIDED = "undecided"
OTHER = "other"
MAX_CHARS = 300  # of a cell that is looked at

# The first that is found counts: 不適 holds 適, 見送り候補 holds 候補. Signs and words of Latin letters are
# compared as a whole, for `no` stands in `know`.
_ALONE = (
    (UNDECIDED, r"[△▲?]+|pending|undecided|on hold|maybe|tbd|t\.b\.d\."),
    (NOT_SUITABLE, r"[×✕✖╳❌]+|x|n/?g|no|not? .{1,40}|un(?:suitable|fit)|reject(?:ed)?|irrelevant|declined"),
    (SUITABLE, r"[○〇◯◎●⭕✓✔☑]+|ok|yes|y|fit|match(?:ed)?|good|accept(?:ed)?|relevant|recommended|selected"),
)  # fmt: skip
_WITHIN = (
    (UNDECIDED, r"保留|検討|未定|未判定|未評価|未確認|要確認|確認中|調査中|条件付|どちらとも"),
    (
        NOT_SUITABLE,
        r"不|否|非|見送|対象外|該当(?:し)?な|合わな|適さな|適(?:して)?いな|外れ|除外|却下|落選|なし|無し",
    ),
    (SUITABLE, r"適|可|良|優|合|有望|採用|採択|候補|推薦|選定|一致|マッチ|該当|あり|有り"),
)  # fmt: skip
_REASONS = (
    (
        "wrong_field",
        r"(?:分野|専門|領域|テーマ|技術|研究)\w{0,6}(?:違|異な|合わな|外|ずれ|不一致)|field|expertise",
    ),
    (CONFLICT, r"競合|利益相反|利害|他社|同業|先約|conflict|competitor"),
    (
        NO_CAPACITY,
        r"多忙|余力|余裕|人手|時間がな|手一杯|受けられ|退職|異動|転出|休職|サバティカル|体制"
        r"|capacity|busy|retire",
    ),
    (
        "too_early",
        r"尚早|早い|早す|基礎(?:段階|研究)|未成熟|実用化\w{0,4}遠|too early|premature|early stage",
    ),
    ("no_benefit", r"利点|メリット|優位|既存|代替|効果が(?:な|薄|小)|benefit|advantage"),
    ("no_commercial_route", r"事業化|市場|採算|商流|収益|予算|費用|コスト|market|commercial|budget"),
    (DESCRIPTION_VAGUE, r"不明|曖昧|あいまい|具体|情報不足|要件|unclear|vague"),
)  # fmt: skip
_STAGES = (
    (DECLINED, r"見送|辞退|断り|断った|中止|不成立|終了|取下|却下|declined|cancel"),
    ("deployment", r"実用化|製品化|事業化|商品化|導入|ライセンス|実施許諾|上市|licen|deploy|launch"),
    ("full_prototype", r"本格|共同研究|受託研究|実証|joint research|full"),
    ("small_prototype", r"小規模|試作|予備|poc|フィージ|prototype|pilot|feasib|トライアル"),
    ("nda", r"nda|秘密保持|機密保持|cda"),
    ("dialogue", r"面談|対話|打合|打ち合|ヒアリング|訪問|協議|相談|meeting|dialog|interview|talk"),
    ("discovery", r"発掘|候補|紹介|選定|リストアップ|打診|推薦|discover|introduc|shortlist"),
)  # fmt: skip
_COMPILED = {
    patterns: tuple((code, re.compile(pattern, re.IGNORECASE)) for code, pattern in patterns)
    for patterns in (_ALONE, _WITHIN, _REASONS, _STAGES)
}


def verdict_of(text: str) -> str:
    """Return a verdict, `undecided`, or nothing where the words, such as a grade, don't tell."""
    said = _folded(text)
    if (code := as_code(said)) in VERDICTS:
        return code
    whole = (verdict for verdict, pattern in _COMPILED[_ALONE] if pattern.fullmatch(said))
    within = (verdict for verdict, pattern in _COMPILED[_WITHIN] if pattern.search(said))
    return next(chain(whole, within), "")


def reason_of(text: str) -> str:
    """Return why somebody does not suit; `other` where the words are none that is known."""
    return _known(text, REASONS, _COMPILED[_REASONS]) or OTHER


def stage_of(text: str) -> str:
    """Return how far two came, the furthest that the words name; nothing where they name none."""
    return _known(text, STAGES, _COMPILED[_STAGES])


def _known(
    text: str, codes: tuple[str, ...], words: tuple[tuple[str, re.Pattern[str]], ...]
) -> str:
    said = _folded(text)
    if (code := as_code(said)) in codes:
        return code
    return next((code for code, pattern in words if pattern.search(said)), "")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold().strip()
