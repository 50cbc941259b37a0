"""An answered need as a page shows it: the list, what was understood, and the facets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matcher.facets import Choices
from matcher.records import MatchList
from matcher.understanding import Understood


@dataclass(frozen=True)
class Answer:
    """`facets` has the choices of each of `facets.FACETS`; `found` people stand behind the list."""

    matches: MatchList
    understood: Understood
    facets: Mapping[str, Choices] = field(default_factory=dict)
    found: int = 0
