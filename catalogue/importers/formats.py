"""Finds out which import format a file is of, by its ending and by what stands at its beginning."""

import re
from collections.abc import Mapping

from catalogue.importers.general.source import DELIMITED, WORKBOOKS
from catalogue.importers.reading.decoding import find_encoding
from catalogue.importers.reading.files import InputFile, file_type, opened

HEAD_BYTES = 65_536

_BY_ENDING: Mapping[str, str] = {
    ".bib": "bibtex",
    ".bibtex": "bibtex",
    ".ris": "ris",
    **dict.fromkeys(WORKBOOKS, "general"),
}
_BY_CONTENT = (  # the first that is found at the beginning counts
    ("bibtex", r"\A\s*@\s*\w+\s*[{(]"),
    ("ris", r"\A\s*TY {1,2}-"),
    ("orcid", r'"orcid-identifier"|<record:record|orcid\.org/ns/'),
    ("researchmap", r'researchmap\.jp|"permalink"|"(?:insert|similar_merge)"\s*:'),
    ("kaken", r"<grantAwards?\b|(?:kaken|nrid)\.nii\.ac\.jp|研究課題/領域番号|\"accn\""),
    (
        "ror",
        r"https://ror\.org/[0-9a-z]{9}\",?[\s\S]{0,4000}\"(?:established|types|names|external_ids)\""
        r"|\A\W*id,[^\n]*\bror\b",
    ),
    ("openalex", r"https://openalex\.org/[AW]\d"),
    ("crossref", r'"(?:DOI|container-title|is-referenced-by-count)"\s*:'),
    (
        "patents",
        r"<(?:\w+:)?(?:patent-document|exchange-document|jp-official-gazette|\w*PatentPublication)"
        r"|文献番号\"?[,\t]",
    ),
)


def find_format(file: InputFile) -> str:
    """Return the name of a file's import format; `general` where nothing tells of another.

    Raises UnreadableFileError for a file that cannot be read.
    """
    ending = file_type(file)
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    with opened(file) as (content, _):
        head = content.read(HEAD_BYTES)
    text = head.decode(find_encoding(head), "replace").lstrip("\ufeff")
    found = (name for name, pattern in _BY_CONTENT if re.search(pattern, text))
    name = next(found, "general")
    return "general" if ending in DELIMITED and name not in _TABLES else name


_TABLES = frozenset(
    {"kaken", "patents", "ror", "bibtex", "ris"}
)  # these come as tables or texts, too
