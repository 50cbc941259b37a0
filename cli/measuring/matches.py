"""A match on made-up versions of several sizes: its parts in milliseconds, and how often one encoding.

The parts are what the recommender calls, read by a profiler, so that they follow the code.
"""

import cProfile
import pstats
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from cli.measuring.clock import cpu_s
from cli.measuring.made_up_version import generate, made_up_needs
from cli.measuring.results import Findings, Ratio
from matcher.queries import encode_needs
from matcher.recommender import Recommender
from matcher.records import Filters, Need

if TYPE_CHECKING:
    from matcher.encoder.encoder import Encoder

NEEDS = 4
RECOMMENDER = "recommender.py"
ONE_KIND = Filters(kinds=("paper",))


@contextmanager
def made_up_recommender(encoder: "Encoder", n_passages: int) -> Iterator[Recommender]:
    """Give a recommender of a made-up version in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="enmusubi-bench-") as folder:
        yield Recommender.from_parts(generate(Path(folder), n_passages, encoder), encoder)


def needs_to_match(count: int) -> list[Need]:
    """Return so many made-up needs."""
    texts = made_up_needs(count)
    return [Need(need_id=f"need-{n:06}", text=text) for n, text in enumerate(texts)]


def measure_match(recommender: Recommender, times: int) -> tuple[Findings, float]:
    """Return what matching takes with one version, and the processor time without encoding, in seconds.

    Every list is of a need that was not asked before: what is kept of a need would answer it again.
    """
    fresh = _groups(4 * (times + 1) + 1)
    encoder = recommender.encoder

    def taken(work: Callable[[Need], object]) -> float:
        return _usual_s(work, [next(fresh) for _ in range(times + 1)])

    encoding = taken(lambda need: encode_needs([need], encoder, None))
    whole = taken(recommender.answer)
    filtered = taken(lambda need: recommender.answer(need, filters=ONE_KIND))
    groups = [next(fresh) for _ in range(times + 1)]
    profiled = next(fresh)
    prepared = recommender.prepared([need for group in [*groups, profiled] for need in group])
    without = _usual_s(prepared.answer, groups)
    figures = {"encoding_ms": encoding, "match_ms": whole, "filtered_ms": filtered}
    figures |= {"without_encoder_ms": without}
    figures |= {
        f"{part}_ms": without * share for part, share in _shares(prepared, profiled).items()
    }
    ratios = {
        "match / one encoding": Ratio(whole / encoding),
        "filtered match / one encoding": Ratio(filtered / encoding),
    }
    return Findings(ratios, {name: 1000 * seconds for name, seconds in figures.items()}), without


def _groups(count: int) -> Iterator[list[Need]]:
    needs = needs_to_match(count * NEEDS)
    return (needs[first : first + NEEDS] for first in range(0, len(needs), NEEDS))


def _usual_s(work: Callable[[Need], object], groups: Sequence[Sequence[Need]]) -> float:
    """Return the median processor time of a need, in seconds; the first group fills caches."""
    seconds = [cpu_s(partial(_each, work, group)) for group in groups]
    return median(seconds[1:]) / NEEDS


def _each(work: Callable[[Need], object], needs: Sequence[Need]) -> None:
    for need in needs:
        work(need)


def _shares(recommender: Recommender, needs: Sequence[Need]) -> dict[str, float]:
    """Return each module's share of an answer, of what the recommender calls."""
    profile = cProfile.Profile()
    for need in needs:
        profile.runcall(recommender.answer, need)
    taken: Counter[str] = Counter()
    statistics: dict[tuple[str, int, str], tuple[object, ...]]
    statistics = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, _), (_, _, _, _, callers) in statistics.items():
        module = Path(file)
        if "matcher" not in module.parts or module.name == RECOMMENDER:
            continue
        for (calling, _, _), (_, _, _, cumulated) in callers.items():  # type: ignore[attr-defined]
            if Path(calling).name == RECOMMENDER:
                taken[module.stem] += cumulated
    total = sum(taken.values())
    return {part: seconds / total for part, seconds in taken.most_common(8)} if total else {}
