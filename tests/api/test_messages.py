"""The page's texts are complete in both languages, and the right one is chosen."""

import re
import string
from pathlib import Path

import pytest

import enmusubi.api
from enmusubi.api.messages import LANGUAGES, MESSAGES, choose_language
from enmusubi.api.page_view import ADVICE, ADVICE_OF_STATUS
from enmusubi.matcher.records import SEED_KINDS

FOLDER = Path(enmusubi.api.__file__).parent
JAPANESE = re.compile(r"[\u3041-\u9fff]")


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_placeholders():
    assert set(MESSAGES) == set(LANGUAGES)
    assert set(MESSAGES["ja"]) == set(MESSAGES["en"])
    for key, text in MESSAGES["ja"].items():
        assert placeholders(text) == placeholders(MESSAGES["en"][key]), key


def test_each_text_is_in_its_language():
    for key, text in MESSAGES["en"].items():
        assert bool(JAPANESE.search(text)) == (key == "other_language"), key
    for key, text in MESSAGES["ja"].items():
        assert bool(JAPANESE.search(text)) == (key != "other_language"), key


def test_no_text_is_missing_and_none_is_left_over():
    page = (FOLDER / "templates" / "match.html").read_text("utf-8")
    used = set(re.findall(r"\bt\.([a-z_]+)", page)) - {"get"}
    used |= {*SEED_KINDS, *LANGUAGES, *ADVICE.values(), *ADVICE_OF_STATUS.values(), "advice_entry"}
    assert used == set(MESSAGES["en"])


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        ("", "", "", "ja"),
        ("", "", "ja", "ja"),
        ("", "", "en-GB,en;q=0.9", "en"),
        ("", "", "en;q=0.8,ja;q=0.9", "ja"),
        ("", "", "EN-us", "en"),
        ("", "", "de,ja;q=0.5,en;q=0.4", "ja"),
        ("", "", "de,fr;q=0.5", "en"),
        ("", "", "ja;q=0,en;q=0.1", "en"),
        ("", "", "ja;q=0", "en"),
        ("", "", "ja ; q=0.1 , en ; q=0.9", "en"),
        ("", "", "jav,en", "en"),
        ("", "", "ja;q=x,en;q=0.5", "en"),
        ("", "", "*", "en"),
        ("", "", ",,;;q", "ja"),
        ("", "ja", "en", "ja"),
        ("", "en", "ja", "en"),
        ("", "de", "ja", "ja"),
        ("en", "ja", "ja", "en"),
        ("xx", "", "ja", "ja"),
    ],
)
def test_the_language_is_what_was_asked_for_then_remembered_then_the_browser_s(
    asked, remembered, accepted, expected
):
    assert choose_language(asked, remembered, accepted) == expected
