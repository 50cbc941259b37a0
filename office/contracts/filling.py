"""Fills a Word template with fields, by docxtpl in a sandbox; knows no database.

A template may name fields, ask whether one is there (`if`, `and`, `or`, `not`), and nothing else: no loops,
filters, calls or attributes, so that no template can run long, grow without bound, or reach beyond its
fields. The package is measured before it is opened, and may neither carry macros nor fetch anything.
"""

import difflib
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from catalogue.importers.need_files.office_package import Package, parse_xml
from enmusubi.errors import EnmusubiError, InputError
from enmusubi.language import clean_text
from enmusubi.messages import listed

MAX_FILE_BYTES = 2_000_000
MAX_XML_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 20_000_000  # of all parts: pictures are packed already
MAX_FIELDS_USED = 500
MAX_VALUE_CHARS = 5_000
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not, nodes.And,
    nodes.Or,
)  # fmt: skip
_FETCHED = ("attachedTemplate", "oleObject", "frame", "subDocument", "image")
_MACROS = ("vbaproject", "activex", "embeddings/")


class _Fields(ImmutableSandboxedEnvironment):
    """An environment that compiles templates of known fields alone, and notes which they use."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()
        self.known, self.used, self.count = known, set[str](), 0

    def compile(self, source: Any, *args: Any, **named: Any) -> Any:
        """Compile a template once its parts were looked at; raises InputError."""
        parsed = self.parse(source) if isinstance(source, str) else source
        self._look(parsed)
        return super().compile(parsed, *args, **named)

    def _look(self, parsed: nodes.Template) -> None:
        names = []
        for node in [parsed, *parsed.find_all(nodes.Node)]:
            if not isinstance(node, _ALLOWED):
                raise InputError(
                    "the template uses %(what)s. It may use fields, and `if` with fields, and nothing "
                    "else.",
                    of_field="file",
                    what=type(node).__name__,
                )
            if isinstance(node, nodes.Name):
                names.append(node.name)
        if unknown := sorted(set(names) - set(self.known)):
            near = difflib.get_close_matches(unknown[0], self.known, n=3) or sorted(self.known)
            raise InputError(
                "the template names fields that there are not: %(unknown)s. Did you mean %(near)s?",
                of_field="file",
                unknown=listed(unknown),
                near=listed(near),
            )
        self.used.update(names)
        self.count += len(names)
        if self.count > MAX_FIELDS_USED:
            raise InputError(
                "the template uses fields more than %(most)s times.",
                of_field="file",
                most=MAX_FIELDS_USED,
            )


def fields_used(content: bytes, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields that a template uses, in the order of the alphabet; `known` are all with a value.

    Raises InputError, with what is wrong, for a file that is no template.
    """
    return _filled(content, known)[1]


def filled(content: bytes, values: Mapping[str, str]) -> bytes:
    """Return a template with its fields filled; raises as `fields_used` does."""
    return _filled(content, values)[0]


def _filled(content: bytes, values: Mapping[str, str]) -> tuple[bytes, tuple[str, ...]]:
    from docxtpl import DocxTemplate

    check_package(content)
    fields = _Fields(values)
    told = {name: clean_text(value)[:MAX_VALUE_CHARS] for name, value in values.items()}
    try:
        template = DocxTemplate(io.BytesIO(content))
        template.render(told, jinja_env=fields, autoescape=True)
        made = io.BytesIO()
        template.save(made)
    except EnmusubiError:
        raise
    except TemplateError as error:
        raise InputError(
            "the template's fields cannot be read: %(reason)s. A field is written {{ company }}.",
            of_field="file",
            reason=type(error).__name__,
        ) from None
    except Exception:  # a damaged package: python-docx and lxml raise whatever they meet
        raise _no_word_file() from None
    return made.getvalue(), tuple(sorted(fields.used))


def check_package(content: bytes) -> None:
    """Raise InputError for a file that is no Word file, is too large, has macros or fetches something."""
    if len(content) > MAX_FILE_BYTES:
        raise InputError(
            "the file has %(count)s bytes, at most %(most)s are taken.",
            of_field="file",
            count=f"{len(content):,}",
            most=f"{MAX_FILE_BYTES:,}",
        )
    try:
        package = Package(content)
        main = package.main
        names = zipfile.ZipFile(io.BytesIO(content)).infolist()
        _check_size([one for one in names if _is_xml(one.filename)], MAX_XML_BYTES)
        _check_size(names, MAX_UNPACKED_BYTES)  # a part may be XML whatever its name says
        for one in names:
            _check_part(package, one.filename)
        if not main.endswith("document.xml"):
            raise _no_word_file()
    except InputError:
        raise
    except Exception:  # damage: zipfile, lxml and the package raise whatever they meet
        raise _no_word_file() from None


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
        raise InputError("the file has macros or other files in it.", of_field="file")
    if not _is_xml(name):
        return
    content = package.content(name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _no_word_file()
    try:
        root = parse_xml(content)
    except etree.XMLSyntaxError:
        raise _no_word_file() from None
    if name.lower().endswith(".rels"):
        for one in root:
            kind = str(one.get("Type", "")).rpartition("/")[2]
            if one.get("TargetMode") == "External" and kind in _FETCHED:
                raise InputError("the file fetches something from outside.", of_field="file")


def _no_word_file() -> InputError:
    return InputError("not a Word file (.docx) that can be read.", of_field="file")
