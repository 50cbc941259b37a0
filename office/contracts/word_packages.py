"""Looks through a Word file before anything opens it: its size, and that it runs and fetches nothing.

What Word takes for a macro, an embedded file or a linked one is told by relationships, content types and
codes of fields, not by the names of parts.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence

from lxml import etree

from catalogue.importers.need_files.office_package import (
    Element,
    Package,
    attribute,
    local_name,
    parse_xml,
)
from enmusubi.errors import InputError

MAX_FILE_BYTES = 2_000_000
MAX_XML_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 20_000_000  # of all parts: pictures are packed already
LINKS = frozenset({"hyperlink"})  # what may lead outside: nothing is fetched until somebody clicks
_RUN = frozenset(
    {
        "vbaProject",
        "wordVbaData",
        "attachedToolbars",
        "control",
        "activeXControlBinary",
        "oleObject",
        "package",
        "aFChunk",
        "extensibility",
    }
)  # fmt: skip - kinds of relationships: macros, controls, files within the file
_MACRO_TYPES = re.compile(r"macroEnabled|vbaProject|vbaData|activeX|oleObject", re.I)
_MACROS = ("vbaproject", "activex", "embeddings/")
_BEGIN = "\0"  # where a field begins, among the codes of a part: no text of XML has it, and it is no blank
_FETCHING = re.compile(
    rf"\b(?:INCLUDE(?:PICTURE|TEXT)?|DDE(?:AUTO)?)\b|{_BEGIN}\s*(?:IMPORT|LINK|RD|DATABASE|EMBED)\b",
    re.I,
)


def check_package(content: bytes, *, times: int = 1) -> None:
    """Raise InputError for a file that is no Word file, is too large, has macros or fetches something.

    It may have `times` as many bytes as a template.
    """
    if len(content) > times * MAX_FILE_BYTES:
        raise InputError(
            "the file has %(count)s bytes, at most %(most)s are taken.",
            of_field="file",
            count=f"{len(content):,}",
            most=f"{times * MAX_FILE_BYTES:,}",
        )
    try:
        package = Package(content)
        main = package.main
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
        _check_size([one for one in parts if _is_xml(one.filename)], times * MAX_XML_BYTES)
        _check_size(parts, times * MAX_UNPACKED_BYTES)  # a part may be XML whatever its name says
        names = [one.filename.lstrip("/").lower() for one in parts]
        if len(set(names)) < len(
            names
        ):  # which of two is looked at here may not be what Word opens
            raise no_word_file()
        for one in parts:
            _check_part(package, one.filename)
        if not main.endswith("document.xml"):
            raise no_word_file()
    except InputError:
        raise
    except Exception:  # damage: zipfile, lxml and the package raise whatever they meet
        raise no_word_file() from None


def no_word_file() -> InputError:
    """Return what is said of a file that cannot be read."""
    return InputError("not a Word file (.docx) that can be read.", of_field="file")


def _check_size(parts: Sequence[zipfile.ZipInfo], most: int) -> None:
    unpacked = sum(one.file_size for one in parts)
    if unpacked > most:
        raise InputError(
            "the file's text has %(count)s bytes, at most %(most)s are taken.",
            of_field="file",
            count=f"{unpacked:,}",
            most=f"{most:,}",
        )


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _check_part(package: Package, name: str) -> None:
    if any(one in name.lower() for one in _MACROS):
        raise _has_files()
    if not _is_xml(name):
        return
    content = package.content(name)
    try:
        root = parse_xml(content)
    except etree.XMLSyntaxError:
        raise no_word_file() from None
    if root.getroottree().docinfo.internalDTD is not None:  # in whatever encoding
        raise no_word_file()
    if name.lower().endswith(".rels"):
        _check_relationships(root)
    elif name == "[Content_Types].xml":
        if any(_MACRO_TYPES.search(attribute(one, "ContentType")) for one in root):
            raise _has_files()
    elif _FETCHING.search("".join(_codes(root))):
        raise _fetches()


def _check_relationships(root: Element) -> None:
    for one in root:
        kind = attribute(one, "Type").rpartition("/")[2]
        if kind in _RUN:
            raise _has_files()
        if attribute(one, "TargetMode").lower() == "external" and kind not in LINKS:
            raise _fetches()


def _codes(root: Element) -> Iterator[str]:
    """Yield what the fields of a part do, each behind a mark; a code may lie in several pieces."""
    for one in root.iter():
        name = local_name(one)
        if name == "fldSimple":
            yield _BEGIN + attribute(one, "instr")
        elif name == "fldChar":
            yield _BEGIN if attribute(one, "fldCharType") == "begin" else " "
        elif name in {"instrText", "delInstrText"}:
            yield one.text or ""


def _has_files() -> InputError:
    return InputError("the file has macros or other files in it.", of_field="file")


def _fetches() -> InputError:
    return InputError("the file fetches something from outside.", of_field="file")
