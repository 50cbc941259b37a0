"""Turns rows of a recognised table into fields of the catalogue, role by role.

What a cell says in words, such as 学内限定 or 完了, becomes the word of ours; what has none goes on as it
stands, so that the column says what is wrong with it.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from catalogue.importers import amounts
from catalogue.importers.general.columns import ERAD_PREFIX, erad_number
from catalogue.importers.patents.numbers import patent_status
from catalogue.importers.recognition.headers import yen_in
from catalogue.importers.recognition.person_cells import (
    Texts,
    cell_text,
    name_fields,
    on_line,
    sided,
)
from catalogue.importers.recognition.recognising import RecognisedTable
from catalogue.importers.rows import DayOf1904
from catalogue.importers.values import LIST_SEPARATOR, day
from catalogue.records.drafts import BadValueError, name_id

Fields = dict[str, Any]

PARTS, DEPARTMENTS = " ", " / "  # between the parts of one department, and between two departments
_HASH_CHARS = 16
_OWN_NUMBER = re.compile(
    r"(?=.*\d)(?:.*[^\W\d_].*|\d{5,})"
)  # a bare 1, 2, 3 is the same in every file
_RESEARCHMAP = re.compile(
    r"(?:https?://)?(?:www\.)?researchmap\.jp/(?:researchers/)?([\w.-]+)/?.*", re.IGNORECASE
)
_BORDERS = " ・／/,、，"  # between a department and the post behind it
_POST_AT_END = re.compile(
    rf"(?<=.[{_BORDERS}])(?:名誉|特任|特命|客員|招聘)?(?:教授|准教授|助教授|講師|助教|助手|研究員)$"
)
_IN_WORDS = "horizon"  # a day there stays the text that it is
_DAYS = frozenset(
    {_IN_WORDS, "year", "filed_on", "published_on", "granted_on", "posted_on", "judged_at"}
)
_AT = re.compile(r"\(at\)|\[at\]|＠|<at>|_at_|アット", re.IGNORECASE)

_CONFIDENTIAL = re.compile(
    r"秘|非公開|不可|社外|confidential|secret|private|×|closed|ng", re.IGNORECASE
)
_INTERNAL = re.compile(r"学内|限定|部内|社内|所内|internal|office|要相談|関係者", re.IGNORECASE)
_PUBLIC = re.compile(r"公開|可|○|◯|public|open|ok|一般", re.IGNORECASE)
_ASKED_FOR = {  # what 秘密保持の要否 says; who does not ask for secrecy has not asked for publication
    **dict.fromkeys(("要", "必要", "有", "有り", "あり"), "confidential"),
    **dict.fromkeys(("不要", "無", "無し", "なし"), "internal"),
}
_CLOSED = re.compile(
    r"完了|終了|済|クローズ|取下|辞退|不成立|成約|closed?|done|completed|finished", re.IGNORECASE
)
_KIND_WORDS = (
    ("patent", re.compile(r"特許|発明|知財|patent", re.IGNORECASE)),
    (
        "grant",
        re.compile(
            r"科研|助成|研究費|課題|基盤|若手|挑戦的|競争的資金|研究種目|grant|funding|award number",
            re.IGNORECASE,
        ),
    ),
    (
        "presentation",
        re.compile(r"発表|講演|ポスター|口頭|学会|presentation|talk|poster|演題", re.IGNORECASE),
    ),
    (
        "paper",
        re.compile(
            r"論文|著書|総説|原著|紀要|雑誌|書籍|解説|会議|プロシーディング|paper|article|journal|book|review|conference|proceeding",
            re.IGNORECASE,
        ),
    ),
    ("award", re.compile(r"受賞|表彰|賞$|award|prize", re.IGNORECASE)),
    ("course", re.compile(r"科目|授業|講義|course|lecture", re.IGNORECASE)),
    ("note", re.compile(r"シーズ|技術|ノウハウ|装置|機器|note|seed|technology", re.IGNORECASE)),
)


def texts_of(table: RecognisedTable, cells: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the filled cells of a row by role, in the order of the columns."""
    found: dict[str, list[str]] = {}
    for column in table.columns:
        if column.role and (text := _said(column.role, cells.get(column.label))):
            found.setdefault(column.role, []).append(text)
    return found


