"""What went wrong, in the language of who reads it: the service's English sentences, translated.

Errors are raised in English, far below the pages; their sentences are known here by `fault_texts`,
found again with the values in them, and said in the other language with the same values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from starlette.datastructures import Headers
from starlette.types import Scope

from api.languages import choose_language
from api.pages.fault_texts import FAULTS
from api.pages.labels import REASON_LABELS, ROLE_LABELS
from api.pages.texts import Texts, texts
from enmusubi.messages import N_
from office.access import rules

ENGLISH = "en"
MAX_CHARS = 4_000  # longer ones are no sentences of ours
OF_A_FIELD = N_("%(field)s: %(reason)s")
FIELD_LABELS: Mapping[str, str] = {
    "institution": N_("Institution"),
    "department": N_("Department"),
    "domain": N_("Fields"),
    "kind": N_("Kind of evidence"),
    "language": N_("Language of evidence"),
    "position": N_("Position"),
    "field_code": N_("Field code"),
    "since": N_("Since (year)"),
    "until": N_("Until (year)"),
    "top": N_("Results"),
    "title": N_("Title"),
    "text": N_("What is to be achieved, and under which conditions"),
    "constraints": N_("Constraints"),
    "company": N_("Company"),
    "organisation_id": N_("Company"),
    "horizon": N_("Time horizon"),
    "budget_jpy": N_("Budget (yen)"),
    "area": N_("Area"),
    "confidentiality": N_("Confidentiality"),
    "manager": N_("Manager"),
    "reason": N_("Reason"),
    "cursor": N_("Place in the list"),
}
ACTION_LABELS: Mapping[str, str] = {
    rules.ASK: N_("ask"),
    rules.SEE_NEEDS: N_("see needs"),
    rules.SEE_RESEARCHERS: N_("see researchers"),
    rules.CREATE_NEEDS: N_("create needs"),
    rules.CHANGE_NEED: N_("change a need"),
    rules.INVITE: N_("invite to a need"),
    rules.RELEASE: N_("release a list"),
    rules.SEE_RELEASED: N_("see released lists"),
    rules.JUDGE: N_("judge"),
    rules.NOTE: N_("note"),
    rules.SHORTLIST: N_("shortlist"),
    rules.SAVE_SEARCH: N_("save searches"),
    rules.EXPORT: N_("export"),
    rules.SEE_REPORTS: N_("see reports"),
    rules.HOOK: N_("set webhooks"),
    rules.SEE_METRICS: N_("see metrics"),
    rules.RUN_JOBS: N_("run jobs"),
    rules.ADMINISTER: N_("administer"),
    rules.READ_AUDIT: N_("read the audit trail"),
}
THING_LABELS = {
    "field": N_("field"),
    "kind of seed": N_("kind of seed"),
    "language": N_("language"),
    "visibility": N_("visibility"),
}
WORDS: Mapping[str, Mapping[str, str]] = {  # by variable: words of ours among the values
    "role": ROLE_LABELS,
    "action": ACTION_LABELS,
    "reasons": REASON_LABELS,
    "what": THING_LABELS,
    "field": FIELD_LABELS,
}
_VARIABLE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Told:
    """What went wrong, and the language that it is said in: English where it has no translation."""

    text: str
    language: str


def told(detail: str, language: str) -> Told:
    """Return what went wrong in a language, line by line; as it is unless all of it is known."""
    if language == ENGLISH or len(detail) > MAX_CHARS:
        return Told(detail, ENGLISH)
    said = [_line(line, texts(language)) for line in detail.splitlines()]
    whole = [line for line in said if line is not None]
    return Told("\n".join(whole), language) if len(whole) == len(said) else Told(detail, ENGLISH)


def language_of_problem(scope: Scope) -> str:
    """Return the language of a problem document: programs that ask for none read English."""
    asked = Headers(scope=scope).get("accept-language", "")
    return choose_language("", "", asked) if asked else ENGLISH


def _line(line: str, said: Texts) -> str | None:
    """Return a line in the language of the texts, None for one that is not known."""
    for pattern, message in known_faults():
        if found := pattern.fullmatch(line):
            values = {name: _word(name, value, said) for name, value in found.groupdict().items()}
            return said.say(message, **values)
    field, mark, rest = line.partition(": ")
    reason = _line(rest, said) if mark else None
    return (
        None
        if reason is None
        else said.say(OF_A_FIELD, field=_word("field", field, said), reason=reason)
    )


def _word(variable: str, value: str, said: Texts) -> str:
    """Return a value of a sentence; words of ours are said in the language."""
    labels = WORDS.get(variable)
    if labels is None:
        return value
    return ", ".join(said.gettext(labels.get(part, part)) for part in value.split(", "))


@cache
def known_faults() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the known sentences with a pattern for each, those that say most by themselves first."""
    messages = sorted(FAULTS, key=lambda message: -len(_VARIABLE.sub("", message)))
    return tuple((re.compile(_pattern(message), re.DOTALL), message) for message in messages)


def _pattern(message: str) -> str:
    parts = _VARIABLE.split(message)
    return "".join(
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
