"""`enmusubi companies`: companies that a technology could be for, and the import of their profiles."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import language, tell, wrong_usage
from enmusubi.messages import Message

if TYPE_CHECKING:
    from office.outbound.found import FoundCompanies

KINDS = {
    "need": Message("need"),
    "profile": Message("company profile"),
    "joint": Message("made together before"),
}


def companies(
    technology: str = typer.Argument("", metavar="[TECHNOLOGY]", help="What it is and can do."),
    seed: str = typer.Option("", "--seed", help="Id of a patent or another seed instead."),
    file: Path | None = typer.Option(
        None, "--import", metavar="FILE", help="Take the profiles of a CSV file or workbook."
    ),
    top: int = typer.Option(10, "--top", min=1, max=20, help="Companies to list."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Find companies for a technology among needs, company profiles and earlier work with companies.

    \b
    Example: enmusubi companies "a film that stops oxygen without any plastic"
             enmusubi companies --seed P-07
             enmusubi companies --import companies.xlsx
    """
    if sum(map(bool, (technology, seed, file))) != 1:
        raise wrong_usage(Message("Give one of TECHNOLOGY, --seed ID or --import FILE."))
    if file is not None:
        _import(file, as_json=as_json)
    else:
        _find(technology, seed, top, as_json=as_json)


def _import(path: Path, *, as_json: bool) -> None:
    import json

    from cli.wiring import chief, opened, tell_rejections
    from office.outbound.profile_tables import import_profiles

    with opened() as catalogue:
        report = import_profiles(catalogue, chief(), path)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        names = ("read", "added", "changed", "unchanged")
        counts = {name: f"{getattr(report, name):,}" for name in names}
        tell(
            Message(
                "%(read)s rows read, %(added)s added, %(changed)s changed, %(unchanged)s known already, "
                "%(left)s not taken.",
                {"left": f"{report.left_out:,}", **counts},
            )
        )
        tell_rejections(report.rejections)
    if not report.added + report.changed + report.unchanged:
        raise typer.Exit(1)


def _find(technology: str, seed: str, top: int, *, as_json: bool) -> None:
    import json

    from catalogue.records.catalogue import open_catalogue
    from cli.wiring import chief, encoder_of
    from enmusubi.settings import load_settings
    from matcher.sharding.opening import open_whole
    from office.configured import open_recommender
    from office.matching import ViewerMatching
    from office.outbound.companies import CompanySearch
    from office.outbound.found import TechnologyAsked

    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue:
        open_whole(settings.index_dir)  # a missing index is told before the encoder is loaded
        recommender = open_recommender(settings, encoder_of(settings))
        search = CompanySearch(ViewerMatching(catalogue, settings))
        asked = TechnologyAsked(technology, seed, top)
        found = search.find_with(recommender, chief(), asked)
    if as_json:
        print(json.dumps(_as_json(found), ensure_ascii=False, indent=1))
    else:
        _print(found)


def _as_json(found: "FoundCompanies") -> dict[str, Any]:
    return {
        "compared": {"needs": found.needs, "profiles": found.profiles, "joint": found.joint},
        "companies": [
            {
                "name_ja": one.names.name_ja,
                "name_en": one.names.name_en,
                "score": one.score,
                "reasons": [
                    {
                        "kind": reason.text.kind,
                        "id": reason.text.document_id,
                        "title": reason.text.title,
                        "sentence": reason.sentence,
                        "likeness": reason.likeness,
                        "words": list(reason.words),
                        "people": [
                            {
                                "researcher_id": person.researcher.researcher_id,
                                "rank": person.rank,
                                "score": person.score,
                                "probability": person.probability,
                            }
                            for person in reason.people
                        ],
                    }
                    for reason in one.reasons
                ],
            }
            for one in found.companies
        ],
    }


def _print(found: "FoundCompanies") -> None:
    from cli.tables import Heading, print_table
    from enmusubi.translation import say

    spoken = language()
    headings = [Message("company"), Message("found by"), Message("sentence")]
    rows = [
        (
            one.names.name(spoken) if not place else "",
            f"{say(KINDS[reason.text.kind], spoken)} {reason.text.document_id}",
            reason.sentence,
        )
        for one in found.companies
        for place, reason in enumerate(one.reasons)
    ]
    print_table([Heading(heading) for heading in headings], rows)
    counts = {"needs": found.needs, "profiles": found.profiles, "joint": found.joint}
    tell(
        Message(
            "Compared: %(needs)s needs, %(profiles)s company profiles, %(joint)s works made with companies.",
            counts,
        )
    )
