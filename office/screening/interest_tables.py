"""Tables of an office that screening is fed with: what their columns are called, and what a row says.

Six kinds, told by their headings in Japanese or English: declared interests, groups of companies,
competitors, limits of people's time, former employers of the office's users, NDAs with companies. Files
are read by `catalogue.importers`; nothing that stands in a row is quoted in what is said of it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.database.screening_models import (
    CHAIR,
    CONTRACT_END,
    EMPLOYMENT,
    FAMILY,
    FEES,
    LEAVE,
    NOT_BEFORE,
    RETIREMENT,
    ROLE,
    RUNNING,
    SHARES,
    STARTUP,
    TEACHING,
)
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.values import as_text, day, folded, name, yen
from catalogue.records.drafts import BadValueError
from enmusubi.messages import Message

INTERESTS, GROUPS, COMPETITORS = "interests", "groups", "competitors"
LIMITS, EMPLOYERS, NDA_TABLE = "limits", "employers", "ndas"
MISSING = Message("missing")
UNKNOWN_KIND = Message("no kind that is known here (docs/screening.md)")
NO_NAME = Message("not a company's name")
NOT_A_NUMBER = Message("not a whole number")
BACKWARDS = Message("ends before it begins")
NO_DAY = Message("this kind needs a day")
MAX_NUMBER = 1_000
_COUNT = re.compile(r"[^\d.,−–-]*(\d{1,4})[^\d.,−–-]*")  # 週10コマ, but neither 3–5 nor -1

_SINCE = ("from", "start", "begin", "開始", "開始日", "開始年月日", "自", "期間（自）", "から")
_UNTIL = (
    "to",
    "end",
    "last day",
    "終了",
    "終了日",
    "終了年月日",
    "至",
    "期間（至）",
    "まで",
    "退職日",
    "valid until",
    "expires on",
    "有効期限",
    "有効期間（至）",
    "契約終了日",
)
_REMARK = ("remarks", "note", "notes", "comment", "備考", "摘要", "内容")
_PERSON = (
    "researcher",
    "name",
    "declarant",
    "研究者",
    "研究者名",
    "氏名",
    "教員名",
    "申告者",
    "申告者氏名",
)
_NUMBER = (
    "researcher id", "staff number", "number", "研究者番号", "職員番号", "教職員番号", "e-rad", "orcid",
)  # fmt: skip
_PLACE = ("department", "所属", "部局", "学部", "部署", "所属部局")
_KIND = (
    "type",
    "category",
    "kind of interest",
    "種別",
    "種類",
    "区分",
    "利益相反の種類",
    "関係",
    "関係の種類",
)
_COMPANY = (
    "company", "organization", "firm", "企業", "企業名", "会社", "会社名", "相手先",
    "相手先名", "団体名", "法人名",
)  # fmt: skip
SYNONYMS = Synonyms(
    {
        "person": _PERSON,
        "person_id": _NUMBER,
        "department": _PLACE,
        "organisation": _COMPANY,
        "kind": _KIND,
        "amount": ("amount (jpy)", "fee", "yen", "limit", "金額", "年間金額", "報酬額", "金額（円）", "上限",
                   "件数"),
        "since": _SINCE,
        "until": _UNTIL,
        "remark": _REMARK,
        "parent": ("parent company", "親会社", "親会社名"),
        "child": ("subsidiary", "child company", "子会社", "子会社名", "グループ会社"),
        "first": ("company a", "first company", "企業a", "会社a", "企業1"),
        "second": ("company b", "competitor", "second company", "企業b", "会社b", "企業2", "競合",
                   "競合企業"),
        "field": ("field of research", "分野", "研究分野", "競合分野"),
        "signed": ("signed on", "date signed", "締結日", "契約締結日", "NDA締結日", "秘密保持契約締結日"),
        "need": ("need id", "ニーズid", "ニーズ番号", "対象ニーズ"),
        "lessons": ("lessons a week", "teaching load", "コマ数", "週コマ数", "授業数", "担当コマ数"),
        "user": ("login", "user id", "manager", "ログイン名", "ログインid", "担当者", "学内担当者", "利用者"),
        "employer": ("former employer", "past employer", "出身企業", "前職", "元の勤務先"),
        "industry": ("former industry", "sector", "業種", "出身業界", "業界", "出身業種"),
    }
)  # fmt: skip
INTEREST_WORDS: Mapping[str, tuple[str, ...]] = {  # the first kind with a word in the cell counts
    FAMILY: ("家族", "配偶者", "親族", "family", "spouse"),
    CHAIR: ("寄附講座", "寄付講座", "共同研究講座", "chair"),
    STARTUP: ("スタートアップ", "ベンチャー", "起業", "創業", "startup", "spinoff"),
    EMPLOYMENT: (
        "勤務歴",
        "職歴",
        "元勤務",
        "前職",
        "出身",
        "在籍",
        "雇用",
        "employment",
        "employee",
    ),
    SHARES: ("株", "新株予約権", "出資", "share", "stock", "equity", "option"),
    FEES: (
        "報酬",
        "謝金",
        "謝礼",
        "講演料",
        "原稿料",
        "コンサル",
        "fee",
        "honorari",
        "royalt",
        "consult",
    ),
    ROLE: ("役員", "顧問", "役職", "兼業", "委員", "理事", "role", "director", "advis", "board"),
}
LIMIT_WORDS: Mapping[str, tuple[str, ...]] = {
    TEACHING: ("授業", "講義", "コマ", "teaching", "lesson"),
    LEAVE: ("休職", "休業", "育休", "産休", "サバティカル", "不在", "leave", "sabbatical"),
    RETIREMENT: ("定年", "退職", "退官", "retire"),
    CONTRACT_END: ("任期", "契約", "雇止", "contract"),
    NOT_BEFORE: ("以降", "受入可能", "開始可能", "notbefore", "available"),
    RUNNING: ("案件", "件数", "上限", "running", "case"),
}


@dataclass(frozen=True)
class ScreeningTable:
    """A kind of table: the fields that it must have; one of `person` and `person_id` is enough."""

    kind: str
    required: tuple[frozenset[str], ...]


_WHO = frozenset({"person", "person_id"})
TABLES = (
    ScreeningTable(GROUPS, (frozenset({"parent"}), frozenset({"child"}))),
    ScreeningTable(COMPETITORS, (frozenset({"first", "organisation"}), frozenset({"second"}))),
    ScreeningTable(EMPLOYERS, (frozenset({"user"}), frozenset({"employer", "organisation"}))),
    ScreeningTable(NDA_TABLE, (frozenset({"organisation"}), frozenset({"signed"}))),
    ScreeningTable(INTERESTS, (_WHO, frozenset({"organisation"}), frozenset({"kind"}))),
    ScreeningTable(LIMITS, (_WHO, frozenset({"kind", "lessons"}))),
)


def table_kind(header: Sequence[str]) -> str:
    """Return the kind of table that a header is of, the first that fits; empty where none does."""
    known = SYNONYMS.known(header)
    fitting = (t.kind for t in TABLES if all(known & fields for fields in t.required))
    return next(fitting, "")


def kind_in(text: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return the kind that a cell tells, by its code or its words; raises BadValueError for none."""
    plain = folded(text).casefold().replace(" ", "").replace("-", "").replace("_", "")
    for kind, listed in words.items():
        if plain == kind.replace("_", "") or any(word in plain for word in listed):
            return kind
    raise BadValueError.of("kind", UNKNOWN_KIND)


