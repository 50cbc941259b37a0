"""Measures whether the clinic's questions lift a known expert when a manager answers them truthfully.

`clinic_needs.json` has vague needs, each with a known expert and a wish in full, or with the demonstration's
need that it is a vague version of (its experts are those of the highest grade), and which ready answer about
*for whom* is true, counted from 1 (0: none of them; said by hand). To *what* the simulated manager takes the
offered work that is nearest to the full need by the encoder's centred cosine, and "none of these" below
TRUE. For comparison one of the offered works is drawn by chance. What is told is the reciprocal rank of the
expert in the first ten with 95 % intervals by bootstrap over needs, how often the vague needs and the whole
ones are called vague, and what the same answers do to the whole ones.

    ENMUSUBI_DATA_DIR=… python tools/measure_clinic.py [--held-out] [--purposes]

`clinic_needs_held_out.json` has 20 more, written after all choices were made, for other experts.
`--purposes` asks nothing and shows what is proposed as the purpose of each need, to be read.
"""

import argparse
import asyncio
import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import load_settings
from matcher.centring import centre, known_means
from matcher.encoder.encoder import QUERY
from matcher.records import Need
from office.clinic.choosing import consult, people_of, vagueness_of, with_answers
from office.clinic.proposing import proposed_wish
from office.clinic.proposing import with_answers as finished
from office.clinic.questions import QUESTIONS, WHAT, WHOM
from office.configured import configured_encoder, open_recommender
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender
from office.matching import Question, ServedMatching
from office.ways_in import CLINIC, CLINIC_WORKS

NEEDS = Path(__file__).with_name("clinic_needs.json")
HELD_OUT = Path(__file__).with_name("clinic_needs_held_out.json")
DEMONSTRATION = files("catalogue.demonstration") / "data"
TRUE, TEN, RESAMPLED, GOOD = 0.3, 10, 10_000, 2
ASKED = ("before", WHAT, WHOM, "both", "chance")


@dataclass(frozen=True)
class Case:
    """A vague need with what is known of it; `experts` are those who fit the need in full."""

    name: str
    language: str
    vague: Need
    full: Need
    experts: frozenset[str]
    whom: str


def cases(path: Path) -> list[Case]:
    """Return the cases; a need of the demonstration for which nobody fits well is left out."""
    graded = defaultdict(dict)
    for line in (DEMONSTRATION / "qrels.txt").read_text("utf-8").splitlines():
        need, _, person, grade = line.split()
        graded[need][person] = int(grade)
    rows = csv.DictReader((DEMONSTRATION / "needs.csv").read_text("utf-8-sig").splitlines())
    whole = {row["need_id"]: Need(row["text"], title=row["title"]) for row in rows}
    found = []
    for language, text, name, wish, whom in json.loads(path.read_text("utf-8"))["needs"]:
        best = max(graded[name].values()) if name in whole else GOOD
        if best < GOOD:
            continue
        experts = {one for one, grade in graded[name].items() if grade == best} or {name}
        full = whole.get(name) or Need(f"{text} {wish}")
        said = QUESTIONS[WHOM].answers[language][whom - 1] if whom else ""
        found.append(Case(name, language, Need(text), full, frozenset(experts), said))
    return found


class Measure:
    """Asks one index."""

    def __init__(self, catalogue, settings) -> None:
        encoder = configured_encoder(settings, is_alone=True)
        self.recommender = open_recommender(settings, encoder)
        self.means = known_means(encoder)
        live = LiveRecommender(lambda _: self.recommender, lambda: self.recommender.index_version)
        self.matching = ServedMatching(catalogue, settings, live, EncoderGate(100))
        self.chance = np.random.default_rng(0)

    async def gains(self, case: Case, need: Need, offered: list[str]) -> dict[str, float]:
        """Return the reciprocal rank of the first expert, by what was answered."""
        work = self._nearest(case, offered)
        drawn = offered[self.chance.integers(len(offered))] if offered else ""
        given = ({}, {WHAT: work}, {WHOM: case.whom}, {WHAT: work, WHOM: case.whom}, {WHAT: drawn})
        ranks = [await self._reciprocal(with_answers(need, one, case.language), case.experts)
                 for one in given]  # fmt: skip
        return dict(zip(ASKED, ranks, strict=True))

    def _nearest(self, case: Case, offered: list[str]) -> str:
        if not offered:
            return ""
        told = self.recommender.likeness_vectors([case.full, *(Need(one) for one in offered)])
        vectors = np.stack([one.vector for one in told])
        full, *works = centre(vectors, [case.language] * len(told), QUERY, self.means)
        cosines = np.array(works) @ full
        return offered[int(cosines.argmax())] if cosines.max() >= TRUE else ""

    async def _reciprocal(self, need: Need, experts: frozenset[str]) -> float:
        question = Question(need, TEN, is_varied=True)
        people = people_of(await self.matching.match_for(LOCAL_VIEWER, question, CLINIC))
        return max((1 / (rank + 1) for rank, one in enumerate(people) if one in experts), default=0)


def tell_purposes(path: Path) -> None:
    """Print each need and the purpose that is proposed for it, of all that the file has."""
    for language, text, *_ in json.loads(path.read_text("utf-8"))["needs"]:
        print(text, "→", finished(proposed_wish("", [text], language), "", "", language))


async def measure(path: Path) -> None:
    """Print a line a need, and the means."""
    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue:
        one = Measure(catalogue, settings)
        vague, whole, called, alarms = [], [], 0, 0
        for case in cases(path):
            found = await consult(one.matching, LOCAL_VIEWER, case.vague, {})
            called += found.vagueness.is_vague
            asked = {question.question_id: question for question in found.questions}
            offered = [answer.text for answer in asked[WHAT].answers] if WHAT in asked else []
            vague.append(await one.gains(case, case.vague, offered))
            print(case.name, *(f"{value:.2f}" for value in vague[-1].values()), list(asked))
            if not case.full.title:
                continue
            question = Question(case.full, TEN, is_varied=True)
            works = await one.matching.match_for(LOCAL_VIEWER, question, CLINIC_WORKS)
            alarms += vagueness_of(case.full, works, case.language).is_vague
            titles = [match.evidence[0].title for match in works.matches if match.evidence]
            whole.append(await one.gains(case, case.full, titles))
    print("called vague:", called, "of", len(vague), "vague,", alarms, "of", len(whole), "whole")
    _tell("vague", vague)
    if whole:
        _tell("whole", whole)


def _tell(name: str, rows: list[dict[str, float]]) -> None:
    values = np.array([list(row.values()) for row in rows])
    chance = np.random.default_rng(0)
    drawn = values[chance.integers(0, len(values), (RESAMPLED, len(values)))].mean(axis=1)
    print(name, len(values), dict(zip(ASKED, values.mean(axis=0).round(3).tolist(), strict=True)))
    for at, asked in enumerate(ASKED[1:], 1):
        low, high = np.quantile(drawn[:, at] - drawn[:, 0], [0.025, 0.975])
        moved = values[:, at] - values[:, 0]
        print(f"  {asked} - before: {moved.mean():+.3f} [{low:+.3f}, {high:+.3f}];"
              f" {(moved > 0).sum()} up, {(moved < 0).sum()} down")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--held-out", action="store_true", help="the needs that nothing was chosen by"
    )
    parser.add_argument("--purposes", action="store_true", help="show the proposed purposes")
    chosen = parser.parse_args()
    named = HELD_OUT if chosen.held_out else NEEDS
    if chosen.purposes:
        tell_purposes(named)
    else:
        asyncio.run(measure(named))
