"""Guesses which words of an affiliation name the organisation, and which its unit, knowing no names."""

import re
from collections.abc import Iterator, Sequence

from catalogue.identity.affiliation_words import Word
from catalogue.identity.character_folding import is_japanese
from catalogue.identity.industry import is_company
from catalogue.identity.legal_forms import PUBLIC_BODY_FORMS
from catalogue.identity.unit_words import (
    CONNECTORS,
    LARGE_BODY,
    LATIN_BODY,
    LATIN_SMALLER_BODY,
    LATIN_UNIT_STARTS,
    LATIN_UNIT_WORDS,
    OTHER_BODIES,
    SMALL_BODY,
    SUBJECTS,
    is_pure_unit,
)

MAX_DEPARTMENT_CHARS = 300

_PUBLIC_FORM = re.compile(rf"^\s*(?:{PUBLIC_BODY_FORMS})\s*|(?<!\s)\s*+(?:{PUBLIC_BODY_FORMS})\s*$")
_RUNS_SCHOOL = re.compile(r"^(?:学校|社会医療|医療)法人\S+\s+(?=\S+(?:大学|高等専門学校|病院))")
_AT_ENDS = " ,;、・-/|"

Parts = Sequence[Sequence[Word]]


def department_in(text: str, parts: Parts, organisation: Sequence[Word]) -> str:
    """Return what an affiliation says besides the organisation, if it names units; no places."""
    start, end = organisation[0].start, organisation[-1].end
    found: list[str] = []
    for part in parts:
        for words in _outside(part, start, end):
            named = [
                word
                for number, word in enumerate(words)
                if word.folded != "the" and not (number and words[number - 1].is_form)
            ]
            if named and any(_is_unit_word(word) for word in named if not word.is_form):
                found.append(_units(text, named))
    glue = " " if is_japanese("".join(found)) else ", "
    return glue.join(filter(None, dict.fromkeys(found)))[:MAX_DEPARTMENT_CHARS].strip(_AT_ENDS)


def _outside(part: Sequence[Word], start: int, end: int) -> Iterator[Sequence[Word]]:
    """Yield the words of a part before and after the organisation; of a word that it begins the rest."""
    yield [word for word in part if word.end <= start]
    rest = []
    for word in part:
        if word.start >= end:
            rest.append(word)
        elif word.end > end:
            cut = end - word.start
            rest.append(Word(word.text[cut:], end, word.end, (word.text[cut:],)))
    yield rest


def _is_unit_word(word: Word) -> bool:
    if is_japanese(word.text):
        return is_pure_unit(word.text) or bool(SMALL_BODY.search(word.text))
    return word.folded in LATIN_UNIT_WORDS or word.folded.rstrip("s") in ("institute", "center")


def _units(text: str, words: Sequence[Word]) -> str:
    """Return the words from the first to the last; an address behind them is cut off."""
    kept = []
    for word in words:
        if word.folded[:1].isdigit():
            break
        kept.append(word)
    return text[kept[0].start : kept[-1].end].strip(_AT_ENDS) if kept else ""


def guessed_place(text: str, parts: Parts) -> tuple[str, str]:
    """Return organisation and department of an affiliation whose organisation nobody knows."""
    words = _japanese_body(parts) if is_japanese(text) else _latin_body(parts)
    if not words:
        return text, ""
    name = text[words[0].start : words[-1].end]
    return without_public_form(name), department_in(text, parts, words)


def without_public_form(name: str) -> str:
    """Return a name without the legal forms that are no part of it, unless nothing is left."""
    name = name.removeprefix("The ").removeprefix("the ")
    shorter = _PUBLIC_FORM.sub("", _RUNS_SCHOOL.sub("", name)).strip(_AT_ENDS)
    return shorter or name


def _japanese_body(parts: Parts) -> Sequence[Word]:
    words = [word for part in parts for word in part]
    for number, word in enumerate(words):  # a company bears its form before or after the name
        if word.is_form and is_company(word.text + "星野"):
            return _company(words, number)
    for pattern in (LARGE_BODY, SMALL_BODY):
        for word in words:
            if word.is_form or is_pure_unit(word.text):
                continue
            if found := pattern.search(word.text):
                return [Word(word.text[: found.end()], word.start, word.start + found.end(), ())]
    named = [word for word in words if not word.is_form and not is_pure_unit(word.text)]
    return named[:1]


def _company(words: Sequence[Word], form: int) -> Sequence[Word]:
    before, after = words[form - 1 : form] if form else [], words[form + 1 : form + 2]
    if before and not is_pure_unit(before[0].text) and before[0].end == words[form].start:
        return words[form - 1 : form + 1]
    if after and after[0].start - words[form].end <= 1:
        return words[form : form + 2]
    return words[form - 1 : form + 1] if before else words[form : form + 1]


def _latin_body(parts: Parts) -> Sequence[Word]:
    if company := _latin_company(parts):
        return company
    for pattern in (LATIN_BODY, LATIN_SMALLER_BODY):
        named = [p for p in parts if _is_body(p, pattern)]
        if named:
            return _around(named[-1], pattern)  # what stands later is the larger unit
    named = [p for p in parts if p[0].folded not in LATIN_UNIT_STARTS]
    return named[0] if named and len(parts) > 1 else []


def _latin_company(parts: Parts) -> Sequence[Word]:
    for part in parts:
        forms = [n for n, word in enumerate(part) if word.is_form and word.folded != "the"]
        named = "".join(f" {word.text}" for word in part).strip()
        if forms and is_company(named):
            return part[: forms[-1] + 1]
    return []


def _is_body(part: Sequence[Word], pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(word.text) for word in part)


def _around(part: Sequence[Word], pattern: re.Pattern[str]) -> Sequence[Word]:
    """Return the words around `University`: those before it, or `of` and the words after it."""
    at = max(n for n, word in enumerate(part) if pattern.fullmatch(word.text))
    start = _start(part, at)
    return part[start : _end(part, at, is_first=start == at)]


def _start(part: Sequence[Word], at: int) -> int:
    """Return where the name before `University` begins: behind a unit and its subject, or `The`."""
    start = 0
    for number, word in enumerate(part[:at]):
        if word.folded == "the" or word.folded[:1].isdigit() or word.folded in LATIN_UNIT_WORDS:
            start = number + 1
        elif word.folded in CONNECTORS and start:  # the next word is a subject, whatever it is
            start = min(number + 2, at)
        elif number == start and word.folded in SUBJECTS and number < at - 1:
            start = number + 1
    return start


def _end(part: Sequence[Word], at: int, *, is_first: bool) -> int:
    """Return where a name that has `University` at a place ends: before a unit or an address."""
    end = at + 1
    if end < len(part) and (is_first or part[end].folded in CONNECTORS):
        while end < len(part) and not _stops(part[end]):
            end += 1
    elif end < len(part) and part[end].folded in OTHER_BODIES:
        end += 1
    return end


def _stops(word: Word) -> bool:
    return word.folded in LATIN_UNIT_STARTS or word.folded[:1].isdigit() or word.is_border
