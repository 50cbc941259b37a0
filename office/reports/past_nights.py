"""Past nights as they are read back: who stood in each list, how strong, by what, and what was new.

Read by ids alone, so that each reader is shown their own part. Runs of older versions say nothing of
strengths and reasons, which are empty then.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from matcher.reranking.calibration import WEAK
from office.reports.findings import ThemeReport, read_themes
from office.reports.publication import past_folder, report_folders
from office.reports.records import RUN_NAME, PreviousRun, SeedsOf, read_run

MAX_RUN_BYTES = 200_000_000
_KEPT_NIGHTS = 4  # in memory: folders of reports never change


@dataclass(frozen=True)
class PastPerson:
    """A researcher in a list of a night, by the id of then; `key_seed` is the work that says why.

    `strength` is a level of `matcher.reranking.calibration`, `reasons` are groups of features (see
    `matcher.explaining.words`), the weightiest first.
    """

    researcher_id: str
    strength: str = ""
    probability: float | None = None
    key_seed: str = ""
    reasons: tuple[str, ...] = ()
    is_new: bool = False  # the run before did not have them in this need's list
    has_new_evidence: bool = False  # it had, but not all of the evidence

    @property
    def could_fit(self) -> bool:
        """Whether they are not weak: runs of older versions do not say."""
        return self.strength != WEAK


@dataclass(frozen=True)
class PastNeed:
    """The list of one need in a night, the best first."""

    people: tuple[PastPerson, ...]
    failed: bool = False
    is_new: bool = False  # the run before did not have the need
    fits_nobody: bool = False

    @property
    def new_people(self) -> tuple[PastPerson, ...]:
        """Those who could fit and were not in the list of the run before."""
        return tuple(person for person in self.people if person.is_new and person.could_fit)

    @property
    def has_news(self) -> bool:
        """Whether the need is new, or somebody who could fit, or evidence of such a person."""
        fitting = (person for person in self.people if person.could_fit)
        return self.is_new or any(p.is_new or p.has_new_evidence for p in fitting)


@dataclass(frozen=True)
class PastNight:
    """What a night found, by need id."""

    name: str
    date: str
    previous: str
    index_version: str
    model: str
    needs: Mapping[str, PastNeed] = field(default_factory=dict)
    cases: Mapping[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # due_soon, overdue, escalated
    themes: tuple[ThemeReport, ...] = ()  # without their words


def newest_night(root: Path) -> PastNight | None:
    """Return the newest night whose run can be read; None before the first."""
    folders = reversed(report_folders(root))
    return next((night for folder in folders if (night := read_night(folder))), None)


def read_night(folder: Path) -> PastNight | None:
    """Return what a report's folder tells, or None when that cannot be read."""
    try:
        status = (folder / RUN_NAME).stat()
    except OSError:
        return None
    if status.st_size > MAX_RUN_BYTES:
        return None
    return _read_night(folder, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=_KEPT_NIGHTS)
def _read_night(folder: Path, changed_ns: int, size: int) -> PastNight | None:
    """Return the night; the time and size of its file tell a folder that was put there anew."""
    try:
        stored = json.loads((folder / RUN_NAME).read_text("utf-8"))
        previous = str(stored["previous"] or "")
        found = past_folder(folder.parent, previous) if previous else None
        before = read_run(found) if found else None
        needs = {
            str(need_id): _need(str(need_id), need, before)
            for need_id, need in stored["needs"].items()
        }
        cases = {
            str(kind): tuple(int(one) for one in ids)
            for kind, ids in stored.get("cases", {}).items()
        }
        themes = tuple(read_themes(stored))
        plain = {name: str(stored[name]) for name in ("date", "index_version", "model")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return PastNight(
        folder.name, previous=previous, needs=needs, cases=cases, themes=themes, **plain
    )


def _need(need_id: str, stored: Mapping[str, Any], before: PreviousRun | None) -> PastNeed:
    listed = stored["researchers"]
    if not isinstance(listed, list):
        raise TypeError("the people of a need are no list")
    failed = bool(stored["error"])
    known = before.needs.get(need_id) if before and not failed else None
    return PastNeed(
        tuple(_person(row, known) for row in listed),
        failed=failed,
        is_new=bool(before) and not failed and known is None,
        fits_nobody=bool(stored.get("fits_nobody")),
    )


def _person(row: Mapping[str, Any], known: SeedsOf | None) -> PastPerson:
    """Return a person of a list; `known` is the need's list of the run before, None without one."""
    own_id = str(row["researcher_id"])
    seeds = {str(seed) for seed in row["seeds"]}
    probability = row.get("probability")
    return PastPerson(
        own_id,
        strength=str(row.get("strength", "")),
        probability=None if probability is None else float(probability),
        key_seed=str(row.get("key_seed", "")),
        reasons=tuple(str(group) for group in row.get("reasons", ())),
        is_new=known is not None and own_id not in known,
        has_new_evidence=known is not None and own_id in known and bool(seeds - set(known[own_id])),
    )
