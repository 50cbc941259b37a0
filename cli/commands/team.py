"""`enmusubi team`: teams that cover a need's wishes together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from office.teams.proposing import Team, TeamMember, TeamsShown

LABELS: dict[str, dict[str, Any]] = {
    "ja": {
        "team": "チーム{number}　得点{points}　要件への対応{coverage}",
        "lead": "代表者",
        "open": "対応できていない要件：{wish}",
        "nothing": "要件に応える根拠の文は見つかっていません。",
        "joint": "{name}との共同の業績があります。",
        "none": {
            "one_wish": "このニーズの要件は1つだけです。enmusubi match をお使いください。",
            "nobody": "チームに加えられるほど適任と見込まれる研究者は見つかりませんでした。",
            "too_few": "このニーズに合う研究者が少なく、チームを組めません。",
        },
        "columns": ("研究者", "所属", "適合の見込み", "要件と根拠"),
    },
    "en": {
        "team": "Team {number}: {points} points, {coverage} of the wishes covered",
        "lead": "lead",
        "open": "Not covered: {wish}",
        "nothing": "No sentence of their work answers a wish.",
        "joint": "Has joint work with {name}.",
        "none": {
            "one_wish": "The need has a single wish: use enmusubi match.",
            "nobody": "Nobody here fits this need well enough to be in a team.",
            "too_few": "Too few people fit this need to make a team of them.",
        },
        "columns": ("Researcher", "Department", "Fit", "Wish and evidence"),
    },
}


def team(
    need: str = typer.Argument(help="Id of a need in the catalogue."),
    largest: int = typer.Option(4, "--largest", min=2, max=6, help="Members at most."),
    lead: str = typer.Option("", "--lead", help="Id of the researcher who leads."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Find people who cover the wishes of a stored need together, across departments.

    Each team comes with who covers what, by which sentence, and what nobody covers.
    Example: enmusubi team N-01 --largest 3
    """
    import json

    from catalogue.records.catalogue import open_catalogue
    from cli.wiring import encoder_of, operator
    from enmusubi.settings import load_settings
    from matcher.sharding.opening import open_whole
    from office.configured import open_recommender
    from office.matching import Question, ViewerMatching
    from office.teams.proposing import TeamWanted, propose

    settings = load_settings()
    wanted = TeamWanted(largest=largest, lead=lead)
    with open_catalogue(settings.catalogue_url) as catalogue:
        question = Question(catalogue.need(need), besides=wanted.named)
        open_whole(settings.index_dir)  # a missing index is told before the encoder is loaded
        recommender = open_recommender(settings, encoder_of(settings))
        matching = ViewerMatching(catalogue, settings)
        shown = matching.teams_with(
            recommender, operator(), question, lambda pool: propose(pool, wanted)
        )
    if as_json:
        print(json.dumps(_as_json(shown), ensure_ascii=False, indent=1))
        return
    spoken = shown.pool.matches.language if settings.language == "auto" else settings.language
    _print(shown, spoken)


def _as_json(shown: "TeamsShown") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "wishes": [asdict(wish) for wish in shown.pool.wishes],
        "reason": shown.reason,
        "proposed": [
            {
                "worth": team.worth.total,
                "terms": asdict(team.worth),
                "covered": list(team.covered),
                "members": [
                    {
                        "researcher_id": member.match.researcher.researcher_id,
                        "probability": member.match.probability,
                        "is_lead": member.is_lead,
                        "brings": member.brings,
                        "covers": {wish: asdict(part) for wish, part in member.covers.items()},
                    }
                    for member in team.members
                ],
            }
            for team in shown.proposed
        ],
    }


def _print(shown: "TeamsShown", language: str) -> None:
    from rich.console import Console

    from cli.tables import Heading, print_table
    from cli.telling import fold
    from matcher.explaining.words import percentage, shortened

    labels, console = LABELS[language], Console()

    def say(text: str, style: str = "") -> None:
        console.print("\n".join(fold(text, console.width)), style=style, markup=False)

    if shown.reason:
        say(labels["none"][shown.reason])
    columns = [Heading(heading) for heading in labels["columns"]]
    for number, team in enumerate(shown.proposed, start=1):
        covered = percentage(team.worth.coverage, language)
        points = round(100 * team.worth.total)
        say(labels["team"].format(number=number, points=points, coverage=covered), "bold")
        print_table(columns, _rows(team, shown, language), console=console)
        for wish, is_covered in enumerate(team.covered):
            if not is_covered:
                left = shortened(shown.pool.wishes[wish].part.text, language)
                say(labels["open"].format(wish=left))


def _rows(team: "Team", shown: "TeamsShown", language: str) -> list[tuple[str, ...]]:
    from matcher.explaining.words import strength_text

    lead = f" ({LABELS[language]['lead']})"
    return [
        (
            member.match.researcher.name(language) + (lead if member.is_lead else ""),
            member.match.researcher.affiliation(language),
            strength_text(member.match, language),
            "\n".join(_reasons(member, team, shown, language)),
        )
        for member in team.members
    ]


def _reasons(
    member: "TeamMember", team: "Team", shown: "TeamsShown", language: str
) -> Iterator[str]:
    """Yield what a member covers by which sentence; of one who covers nothing with whom they worked."""
    from matcher.explaining.words import shortened

    for wish, answer in member.covers.items():
        yield f"{shortened(shown.pool.wishes[wish].part.text, language)} → {answer.sentence}"
    if member.covers:
        return
    yield LABELS[language]["nothing"]
    for other in (one.match.researcher for one in team.members):
        if other.researcher_id in member.joint:
            yield LABELS[language]["joint"].format(name=other.name(language))
