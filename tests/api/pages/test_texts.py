"""Every text of the pages is there in both languages, none is left over, and none bypasses gettext."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract, extract_from_dir
from jinja2 import Environment
from jinja2.ext import babel_extract

import api
from api.languages import choose_language
from api.pages.texts import LOCALE_DIR, named_user, texts
from enmusubi import translation
from enmusubi.translation import read_catalogue, translations

API = Path(api.__file__).parent
TEMPLATES = sorted((API / "templates").rglob("*.html"))
MESSAGES = translation.LOCALE_DIR / "ja" / "messages.po"
CATALOGUES = sorted((LOCALE_DIR / "ja").glob("*.po"))
KEYWORDS = {"N_": None, "_": None, "gettext": None, "say": None}
KEYWORDS |= {"ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
JAPANESE = re.compile(r"[\u3041-\u9fff]")
WRITTEN = re.compile(r"[^\W\d_]{2,}")
ATTRIBUTE = re.compile(r"""[\w-]+=("[^"]*"|'[^']*')""")  # kept in a variable of the template
VARIABLE = re.compile(r"%\((\w+)\)s")
SHOWN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
FORMATS = {"CSV", "PDF", "JSON", "Excel", "Word", "PowerPoint"}
SAME_IN_BOTH = {*FORMATS, "ID", "IP", "URL", "API", "Enmusubi"}


def first(message):
    return message if isinstance(message, str) else message[0]


def used_texts():
    """Return what templates and code say: (context, English text) → the files that say it."""
    found = {}
    for name, _, message, _, context in extract_from_dir(
        API, [("**.py", "python")], keywords=KEYWORDS, comment_tags=()
    ):
        found.setdefault((context or "", first(message)), []).append(name)
    for path in TEMPLATES:
        with path.open("rb") as file:
            for _, message, _, context in extract(
                babel_extract, file, keywords=KEYWORDS, options={"trimmed": "true"}
            ):
                found.setdefault((context or "", first(message)), []).append(path.name)
    return found


def translated():
    """Return (catalogue, message) for every entry of every catalogue."""
    for path in CATALOGUES:
        for message in read_catalogue(path):
            if message.id:
                yield path.name, message


def test_every_text_has_a_japanese_one_and_none_is_left_over():
    used = used_texts()
    there = {(message.context or "", first(message.id)) for _, message in translated()}
    said = {text for text in used if translations("ja").has(*text)}  # a message, of errors, too
    missing = {text: names for text, names in used.items() if text not in there | said}
    assert missing == {}, "add these to a catalogue in locale/ja"
    assert sorted(there - set(used)) == [], "no page says these any more"


def test_no_text_is_in_two_catalogues():
    places = {}
    messages = [("messages.po", message) for message in read_catalogue(MESSAGES) if message.id]
    for name, message in [*translated(), *messages]:
        places.setdefault((message.context or "", first(message.id)), []).append(name)
    assert {text: names for text, names in places.items() if len(names) > 1} == {}


def test_each_translation_is_japanese_and_holds_the_same_variables():
    for name, message in translated():
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        japanese = [message.string] if isinstance(message.string, str) else list(message.string)
        assert len(japanese) == 1, f"{name}: Japanese has one form for all numbers"
        assert not message.fuzzy, message.id
        assert not any(JAPANESE.search(text) for text in english), message.id
        if english[0] not in SAME_IN_BOTH:
            assert JAPANESE.search(japanese[0]), message.id
        assert set(VARIABLE.findall(japanese[0])) == set(VARIABLE.findall(english[-1])), message.id


class Shown(HTMLParser):
    """Collects what somebody would read or hear of a page."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def handle_data(self, data):
        self.texts.append(data)

    def handle_starttag(self, tag, attrs):
        self.texts.extend(value or "" for name, value in attrs if name in SHOWN_ATTRIBUTES)


class Anything(dict):
    """Has a value for every name."""

    def __missing__(self, name):
        return 1


def test_each_text_of_a_template_can_be_filled_in_in_both_languages():
    for name, message in translated():
        forms = [*([message.id] if isinstance(message.id, str) else message.id)]
        forms += [message.string] if isinstance(message.string, str) else message.string
        for text in forms:  # jinja2 fills every text in, one without variables, too
            assert (text % Anything()) is not None, (name, text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_past_gettext(path):
    tokens = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(
        path.read_text("utf-8")
    )
    raw = "".join(value if kind == "data" else "\x00" for _, kind, value in tokens)
    shown = Shown()
    shown.feed(re.sub("\x00+", "0", raw))
    words = [word for text in shown.texts for word in WRITTEN.findall(ATTRIBUTE.sub("", text))]
    assert [word for word in words if word not in SAME_IN_BOTH] == []


def test_a_text_is_filled_in_and_counted_in_both_languages():
    assert texts("en").say("%(count)s considered", count=3) == "3 considered"
    assert texts("ja").say("%(count)s considered", count=3) == "対象3名"
    assert texts("en").ngettext("one", "many", 1) == "one"
    assert texts("en").ngettext("one", "many", 2) == "many"
    assert texts("ja").gettext("never written down") == "never written down"


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


def test_who_has_no_account_is_called_by_what_they_are():
    assert named_user("ja", "local", {}) == "この端末の利用者"
    assert named_user("en", "local", {}) == "this computer's user"
    assert named_user("en", "person:operator", {}) == "a command on the server"
    assert named_user("ja", "tanaka", {"tanaka": "田中 一"}) == "田中 一"
    assert named_user("ja", "tanaka", {}) == "tanaka" and named_user("ja", "", {}) == ""
