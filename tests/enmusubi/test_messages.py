"""Messages carry an id and values through storage and into another language."""

import json
from gettext import NullTranslations

from enmusubi.messages import REASON, Message, as_plain, from_plain, listed, word

INNER = Message("; did you mean %(name)r?", {"name": "year"})
OUTER = Message(
    "%(table)s have no such column%(suggestion)s", {"table": "seeds", "suggestion": INNER}
)
OF_ALL_KINDS = Message(
    "%(count)s, %(share)s: %(words)s",
    {"count": 3, "share": 0.5, "words": listed([word(REASON, "too_early"), OUTER], "; ")},
)


class Japanese(NullTranslations):
    def gettext(self, message: str) -> str:
        sentences = {
            OUTER.id: "%(table)sにその列はありません%(suggestion)s",
            INNER.id: "(%(name)sですか)",
        }
        return sentences[message]


def test_a_message_is_said_with_its_values_in_the_language_of_the_catalogue():
    assert str(OUTER) == "seeds have no such column; did you mean 'year'?"
    assert OUTER.said(Japanese()) == "seedsにその列はありません(yearですか)"


def test_a_message_without_values_may_hold_a_per_cent_sign():
    assert str(Message("more than 50 % are missing")) == "more than 50 % are missing"


def test_what_is_stored_comes_back_with_the_messages_inside_it():
    for message in (INNER, OUTER, OF_ALL_KINDS, Message("nothing")):
        assert from_plain(json.loads(json.dumps(as_plain(message)))) == message


def test_values_that_json_does_not_know_are_stored_as_text(tmp_path):
    message = Message("There is no file %(file)s.", {"file": tmp_path})
    assert str(from_plain(json.loads(json.dumps(as_plain(message))))) == str(message)


def test_values_stay_out_of_repr():
    assert "seeds" not in repr(OUTER)
