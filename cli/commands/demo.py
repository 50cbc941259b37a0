"""`enmusubi demo`: the whole way on the made-up university."""

from typing import TYPE_CHECKING

import typer

from cli.telling import fold, tell, told, write
from enmusubi.messages import Message

if TYPE_CHECKING:
    from rich.console import Console

    from catalogue.records.catalogue import Catalogue
    from matcher.sharding.sharded_recommender import AnyRecommender
    from office.matching import ViewerMatching

DEMONSTRATION_RESEARCHER = "HU-0101"


def demo(
    top: int = typer.Option(5, "--top", min=1, max=50, help="Researchers in each list."),
) -> None:
    """Import the demonstration catalogue, index it, and match a Japanese and an English need.

    The university, its people and the companies are made up. A second run encodes nothing again.
    Example: enmusubi demo --top 3
    """
    from rich.console import Console

    from catalogue.demonstration.loading import (
        PROFILES_FILE,
        SCREENING_FILES,
        demonstration_needs_shown,
        demonstration_suits,
        import_demonstration,
    )
    from catalogue.importers.importing import ImportChoices
    from catalogue.records.catalogue import open_catalogue
    from cli.progress import progress_bars
    from cli.wiring import chief, encoder_of, operator
    from enmusubi.settings import load_settings
    from office.cases.demonstration import make_demonstration_cases
    from office.configured import open_recommender
    from office.estimates.demonstration import make_demonstration_estimates
    from office.figures.demonstration import make_demonstration_figures
    from office.imports import noted_as
    from office.index_versions import update_index
    from office.matching import ViewerMatching
    from office.members.demonstration import make_demonstration_members
    from office.members.demonstration_needs import (
        make_demonstration_member_needs,
        release_demonstration_lists,
    )
    from office.outbound.profile_tables import import_profiles
    from office.projects.demonstration import make_demonstration_projects
    from office.screening.demonstration import (
        make_demonstration_absences,
        make_demonstration_employers,
    )
    from office.screening.importing import import_screening

    settings = load_settings()
    console = Console()
    with open_catalogue(settings.catalogue_url) as catalogue:
        _refuse_real_data(catalogue)
        import_demonstration(catalogue, choices=ImportChoices(on_begin=noted_as(operator())))
        for path in SCREENING_FILES:
            import_screening(catalogue, operator(), path)
        make_demonstration_absences(catalogue)
        make_demonstration_employers(catalogue)
        is_new = make_demonstration_cases(catalogue, settings, demonstration_suits())
        make_demonstration_projects(catalogue, settings)
        if is_new:
            make_demonstration_figures(catalogue, settings)
        make_demonstration_estimates(catalogue, settings)
        make_demonstration_members(catalogue)
        import_profiles(catalogue, chief(), PROFILES_FILE)
        encoder = encoder_of(settings)
        with progress_bars() as report:
            update_index(catalogue, settings, encoder, on_progress=report)
        recommender = open_recommender(settings, encoder)
        matching = ViewerMatching(catalogue, settings)
        make_demonstration_member_needs(
            catalogue, settings
        )  # the index has the file's means of needs
        release_demonstration_lists(matching, recommender)
        for need_id in demonstration_needs_shown:
            _show(matching, recommender, need_id, top, console)
    print()
    tell(Message("The university, people and companies above are made up. What next:"))
    address = f"http://{settings.server.host}:{settings.server.port}/"
    next_steps = {
        "make serve": Message("the page at %(address)s", {"address": address}),
        'enmusubi match "…"': Message("your own need, in Japanese or English"),
        "enmusubi import --help": Message("your own researchers, papers and needs"),
    }
    for command, use in next_steps.items():
        write(f"{command:23}  {told(use)}", indent=2)
    tell(Message("The command is .venv/bin/enmusubi after `make demo`."))


def _refuse_real_data(catalogue: "Catalogue") -> None:
    from enmusubi.errors import InputError, UnknownIdError

    if not catalogue.counts()["researchers"]:
        return
    try:
        catalogue.researcher(DEMONSTRATION_RESEARCHER)
    except UnknownIdError:
        raise InputError(
            "The catalogue holds other data already; made-up people must not mix with it. "
            "Choose another folder for the demonstration with ENMUSUBI_DATA_DIR."
        ) from None


def _show(
    matching: "ViewerMatching",
    recommender: "AnyRecommender",
    need_id: str,
    top: int,
    console: "Console",
) -> None:
    from cli.lists import print_matches
    from cli.wiring import operator
    from office.matching import Question
    from office.ways_in import DEMONSTRATION

    need = matching.catalogue.need(need_id)
    matches = matching.match_with(recommender, operator(), Question(need, top), DEMONSTRATION)
    console.rule(f"{need_id}  {need.title}", align="left")
    text = "\n".join(fold(need.text, console.width))
    console.print(f"{text}\n", style="italic", markup=False, highlight=False, soft_wrap=True)
    print_matches(matches, matches.language, console, need.title)
