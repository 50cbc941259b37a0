"""Texts in the language of who reads them: gettext catalogues, read from .po files.

The catalogues are read when the first text of a language is asked for; there are no compiled ones.
Texts hold variables as `%(name)s`, and a per cent sign as `%%`. The messages of errors, rejected rows
and checks stand in `locale/ja/messages.po`; the pages have catalogues of their own.
"""

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from enmusubi.messages import Message

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LOCALE_DIR = Path(__file__).parent / "locale"
Key = tuple[str, str]  # context, English text


class Texts(gettext.NullTranslations):
    """Gives the texts of one language; what is not translated stays English."""

    def __init__(self, forms: Mapping[Key, tuple[str, ...]]) -> None:
        super().__init__()
        self._forms = forms

    def gettext(self, message: str) -> str:
        """Return the text."""
        return self.pgettext("", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the text for a number of things; Japanese has one form for all numbers."""
        return self.npgettext("", msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        """Return the text as it is used in a context."""
        return self._forms.get((context, message), (message,))[0]

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """Return the text for a number of things as it is used in a context."""
        english = msgid1 if n == 1 else msgid2
        return self._forms.get((context, msgid1), (english,))[0]

    def has(self, context: str, message: str) -> bool:
        """Return whether there is a translation."""
        return (context, message) in self._forms

    def say(self, message: str, **values: object) -> str:
        """Return the text with its variables filled in."""
        return self.gettext(message) % values


@cache
def translations(language: str) -> Texts:
    """Return the translations of all messages into ja; en has none, and needs none."""
    return Texts(read_forms(LOCALE_DIR / language))


def say(message: Message, language: str) -> str:
    """Return a message in ja or en."""
    return message.said(translations(language))


def is_translated(message: Message, language: str) -> bool:
    """Return whether all sentences of a message are there in a language.

    Words with a context don't count: one without a translation, such as a field's name, stays as it is.
    """
    there = translations(language)
    sentences = (part.id for part in message.parts() if not part.context)
    return language == "en" or all(there.has("", sentence) for sentence in sentences)


def read_forms(folder: Path) -> dict[Key, tuple[str, ...]]:
    """Return the translations in a folder's .po files; English has no folder and no translations."""
    forms: dict[Key, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.po")):
        for message in read_catalogue(path):
            if message.id and message.string:
                single = isinstance(message.id, str)
                key = message.id if single else message.id[0]
                text = (message.string,) if single else tuple(message.string)
                forms[message.context or "", str(key)] = tuple(map(str, text))
    return forms


def read_catalogue(path: Path) -> "Catalog":
    """Return one .po file."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name, charset="utf-8")
