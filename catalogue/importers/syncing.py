"""Withdraws what a source had and the imported files lack, unless something speaks against it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from catalogue.records.import_runs import Run
from catalogue.records.withdrawal import count_unseen, withdraw_unseen

MAX_SHARE = 0.5  # a source that lost more than this is more likely cut short than shrunk
Sources = Mapping[str, Collection[str]]  # source → tables that the files had records of


def withdraw_missing(connection: Connection, run: Run, sources: Sources, now: datetime) -> int:
    """Withdraw what the run did not see of its sources; returns how many records."""
    return sum(
        withdraw_unseen(connection, run, source, tables, now)
        for source, tables in sorted(sources.items())
    )


def doubt(connection: Connection, run: Run, sources: Sources, missed: tuple[int, int]) -> str:
    """Return why the files may not be all that their sources have, or nothing.

    `missed` are the numbers of rejected rows and of files that could not be read.
    """
    if any(missed):
        return (
            f"Nothing was withdrawn: {missed[0]} rows were rejected and {missed[1]} files could "
            "not be read, so what is missing may still be there. Mend them, or add --force."
        )
    for source, tables in sorted(sources.items()):
        shares = count_unseen(connection, run, source, tables)
        if shares.unseen > MAX_SHARE * shares.living:
            return (
                f"Nothing was withdrawn: {shares.unseen:,} of {shares.living:,} records of the "
                f"source {source!r} are not in these files. If it really shrank so much, add "
                "--force."
            )
    return ""
