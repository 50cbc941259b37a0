"""What of a batch was not taken, as it is kept and told: in which file and row, and what stood there."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from catalogue.importers.sources import RecordSource
from catalogue.records.drafts import REFUSED, ROW, VALUE, Outcome, Rejection

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # broken bytes, and what PostgreSQL can't keep


def rejections_of(source: RecordSource, row: int, outcome: Outcome) -> list[Rejection]:
    """Return what the writer took not of a row, with its place in the file."""
    refused = outcome.change == REFUSED
    scope = VALUE if not refused or outcome.table in source.repeating else ROW
    return [
        replace(rejection, scope=scope, file=source.label, row=row)
        for rejection in outcome.rejections
    ]


def with_raw_rows(
    rejections: Sequence[Rejection], raws: Mapping[int, Callable[[], str]]
) -> Iterator[tuple[Rejection, str | None]]:
    """Yield the rejections in order, each rejected row once with what stood in it."""
    given: set[int] = set()
    for rejection in rejections:
        raw = None
        if rejection.scope == ROW and rejection.row not in given:
            given.add(rejection.row)
            make = raws.get(rejection.row)
            raw = make() if make else None
        yield rejection, raw and _UNSTORABLE.sub("\ufffd", raw)


def by_place(rejections: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """Return the rejections file by file, each file's by row, those of the whole file last."""
    files = {file: place for place, file in enumerate(dict.fromkeys(r.file for r in rejections))}
    return tuple(sorted(rejections, key=lambda r: (files[r.file], not r.row, r.row)))
