"""Measures the odds of cases on simulated offices with known hazards: error, bias, coverage, width, silence.

Each office is asked with and without the correction by its own past; with `--change`, the office works by
other hazards (moved by so much on the scale of log odds) in the second half of its three years.

Example: python tools/measure_odds.py --cases 60 150 400 2000 --change 0 -0.7
"""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from office.odds.predicting import OddsOfCases
from office.odds.stays import stays_of
from tests.support.simulated_offices import BEGAN, Office, simulate, true_chance, weekdays

OFFICES, OF_LARGE, LARGE = 6, 2, 1_000
AS_OF = BEGAN + timedelta(days=3 * 365)
WITHOUT, WITH = (), None


def main() -> None:
    """Simulate, fit and print two rows for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[60, 150, 400, 2_000])
    parser.add_argument("--change", type=float, nargs="+", default=[0.0, -0.7])
    asked = parser.parse_args()
    for change in asked.change:
        for count in asked.cases:
            offices = [
                simulate(count, random_state=random_state, change=change)
                for random_state in range(OFFICES if count < LARGE else OF_LARGE)
            ]
            for name, origins in (("as learned", WITHOUT), ("corrected", WITH)):
                print(
                    f"change {change:+.1f}, {count} cases, {name}: {_row(offices, change, origins)}"
                )


def _row(offices: Sequence[Office], change: float, origins: Sequence[datetime] | None) -> str:
    found, silent, ended = list[tuple[float, ...]](), 0, 0
    expected = corrected = happened = 0.0
    for office in offices:
        odds = OddsOfCases(office.histories, AS_OF, weekdays, origins)
        ended += odds.ended
        expected += odds.record.expected
        corrected += odds.record.corrected
        happened += odds.record.happened
        for stay in stays_of(office.histories, AS_OF):
            gates = [] if stay.outcome else odds.of_stay(stay)
            if not gates:
                continue
            gate = gates[0]
            if gate.chance is None or gate.low is None or gate.high is None:
                silent += 1
                continue
            (days,) = weekdays([stay.since.date()], [AS_OF.date()])
            truth = true_chance(stay.stage, office.means[stay.case_id], days // 10, change)
            found.append((gate.chance, gate.low, gate.high, truth))
    said = f"{ended / len(offices):.0f} ended stays, {silent} of {silent + len(found)} silent"
    if not found:
        return said
    chance, low, high, truth = np.array(found).T
    held = ((low <= truth) & (truth <= high)).mean()
    said += (
        f"; error {np.abs(chance - truth).mean():.3f}, bias {(chance - truth).mean():+.3f}, "
        f"covered {held:.2f}, width {(high - low).mean():.2f}"
    )
    if origins == ():
        return said
    return f"{said}; past gates: expected {expected:.0f}, corrected {corrected:.0f}, came {happened:.0f}"


if __name__ == "__main__":
    main()
