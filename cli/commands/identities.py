"""`enmusubi identities`: who is who, where the program is not sure or was wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import typer

from cli.wiring import opened, operator

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Connection

    from catalogue.identity.decisions import LinkedPair

Action = Literal["list", "join", "apart", "undo"]
State = Literal["queued", "joined", "apart"]


def identities(
    action: Action = typer.Argument("list", help="list, join, apart (keep apart) or undo."),
    ids: list[str] = typer.Argument(None, metavar="[ID ID]", help="Two researchers' ids."),
    state: State = typer.Option("queued", "--state", help="Which pairs to list."),
    limit: int = typer.Option(50, "--limit", min=1, max=10_000, help="How many pairs to list."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List pairs of researchers who may be one person, and decide.

    Imports join people whose ids prove it, or whose names and departments leave no doubt; doubtful
    pairs wait here. Joining keeps every source's record, so `undo` gives both back as they were.
    Run `enmusubi index` afterwards.

    \b
    Example: enmusubi identities
             enmusubi identities join HU-0101 A5012345678
             enmusubi identities undo HU-0101 A5012345678
    """
    if action == "list":
        _list(state, limit, as_json)
        return
    if len(ids or []) != 2:
        raise typer.BadParameter(f"{action} needs two researchers' ids")
    _decide(action, ids[0], ids[1], as_json)


def _list(state: State, limit: int, as_json: bool) -> None:
    import json

    from rich.console import Console

    from catalogue.identity.decisions import count_pairs, list_pairs

    with _catalogue("reading") as connection:
        pairs = list_pairs(connection, state, limit=limit)
        counts = count_pairs(connection)
    if as_json:
        listed = [{**vars(p.link), "first": vars(p.first), "second": vars(p.second)} for p in pairs]
        print(json.dumps({"counts": counts, "pairs": listed}, ensure_ascii=False, default=str))
        return
    _print(pairs, counts, state, Console())


def _print(
    pairs: list["LinkedPair"], counts: dict[str, int], state: State, console: "Console"
) -> None:
    for pair in pairs:
        for side in (pair.first, pair.second):
            names = " / ".join(filter(None, (side.name_ja, side.name_en)))
            place = ", ".join(filter(None, (side.department, side.organisation)))
            _line(console, "  ".join(filter(None, (side.home_id, names, place))))
        reasons = ", ".join(pair.link.reasons).replace("_", " ")
        _line(console, f"    {reasons or 'decided by hand'}\n")
    if not pairs:
        _line(console, f"No pair is {state}.")
    _line(console, ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    if pairs and state == "queued":
        _line(console, "Decide with `enmusubi identities join ID ID` or `… apart ID ID`.")


def _line(console: "Console", text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _decide(action: Action, first: str, second: str, as_json: bool) -> None:
    import json

    from catalogue.identity.decisions import join_people, keep_apart, undo_decision
    from office.access.access_log import note_decision

    now = datetime.now(UTC)
    with _catalogue("writing") as connection:
        if action == "join":
            row_id = join_people(connection, first, second, now)
            told = f"{first} and {second} are one researcher now: {row_id}."
            result = {"state": "joined", "researcher_id": row_id}
        elif action == "apart":
            keep_apart(connection, first, second, now)
            told, result = f"{first} and {second} stay apart.", {"state": "apart"}
        else:
            state = undo_decision(connection, first, second, now)
            told = f"Undone; the pair is {state or 'no longer known'}."
            result = {"state": state}
        note_decision(connection, operator(), action, first, second)
    print(json.dumps(result) if as_json else f"{told} Next: `enmusubi index`.")


@contextmanager
def _catalogue(mode: Literal["reading", "writing"]) -> Iterator["Connection"]:
    with (
        opened() as catalogue,
        catalogue.reading() if mode == "reading" else catalogue.writing() as connection,
    ):
        yield connection
