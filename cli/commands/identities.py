"""`enmusubi identities`: who is who, where the program is not sure or was wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import typer

from cli.telling import tell, write, wrong_usage
from cli.wiring import opened, operator
from enmusubi.messages import Message, listed, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from catalogue.identity.decisions import LinkedPair

Action = Literal["list", "join", "apart", "undo"]
State = Literal["queued", "joined", "apart"]
PAIR = "pair"  # the context of what is said of pairs
BY_HAND = Message("decided by hand")


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
        raise wrong_usage(Message("%(action)s needs two researchers' ids.", {"action": action}))
    _decide(action, ids[0], ids[1], as_json)


def _list(state: State, limit: int, as_json: bool) -> None:
    import json

    from catalogue.identity.decisions import count_pairs, list_pairs

    with _catalogue("reading") as connection:
        pairs = list_pairs(connection, state, limit=limit)
        counts = count_pairs(connection)
    if as_json:
        listed = [{**vars(p.link), "first": vars(p.first), "second": vars(p.second)} for p in pairs]
        print(json.dumps({"counts": counts, "pairs": listed}, ensure_ascii=False, default=str))
        return
    _print(pairs, counts, state)


def _print(pairs: list["LinkedPair"], counts: dict[str, int], state: State) -> None:
    for pair in pairs:
        for side in (pair.first, pair.second):
            names = " / ".join(filter(None, (side.name_ja, side.name_en)))
            place = ", ".join(filter(None, (side.department, side.organisation)))
            write("  ".join(filter(None, (side.home_id, names, place))))
        reasons = [word(PAIR, reason.replace("_", " ")) for reason in pair.link.reasons]
        tell(Message("%(value)s", {"value": listed(reasons)}) if reasons else BY_HAND, indent=4)
        print()
    if not pairs:
        tell(Message("No pair is %(state)s.", {"state": word(PAIR, state)}))
    told = (
        Message("%(count)s %(things)s", {"count": f"{count:,}", "things": word(PAIR, name)})
        for name, count in counts.items()
    )
    tell(Message("%(value)s", {"value": listed(told)}))
    if pairs and state == "queued":
        tell(Message("Decide with `enmusubi identities join ID ID` or `… apart ID ID`."))


def _decide(action: Action, first: str, second: str, as_json: bool) -> None:
    import json

    from catalogue.identity.decisions import join_people, keep_apart, undo_decision
    from office.access.access_log import note_decision

    now = datetime.now(UTC)
    with _catalogue("writing") as connection:
        if action == "join":
            row_id = join_people(connection, first, second, now)
            told = Message(
                "%(first)s and %(second)s are one researcher now: %(id)s. Next: `enmusubi index`.",
                {"first": first, "second": second, "id": row_id},
            )
            result = {"state": "joined", "researcher_id": row_id}
        elif action == "apart":
            keep_apart(connection, first, second, now)
            told = Message(
                "%(first)s and %(second)s stay apart. Next: `enmusubi index`.",
                {"first": first, "second": second},
            )
            result = {"state": "apart"}
        else:
            state = undo_decision(connection, first, second, now)
            told = (
                Message(
                    "Undone; the pair is %(state)s. Next: `enmusubi index`.",
                    {"state": word(PAIR, state)},
                )
                if state
                else Message("Undone; the pair is no longer known. Next: `enmusubi index`.")
            )
            result = {"state": state}
        note_decision(connection, operator(), action, first, second)
    if as_json:
        print(json.dumps(result))
    else:
        tell(told)


@contextmanager
def _catalogue(mode: Literal["reading", "writing"]) -> Iterator["Connection"]:
    with (
        opened() as catalogue,
        catalogue.reading() if mode == "reading" else catalogue.writing() as connection,
    ):
        yield connection
