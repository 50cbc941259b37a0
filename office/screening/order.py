"""What capacity may do to the order of a list: of people who are equally likely, the busy come last.

Equal are those whose probabilities are the same percentage. Ranks and probabilities stay as they are.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from enmusubi.language import JAPANESE
from matcher.explaining.words import percentage
from matcher.records import Match


def below_equals(matches: Sequence[Match], is_busy: Callable[[str], bool]) -> list[Match]:
    """Return the matches in their order, but among neighbours of one percentage the busy ones last."""
    ordered: list[Match] = []
    for _, equals in groupby(matches, key=_percentage):
        ordered += sorted(equals, key=lambda match: is_busy(match.researcher.researcher_id))
    return ordered


def _percentage(match: Match) -> str:
    return "" if match.probability is None else percentage(match.probability, JAPANESE)
