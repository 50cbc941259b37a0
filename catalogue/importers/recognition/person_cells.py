"""What the cells of a person's row say: names in two scripts, readings, posts, lists of people."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalogue.identity.name_lists import split_people
from catalogue.identity.name_spellings import in_english_order
from catalogue.importers.citations import full_name
from catalogue.importers.values import MAX_NAME_CHARS, as_text
from catalogue.records.drafts import BadValueError
from enmusubi.language import JAPANESE, clean_text, detect_language

Texts = Mapping[
    str, Sequence[str]
]  # role → the filled cells that have it, in the order of the columns

_BRACKETS = re.compile(r"^(.*?)[(（\[［〔]([^()（）\[\]［］〔〕]{1,80})[)）\]］〕]\s*$", re.DOTALL)
_SCRIPTS = re.compile(r"[\n/／|｜]")
_KANA = re.compile(r"[ァ-ヴー・ぁ-んゔｦ-ﾟ\s　]+")
_LATIN = re.compile(r"[A-Za-zÀ-ž][A-Za-zÀ-ž .,'’\-]+")
_POST = re.compile(
    r"^(?P<name>.{2,}?)[\s　]*"
    r"(?P<post>(?:名誉|特任|特命|特別|客員|招聘|連携|寄附講座)?(?:教授|准教授|助教授|講師|助教|助手|研究員)"
    r"|先生|博士|様|殿|氏)$"
)
_POST_FIRST = re.compile(
    r"^(?P<post>(?:名誉|特任|特命|特別|客員|招聘|連携|寄附講座)?(?:教授|准教授|助教授|講師|助教|助手|研究員))"
    r"[\s　・:：]+(?P<name>\S.+)$"
)
_HONORIFICS = frozenset({"先生", "博士", "様", "殿", "氏"})
_MARKS = re.compile(r"[*＊†‡§¶○◎●◯]+|[¹²³⁴-⁹]+")


def cell_text(value: Any) -> str:
    """Return a cell as text; nothing for what is no plain value."""
    try:
        return clean_text(as_text(value))
    except BadValueError:
        return ""


def on_line(value: Any) -> str:
    """Return a cell as text on one line."""
    return " ".join(cell_text(value).split())


def name_fields(texts: Texts) -> dict[str, str]:
    """Return the names that a row has, by our columns, and the post that stood behind one.

    A name in brackets or behind a slash belongs to the script that it is written in.
    """
    fields: dict[str, str] = {}
    for cell in texts.get("name", ()):
        _put_name(fields, cell)
    for role, column in (("kana", "name_kana"), ("name_en", "name_en")):
        if found := " ".join(" ".join(cell.split()) for cell in texts.get(role, ())[:1]):
            fields.setdefault(column, in_english_order(found) if role == "name_en" else found)
    for suffix, column in (("", ""), ("_kana", "name_kana"), ("_en", "name_en")):
        family, given = (_first(texts, f"{part}{suffix}") for part in ("family", "given"))
        if not (family or given):
            continue
        name = (
            " ".join(filter(None, (family, given)))
            if suffix == "_kana"
            else full_name(family, given)
        )
        fields.setdefault(column or side_of("name", name), name)
    return fields


def _put_name(fields: dict[str, str], cell: str) -> None:
    text = cell.strip()
    found = _BRACKETS.match(text)
    parts = [found[1], found[2]] if found else _SCRIPTS.split(text)
    for part in filter(None, (" ".join(p.split()) for p in parts)):
        name = part
        if post := _post_of(part):
            name = post["name"].strip()
            if post["post"] not in _HONORIFICS:
                fields.setdefault("post", post["post"])
        if _KANA.fullmatch(name) and len(parts) > 1:
            fields.setdefault("name_kana", name)
        elif (
            found
            and part == " ".join(found[2].split())
            and "name_ja" in fields
            and not _LATIN.fullmatch(name)
        ):
            fields.setdefault("aliases", name.removeprefix("旧姓").strip(" :："))
        else:
            column = side_of("name", name)
            fields.setdefault(column, in_english_order(name) if column == "name_en" else name)


def side_of(base: str, text: str) -> str:
    """Return our column for a text: `name_ja` where it is Japanese, else `name_en`."""
    return f"{base}_ja" if detect_language(text) == JAPANESE else f"{base}_en"


def sided(base: str, cells: Iterable[str], join: str) -> dict[str, str]:
    """Return the cells by the language that each is in, those of one language joined; each text once."""
    found: dict[str, dict[str, None]] = {}
    for cell in cells:
        found.setdefault(side_of(base, cell), {})[cell] = None
    return {column: join.join(texts) for column, texts in found.items()}


def people_in(cell: str) -> list[str]:
    """Return the names in a cell that may hold several, without marks, posts and departments behind them."""
    text = _MARKS.sub("", unicodedata.normalize("NFKC", cell.strip()))
    names = map(_plain_name, split_people(text))
    return list(dict.fromkeys(name for name in names if name))


def _plain_name(text: str) -> str:
    name = " ".join(text.split())
    if found := _BRACKETS.match(name):
        name = found[1].strip() or name
    if post := _post_of(name):
        name = post["name"].strip()
    return name if any(letter.isalpha() for letter in name) else ""


def _post_of(name: str) -> re.Match[str] | None:
    """Return a name and the post beside it; what is longer than a name has none."""
    return (_POST.match(name) or _POST_FIRST.match(name)) if len(name) <= MAX_NAME_CHARS else None


def _first(texts: Texts, role: str) -> str:
    return next((" ".join(cell.split()) for cell in texts.get(role, ())), "")
