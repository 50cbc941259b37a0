"""Odds on simulated offices whose hazards are known: calibration, intervals, silence, and no look ahead."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from office.odds.predicting import FEW_AT_STAGE, FEW_CASES, OddsOfCases
from office.odds.stays import GO, SET_MEANS, STOP, CaseHistory, DatedStep, stays_of
from office.odds.track_record import PlattScaling, learned, look_back, platt, quarters_before
from tests.support.simulated_offices import BEGAN, simulate, true_chance, weekdays

AS_OF = BEGAN + timedelta(days=3 * 365)


def next_gates(office, odds):
    """Return chance, low, high, truth and what came of it, for the next gate of each running case."""
    ends = {
        one.case_id: [s for s in one.steps if s.at > odds.as_of][:1] for one in office.histories
    }
    found = []
    for stay in stays_of(office.histories, odds.as_of):
        if stay.outcome or stay.stage > 4:
            continue
        gate = odds.of_stay(stay)[0]
        if not gate.silent:
            (days,) = weekdays([stay.since.date()], [odds.as_of.date()])
            truth = true_chance(stay.stage, office.means[stay.case_id], days // 10)
            became = [step.kind == GO for step in ends[stay.case_id]]
            found.append((gate.chance, gate.low, gate.high, truth, *became))
    return np.array(found, float)


def test_chances_are_calibrated_and_intervals_hold_what_they_say():
    parts = []
    for random_state in (1, 2):
        office = simulate(300, random_state=random_state)
        parts.append(next_gates(office, OddsOfCases(office.histories, AS_OF, weekdays)))
    chance, low, high, truth, became = np.vstack(parts).T
    assert len(chance) > 80
    assert np.abs(chance - truth).mean() < 0.08
    assert abs((chance - truth).mean()) < 0.06
    assert ((low <= truth) & (truth <= high)).mean() >= 0.8
    assert (high - low).mean() < 0.4
    for part in np.array_split(np.argsort(chance), 3):  # reliability on what became of them
        assert abs(chance[part].mean() - became[part].mean()) < 0.2
    better, worse = chance[truth > 0.75].mean(), chance[truth < 0.5].mean()
    assert better - worse > 0.2  # the means matter there, and it was found


def test_the_time_to_a_gate_is_that_of_those_who_reach_it():
    office = simulate(300, random_state=3)
    odds = OddsOfCases(office.histories, AS_OF, weekdays)
    fresh = [s for s in stays_of(office.histories, AS_OF) if not s.outcome and s.stage == 0]
    early, median, late = odds.of_stay(replace(fresh[0], since=AS_OF))[0].days
    ends = [s for s in stays_of(office.histories, AS_OF) if s.stage == 0 and s.outcome == GO]
    real = weekdays([s.since.date() for s in ends], [s.until.date() for s in ends])
    assert abs(median - np.median(real)) <= 10 and early < median < late
    later = [g for g in odds.of_stay(replace(fresh[0], since=AS_OF)) if not g.silent]
    assert [g.chance for g in later] == sorted((g.chance for g in later), reverse=True)
    assert later[1].days[1] > later[0].days[1]


def test_it_says_nothing_while_there_are_few_cases_and_says_of_which_there_are_few():
    few = simulate(8, random_state=4)
    odds = OddsOfCases(few.histories, BEGAN + timedelta(days=500), weekdays)
    running = [s for s in stays_of(few.histories, odds.as_of) if not s.outcome and s.stage < 5]
    gates = [gate for stay in running for gate in odds.of_stay(stay)]
    assert gates and {gate.silent for gate in gates} == {FEW_CASES}
    assert {gate.chance for gate in gates} == {None}
    early = simulate(300, random_state=5)
    cut = [replace(one, steps=one.steps[:2]) for one in early.histories]  # nobody went beyond
    odds = OddsOfCases(cut, AS_OF, weekdays)
    fresh = next(s for s in stays_of(cut, AS_OF) if not s.outcome and s.stage == 0)
    first, *_, last = odds.of_stay(fresh)
    assert not first.silent and last.silent == FEW_AT_STAGE and last.ended < 10


def planted(history):
    """Return a history with the outcome written into its facts as soon as it is known, and later."""
    steps = list(history.steps)
    for step in history.steps:
        steps.append(
            DatedStep(step.at + timedelta(hours=1), SET_MEANS, value=f"future-{step.kind}")
        )
    return replace(history, steps=tuple(sorted(steps, key=lambda step: step.at)))


def test_nothing_that_came_later_is_known():
    office = simulate(120, random_state=6)
    histories = [planted(one) for one in office.histories]
    for stay in stays_of(histories, AS_OF):
        before = [s for s in histories[stay.case_id - 1].steps if s.at <= stay.since]
        known = [s.value for s in before if s.kind == SET_MEANS]
        assert stay.facts[0] == (known[-1] if known else office.means[stay.case_id])
    cut = [
        replace(one, steps=tuple(s for s in one.steps if s.at <= AS_OF))
        for one in histories
        if one.opened_at <= AS_OF
    ]
    later = CaseHistory(999, AS_OF + timedelta(days=1), 0, histories[0].company, {"means": "x"})
    stays = stays_of(cut, AS_OF)
    assert stays == stays_of([*histories, later], AS_OF)
    whole, known = (OddsOfCases(h, AS_OF, weekdays) for h in ([*histories, later], cut))
    running = [s for s in stays if not s.outcome and s.stage < 5][:5]
    assert [whole.of_stay(s) for s in running] == [known.of_stay(s) for s in running]


def test_stays_are_what_a_hand_would_write_down():
    day = timedelta(days=1)
    steps = (
        DatedStep(BEGAN + 3 * day, GO, 2),  # past one gate
        DatedStep(BEGAN + 9 * day, STOP, 2),
        DatedStep(BEGAN + 20 * day, "again", 2),
    )
    other = CaseHistory(2, BEGAN + 4 * day, 0, "c")
    stays = stays_of([CaseHistory(1, BEGAN, 0, "c", {"team": "2"}, steps), other], BEGAN + 30 * day)
    told = [(s.case_id, s.stage, s.outcome, (s.until - s.since).days, s.facts[5]) for s in stays]
    assert told == [
        (1, 0, GO, 3, "first"),
        (1, 1, GO, 0, "first"),
        (1, 2, STOP, 6, "first"),
        (1, 2, "", 10, "known"),
        (2, 0, "", 26, "known"),
    ]


def test_predictions_of_past_quarters_see_nothing_that_came_later():
    office = simulate(120, random_state=6)
    origins = quarters_before(AS_OF)[:-1]  # the last began days ago
    record = look_back(office.histories, AS_OF, weekdays, origins)
    cut = [
        replace(one, steps=tuple(s for s in one.steps if s.at <= AS_OF))
        for one in office.histories
        if one.opened_at <= AS_OF
    ]
    assert look_back(cut, AS_OF, weekdays, origins) == record
    early = look_back(office.histories, origins[-1], weekdays, origins[:-1])
    changed = [  # what came after the last origin is turned around
        replace(
            one,
            steps=tuple(
                replace(s, kind={GO: STOP, STOP: GO}[s.kind]) if s.at > origins[-1] else s
                for s in one.steps
            ),
        )
        for one in office.histories
    ]
    assert look_back(changed, origins[-1], weekdays, origins[:-1]) == early
    turned = look_back(changed, AS_OF, weekdays, origins)
    models = [learned(stays_of(h, origins[-1]), weekdays) for h in (changed, office.histories)]
    assert models[0] is models[1]  # what was said does not change, what came does
    assert turned.happened < record.happened


def test_an_office_that_changed_its_ways_is_corrected_and_few_periods_correct_nothing():
    office = simulate(300, random_state=9, change=-0.7)
    record = OddsOfCases(office.histories, AS_OF, weekdays).record
    assert record.cases > 100 and record.since == quarters_before(AS_OF)[0]
    assert record.expected > record.corrected > record.happened
    shrunk = platt(np.array([0.5, 0.9]), np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    assert abs(shrunk.shift) < 0.02 and abs(shrunk.slope - 1) < 0.02
    many = platt(np.array([0.5]), np.array([100.0]), np.array([900.0]))
    assert many.of(np.array([0.5]))[0] < 0.4
    none = OddsOfCases(simulate(8, random_state=4).histories, AS_OF, weekdays)
    assert none.record.since is None and none.record.end == PlattScaling()


def test_quarters_begin_in_january_april_july_and_october():
    found = [f"{one:%Y-%m-%d %H}" for one in quarters_before(AS_OF)]
    assert found == [
        "2021-10-01 00", "2022-01-01 00", "2022-04-01 00", "2022-07-01 00", "2022-10-01 00",
        "2023-01-01 00",
    ]  # fmt: skip
