"""What a reader says of a list, as fields of the search form: marks, words added, another wording.

A mark is a line: `r ID` for a person, `s FIELD START ID` for a sentence of a seed. All of it travels in
posted forms, never in an address, and works without a script: each button sends a verb and its object.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.pages.search_form import SORTS, SearchForm
from enmusubi.errors import InputError
from enmusubi.language import clean_text
from matcher.records import Evidence, Mark, Refinement
from office.needs.reading import SeenNeed

REFINE = "refine"  # the button's name
TRIAL = "trial"  # another wording, to be looked at before it is taken over
TRY, TAKE, CONSTRAINTS = "try", "take", "constraints"
MOST_MARKS, MOST_TERMS = 20, 20
MOST_TERM_CHARS = 60
_SIDES = ("more", "less")
_FIELDS = ("title", "text")
_LET_GO: Mapping[str, Mapping[str, Any]] = {  # what each verb lets go of
    TRY: {},
    "original": {"reworded": "", "page": 1},
    "reset": {"more": "", "less": "", "terms": "", "reworded": "", "page": 1},
}


def person_token(researcher_id: str) -> str:
    """Return a person's mark as a line."""
    return f"r {researcher_id}"


def sentence_token(evidence: Evidence) -> str:
    """Return the mark of the sentence that evidence shows as a line."""
    return f"s {evidence.sentence_field} {evidence.sentence_start} {evidence.seed_id}"


def mark_token(mark: Mark) -> str:
    """Return a mark as a line."""
    if mark.researcher_id:
        return person_token(mark.researcher_id)
    return f"s {mark.sentence_field} {mark.sentence_start} {mark.seed_id}"


def refinement_of(search: SearchForm) -> Refinement:
    """Return what the form's fields say; raises InputError for a line that is none."""
    return Refinement(
        more_like=tuple(_mark("more", line) for line in _lines(search.more)),
        less_like=tuple(_mark("less", line) for line in _lines(search.less)),
        terms=tuple(_lines(search.terms)),
    )


def with_refinement(search: SearchForm, refinement: Refinement) -> SearchForm:
    """Return the form that says a refinement instead of its own."""
    return replace(
        search,
        more="\n".join(map(mark_token, refinement.more_like)),
        less="\n".join(map(mark_token, refinement.less_like)),
        terms="\n".join(refinement.terms),
    )


def refined(search: SearchForm, form: Any, need: SeenNeed | None = None) -> SearchForm:
    """Return the form as its refining button leaves it; raises InputError for another verb.

    `need` is the stored need that is asked for, if one is.
    """
    said = form.get(REFINE)
    if not isinstance(said, str) or not said:
        return search
    verb, _, about = said.partition(" ")
    if verb in ("more", "less", "unmark"):
        return _marked(search, verb, about)
    if verb in ("add", "remove"):
        return _worded(search, verb, about)
    if verb in (TAKE, CONSTRAINTS):
        together = f"{search.asked_text(need)}\n{need.constraints}" if need else ""
        return taken(search, trial_of(form) if verb == TAKE else together)
    if verb == "order" and about in SORTS:
        return replace(search, sort=about, page=1)
    if verb not in _LET_GO:
        raise InputError("no such button.", of_field=REFINE)
    return replace(search, **_LET_GO[verb])


def trial_of(form: Any) -> str:
    """Return the other wording that a form holds."""
    text = form.get(TRIAL)
    return text if isinstance(text, str) else ""


def taken(search: SearchForm, wording: str) -> SearchForm:
    """Return the form that asks with another wording; the text of a stored need stays as it is stored."""
    if not clean_text(wording):
        return search
    changed: dict[str, Any] = {"reworded": wording} if search.need_id else {"need": wording}
    return replace(search, page=1, **changed)


def _marked(search: SearchForm, verb: str, line: str) -> SearchForm:
    """Return the form with a mark on one side, or on none: a mark stands on one side only."""
    _mark(REFINE, line)
    sides = {name: [one for one in _lines(getattr(search, name)) if one != line] for name in _SIDES}
    if verb in sides:
        sides[verb].append(line)
    if sum(map(len, sides.values())) > MOST_MARKS:
        raise InputError(
            "at most %(most)s people and sentences can be marked.", of_field=REFINE, most=MOST_MARKS
        )
    return replace(search, page=1, more="\n".join(sides["more"]), less="\n".join(sides["less"]))


def _worded(search: SearchForm, verb: str, term: str) -> SearchForm:
    term = clean_text(term)[:MOST_TERM_CHARS]
    terms = [one for one in _lines(search.terms) if one != term]
    if verb == "add" and term:
        terms = [*terms, term][-MOST_TERMS:]
    return replace(search, page=1, terms="\n".join(terms))


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _mark(name: str, line: str) -> Mark:
    kind, _, rest = line.partition(" ")
    if kind == "r" and rest:
        return Mark(researcher_id=rest)
    field, _, rest = rest.partition(" ")
    start, _, seed_id = rest.partition(" ")
    if kind == "s" and field in _FIELDS and start.isascii() and start.isdecimal() and seed_id:
        return Mark(seed_id=seed_id, sentence_field=field, sentence_start=int(start))
    raise InputError("expected a person or a sentence of this list.", of_field=name)
