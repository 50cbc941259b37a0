"""Messages: what the service says to people, as an id and values, until an edge says it in a language.

As usual with gettext, the id of a message is its English sentence, with `%(name)s` for each value. Who
raises an error or refuses a cell names id and values; pages, API and command line look the sentence up
in their language's catalogue. A value may be a message of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Translate = Callable[[str], str]


def N_(message_id: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Mark the id of a message that stands in a constant or a table, and is translated where it is shown."""
    return message_id


def untranslated(message_id: str) -> str:
    """Return the id: the English sentence."""
    return message_id


@dataclass(frozen=True)
class Message:
    """A sentence by its id, and the values in it; values stay out of `repr`, for they may be a user's."""

    id: str
    values: Mapping[str, object] = field(default_factory=dict, repr=False)

    def said(self, translate: Translate = untranslated) -> str:
        """Return the sentence with its values; `translate` gives the sentence of an id."""
        sentence = translate(self.id)
        if not self.values:
            return sentence
        values = {
            name: value.said(translate) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return sentence % values

    def __str__(self) -> str:
        return self.said()
