"""Every regular expression of the product against text made to keep it busy: time grows as the text does.

An expression that takes longer than a straight walk through the text could is tried at 10,000 and 80,000
characters. Those of BOUNDED are asked about texts that are cut, and are tried at that length.
"""

import re

import pytest

from catalogue.importers.formats import _BY_CONTENT, HEAD_BYTES
from office.clinic.proposing import MAX_CHARS, _rules
from tests.support.expressions import GIVEN_UP_S, Busy, Expression, busy, expressions, taken_s

PACKAGES = ("enmusubi", "indexes", "matcher", "catalogue", "office", "training", "api", "cli",
            "enmusubi_client")  # fmt: skip
LENGTH, AT_MOST_S = 16_000, 0.08  # quadratic ones take a second here
SHORT, LONG, GROWTH = 10_000, 80_000, 13.0  # from the short text to the long one: 8 is linear
HEAD_S = 0.5  # of the head of a file: one looks 4,000 characters ahead at each of its beginnings
SHORT_S = 0.05  # of an expression whose texts are cut
ENDINGS = ("\0", "a")
MORE_ENDINGS = ("", "\0", "!", "\n", "縁", "a", "0")
BOUNDED = {  # by the module's own constants; the most characters that each is asked about
    "catalogue.identity.name_lists._NOBODY": 40,
    "catalogue.identity.name_spellings._WITHIN": 300,
    "catalogue.identity.organisation_kinds._UNIVERSITY": 300,
    "catalogue.identity.organisation_names._": 300,
    "catalogue.importers.need_files.mail_threads._ATTRIBUTION": 400,
    "catalogue.importers.need_files.mail_threads._DEVICE": 100,
    "catalogue.importers.patents.numbers._GRANT_KINDS": 200,
    "catalogue.importers.recognition.headers._": 600,
    "catalogue.importers.recognition.person_cells._POST": 300,
    "catalogue.importers.recognition.values_seen._PATTERNS": 200,
    "office.clinic.proposing._": MAX_CHARS,
}
WAYS = {"catalogue.importers.need_files.mail_threads._WANTED": frozenset({"match"})}  # in a loop
OWN_TEXTS = {  # meet what the program itself says, or an event's name in the code
    "cli.help_language._EXTRA",
    "office.reports.release_pptx._LINK_COLOURS",  # the theme of an empty presentation
    "office.webhooks.webhooks._EVENT",
}
MADE_LATER = {  # of words and escaped names, without repeats: nothing to go back over
    "catalogue.importers.reading.plain_text:without_element",
    "cli.usage:_pattern",  # one lazy repeat a value of Typer's own sentences
    "matcher.area_cues:_cue",  # held in CUES
    "matcher.veiling.cues:_by_itself",
    "office.plans.plan_reading:_whose",  # a number among the words of our own heading
    "office.privacy.files:_alone",
    "office.privacy.tables:mentions",
    "office.screening.export_control_terms:_starts",
    "training.encoder.privacy:__init__",
}
LOOKED_AT_HERE = {"catalogue.importers.formats:find_format", "office.clinic.proposing:_rules"}


@pytest.fixture(scope="module")
def found() -> tuple[dict[str, Expression], set[str]]:
    return expressions(*PACKAGES)


def limit_of(where: str) -> int:
    return next((most for name, most in BOUNDED.items() if where.startswith(name)), 0)


def worst(asked: Expression, length: int, at_most_s: float, endings: tuple[str, ...]) -> str:
    """Return what kept an expression busy for too long, and longer the longer it is; nothing for none."""
    for one in busy(asked.pattern):
        for ending in endings:
            if taken_s(asked, one, length, ending) <= at_most_s:
                continue
            if length != LENGTH or grows(asked, one, ending):
                return f"{one} {ending!r}"
    return ""


def grows(asked: Expression, one: Busy, ending: str) -> bool:
    long = taken_s(asked, one, LONG, ending)
    if long < GIVEN_UP_S:  # once more: the machine may have been busy
        long = min(long, taken_s(asked, one, LONG, ending))
    short = min(taken_s(asked, one, SHORT, ending) for _ in range(2))
    return long >= GIVEN_UP_S or long > GROWTH * max(short, 1e-4)


def test_the_walk_sees_expressions_that_go_back() -> None:
    everywhere, whole = frozenset({"sub"}), frozenset({"fullmatch"})
    for source, ways in (
        (r"(?:a+)+b", whole),
        (r"[0-9]+\s*円", everywhere),
        (r"x\s*,?\s*y", whole),
    ):
        assert worst(Expression(re.compile(source), ways), LENGTH, AT_MOST_S, ENDINGS), source
    assert not worst(Expression(re.compile(r"[0-9]+\s*円"), whole), LENGTH, AT_MOST_S, ENDINGS)
    assert not worst(
        Expression(re.compile(r"(?<!\s)\s*+,\s*"), everywhere), LENGTH, AT_MOST_S, ENDINGS
    )


def test_no_expression_grows_faster_than_the_text(
    found: tuple[dict[str, Expression], set[str]], exhaustive: bool
) -> None:
    every, slow = found[0], {}
    endings = MORE_ENDINGS if exhaustive else ENDINGS
    for where, asked in every.items():
        if where in OWN_TEXTS:
            continue
        most = limit_of(where)
        tried = Expression(asked.pattern, WAYS.get(where, asked.ways))
        if kept_busy := worst(tried, most or LENGTH, SHORT_S if most else AT_MOST_S, endings):
            slow[where] = kept_busy
    assert len(every) > 500
    assert slow == {}


def test_expressions_that_are_made_later_are_known(
    found: tuple[dict[str, Expression], set[str]],
) -> None:
    assert found[1] == MADE_LATER | LOOKED_AT_HERE


def test_a_format_is_told_from_the_head_of_a_file_within_half_a_second() -> None:
    for _, source in _BY_CONTENT:
        asked = Expression(re.compile(source), frozenset({"search"}))
        assert not worst(asked, HEAD_BYTES, HEAD_S, ENDINGS), source


def test_a_purposes_rules_are_quick_on_the_longest_part_that_is_read() -> None:
    for name in ("wishes_ja", "troubles_ja", "wishes_en", "troubles_en"):
        for pattern, _ in _rules(name):
            asked = Expression(pattern, frozenset({"search"}))
            assert not worst(asked, MAX_CHARS, SHORT_S, ENDINGS), pattern.pattern
