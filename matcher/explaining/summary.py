"""A match in a line: how strong in five steps, the work that says why, how many of a list will suit.

Reads what `explaining` has found; knows no page and no paper.
"""

from collections.abc import Sequence

from matcher.records import Evidence, Match, Objection
from matcher.reranking.calibration import GOOD, POSSIBLE, STRONG

STEPS = 5
LEAST_SHARED = 3  # fewer people are told one by one
_STEP_OF = {STRONG: 5, GOOD: 4, POSSIBLE: 3}
FAINT_BELOW = 0.1  # of the weak: where fewer than one in ten suits, one step is left of two


def steps(match: Match) -> int:
    """Return the strength of a match as a number of STEPS: 1 faint to 5 strong."""
    faint = match.probability is None or match.probability < FAINT_BELOW
    return _STEP_OF.get(match.strength, 1 if faint else 2)


def best_evidence(match: Match) -> Evidence | None:
    """Return the evidence that says in one line why: dated work that answers the need comes first."""
    answering = [evidence for evidence in match.evidence if evidence.answers]
    dated = [evidence for evidence in answering if evidence.year]
    return next(iter(dated or answering or match.evidence), None)


def key_phrase(evidence: Evidence) -> str:
    """Return what a piece of evidence is about: its title, or the sentence where it has none."""
    return " ".join((evidence.title or evidence.sentence).split())


def shared_objections(matches: Sequence[Match]) -> tuple[Objection, ...]:
    """Return what speaks against each of these alike, to be said of all of them once.

    None of fewer than LEAST_SHARED people, and nothing that is about a year or a part of the need.
    """
    if len(matches) < LEAST_SHARED:
        return ()
    first, *others = (match.against for match in matches)
    alike = (o for o in first if o.value is None and o.part is None)
    return tuple(o for o in alike if all(o in against for against in others))


def expected_suitable(matches: Sequence[Match]) -> float:
    """Return how many of these people are likely to be suitable: the sum of their probabilities."""
    return sum(match.probability or 0.0 for match in matches)
