"""What a nightly report tells, before it is written as a page or a workbook."""

from dataclasses import dataclass

from matcher.records import Match, Need

FIRST_RUN, NEW_NEED, COMPARED = "first run", "new need", "compared"


@dataclass(frozen=True)
class ReportedMatch:
    """A match, and what of it the run before did not have."""

    match: Match
    is_new: bool = False  # the researcher was not in this need's list
    new_seeds: frozenset[str] = frozenset()  # of someone who was, evidence that was not


@dataclass(frozen=True)
class NeedReport:
    """One need with its match list, or with the reason why it has none."""

    need: Need
    matches: tuple[ReportedMatch, ...] = ()
    error: str = ""
    compared: str = COMPARED  # marks are set only where the run before had the need
    fits_nobody: bool = False  # no researcher fits well; the nearest are listed all the same

    @property
    def is_new(self) -> bool:
        """Whether the run before did not have the need, though there was a run before."""
        return self.compared == NEW_NEED

    @property
    def new_researchers(self) -> int:
        """How many researchers are new in the list."""
        return sum(reported.is_new for reported in self.matches)

    @property
    def new_seeds(self) -> int:
        """How many pieces of evidence are new for those who were in the list."""
        return sum(len(reported.new_seeds) for reported in self.matches)


@dataclass(frozen=True)
class NightReport:
    """All needs of one night, and what they were compared with."""

    name: str  # of the report's folder, such as 2031-04-01-2
    date: str
    index_version: str
    model: str
    top: int
    needs: tuple[NeedReport, ...]
    previous: str = ""  # name of the report before
    model_changed: bool = False
    imported: tuple[str, ...] = ()  # lines about the files that were imported
    problems: tuple[str, ...] = ()  # lines about what could not be imported

    @property
    def failed(self) -> tuple[NeedReport, ...]:
        """Needs that could not be matched."""
        return tuple(need for need in self.needs if need.error)
