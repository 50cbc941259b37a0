"""The glossary of docs/pages.md is kept: nothing says a thing by a word that it rules out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from enmusubi.translation import read_catalogue
from tests.support.sources import ROOT, trees

PAGES = ROOT / "docs" / "pages.md"
HEADING = "## The words in Japanese"
ROW = re.compile(
    r"^\| (?P<term>[^|]+) \| (?P<japanese>[^|]+) \| (?P<ruled_out>[^|]+) \|$", re.MULTILINE
)
JAPANESE = re.compile(r"[\u3041-\u9fff]")
# what these hold is read, not said: cues of needs, and the columns and cells of offices' own files
READ_AND_NOT_SAID = (
    "matcher/area",
    "matcher/conditions",
    "matcher/need_roles",
    "matcher/domains",
    "matcher/explaining/telling",
    "catalogue/importers",
    "office/screening/interest_tables",
    "catalogue/demonstration",
    "training",
    "tools",
)
ALL_CATALOGUES = 6


def glossary() -> list[tuple[str, list[str], list[str]]]:
    """Return term, its Japanese words and the words that are ruled out."""
    section = PAGES.read_text("utf-8").split(HEADING)[1].split("\n## ")[0]
    rows = [m for m in ROW.finditer(section) if JAPANESE.search(m["japanese"])]
    return [(m["term"], m["japanese"].split("、"), m["ruled_out"].split("、")) for m in rows]


def catalogues() -> list[Path]:
    """Return all catalogues of Japanese texts."""
    return sorted(path for path in ROOT.glob("*/locale/ja/*.po"))


def said() -> Iterator[tuple[str, str]]:
    """Yield (where, text) of all Japanese that people read: catalogues, code and templates."""
    for path in catalogues():
        for message in read_catalogue(path):
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            yield from ((f"{path.name}: {message.id}", text) for text in texts if message.id)
    for path, tree in trees().items():
        name = str(path.relative_to(ROOT))
        if name.startswith(READ_AND_NOT_SAID):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{name}:{node.lineno}", node.value
    for template in [*ROOT.glob("api/templates/**/*.html"), *ROOT.glob("office/**/*.html")]:
        yield str(template.relative_to(ROOT)), template.read_text("utf-8")


def test_no_japanese_text_says_a_thing_by_a_word_that_the_glossary_rules_out():
    ruled_out = [(word, term) for term, _, words in glossary() for word in words]
    found = [
        f"{where}: {word} (of: {term})"
        for where, text in said()
        for word, term in ruled_out
        if word in text
    ]
    assert found == []


def test_every_word_of_the_glossary_is_in_use():
    everything = "\n".join(text for _, text in said())
    unused = [word for _, words, _ in glossary() for word in words if word not in everything]
    assert unused == [], "say it so, or take it out of the glossary"


def test_the_glossary_and_the_texts_are_found():
    assert len(glossary()) > 30
    assert len(catalogues()) >= ALL_CATALOGUES
    assert sum(bool(JAPANESE.search(text)) for _, text in said()) > 1_000
