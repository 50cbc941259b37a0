"""A behaving stand-in for the index, and a night with it; also runs as a program, to be killed.

`python fake_index.py DATA_DIR` runs one night in DATA_DIR and stops for long at the third need.
"""

import datetime
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.importers.report import ImportReport
from enmusubi.errors import EmptyNeedError
from enmusubi.settings import NightlySettings, Settings
from matcher.records import Evidence, Match, MatchList, Need, ResearcherCard
from office.nightly.parts import Parts
from office.nightly.run import NightlyResult, run_nightly

DAY = datetime.date(2031, 4, 1)
HUSHED = "a coating that nobody must hear of"
NEEDS = [Need(f"{HUSHED} {n}", f"n{n}", title=f"Need {n}") for n in range(1, 6)]


def evidence(seed_id: str) -> Evidence:
    return Evidence(
        seed_id,
        "paper",
        "en",
        f"On {seed_id}",
        2030,
        "",
        "It shines.",
        "text",
        0,
        "It shines.",
        0.4,
    )


class FakeIndex:
    """Knows for every need the same people, or those that `found` names; counts what it is asked."""

    model = "fake@01"

    def __init__(
        self, index_version: str = "v000001", delay_s: Callable[[str], float] = lambda _: 0
    ):
        self.index_version = index_version
        self.needs = list(NEEDS)
        self.found: dict[str, list[str]] = {"r1": ["s1", "s2"], "r2": ["s3"]}
        self.asked: list[str] = []
        self.shown: list[MatchList] = []
        self.noted: list[MatchList] = []
        self.reminded = 0
        self.fails: dict[str, Exception] = {}
        self._delay_s = delay_s

    def counts(self) -> dict[str, int]:
        return {"seeds": 3}

    def remind(self) -> int:
        self.reminded += 1
        return 1

    def match(self, need: Need, *, top: int) -> MatchList:
        self.asked.append(need.need_id)
        time.sleep(self._delay_s(need.need_id))
        if need.need_id in self.fails:
            raise self.fails[need.need_id]
        if not need.text:
            raise EmptyNeedError("The need has 0 letters.")
        matches = tuple(
            Match(rank, ResearcherCard(who, name_en=f"Dr {who}"), 1 / rank, tuple(map(evidence, s)))
            for rank, (who, s) in enumerate(list(self.found.items())[:top], start=1)
        )
        return MatchList(need.need_id, "en", matches, 9, self.index_version, self.model)


def settings_of(data_dir: Path, **nightly) -> Settings:
    return Settings(data_dir=data_dir, nightly=NightlySettings(**nightly))


def run_with(index: FakeIndex, settings: Settings, day: datetime.date = DAY) -> NightlyResult:
    @contextmanager
    def open_parts(_: Settings) -> Iterator[Parts]:
        class Shelf:
            def needs(self) -> list[Need]:
                return index.needs

            def counts(self) -> dict[str, int]:
                return index.counts()

        yield Parts(
            catalogue=Shelf(),
            import_formats=("general",),
            import_files=lambda *_: ImportReport(),
            open_matcher=lambda _: (index, "built once"),
            match=lambda found, need: found.match(need, top=settings.nightly.top),
            note_shown=index.noted.extend,
            record_shown=index.shown.append,
            remind=index.remind,
        )

    return run_nightly(settings, open_parts=open_parts, today=day)


def run_file(result: NightlyResult) -> dict:
    """Return what a night's report says to programs."""
    return json.loads((result.report_folder / "run.json").read_text("utf-8"))


if __name__ == "__main__":
    stuck = FakeIndex(delay_s=lambda need_id: 120 if need_id == "n3" else 0)
    run_with(stuck, settings_of(Path(sys.argv[1])))
