"""BibTeX and BibLaTeX: one seed an entry, its authors referred to by name, its LaTeX as plain text.

Nothing that LaTeX would include or run is included or run.
"""

import re
from collections.abc import Mapping
from typing import Any

from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)

from catalogue.identity.name_lists import split_people
from catalogue.importers.bibtex.files import ENTRY_KEY, ENTRY_TYPE, BibtexFile
from catalogue.importers.bibtex.latex_text import text_of_latex, verbatim_of_latex
from catalogue.importers.citations import (
    PATENT,
    PRESENTATION,
    Citation,
    citation_records,
    full_name,
)
from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.reading.files import InputFile
from catalogue.importers.rows import ReadOptions
from catalogue.importers.sources import Importer, ImportOptions, RecordSource, RowSource, check_file
from enmusubi.language import JAPANESE, detect_language
from enmusubi.messages import Message

NAME = "bibtex"
SUFFIXES = (".bib", ".bibtex", ".txt", "")
KIND_OF_TYPE = {
    "patent": PATENT,
    "presentation": PRESENTATION,
    "talk": PRESENTATION,
    "unpublished": "note",
    "lecture": "course",
    "award": "award",
    "grant": "grant",
}
FIELDS = (
    *("title", "subtitle", "author", "editor", "abstract", "keywords", "keyword", "year", "date"),
    *("doi", "url", "journal", "journaltitle", "booktitle", "eventtitle", "series", "language"),
    *("langid", "howpublished", "type", "note", "number", "holder", "assignee", "eprint"),
    *("archiveprefix", "eprinttype", "publisher", "school", "institution"),
)
MAX_PEOPLE_CHARS = 200_000
MAX_NAME_CHARS = 300

_ARXIV = "https://arxiv.org/abs/"
_ARXIV_ID = re.compile(r"[\w.-]+(?:/\d+)?")
_SEMICOLON = re.compile(r"(?<!\s)\s*+;\s*")
_BRACED = re.compile(r"\{[^{}]*\}")


def read_entry(entry: Mapping[str, Any]) -> list[ParsedRecord]:
    """Return the records of an entry whose fields are LaTeX."""

    def text(*names: str) -> str:
        return next(filter(None, (text_of_latex(entry.get(n, "")).strip() for n in names)), "")

    def verbatim(name: str) -> str:
        return verbatim_of_latex(entry.get(name, ""))

    title, subtitle = text("title"), text("subtitle")
    return citation_records(
        Citation(
            scheme=NAME,
            key=entry[ENTRY_KEY],
            kind=KIND_OF_TYPE.get(entry[ENTRY_TYPE], "paper"),
            form=" ".join(filter(None, (text("howpublished"), text("type"), text("note")))),
            title=f"{title}: {subtitle}" if title and subtitle else title,
            abstract=text("abstract"),
            keywords=text("keywords", "keyword"),
            people=names_in(entry.get("author") or entry.get("editor") or ""),
            year=text("year", "date"),
            doi=verbatim("doi"),
            url=verbatim("url") or _arxiv_link(entry),
            venue=text("journal", "journaltitle", "booktitle", "eventtitle", "series", "school"),
            language=text("language", "langid"),
            number=verbatim("number"),
            holders=[text_of_latex(name) for name in _people(text("holder", "assignee"))],
        )
    )


def names_in(authors: str) -> list[str]:
    """Return the full names in an author field, as their script writes them."""
    return list(filter(None, map(_name, _people(authors))))


def _people(authors: str) -> list[str]:
    """Return the names as they are written: divided by `and`, or by marks that names lack."""
    lines = authors[:MAX_PEOPLE_CHARS].splitlines()
    whole = " ".join(authors[:MAX_PEOPLE_CHARS].split())
    is_plain = "\\" not in whole  # else a mark may be an accent's
    if is_plain and not re.search(r"\sand\s", whole, re.IGNORECASE):
        if detect_language(whole) == JAPANESE:
            return split_people(_unbraced("\n".join(lines)))
        if "{" not in whole:
            return split_people(whole)
        whole = _SEMICOLON.sub(" and ", whole)
    found: list[str] = split_multiple_persons_names(whole)
    return [name for part in found for name in _divided(part, is_plain=is_plain)]


def _divided(name: str, *, is_plain: bool) -> list[str]:
    """Return the names in what stands between two `and`: several where marks of Japanese part them."""
    if name.lower() == "others":
        return []
    if is_plain and detect_language(name) == JAPANESE:
        return split_people(_unbraced(name))
    return [name]


def _unbraced(name: str) -> str:
    """Return a name in braces without them, if it is Japanese: there they keep nothing together."""
    return re.sub(r"[{}]", "", name) if detect_language(name) == JAPANESE else name


def _name(source: str) -> str:
    """Return one name in its own order; `{…}` around all of it keeps it as it is."""
    if len(source) > MAX_NAME_CHARS:
        return ""
    name = source.replace("，", ",")
    try:
        parts = parse_single_name_into_parts(name, strict=False)
    except InvalidNameError:
        return text_of_latex(source).strip()
    if "," not in _BRACED.sub("", name):
        return text_of_latex(source).strip()
    family = text_of_latex(" ".join([*parts.von, *parts.last, *parts.jr]))
    return full_name(family, text_of_latex(" ".join(parts.first)))


def _arxiv_link(entry: Mapping[str, Any]) -> str:
    archive = entry.get("archiveprefix") or entry.get("eprinttype") or ""
    number = verbatim_of_latex(entry.get("eprint", ""))
    is_there = archive.casefold() == "arxiv" and _ARXIV_ID.fullmatch(number)
    return f"{_ARXIV}{number}" if is_there else ""


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source; raises where it cannot be one."""
    check_file(file, options, NAME, SUFFIXES)
    entries = BibtexFile(file, ReadOptions(), FIELDS)
    source = f"{NAME}:{options.researcher or file.label}"
    return [RowSource(entries, source, read_entry, Message("entries such as @article{…}"))]


BIBTEX = Importer(NAME, "BibTeX and BibLaTeX; authors are found by name", open_sources)
