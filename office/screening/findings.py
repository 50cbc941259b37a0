"""What screening found of a need and a researcher, and how it is shown to who may not read all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from enmusubi.messages import Message
from office.screening.rule_book import (
    CAPACITY,
    DECLARED,
    INTEREST,
    SCREENING_VERDICTS,
    STOPPING,
)

NEUTRAL = Message("A conflict of interest was declared. Legal can tell.")


@dataclass(frozen=True)
class Finding:
    """A rule that holds: of which need and person, why, shown by what, and what follows.

    `evidence` are ids of what it was found in, such as `seed:S-01` or `interest:3`. `role` clears it.
    `decision` is what was decided of it: empty, `cleared` or `refused`; `clearance_id` of that.
    """

    rule_id: str
    need_id: str
    researcher_id: str
    reason: Message
    verdict: str
    role: str
    evidence: tuple[str, ...] = ()
    decision: str = ""
    clearance_id: int | None = None

    @property
    def stops(self) -> bool:
        """Whether it stops a release as it is."""
        return self.verdict in STOPPING and self.decision != "cleared"

    @property
    def shown_rule(self) -> str:
        """The id under which everybody of the office may see it."""
        return DECLARED if self.rule_id.startswith(INTEREST) else self.rule_id

    @property
    def is_capacity(self) -> bool:
        """Whether it tells of a person's time."""
        return self.rule_id.startswith(CAPACITY)


Findings = dict[str, tuple[Finding, ...]]  # by researcher, all who were asked for


def neutral(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as those see them who may not read declared interests: one line for all of these.

    It has the strictest verdict of them, and is cleared where all that could stop are.
    """
    kept: list[Finding] = []
    declared: list[Finding] = []
    for finding in findings:
        (declared if finding.shown_rule == DECLARED else kept).append(finding)
    return [*([_one_line(declared)] if declared else []), *kept]


def _one_line(declared: Sequence[Finding]) -> Finding:
    strictest = max(declared, key=lambda one: (one.stops, SCREENING_VERDICTS.index(one.verdict)))
    evidence = dict.fromkeys(its_id for finding in declared for its_id in finding.evidence)
    return replace(strictest, rule_id=DECLARED, reason=NEUTRAL, evidence=tuple(evidence))
