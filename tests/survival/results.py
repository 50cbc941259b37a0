"""Which rounds of kills were done, in a file of JSON lines; a run that was broken off goes on from it.

A line is a kill (kind, database, round, moment, what came of it) or a round's end. Only kills of rounds
that ended count; a round that was broken off is done again, and one with a fault is told as that.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HELD, ENDED, FAULT = "held", "ended", "fault"


@dataclass(frozen=True)
class Round:
    """Some kills of one command on one kind of database."""

    kind: str
    database: str
    number: int

    @property
    def name(self) -> str:
        """What its moments follow from."""
        return f"{self.kind} {self.database} {self.number}"


@dataclass
class Results:
    """What is known of the rounds; `path` may not exist yet."""

    path: Path
    ended: dict[Round, list[str]] = field(default_factory=dict)  # a round's events
    faults: dict[Round, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kills: dict[Round, list[str]] = {}
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        for line in map(json.loads, lines):
            of = Round(line["kind"], line["database"], line["round"])
            if line["outcome"] == HELD:
                kills.setdefault(of, []).append(line["event"])
                continue
            if line["outcome"] == ENDED:
                self.ended[of] = kills.pop(of)[-line["kills"] :]
            else:
                self.faults[of] = line["fault"]

    def lacks(self, of: Round) -> bool:
        """Say whether a round is still to be done."""
        return of not in self.ended and of not in self.faults

    def add(self, of: Round, outcome: str, **details: Any) -> None:
        """Write down what came of a kill or a round."""
        record = {"kind": of.kind, "database": of.database, "round": of.number, "outcome": outcome}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record | details) + "\n")

    def table(self) -> str:
        """Return the kills that were looked at to the end, by kind, database and event, as text."""
        counts: dict[tuple[str, str], Counter[str]] = {}
        for of, events in self.ended.items():
            counts.setdefault((of.kind, of.database), Counter()).update(events)
        events = sorted({event for found in counts.values() for event in found})
        rows = [("kind", "database", "kills", *events, "faults")]
        for place, found in sorted(counts.items()):
            faults = sum((of.kind, of.database) == place for of in self.faults)
            rows.append((*place, found.total(), *(found[e] for e in events), faults))
        total = sum((found for found in counts.values()), Counter[str]())
        rows.append(("all", "", total.total(), *(total[e] for e in events), len(self.faults)))
        return "\n".join("  ".join(f"{cell!s:>11}" for cell in row) for row in rows)