def days_in(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the days of a row; raises BadValueError for none and for a false order."""
    since, until = _parsed(cells, "since", day), _parsed(cells, "until", day)
    if since and until and until < since:
        raise BadValueError.of("until", BACKWARDS)
    return {"since": since, "until": until}


def day_in(cells: Mapping[str, Any], field: str) -> date:
    """Return a day of a row; raises BadValueError for none."""
    found: date | None = _parsed(cells, field, day)
    if found is None:
        raise BadValueError.of(field, MISSING)
    return found


def amount_in(cells: Mapping[str, Any]) -> int | None:
    """Return the amount of a row in yen; None where it has none."""
    found: int | None = _parsed(cells, "amount", yen)
    return found


def number_in(cells: Mapping[str, Any], field: str) -> int | None:
    """Return a count, None for an empty cell; raises BadValueError for what is not one whole number."""
    text = folded(cells.get(field, ""))
    if not text:
        return None
    found = _COUNT.fullmatch(text)
    if found is None or int(found[1]) > MAX_NUMBER:
        raise BadValueError.of(field, NOT_A_NUMBER)
    return int(found[1])


def text_in(cells: Mapping[str, Any], *fields: str, required: str = "") -> str:
    """Return the first of the fields that says something; raises BadValueError where one must."""
    for field in fields:
        if text := name(cells.get(field)):
            return text
    if required:
        raise BadValueError.of(required, MISSING)
    return ""


def remark_in(cells: Mapping[str, Any]) -> str:
    """Return the remark of a row."""
    return as_text(cells.get("remark", ""))[:2_000]


def _parsed(cells: Mapping[str, Any], field: str, parse: Callable[[Any], Any]) -> Any:
    try:
        return parse(cells.get(field))
    except BadValueError as error:
        raise BadValueError.of(field, error.message) from None
