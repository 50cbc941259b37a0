"""What errors, faults and checks say has an id in the code and a Japanese translation."""

import ast
import re
from http import HTTPStatus

import pytest

from api.pages.admin.trail import DETAIL
from catalogue.database.models import LINK_STATES
from catalogue.database.service_models import JOB_STATES
from catalogue.database.viewer import ACCOUNT_ROLES, MACHINE_ROLES
from catalogue.judgements.judgements import REASONS, STAGES, VERDICTS
from enmusubi import messages
from enmusubi.messages import Message, about_field, as_plain, from_plain, listed, word, words
from enmusubi.translation import LOCALE_DIR, is_translated, read_catalogue, say, translations
from office.access.rules import PERMISSIONS
from office.needs.editing import FIELDS
from office.needs.given_lists import CONCERNS
from office.screening.export_control_rules import (
    CIRCUMSTANCE_WORDS,
    CIRCUMSTANCES_SAID,
    ITEM_WORDS,
    ITEMS,
)
from tests.support.message_ids import PAGE_TEXTS, makers, modules, name_of, said

JAPANESE = re.compile(r"[\u3041-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)(\w)")
SETTINGS_OF_ERRORS = {"retry_after_s", "of_field", "headers"}  # keywords that are no values
OTHERS_SAY = {"There was an error parsing the body", "Content Too Large", "Unprocessable Content"}
OTHERS_SAY |= {status.phrase for status in HTTPStatus}
SAME_IN_BOTH = {"ids"}  # but for their letters
COMPOSED = {  # makers of messages whose ids come from elsewhere, each with the reason
    "enmusubi/messages.py": "messages are made here",
    "HTTPStatus(status).phrase": "the library's words for a status",
    "str(error.detail)": "what the framework says of a request",
    "cls(message.id)": "an exception of a message made elsewhere",
    "member.fault": "an id that catalogue/importers/reading/packed.py marks",
    "row['reason']": "what an older version stored of a rejection",
    "row['shape']": "what an older version stored of a rejection",
}


def entries():
    """Return the entries of the catalogue of messages."""
    return [entry for entry in read_catalogue(LOCALE_DIR / "ja" / "messages.po") if entry.id]


def ids():
    """Return the ids that stand in the code."""
    return {
        one.message_id
        for one in said()
        if one.message_id is not None
        and not (one.maker == "N_" and one.path.startswith(PAGE_TEXTS))
    }


def test_every_error_is_made_with_the_id_of_a_message():
    without = [
        str(one)
        for one in said()
        if one.message_id is None and not any(known in str(one) for known in COMPOSED)
    ]
    assert without == [], "name a literal, or a module's constant that is marked by N_"
    assert len(said()) > 400


def test_every_raise_of_ours_names_a_message():
    """An error of ours without any argument would say nothing."""
    silent = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call | ast.Name)
        and name_of(node.exc.func if isinstance(node.exc, ast.Call) else node.exc) in makers()
        and not (isinstance(node.exc, ast.Call) and node.exc.args)
    ]
    assert silent == []


def test_the_values_of_a_message_are_those_that_its_sentence_names():
    wrong = [
        str(one)
        for one in said()
        if one.message_id is not None and one.keywords is not None and one.maker != "N_"
        if {name for name, _ in PLACEHOLDER.findall(one.message_id)}
        != one.keywords - SETTINGS_OF_ERRORS
    ]
    assert wrong == []


def test_every_message_has_a_translation():
    there = {entry.id for entry in entries() if not entry.context}
    assert ids() - there == set(), "translate these in enmusubi/locale/ja/messages.po"


def test_no_translation_is_of_a_message_that_the_code_does_not_have():
    there = {entry.id for entry in entries() if not entry.context}
    assert there - ids() - OTHERS_SAY == set()


def test_every_translation_is_japanese_and_holds_the_same_values():
    for entry in entries():
        assert set(PLACEHOLDER.findall(entry.string)) == set(PLACEHOLDER.findall(entry.id)), (
            entry.id
        )
        assert not entry.fuzzy, entry.id
        if PLACEHOLDER.sub("", entry.id).strip(" :;,.()\n") and entry.context != messages.BETWEEN:
            assert JAPANESE.search(entry.string) or entry.id in SAME_IN_BOTH, entry.id


@pytest.mark.parametrize(
    ("context", "known"),
    [
        (messages.ROLE, {*ACCOUNT_ROLES, *MACHINE_ROLES}),
        (messages.ACTION, PERMISSIONS),
        (messages.FIELD, FIELDS),
        (messages.REASON, REASONS),
        (messages.STATE, {*JOB_STATES, *LINK_STATES}),
        (ITEM_WORDS, set(ITEMS.values())),
        (CIRCUMSTANCE_WORDS, set(CIRCUMSTANCES_SAID.values())),
        (DETAIL, {*VERDICTS, *STAGES, *CONCERNS, "concerns"}),
    ],
)
def test_every_word_of_ours_among_the_values_has_a_translation(context, known):
    missing = {one for one in known if one and not translations("ja").has(context, one)}
    assert missing == set()


def test_a_message_with_messages_in_it_is_said_as_a_whole():
    reason = Message("not one of %(choices)s", {"choices": words(messages.REASON, ["conflict"])})
    inner = Message(
        messages.FIELD_FAULT, {"field": word(messages.FIELD, "budget_jpy"), "reason": reason}
    )
    outer = Message("%(count)s of the needs: %(reason)s", {"count": 2, "reason": inner})

    assert str(outer) == "2 of the needs: budget_jpy: not one of conflict."
    assert say(outer, "ja") == (
        "ニーズのうち2件：「予算（円）」について：次のいずれかを選んでください（利益相反）。"
    )
    assert is_translated(outer, "ja")
    assert from_plain(as_plain(outer)).said() == str(outer)
    assert say(from_plain(as_plain(outer)), "ja") == say(outer, "ja")


def test_a_message_is_known_only_if_all_of_it_is():
    strange = Message("The moon is in the way.")
    whole = about_field("area", strange)

    assert not is_translated(strange, "ja")
    assert not is_translated(whole, "ja")
    assert not is_translated(Message("%(faults)s", {"faults": listed([strange], "\n")}), "ja")
    assert is_translated(strange, "en")
    assert say(about_field("nobody_knows_it", Message("not a text")), "ja").startswith("「nobody")
