"""Tables of company profiles: CSV files and workbooks of an office, with headings in either language."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.general.source import row_files
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.rows import MOST_SMALL_AT_ONCE, BadRow, RowFile, rows_at_once
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import COLUMN, ROW, BadValueError, Rejection, shape_of
from enmusubi.errors import MappingError
from enmusubi.language import detect_language
from enmusubi.messages import Message
from office.access import audit
from office.access.rules import FIND_COMPANIES, require
from office.outbound.profiles import (
    FIELDS,
    MISSING,
    PROFILE_KIND,
    checked,
    keep_imported,
    read_field,
)

LEFT_OUT = Message("nothing of ours is made of this column: it is left out")
TWICE = Message("this company stands in the file before")
_UNTOLD = ("name", "business", "products")  # whose language the cell itself tells
SYNONYMS = Synonyms(
    {
        "name": ("company", "company name", "organization", "firm", "企業", "企業名", "会社", "会社名",
                 "社名", "団体名", "法人名"),
        "name_ja": ("company (japanese)", "japanese name", "企業名（日本語）", "会社名（日本語）", "和名"),
        "name_en": ("company (english)", "english name", "企業名（英語）", "会社名（英語）", "英文社名",
                    "英文名"),
        "business": ("line of business", "business description", "activities", "industry", "事業",
                     "事業内容", "業務内容", "業種", "事業概要", "会社概要"),
        "business_ja": ("business (japanese)", "事業内容（日本語）"),
        "business_en": ("business (english)", "事業内容（英語）"),
        "products": ("product", "main products", "services", "products and services", "製品", "主要製品",
                     "主力製品", "製品・サービス", "商品", "取扱品目"),
        "products_ja": ("products (japanese)", "製品（日本語）", "主要製品（日本語）"),
        "products_en": ("products (english)", "製品（英語）", "主要製品（英語）"),
        "fields": ("field", "fields of interest", "fields of research", "分野", "関心分野", "研究分野",
                   "技術分野"),
        "membership": ("member", "membership type", "会員", "会員種別", "会員区分", "加入", "コンソーシアム"),
        "homepage": ("url", "website", "web site", "web page", "ホームページ", "ウェブサイト", "サイト"),
    }
)  # fmt: skip
_NAMED = frozenset({"name", "name_ja", "name_en"})
_SAYING = frozenset(
    {"business", "business_ja", "business_en", "products", "products_ja", "products_en"}
)


@dataclass(frozen=True)
class ProfileImport:
    """What became of a table's rows."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejections: tuple[Rejection, ...] = field(default=())

    @property
    def left_out(self) -> int:
        """How many rows were not taken."""
        return len({one.row for one in self.rejections if one.scope == ROW})

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {**vars(self), "rejections": [one.as_dict() for one in self.rejections]}


def import_profiles(catalogue: Catalogue, viewer: Viewer, path: Path) -> ProfileImport:
    """Take the profiles of a file's tables, all in one transaction, and note it in the audit trail.

    Faulty rows are told and left out; the others go in. Raises ForbiddenError, UnreadableFileError for what
    cannot be read, and MappingError where no table has a company's name and its business or products.
    """
    require(viewer, FIND_COMPANIES)
    file = InputFile(path)
    tables = [
        rows
        for rows in row_files(file)
        if not isinstance(rows, JsonFile) and _is_of_profiles(SYNONYMS.known(rows.columns()))
    ]
    if not tables:
        raise MappingError(
            "%(file)s has no table of companies: expected headings such as company and business, in "
            "Japanese or English (docs/outbound.md).",
            file=file.name,
        )
    with catalogue.writing() as connection:
        taken = _Taken(connection, viewer)
        for rows in tables:
            taken.take(rows)
        audit.record(connection, viewer, "import", PROFILE_KIND, "", files=[file.name])
    return taken.report()


def _is_of_profiles(known: frozenset[str]) -> bool:
    return bool(known & _NAMED) and bool(known & _SAYING)


class _Taken:
    """Takes tables one after the other; a company that comes twice is told."""

    def __init__(self, connection: Connection, viewer: Viewer) -> None:
        self._connection, self._viewer = connection, viewer
        self._counts = {"added": 0, "changed": 0, "unchanged": 0}
        self._read = 0
        self._rejections: list[Rejection] = []
        self._seen: set[str] = set()

    def take(self, rows: RowFile) -> None:
        """Take the rows of a table."""
        self._rejections += [
            Rejection(label, LEFT_OUT, scope=COLUMN, file=rows.label)
            for label in rows.columns()
            if label and not SYNONYMS.known([label])
        ]
        for row in rows_at_once(rows, MOST_SMALL_AT_ONCE):
            if isinstance(row, BadRow):
                faulty = replace(row.rejection, file=rows.label, row=row.number)
                self._rejections.append(faulty)
            elif cells := SYNONYMS.rename(row.cells):
                self._read += 1
                self._take_row(cells, rows.label, row.number)

    def report(self) -> ProfileImport:
        """Return what became of the rows."""
        return ProfileImport(self._read, **self._counts, rejections=tuple(self._rejections))

    def _take_row(self, cells: Mapping[str, str], label: str, number: int) -> None:
        try:
            values = _values(cells)
            if values["organisation_key"] in self._seen:
                raise BadValueError.of("name_ja", TWICE)
        except BadValueError as error:
            shape = shape_of(cells.get(error.field))
            self._rejections.append(
                Rejection(error.field, error.message, shape, file=label, row=number)
            )
            return
        self._seen.add(values["organisation_key"])
        source = f"{label}:{number}"
        self._counts[keep_imported(self._connection, self._viewer, values, source)] += 1


def _values(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of a row; raises BadValueError with the field that is at fault."""
    named = {name: text for name, text in cells.items() if name not in _UNTOLD}
    for name in _UNTOLD:
        if text := cells.get(name):
            named.setdefault(f"{name}_{detect_language(text)}", text)
    if not (named.get("name_ja") or named.get("name_en")):
        raise BadValueError.of("name_ja", MISSING)
    values = {}
    for name in FIELDS:
        try:
            values[name] = read_field(name, named.get(name))
        except BadValueError as error:
            raise BadValueError.of(name, error.message) from None
    return checked(values)