def _said(role: str, cell: Any) -> str:
    """Return a cell as text; a number of days as the day that it stands for, where a day is expected."""
    counts_days = isinstance(cell, DayOf1904) or (
        role == _IN_WORDS and isinstance(cell, float | int)
    )
    if role in _DAYS and counts_days:
        with suppress(BadValueError):
            return str(day(cell) or "")
    return cell_text(cell)


def person_fields(texts: Texts) -> Fields:
    """Return the fields of a researcher, without the id that the row is kept under."""
    fields: Fields = dict(name_fields(texts))
    post = fields.pop("post", "")
    if texts.get("institution"):
        fields |= sided("institution", map(on_line, texts["institution"]), PARTS)
    departments = [on_line(cell) for cell in texts.get("department", ())]
    if departments and not texts.get("position"):
        departments[-1], found = _without_post(departments[-1])
        post = post or found
    fields |= sided("department", departments, PARTS)
    fields |= sided(
        "position", map(on_line, texts.get("position", ()) or ([post] if post else ())), PARTS
    )
    fields |= sided("keywords", texts.get("keywords", ()), LIST_SEPARATOR)
    fields |= sided("profile", texts.get("profile", ()), "\n")
    if numbers := texts.get("number"):
        fields["local_id"] = on_line(numbers[0])
    if erad := texts.get("erad"):
        fields["erad_id"] = erad_number(erad[0]) or on_line(erad[0])
    if orcid := texts.get("orcid"):
        fields["orcid"] = on_line(orcid[0])
    if links := texts.get("researchmap"):
        link = _RESEARCHMAP.fullmatch(links[0].strip())
        fields["researchmap_id"] = link[1] if link else on_line(links[0])
    if emails := texts.get("email"):
        fields["email"] = "; ".join("@".join(map(str.strip, _AT.split(e))) for e in emails)
    if extensions := texts.get("extension"):
        fields["extension"] = " / ".join(map(on_line, extensions))
    for role, column in (("page", "homepage"), ("laboratory", "laboratory")):
        if texts.get(role):
            fields[column] = on_line(texts[role][0])
    if str(fields.get("homepage")).lower().startswith("www."):
        fields["homepage"] = f"http://{fields['homepage']}"
    return fields


def _without_post(department: str) -> tuple[str, str]:
    """Return a department without the post that stands behind it, and that post."""
    found = _POST_AT_END.search(department)
    if found is None:
        return department, ""
    return department[0] + department[1 : found.start()].rstrip(_BORDERS), found[0]


def given_id(fields: Fields) -> str:
    """Return the id that a researcher's row gives them: the office's number, or else another system's."""
    erad = str(fields.get("erad_id") or "")
    return str(
        fields.get("local_id")
        or (ERAD_PREFIX + erad if erad else "")
        or fields.get("orcid")
        or fields.get("researchmap_id")
        or ""
    )


def id_by_name(fields: Fields, *more: str) -> str:
    """Return an id made of a person's name, and of what tells them from namesakes."""
    return name_id(
        str(fields.get("name_en") or fields.get("name_ja") or fields.get("name_kana") or ""), *more
    )


def seed_fields(table: RecognisedTable, texts: Texts, *, default_kind: str) -> Fields:
    """Return the fields of a seed, its people left out."""
    title = on_line(" ".join(texts.get("title", ())[:1]))
    text = "\n".join((*texts.get("text", ()), *texts.get("keywords", ())))
    year = on_line(" ".join(texts.get("year", ())[:1]))
    fields: Fields = {
        "seed_id": _own_number(texts) or opaque("seed", title or text[:200], year),
        "kind": kind_of(texts, default_kind),
        "title": title,
        "text": text,
        "year": year,
    }
    for role, column in (
        ("doi", "doi"),
        ("url", "url"),
        ("venue", "venue"),
        ("companies", "companies"),
    ):
        if texts.get(role):
            fields[column] = on_line(texts[role][0])
    if fields["kind"] == "patent":  # a list that says nothing of publication must not publish it
        fields["patent_status"] = patent_status(words=" ".join(texts.get("status", ())))
    if table.labels_of("visibility"):
        fields["visibility"] = secrecy(" ".join(texts.get("visibility", ()))) or "internal"
    return fields


