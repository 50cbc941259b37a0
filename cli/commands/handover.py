"""`enmusubi handover`: all that somebody manages goes to a colleague, or comes back."""

import typer

from cli.telling import tell
from cli.wiring import chief, opened
from enmusubi.messages import Message


def handover(
    giver: str = typer.Argument("", metavar="[FROM]", help="Login of who gives."),
    taker: str = typer.Argument("", metavar="[TO]", help="Login of who takes; none: only look."),
    undo: int = typer.Option(0, "--undo", metavar="NUMBER", help="Take a hand-over back."),
) -> None:
    """Hand over needs, cases, shortlist, saved searches and open inquiries in one step.

    \b
    Example: enmusubi handover kato
             enmusubi handover kato morita
             enmusubi handover --undo 3
    """
    from cli.telling import wrong_usage
    from office.delegations.handing_over import hand_over as hand
    from office.delegations.handing_over import preview
    from office.delegations.handing_over import undo as take_back

    if bool(giver) == bool(undo):
        raise wrong_usage(Message("Give FROM, or --undo NUMBER."))
    viewer = chief()
    with opened() as catalogue:
        if undo:
            _, pieces = take_back(catalogue, viewer, undo)
            tell(Message("%(pieces)s pieces were given back.", {"pieces": pieces}))
            return
        if not taker:
            counts = preview(catalogue, viewer, giver).counts
        else:
            kept = hand(catalogue, viewer, giver, taker)
            counts = kept.counts
            tell(Message("Hand-over %(number)s is done.", {"number": kept.hand_over_id}))
    told = {name: counts[name] for name in ("need", "case", "shortlist", "search", "inquiry")}
    tell(
        Message(
            "Needs %(need)s, cases %(case)s, shortlist %(shortlist)s, saved searches %(search)s, "
            "inquiries %(inquiry)s.",
            told,
        )
    )
