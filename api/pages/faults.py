"""What went wrong, in the language of who reads it."""

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from api.languages import choose_language
from enmusubi.messages import Message
from enmusubi.translation import is_translated, say

ENGLISH = "en"


@dataclass(frozen=True)
class Told:
    """What went wrong, and the language that it is said in: English where it has no translation."""

    text: str
    language: str


def told(message: Message, language: str) -> Told:
    """Return a message in a language; as a whole in English unless all of its sentences are known."""
    known = is_translated(message, language)
    chosen = language if known else ENGLISH
    return Told(say(message, chosen), chosen)


def language_of_problem(scope: Scope) -> str:
    """Return the language of a problem document: programs that ask for none read English."""
    asked = Headers(scope=scope).get("accept-language", "")
    return choose_language("", "", asked) if asked else ENGLISH
