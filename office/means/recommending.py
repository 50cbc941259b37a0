"""Which means fit what a company wants: rules as rows of a table, and an order with reasons.

A means has for each question the answers that it is for. Each question that is answered counts its
weight for the means where the answer is among these, and against it where it is not; the share of
the weights, between -1 and 1, orders them, ties by the table's order. Nothing else comes into it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from catalogue.database.case_models import MEANS
from catalogue.database.project_models import WEIGHTS
from enmusubi.errors import SettingsError
from office.need_dates import horizon_days
from office.needs.reading import SeenNeed

SHORT, MEDIUM, LONG = "short", "medium", "long"
LOW, HIGH = "low", "high"
LEVELS = (LOW, MEDIUM, HIGH)
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "aim": ("technology", "market", "revenue"),
    "horizon": (SHORT, MEDIUM, LONG),
    "control": LEVELS,
    "capital": LEVELS,
    "risk": LEVELS,
    "maturity": ("idea", "prototype", "product"),
    "area": ("competitive", "non-competitive"),
}
KINDS = ("inbound", "outbound", "coupled")
LENSES = ("people", "ideas", "ip", "research", "market")
SHIPPED = Path(__file__).parent / "means.toml"
MOST_STEPS = 3  # of a chain
_DAYS = ((366, SHORT), (3 * 366, MEDIUM))
_CAPITAL_JPY = ((10_000_000, LOW), (100_000_000, MEDIUM))


@dataclass(frozen=True)
class MeansRule:
    """A means: for which answers it is, how hard it is, what to watch and follow, what may come next."""

    name: str
    fits: Mapping[str, tuple[str, ...]]
    difficulty: str
    kind: str
    lens: str
    next: tuple[str, ...]
    watch: Mapping[str, str]
    figures: Mapping[str, str]


@dataclass(frozen=True)
class MeansRules:
    """The table: weights of the questions, and the means in their order."""

    weights: Mapping[str, int]
    means: Mapping[str, MeansRule]


@dataclass(frozen=True)
class MeansWanted:
    """What is asked; an empty answer is none."""

    aim: str = ""
    horizon: str = ""
    control: str = ""
    capital: str = ""
    risk: str = ""
    maturity: str = ""
    area: str = ""

    def answered(self) -> dict[str, str]:
        """Return the questions that have an answer which there is."""
        return {q: v for q in QUESTIONS if (v := getattr(self, q)) in QUESTIONS[q]}


@dataclass(frozen=True)
class Recommended:
    """A means with what speaks for and against it, by question; `chain` is what may follow it."""

    rule: MeansRule
    score: float
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    chain: tuple[str, ...] = field(default=())


def means_rules(
    changed: Path | None = None, edits: Mapping[str, Mapping[str, Any]] | None = None
) -> MeansRules:
    """Return the table: as it ships, with the rows of an office's own file, and its edits, in their place.

    `edits` are whole rows by the names of means, and `weights`. A file that was changed is read anew. Raises
    SettingsError for a file that cannot be read or has values that there are not.
    """
    stored = plain_table(changed)
    rules = {
        name: made_rule(name, (edits or {}).get(name, row)) for name, row in stored["means"].items()
    }
    said = (edits or {}).get(WEIGHTS, stored[WEIGHTS])
    return MeansRules(made_weights(said), rules)


def plain_table(changed: Path | None) -> Mapping[str, Any]:
    """Return the table as it ships, with the rows of an office's own file; raises as `means_rules`."""
    if changed is None:
        return _shipped()
    try:
        state = changed.stat()
        return _with_file(changed, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError(
            "%(path)s cannot be read: %(reason)s.", path=changed, reason=type(error).__name__
        ) from error


def made_weights(said: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the weights of all questions; raises SettingsError for one that is no whole number from 0."""
    weights = {question: said.get(question) for question in QUESTIONS}
    if not all(isinstance(weight, int) and weight >= 0 for weight in weights.values()):
        raise _wrong(WEIGHTS)
    return {question: int(weight or 0) for question, weight in weights.items()}


@cache
def _shipped() -> Mapping[str, Any]:
    return tomllib.loads(SHIPPED.read_text("utf-8"))


@lru_cache(maxsize=8)
def _with_file(changed: Path, mtime_ns: int, size: int) -> Mapping[str, Any]:
    """Return the table with a file's rows; it is read once for each state of the file."""
    stored, own = _shipped(), tomllib.loads(changed.read_text("utf-8"))
    means = {name: {**row} for name, row in stored["means"].items()}
    for name, row in own.get("means", {}).items():
        means[name] = {**means.get(name, {}), **row}
    return {WEIGHTS: {**stored[WEIGHTS], **own.get(WEIGHTS, {})}, "means": means}


def recommend(wanted: MeansWanted, rules: MeansRules) -> list[Recommended]:
    """Return all means, the best first, each with what speaks for and against it."""
    answers = wanted.answered()
    total = sum(rules.weights[question] for question in answers)
    found = []
    for rule in rules.means.values():
        suits = tuple(q for q, answer in answers.items() if answer in rule.fits[q])
        against = tuple(q for q in answers if q not in suits)
        points = sum(rules.weights[q] for q in suits) - sum(rules.weights[q] for q in against)
        score = points / total if total else 0.0
        found.append(Recommended(rule, score, suits, against))
    ordered = sorted(found, key=lambda one: -one.score)  # stable: ties keep the table's order
    wants_control = wanted.control == HIGH
    return [replace(one, chain=_chain(one.rule, rules, wants_control)) for one in ordered]


def wanted_of(need: SeenNeed, asked: MeansWanted) -> MeansWanted:
    """Return what was asked, completed by what the need says of its area, horizon and budget."""
    said: dict[str, str] = {}
    if need.area in QUESTIONS["area"]:
        said["area"] = need.area
    days = horizon_days(need.horizon, need.posted_on)
    if days and need.posted_on:
        said["horizon"] = _below((max(days) - need.posted_on).days, _DAYS, LONG)
    if need.budget_jpy is not None:
        said["capital"] = _below(need.budget_jpy, _CAPITAL_JPY, HIGH)
    return replace(asked, **{q: v for q, v in said.items() if not getattr(asked, q)})


def _below(amount: int, limits: tuple[tuple[int, str], ...], beyond: str) -> str:
    return next((word for limit, word in limits if amount < limit), beyond)


def _chain(rule: MeansRule, rules: MeansRules, wants_control: bool) -> tuple[str, ...]:
    """Return what may follow a means, step by step; of two, the one with more control where wished."""
    steps: list[str] = [rule.name]
    while len(steps) < MOST_STEPS and rules.means[steps[-1]].next:
        options = rules.means[steps[-1]].next
        following = options[-1] if wants_control else options[0]
        if following in steps:
            break
        steps.append(following)
    return tuple(steps[1:])


def made_rule(name: str, row: Mapping[str, Any]) -> MeansRule:
    """Return the means that a row of the table says; raises SettingsError for a value that there is not."""
    try:
        fits = {question: tuple(row[question]) for question in QUESTIONS}
        rule = MeansRule(
            name,
            fits,
            row["difficulty"],
            row["kind"],
            row["lens"],
            tuple(row["next"]),
            {"ja": row["watch_ja"], "en": row["watch_en"]},
            {"ja": row["figures_ja"], "en": row["figures_en"]},
        )
    except (KeyError, TypeError):
        raise _wrong(name) from None
    known = all(set(values) <= set(QUESTIONS[q]) for q, values in fits.items())
    codes = rule.difficulty in LEVELS and rule.kind in KINDS and rule.lens in LENSES
    if not (known and codes and name in MEANS and set(rule.next) <= set(MEANS)):
        raise _wrong(name)
    return rule


def _wrong(name: str) -> SettingsError:
    return SettingsError(
        "cases.means_file: %(name)r has a value that there is not (docs/means.md).", name=name
    )
