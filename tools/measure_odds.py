"""Measures the odds of cases on simulated offices with known hazards: error, bias, coverage, width, silence.

Example: python tools/measure_odds.py --cases 60 150 400 2000
"""

import argparse
from datetime import timedelta

import numpy as np

from office.odds.predicting import OddsOfCases
from office.odds.stays import stays_of
from tests.support.simulated_offices import BEGAN, simulate, true_chance, weekdays

OFFICES, OF_LARGE, LARGE = 6, 2, 1_000


def main() -> None:
    """Simulate, fit and print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[60, 150, 400, 2_000])
    for count in parser.parse_args().cases:
        print(_row(count))


def _row(count: int) -> str:
    as_of = BEGAN + timedelta(days=3 * 365)
    found, silent, ended = list[tuple[float, ...]](), 0, 0
    for random_state in range(OFFICES if count < LARGE else OF_LARGE):
        office = simulate(count, random_state=random_state)
        odds = OddsOfCases(office.histories, as_of, weekdays)
        ended = odds.ended
        for stay in stays_of(office.histories, as_of):
            gates = [] if stay.outcome else odds.of_stay(stay)
            if not gates:
                continue
            gate = gates[0]
            if gate.chance is None or gate.low is None or gate.high is None:
                silent += 1
                continue
            (days,) = weekdays([stay.since.date()], [as_of.date()])
            truth = true_chance(stay.stage, office.means[stay.case_id], days // 10)
            found.append((gate.chance, gate.low, gate.high, truth))
    said = f"{count} cases, {ended} ended stays, {silent} of {silent + len(found)} silent"
    if not found:
        return said
    chance, low, high, truth = np.array(found).T
    held = ((low <= truth) & (truth <= high)).mean()
    return (
        f"{said}; error {np.abs(chance - truth).mean():.3f}, bias {(chance - truth).mean():+.3f}, "
        f"covered {held:.2f}, width {(high - low).mean():.2f}"
    )


if __name__ == "__main__":
    main()
