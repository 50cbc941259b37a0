"""Messages: what the service says to people, as an id and values, until an edge says it in a language.

As usual with gettext, the id of a message is its English sentence, with `%(name)s` for each value. Who
raises an error or refuses a cell names id and values; pages, API and command line look the sentence up
in their language's catalogue (`enmusubi.translation`). A value may be a message of its own, or a
`Listing` of several; a word of ours among the values, such as a role, is a message with a context.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import Any, Self

ENGLISH = NullTranslations()  # says every message by its id
ROLE, ACTION, FIELD, FILTER = "role", "action", "field", "filter"  # contexts of words of ours
REASON, STATE, THINGS = "reason", "state", "things"
BETWEEN = "between"  # the context of what stands between the parts of a listing


def N_(message_id: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Mark the id of a message that stands in a constant or a table, and is translated where it is shown."""
    return message_id


VERBATIM = N_("%(value)s")
OF_A_FIELD = N_("%(field)s: %(reason)s")
FIELD_FAULT = N_("%(field)s: %(reason)s.")


@dataclass(frozen=True)
class Message:
    """A sentence by its id, and the values in it; values stay out of `repr`, for they may be a user's.

    `context` tells apart what is one word in English and several in another language.
    """

    id: str
    values: Mapping[str, object] = field(default_factory=dict, repr=False, hash=False)
    context: str = ""

    def said(self, translations: NullTranslations = ENGLISH) -> str:
        """Return the sentence with its values in the language of the translations."""
        sentence = (
            translations.pgettext(self.context, self.id)
            if self.context
            else translations.gettext(self.id)
        )
        if not self.values:
            return sentence
        return sentence % {name: _said(value, translations) for name, value in self.values.items()}

    def parts(self) -> "Iterator[Message]":
        """Yield this message and all that are among its values."""
        yield self
        for value in self.values.values():
            yield from _messages(value)

    def with_values(self, change: Callable[[object], object]) -> "Message":
        """Return the message with all plain values changed, those of messages in it, too."""
        return Message(self.id, _changed(self.values, change), self.context)

    def __str__(self) -> str:
        return self.said()


@dataclass(frozen=True)
class Listing:
    """Values one after the other; what stands between them is translated."""

    parts: tuple[object, ...]
    separator: str = ", "

    def said(self, translations: NullTranslations = ENGLISH) -> str:
        """Return the values in the language of the translations."""
        between = translations.pgettext(BETWEEN, self.separator)
        return between.join(str(_said(part, translations)) for part in self.parts)

    def __str__(self) -> str:
        return self.said()


class MessageError(Exception):
    """An exception that says a message; one among its values is taken by its own message."""

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__()
        self.say(Message(message_id, {name: _value(value) for name, value in values.items()}))

    @classmethod
    def saying(cls, message: Message) -> Self:
        """Return an exception that says a message made elsewhere."""
        error = cls(message.id)
        error.say(message)
        return error

    def say(self, message: Message) -> None:
        """Let a message be what the exception says."""
        self.message = message
        self.args = (str(message),)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).saying, (self.message,), dict(vars(self))


class UnfitError(MessageError, ValueError):
    """A value that is not as it has to be."""


def word(context: str, text: str) -> Message:
    """Return a word of ours, such as a role, as a value of a message."""
    return Message(text, context=context)


def verbatim(value: object) -> Message:
    """Return a value that is no sentence of ours, such as a path or a listing, as a message."""
    return Message(VERBATIM, {"value": value})


def listed(parts: Iterable[object], separator: str = ", ") -> Listing:
    """Return values as one value of a message."""
    return Listing(tuple(parts), separator)


def words(context: str, texts: Iterable[str], separator: str = ", ") -> Listing:
    """Return words of ours as one value of a message."""
    return listed((word(context, text) for text in texts), separator)


def about_field(field_name: str, reason: Message) -> Message:
    """Return what is wrong with a field; the reason is a whole sentence."""
    return Message(OF_A_FIELD, {"field": word(FIELD, field_name), "reason": reason})


def field_fault(field_name: str, reason: Message) -> Message:
    """Return what is wrong with a field; the reason is a part of a sentence, without its full stop."""
    return Message(FIELD_FAULT, {"field": word(FIELD, field_name), "reason": reason})


def as_plain(value: object) -> Any:
    """Return a message or value as JSON takes it: to be stored, and said in a language later."""
    if isinstance(value, Message):
        plain: dict[str, Any] = {"id": value.id}
        if value.values:
            plain["values"] = {name: as_plain(one) for name, one in value.values.items()}
        if value.context:
            plain["context"] = value.context
        return plain
    if isinstance(value, Listing):
        return {"parts": [as_plain(part) for part in value.parts], "separator": value.separator}
    return value if isinstance(value, str | int | float | None) else str(value)


def from_plain(plain: Any) -> Any:
    """Return the message or value that `as_plain` wrote."""
    if isinstance(plain, Mapping) and "id" in plain:
        values = {name: from_plain(one) for name, one in plain.get("values", {}).items()}
        return Message(plain["id"], values, plain.get("context", ""))
    if isinstance(plain, Mapping) and "parts" in plain:
        return Listing(tuple(map(from_plain, plain["parts"])), plain["separator"])
    return plain


def _value(value: object) -> object:
    if isinstance(value, MessageError):
        return value.message
    return str(value) if isinstance(value, BaseException) else value


def _said(value: object, translations: NullTranslations) -> object:
    return value.said(translations) if isinstance(value, Message | Listing) else value


def _changed(values: Mapping[str, object], change: Callable[[object], object]) -> dict[str, object]:
    def changed(value: object) -> object:
        if isinstance(value, Message):
            return value.with_values(change)
        if isinstance(value, Listing):
            return Listing(tuple(map(changed, value.parts)), value.separator)
        return change(value)

    return {name: changed(value) for name, value in values.items()}


def _messages(value: object) -> Iterator[Message]:
    if isinstance(value, Message):
        yield from value.parts()
    elif isinstance(value, Listing):
        for part in value.parts:
            yield from _messages(part)
