"""Whether one spelling of a person's name says the same as another and more."""

from collections.abc import Sequence

from catalogue.identity.character_folding import compatible, is_japanese, unaccented


def extends(name: str, other: str) -> bool:
    """Return whether a name is the other one written more fully.

    `Taro Yamada` is `T. Yamada` and `TARO YAMADA` more fully, `山田 太郎` is `山田太郎` and `山田`; a name
    that says anything else is not.
    """
    if is_japanese(name):
        return _extends_japanese(name, other)
    words, others = _words(name), _words(other)
    if not others or not _holds(words, others):
        return False
    if sorted(words) == sorted(others):
        return other.isupper() and not name.isupper()
    return sum(map(len, words)) > sum(map(len, others))


def _extends_japanese(name: str, other: str) -> bool:
    words, others = compatible(name).split(), compatible(other).split()
    whole, shorter = "".join(words), "".join(others)
    if whole == shorter:
        return len(words) > len(others)
    return len(others) == 1 and len(words) > 1 and words[0] == shorter


def _words(name: str) -> list[str]:
    letters = "".join(letter if letter.isalpha() else " " for letter in name.replace("-", ""))
    return unaccented(letters.casefold()).split()


def _holds(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of the other words is one of the words, or the initial of one."""
    left = list(words)
    for word in sorted(others, key=len, reverse=True):
        fitting = [w for w in left if w == word or (len(word) == 1 and w.startswith(word))]
        if not fitting:
            return False
        left.remove(fitting[0])
    return True
