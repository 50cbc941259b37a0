"""The parts of a run, in their order, and how much each measures: all of it, or quickly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.measuring.results import Findings, Ratio

if TYPE_CHECKING:
    from matcher.corpus_source import OnTotal
    from matcher.encoder.encoder import Encoder


@dataclass(frozen=True)
class Extent:
    """How much is measured; counts are of passages, works, seeds, needs and requests."""

    encoded: int
    sizes: tuple[int, ...]  # of versions, the smallest first
    times: int
    served: int
    requests: int  # for each number of users
    works: int
    seeds: int
    needs: int


@dataclass(frozen=True)
class Setting:
    """What a part is given."""

    encoder: "Encoder"
    extent: Extent
    server_url: str  # of PostgreSQL, empty without one
    on_progress: "OnTotal"


WHOLE = Extent(200, (20_000, 100_000), 5, 20_000, 96, 3_000, 300, 60)
QUICK = Extent(40, (1_000, 4_000), 3, 1_000, 24, 300, 30, 10)


def _encoder(given: Setting) -> Findings:
    from cli.measuring.encoding import measure_encoding

    return measure_encoding(given.encoder, given.extent.encoded)


def _match(given: Setting) -> Findings:
    from cli.measuring.matches import made_up_recommender, measure_match

    found, without = Findings(), []
    for done, size in enumerate(given.extent.sizes):
        given.on_progress("measure match", done, len(given.extent.sizes))
        with made_up_recommender(given.encoder, size) as recommender:
            of_size, without_s = measure_match(recommender, given.extent.times)
        without.append(without_s)
        found.ratios |= {f"{size} passages, {name}": r for name, r in of_size.ratios.items()}
        found.figures |= {f"{size}_passages_{name}": v for name, v in of_size.figures.items()}
    sizes = given.extent.sizes
    name = f"{sizes[-1]} / {sizes[0]} passages, without encoder"
    found.ratios[name] = Ratio(without[-1] / without[0])
    return found


def _http(given: Setting) -> Findings:
    from cli.measuring.service import measure_service

    return measure_service(
        given.encoder,
        n_passages=given.extent.served,
        requests=given.extent.requests,
        on_progress=given.on_progress,
    )


def _import(given: Setting) -> Findings:
    from cli.measuring.imports import measure_import

    return measure_import(
        n_works=given.extent.works, server_url=given.server_url, on_progress=given.on_progress
    )


def _night(given: Setting) -> Findings:
    from cli.measuring.nights import measure_night

    extent = given.extent
    return measure_night(
        given.encoder, n_seeds=extent.seeds, n_needs=extent.needs, on_progress=given.on_progress
    )


PARTS: dict[str, Callable[[Setting], Findings]] = {
    "encoder": _encoder,
    "match": _match,
    "http": _http,
    "import": _import,
    "night": _night,
}
