"""Reads tables of patents: J-PlatPat's CSV export, and others by many names of their columns."""

import re
from collections.abc import Mapping
from typing import Any

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.general.synonyms import Synonyms
from catalogue.importers.patents.records import Patent, patent_records

COLUMNS = Synonyms(
    {
        "number": ("文献番号", "公報番号", "document_number", "patent_number", "publication_id"),
        "application": ("出願番号", "application_number", "application_id", "filing_number"),
        "publication": (
            "公開番号",
            "公告番号",
            "公表番号",
            "公開・公表番号",
            "publication_number",
            "pub_number",
        ),
        "registration": ("登録番号", "特許番号", "registration_number", "grant_number"),
        "docket": ("整理番号", "社内整理番号", "docket_number", "reference_number"),
        "family": ("ファミリー番号", "ファミリーID", "family_id", "simple_family_id"),
        "title": ("発明の名称", "名称", "発明等の名称", "タイトル", "title", "invention_title"),
        "abstract": ("要約", "要約(和文)", "概要", "abstract", "summary"),
        "claims": ("請求の範囲", "特許請求の範囲", "請求項", "claims", "first_claim"),
        "filed_on": ("出願日", "filing_date", "application_date", "filed"),
        "published_on": ("公知日", "公開日", "公表日", "発行日", "publication_date"),
        "granted_on": ("登録日", "特許登録日", "grant_date", "registration_date", "issue_date"),
        "stage": ("ステージ", "ステータス", "状態", "法的状態", "status", "legal_status"),
        "ipc": ("国際特許分類", "IPC分類", "ipc", "ipc_codes", "ipcr"),
        "fi": ("FI", "FI分類", "fi_codes"),
        "fterm": ("Fターム", "テーマコード", "fterm", "f_terms", "fterms"),
        "applicants": (
            "出願人/権利者",
            "出願人",
            "権利者",
            "特許権者",
            "出願人・権利者",
            "applicants",
            "applicant",
            "assignees",
            "assignee",
        ),
        "inventors": ("発明者", "発明者名", "inventors", "inventor"),
        "inventor_ids": ("発明者ID", "発明者番号", "inventor_ids", "inventor_id"),
        "url": ("文献URL", "url", "link"),
    }
)

NUMBERS = frozenset({"number", "application", "publication", "registration", "docket"})

_LISTED = ("applicants", "inventors", "inventor_ids")
_HARD_BORDERS = re.compile(r"[;；|、\n]")
ORGANISATION_BORDERS = re.compile(
    r"[,，](?!\s*(?:ltd|inc|llc|corp|co|gmbh|kg|ag|plc|s\.?a|k\.?k|l\.?p|n\.?v|b\.?v)\b)",
    re.IGNORECASE,
)
PERSON_BORDERS = re.compile(r"[,，]")
_FAMILY_FIRST = re.compile(r"\s*[A-Za-z'’-]+\s*,\s*[A-Za-z'’.-]+\s*")  # one person: Mori, Ada
_OTHERS = {"他", "外", "ほか", "et al", "et al.", "-"}


def read_row(cells: Mapping[str, Any]) -> list[ParsedRecord]:
    """Return the record of a row."""
    row = COLUMNS.rename(cells)
    texts = {name: text for name, text in row.items() if name not in _LISTED and name != "stage"}
    return patent_records(
        Patent(
            **texts,
            status=row.get("stage", ""),
            applicants=split_names(row.get("applicants", ""), ORGANISATION_BORDERS),
            inventors=split_names(row.get("inventors", ""), PERSON_BORDERS),
            inventor_ids=_split_ids(row.get("inventor_ids", "")),
        )
    )


def split_names(text: str, commas: re.Pattern[str]) -> list[str]:
    """Divide a cell at `;`, `|`, `、` and line ends, or else at commas, those in names apart."""
    if not _HARD_BORDERS.search(text) and _FAMILY_FIRST.fullmatch(text):
        return [" ".join(text.split())]
    borders = _HARD_BORDERS if _HARD_BORDERS.search(text) else commas
    names = (" ".join(part.split()) for part in borders.split(text))
    return [name for name in names if name and name.casefold() not in _OTHERS]


def _split_ids(text: str) -> list[str]:
    """Return the ids with their gaps, so that they stand beside the names."""
    return [part.strip() for part in re.split(r"[;；,，|、\n]", text)] if text.strip() else []
