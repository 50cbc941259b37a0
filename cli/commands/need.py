"""`enmusubi need`: what outsiders may be shown of a stored need, what to ask of it, what changes its list."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import language, tell, told, wrong_usage
from cli.wiring import chief
from enmusubi.messages import N_, Message, word

if TYPE_CHECKING:
    from office.clinic.choosing import Consultation
    from office.matching import ServedMatching
    from office.veil.finding import Cost, VeilProposal

need = typer.Typer(
    help="Look at a stored need before it goes further.\n\nExample: enmusubi need veil N-01",
    no_args_is_help=True,
    rich_markup_mode=None,
)
VEIL_HEADINGS = (
    Message("what is said"),
    Message("kind of mark"),
    Message("identifies"),
    Message("instead"),
    Message("stay in the first ten"),
)
CLINIC_HEADINGS = (
    Message("question"),
    Message("expected change of the list"),
    Message("plausible answers (how plausible, change)"),
)
VAGUE = N_("The need says little yet: a few answers would change who is found.")
CLEAR = N_("The need says enough to find people: nothing is asked about it.")
NEED = typer.Argument(help="Id of a need in the catalogue.")
AS_JSON = typer.Option(False, "--json", help="Print JSON.")


@need.command("veil")
def veil(need_id: str = NEED, as_json: bool = AS_JSON) -> None:
    """Show what in a need tells whose it is, what could stand instead, and what that costs its list.

    Nothing is stored: the decision is made on the need's page (docs/veil.md).
    Example: enmusubi need veil N-01
    """
    from office.veil.finding import propose_veil

    found = asyncio.run(_proposed(need_id, propose_veil))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    _print_veil(found)


@need.command("clinic")
def clinic(
    need_id: str = NEED,
    answers: list[str] = typer.Option(
        [], "--answer", metavar="QUESTION=ANSWER", help="An answer given already; repeat it."
    ),
    as_json: bool = AS_JSON,
) -> None:
    """Show which questions to ask of a vague need: those whose answers would change its list the most.

    Questions are what, whom and secret. Nothing is stored (docs/clinic.md).
    Example: enmusubi need clinic N-04 --answer whom=食品工場
    """
    from office.clinic.choosing import consult
    from office.clinic.questions import ACTING

    pairs = [one.partition("=") for one in answers]
    if wrong := [name for name, _, _ in pairs if name not in ACTING]:
        raise wrong_usage(Message("%(name)s is no question.", {"name": wrong[0]}))
    given = {name: said for name, _, said in pairs}

    async def propose(matching: Any, viewer: Any, stored: Any) -> Any:
        return await consult(matching, viewer, stored.as_need(), given)

    found = asyncio.run(_proposed(need_id, propose))
    if as_json:
        shown = {"vagueness": asdict(found.vagueness), "is_vague": found.vagueness.is_vague}
        shown["questions"] = [{**asdict(one), "expected": one.expected} for one in found.questions]
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    _print_clinic(found)


@need.command("changes")
def changes(
    need_id: str = NEED,
    researcher: str = typer.Argument(metavar="RESEARCHER", help="Id of a researcher."),
    as_json: bool = AS_JSON,
) -> None:
    """Show what would bring a researcher into the first ten of a need's list, up, down or out.

    The list is made anew with each change; nothing is stored (docs/counterfactuals.md).
    Example: enmusubi need changes N-01 HU-0102
    """
    from cli.changes import print_changes
    from office.counterfactuals import what_would_change

    year = datetime.now(UTC).year

    async def propose(matching: Any, viewer: Any, stored: Any) -> Any:
        return await what_would_change(matching, viewer, stored, researcher, year=year)

    found = asyncio.run(_proposed(need_id, propose))
    if as_json:
        from api.v1.schemas.counterfactuals import CounterfactualsOut

        print(CounterfactualsOut.of(need_id, found).model_dump_json(indent=1))
        return
    print_changes(found)


async def _proposed(need_id: str, propose: Any) -> Any:
    """Return what a use case says of a need to the chief, asked of the index that is published."""

    from catalogue.records.catalogue import open_catalogue
    from enmusubi.settings import load_settings
    from office.matching import stored_need

    settings = load_settings()
    viewer = chief()
    with open_catalogue(settings.catalogue_url) as catalogue:
        stored = stored_need(catalogue, viewer, need_id)
        return await propose(_matching(catalogue, settings), viewer, stored)


def _matching(catalogue: Any, settings: Any) -> "ServedMatching":
    from cli.wiring import encoder_of
    from matcher.sharding.opening import open_whole
    from office.configured import open_recommender
    from office.encoder_gate import EncoderGate
    from office.live_recommender import LiveRecommender
    from office.matching import ServedMatching

    open_whole(settings.index_dir)  # a missing index is told before the encoder is loaded
    recommender = open_recommender(settings, encoder_of(settings))
    live = LiveRecommender(lambda _: recommender, lambda: recommender.index_version)
    return ServedMatching(catalogue, settings, live, EncoderGate(100))


def _print_veil(found: "VeilProposal") -> None:
    from cli.tables import Heading, print_table

    if not found.marks:
        tell(Message("Nothing was found that tells whose need it is."))
        return
    rows = [
        (
            mark.said,
            told(word("mark", mark.kind)),
            str(mark.identifies),
            mark.proposals[0],
            _cost(cost),
        )
        for mark, cost in zip(found.marks, found.costs, strict=True)
    ]
    print_table([Heading(heading) for heading in VEIL_HEADINGS], rows)
    together = {"cost": _cost(found.together)}
    tell(Message("All that is proposed, together: %(cost)s", together))


def _print_clinic(found: "Consultation") -> None:
    from cli.tables import Heading, print_table
    from enmusubi.translation import translations

    tell(Message(VAGUE) if found.vagueness.is_vague else Message(CLEAR))
    rows = [
        (
            translations(language()).say(one.text),
            f"{one.expected:.2f}",
            "\n".join(f"{a.text} ({a.probability:.0%}, {a.change:.2f})" for a in one.answers),
        )
        for one in found.questions
    ]
    if rows:
        print_table([Heading(heading) for heading in CLINIC_HEADINGS], rows)


def _cost(cost: "Cost | None") -> str:
    if cost is None:
        return "–"
    lost = "" if not cost.places else f" (-{cost.places:.1f})"
    return f"{cost.kept}/{cost.of}{lost}"
