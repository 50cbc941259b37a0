"""Passwords: which are good enough, how they are stored (argon2id), and whether one is right."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from secrets import choice

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from enmusubi.errors import InputError, WrongPasswordError
from enmusubi.messages import N_
from office.accounts.fingerprints import fingerprint, new_secret, same

MIN_CHARS, MAX_CHARS = 10, 200
MIN_OTHER_CHARS = 6  # letters and digits besides the login name and the words below
MIN_DISTINCT_CHARS = 5
MIN_GUESSES = 1e8  # what zxcvbn calls safely unguessable
MOST_LOOKED_AT = 72  # characters: what it takes grows with their square
_JAPANESE = Path(__file__).with_name("japanese_words.txt")
GUESSED_FIRST = (
    "password",
    "passwort",
    "pass",
    "パスワード",
    "1234567890",
    "0123456789",
    "123456",
    "qwertyuiop",
    "qwerty",
    "abcdefghij",
    "abcdef",
    "enmusubi",
    "縁結び",
    "welcome",
    "letmein",
    "admin",
)
_LETTERS_FOR = str.maketrans("@$", "as")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_NO_WORD = re.compile(r"[\W_]+")

TOO_SHORT = N_("The password has fewer than 10 characters. Choose a longer one.")
TOO_LONG = N_("The password has more than 200 characters. Choose a shorter one.")
TOO_PLAIN = N_(
    "The password is easy to guess: little is left of it without the login name, words like "
    "“password”, and repetitions. Choose another, such as four words that don't belong together."
)
TOO_COMMON = N_(
    "The password is among those that are guessed first: of common passwords, words, names, dates or rows "
    "of keys. Choose another, such as four words that don't belong together."
)


class Passwords:
    """Stores and checks passwords; the default costs follow RFC 9106 (64 MiB, 3 passes)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        """Return what is stored of a password."""
        return self._hasher.hash(prepared(password))

    def is_right(self, password: str, stored: str) -> bool:
        """Return whether a password is the stored one.

        Where nothing is stored the answer is no, and takes as long.
        """
        candidate = prepared(password)[: MAX_CHARS + 1]
        unknown = self._unknown_hash  # made before either is checked, as making it takes time, too
        try:
            return self._hasher.verify(stored or unknown, candidate) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Return whether a hash was made at other costs than those of today."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _unknown_hash(self) -> str:
        return self._hasher.hash(new_secret())


def one_time_password() -> str:
    """Return a password of 80 random bits that can be read out on the telephone."""
    return "-".join("".join(choice(_LETTERS) for _ in range(4)) for _ in range(4))


def mark_of(stored: str) -> str:
    """Return what tells one stored password from another, and nothing else; empty for none."""
    return fingerprint(stored) if stored else ""


def same_mark(mark: str, expected: str | None) -> None:
    """Raise WrongPasswordError unless a password's mark is the one expected; None expects nothing."""
    if expected is not None and not same(mark, expected):
        raise WrongPasswordError("The password was changed meanwhile. Sign in with the new one.")


def prepared(password: str) -> str:
    """Return a password in one form, however a keyboard or input method composed it."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, login: str) -> None:
    """Raise InputError for a password that is too short, too long or easily guessed."""
    text = prepared(password)
    if len(text) < MIN_CHARS:
        raise InputError(TOO_SHORT)
    if len(text) > MAX_CHARS:
        raise InputError(TOO_LONG)
    plain = _NO_WORD.sub("", text.casefold().translate(_LETTERS_FOR))
    own = [_NO_WORD.sub("", part) for part in (login, *re.split(r"[@._+-]", login))]
    weak = sorted((word for word in (*GUESSED_FIRST, *own) if len(word) > 2), key=len, reverse=True)
    left = {plain, plain.replace("0", "o")}
    for word in weak:
        left = {rest.replace(word, "") for rest in left}
    if min(map(len, left)) < MIN_OTHER_CHARS or len(set(text)) < MIN_DISTINCT_CHARS:
        raise InputError(TOO_PLAIN)
    if _guesses(text.casefold(), own) < MIN_GUESSES:
        raise InputError(TOO_COMMON)


def _guesses(text: str, own: Sequence[str]) -> float:
    """Return how many guesses a password withstands whoever knows the usual ones (zxcvbn, Wheeler 2016)."""
    from zxcvbn import zxcvbn

    known = [*filter(None, own), *GUESSED_FIRST, *_japanese_words()]
    return float(zxcvbn(text[:MOST_LOOKED_AT], user_inputs=known)["guesses"])


@cache
def _japanese_words() -> tuple[str, ...]:
    lines = _JAPANESE.read_text("utf-8").splitlines()
    return tuple(unicodedata.normalize("NFKC", line) for line in lines if line[:1] != "#")
