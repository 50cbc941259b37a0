"""The sentences of faults that the pages translate are those that the code says, and all a page needs."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from api.pages.fault_texts import FAULTS
from api.pages.faults import FIELD_LABELS, WORDS, known_faults, told
from enmusubi import errors
from office.access.rules import PERMISSIONS

ROOT = Path(__file__).parents[3]
PACKAGES = ("enmusubi", "indexes", "matcher", "catalogue", "office", "training", "api", "cli")
VALUE = "x1"
OF_ANOTHER = f"{VALUE}: {VALUE}"  # a field and the reason that another module gives
REACHED = (  # what raises an error that somebody of the office can be shown on a page
    "api/encoder_gate.py", "api/middleware/rate_limits.py", "api/pages", "api/signin/authenticator.py",
    "office/needs/guests.py", "office/needs/fields.py", "office/needs/editing.py",
    "office/needs/reading.py", "office/needs/releases.py", "office/research.py",
    "office/access/rules.py", "office/shortlists", "office/saved_searches", "office/notes.py",
    "matcher/features", "matcher/filtering.py",
    "catalogue/importers/need_files.py", "matcher/needs.py",
)  # fmt: skip
NEVER_SHOWN = (  # no page sends these: a form by hand, a program, or the first run on a new computer
    "do: expected one of", "Nobody can sign in yet", "The key or token is unknown",
    "'x1': no field of a need", "x1 cannot be read: x1.",
)  # fmt: skip
OUTSIDE = {"There was an error parsing the body", *(status.phrase for status in HTTPStatus)}


def text_of(node: ast.AST) -> str:
    """Return a text with VALUE for its values; empty for what is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(v) if isinstance(v, ast.Constant) else VALUE for v in node.values)
    return ""


def files(places: tuple[str, ...] = PACKAGES) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def raised(path: Path) -> Iterator[str]:
    """Yield the sentences of the errors that a module makes."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name):
            sentence = text_of(node.args[0])
            if sentence and node.func.id == "BadValueError":
                yield f"{VALUE}: {sentence}."
            elif sentence and hasattr(errors, node.func.id):
                yield sentence


def test_what_a_page_can_be_answered_has_a_translation():
    sentences = {sentence for path in files(REACHED) for sentence in raised(path)}
    untold = {s for s in sentences if told(s, "ja").language != "ja"}
    untold = {s for s in untold if not s.startswith((*NEVER_SHOWN, OF_ANOTHER))}
    assert untold == set(), "add these to fault_texts.py and locale/ja/faults.po"
    assert len(sentences) > 60


def test_no_translation_is_of_a_sentence_that_nobody_says():
    said = "\n".join(
        text_of(node)
        for path in files()
        if path.name != "fault_texts.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )
    patterns = {
        message: pattern.pattern.rstrip(".").rstrip("\\") for pattern, message in known_faults()
    }
    unsaid = {
        m for m, pattern in patterns.items() if m not in OUTSIDE and not re.search(pattern, said)
    }
    assert unsaid == {
        "The request has %(count)s fields that cannot be used.",  # put together from pieces
        "A key needs a scope: expected some of %(scopes)s.",
    }


def test_the_sentence_that_says_most_counts():
    few = told("cursor: not a cursor that a page gave.", "ja").text
    more = told(
        "cursor: not a cursor that a page gave. Take it as it stands, or leave it out to begin with the "
        "first page.",
        "ja",
    ).text
    assert few != more
    assert "開き直して" in more


def test_values_are_kept_and_words_of_ours_translated():
    assert "研究者の閲覧" in told("Your role (finance) may not see researchers.", "ja").text
    assert "財務" in told("Your role (finance) may not see researchers.", "ja").text
    assert "plan.docx" in told("plan.docx has 9,000 bytes, at most 500.", "ja").text
    assert "500" in told("plan.docx has 9,000 bytes, at most 500.", "ja").text
    assert (
        "時期尚早"
        in told("reason: missing; why not suitable? One of too_early, conflict.", "ja").text
    )
    assert set(PERMISSIONS) == set(WORDS["action"])


def test_each_line_is_said_by_the_label_of_its_field():
    found = told(
        "budget_jpy: not a whole number of yen, such as 5000000.\narea: not one of a, b.", "ja"
    )
    assert [line[:6] for line in found.text.splitlines()] == ["「予算（円）", "「領域」につ"]
    assert "budget_jpy" in FIELD_LABELS


@pytest.mark.parametrize(
    "detail", ["Something new.", "area: something new.", "Not Found\nAnother.", "x" * 9_000]
)
def test_what_is_not_known_stays_english(detail):
    assert (told(detail, "ja").text, told(detail, "ja").language) == (detail, "en")


def test_english_stays_as_it_was_said():
    assert [told(message, "en").text for message in FAULTS] == list(FAULTS)