def kind_of(texts: Texts, default_kind: str) -> str:
    """Return the kind of a seed as its row says it, or the table's."""
    said = " ".join(texts.get("kind", ()))
    return next((kind for kind, words in _KIND_WORDS if said and words.search(said)), default_kind)


def default_kind(table: RecognisedTable, called: str) -> str:
    """Return the kind of all seeds of a table that has no column for it: by its columns and its name."""
    titles = " ".join((*table.labels_of("title"), *table.labels_of("number")))
    for said in (titles, " ".join(table.labels_of("venue")), called):
        if found := next((kind for kind, words in _KIND_WORDS if words.search(said)), ""):
            return found
    return "paper" if table.labels_of("doi") or table.labels_of("venue") else "note"


def need_fields(table: RecognisedTable, texts: Texts) -> Fields:
    """Return the fields of a need; without a text its title is the text."""
    title = on_line(" ".join(texts.get("title", ())[:1]))
    text = "\n".join(texts.get("text", ())) or title
    company = on_line(" ".join(texts.get("company", ())[:1]))
    fields: Fields = {
        "need_id": _own_number(texts) or opaque("need", company, title, text),
        "title": title if title != text else "",
        "text": text,
        "company": company,
    }
    if budgets := texts.get("budget"):
        unit = yen_in(" ".join(table.labels_of("budget")))
        fields["budget_jpy"] = budget(budgets[0], unit)
    for role in ("horizon", "manager", "posted_on", "constraints"):
        if texts.get(role):
            fields[role] = (
                "\n".join(texts[role]) if role == "constraints" else on_line(texts[role][0])
            )
    if secret := " ".join(texts.get("confidentiality", ())):
        fields["confidentiality"] = secrecy(secret) or _ASKED_FOR.get(secret.strip(), secret)
    if status := " ".join(texts.get("status", ())):
        fields["status"] = "closed" if _CLOSED.search(status) else "open"
    if area := " ".join(texts.get("area", ())):
        is_apart = re.search(r"非競争|non", area, re.IGNORECASE)
        known = "非競争" in area or "競争" in area or "competitive" in area.casefold()
        fields["area"] = ("non-competitive" if is_apart else "competitive") if known else area
    return fields


def budget(text: str, unit: int) -> int | str:
    """Return an amount in yen, nothing where it is undecided, or the text where it is no amount."""
    if amounts.is_undecided(text):
        return ""
    amount = amounts.yen_of(text, unit)
    return text if amount is None else amount


def secrecy(text: str) -> str:
    """Return our word for who may see something, the strictest that the text has; nothing for none."""
    folded = unicodedata.normalize("NFKC", text)
    for word, pattern in (
        ("confidential", _CONFIDENTIAL),
        ("internal", _INTERNAL),
        ("public", _PUBLIC),
    ):
        if pattern.search(folded):
            return word
    return ""


def opaque(prefix: str, *parts: str) -> str:
    """Return an id that tells nothing of what it is made of; nothing where that is nothing."""
    said = "\n".join(
        " ".join(unicodedata.normalize("NFKC", part).casefold().split()) for part in parts
    )
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:_HASH_CHARS]
    return f"{prefix}-{digest}" if said.strip() else ""


def _own_number(texts: Texts) -> str:
    number = on_line(" ".join(texts.get("number", ())[:1]))
    return number if _OWN_NUMBER.fullmatch(number) else ""


def united(rows: Sequence[Fields]) -> Fields:
    """Return one person's fields of several rows: the first of each, of departments and lists all."""
    fields: Fields = {}
    for row in rows:
        for name, value in row.items():
            join = _JOINED.get(name.removesuffix("_ja").removesuffix("_en"))
            if not fields.get(name):
                fields[name] = value
            elif join and value and value not in str(fields[name]).split(join):
                fields[name] = f"{fields[name]}{join}{value}"
    return fields


_JOINED = {
    "department": DEPARTMENTS,
    "position": DEPARTMENTS,
    "laboratory": DEPARTMENTS,
    "keywords": LIST_SEPARATOR,
    "profile": "\n",
    "email": "; ",
    "extension": " / ",
}
