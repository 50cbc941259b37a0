"""Where the command line makes its parts: settings, encoder and progress.

The imports stand inside the functions, so that a command loads no more than it uses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from matcher.encoder.encoder import Encoder
    from matcher.indexing import OnTotal

STEPS = {"encode": "Encoding passages", "index": "Writing the index"}


@contextmanager
def progress_bars() -> Iterator["OnTotal"]:
    """Give a function that shows a bar on stderr for each step it is told of."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(
        *(TextColumn(c) if isinstance(c, str) else c for c in columns),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(STEPS.get(what, what), total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield report


def encoder_of(settings: "Settings") -> "Encoder":
    """Load the encoder of the settings; the first time, say that it is being built."""
    from rich.console import Console

    from office.configured import configured_encoder

    with Console(stderr=True).status("Preparing the encoder (the first time takes half a minute)"):
        return configured_encoder(settings)
