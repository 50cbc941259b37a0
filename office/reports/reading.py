"""Reads what past nights kept of their lists: ids alone, so that each reader is shown their own part."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from office.reports.comparison import RUN_NAME, SeedsOf, read_run
from office.reports.publication import report_folders

MAX_RUN_BYTES = 200_000_000


@dataclass(frozen=True)
class PastNeed:
    """The list of one need: researcher ids by rank, and which of them or of their seeds were new."""

    researcher_ids: tuple[str, ...]
    failed: bool = False
    is_new: bool = False  # the run before did not have the need
    new_people: frozenset[str] = frozenset()
    new_evidence: frozenset[str] = frozenset()  # people with evidence that they had not before


@dataclass(frozen=True)
class PastNight:
    """What a night found, by need id."""

    name: str
    date: str
    previous: str
    index_version: str
    model: str
    needs: Mapping[str, PastNeed] = field(default_factory=dict)


def past_names(root: Path) -> list[str]:
    """Return the names of the reports, the newest first; nothing else is ever read from there."""
    return [folder.name for folder in reversed(report_folders(root))]


def past_folder(root: Path, name: str) -> Path | None:
    """Return the folder of a report by its name, None for a name that isn't in the listing."""
    return next((folder for folder in report_folders(root) if folder.name == name), None)


def read_night(folder: Path) -> PastNight | None:
    """Return what a report's folder tells, or None when that cannot be read."""
    path = folder / RUN_NAME
    try:
        if path.stat().st_size > MAX_RUN_BYTES:
            return None
        stored = json.loads(path.read_text("utf-8"))
        previous = str(stored["previous"] or "")
        found = past_folder(folder.parent, previous) if previous else None
        before = read_run(found) if found else None
        needs = {
            str(need_id): _need(
                need, before.needs.get(str(need_id)) if before else None, bool(before)
            )
            for need_id, need in stored["needs"].items()
        }
        plain = {name: str(stored[name]) for name in ("date", "index_version", "model")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return PastNight(folder.name, previous=previous, needs=needs, **plain)


def _need(stored: Mapping[str, object], before: SeedsOf | None, compared: bool) -> PastNeed:
    listed = stored["researchers"]
    if not isinstance(listed, list):
        raise TypeError("the people of a need are no list")
    seeds = {str(row["researcher_id"]): {str(seed) for seed in row["seeds"]} for row in listed}
    if stored["error"] or not compared:
        return PastNeed(tuple(seeds), failed=bool(stored["error"]))
    if before is None:
        return PastNeed(tuple(seeds), is_new=True)
    fresh = {person for person, found in seeds.items() if found - set(before.get(person, found))}
    return PastNeed(
        tuple(seeds),
        new_people=frozenset(seeds.keys() - before.keys()),
        new_evidence=frozenset(fresh & before.keys()),
    )
