"""`enmusubi match`: a match list for a text, a file or a stored need."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.telling import wrong_usage
from enmusubi.messages import Message

if TYPE_CHECKING:
    from enmusubi.settings import Settings
    from matcher.records import Need


def match(
    text: str = typer.Argument("", help="The need's text; `-` reads it from standard input."),
    need: str = typer.Option("", "--need", help="Id of a need in the catalogue."),
    file: Path | None = typer.Option(
        None, "--file", help="File: Word, PowerPoint, Excel, PDF, mail (eml, msg), txt or md."
    ),
    show_text: bool = typer.Option(
        False, "--show-text", help="Print the text that is read from --file, and match nothing."
    ),
    top: int = typer.Option(10, "--top", min=1, max=1000, help="Researchers to list."),
    institution: list[str] = typer.Option(
        [], "--institution", help="Part of the name; repeatable."
    ),
    department: list[str] = typer.Option([], "--department", help="Part of the name; repeatable."),
    position: list[str] = typer.Option([], "--position", help="Part of the name; repeatable."),
    kind: list[str] = typer.Option(
        [],
        "--kind",
        help="paper, patent, grant, course, note, presentation, award, profile; repeatable.",
    ),
    field: list[str] = typer.Option(
        [], "--field", help="How a field code begins, such as ipc:C08 or 30010; repeatable."
    ),
    language: list[str] = typer.Option(
        [], "--language", help="Language of the evidence, ja or en; repeatable."
    ),
    since: int | None = typer.Option(None, "--since", help="Seeds of this year or later."),
    until: int | None = typer.Option(None, "--until", help="Seeds of this year or earlier."),
    visibility: list[str] = typer.Option(
        [],
        "--visibility",
        help="public, internal, confidential; repeatable. Public only unless given.",
    ),
    spread: str = typer.Option(
        "",
        "--spread",
        help="safest (the plain order), balanced, wide or unexpected; as usual for the need unless given.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Find researchers for a need, with the sentence that carried each match.

    A confidential text is better given by --file or `-` than as an argument, which other users of
    the machine can see. What is read from a file can be looked at and corrected first: save what
    --show-text prints, and match that. Example: enmusubi match "long-life coating for food packaging" --top 5
    """
    import json

    from rich.console import Console

    from catalogue.records.catalogue import open_catalogue
    from cli.lists import as_json as to_json
    from cli.lists import print_matches
    from cli.wiring import encoder_of, operator
    from enmusubi.language import clean_text
    from enmusubi.settings import load_settings
    from matcher.queries import check_need
    from matcher.records import PUBLIC, Filters
    from matcher.sharding.opening import open_whole
    from office.configured import open_recommender
    from office.matching import Question, ViewerMatching
    from office.ways_in import COMMAND

    if sum(map(bool, (text, need, file))) != 1:
        raise wrong_usage(Message("Give one of TEXT, --need ID or --file PATH."))
    if show_text and not file:
        raise wrong_usage(Message("--show-text goes with --file PATH."))
    settings = load_settings()
    if file and show_text:
        print(_read_file(file, settings))
        return
    _check_visibilities(visibility, settings)
    asked = _read_need(text, need, file, settings)
    check_need(asked, max_chars=settings.need.max_chars)
    open_whole(settings.index_dir)  # a missing index is told before the encoder is loaded
    recommender = open_recommender(settings, encoder_of(settings))
    filters = Filters(
        institutions=institution,
        departments=department,
        positions=position,
        kinds=kind,
        fields=field,
        languages=language,
        since=since,
        until=until,
        visibilities=visibility or (PUBLIC,),
    )
    question = Question(asked, top, filters, spread=spread, may_be_partial=True)
    with open_catalogue(settings.catalogue_url) as catalogue:
        matching = ViewerMatching(catalogue, settings)
        matches = matching.match_with(recommender, operator(), question, COMMAND)
    if as_json:
        print(json.dumps(to_json(matches), ensure_ascii=False, indent=1))
    else:
        shown_in = matches.language if settings.language == "auto" else settings.language
        print_matches(matches, shown_in, Console(), clean_text(asked.title))


def _check_visibilities(asked: list[str], settings: "Settings") -> None:
    from enmusubi.errors import InputError
    from matcher.records import VISIBILITIES

    indexed = settings.index.visibilities
    if missing := sorted(set(asked) & set(VISIBILITIES) - set(indexed)):
        raise InputError(
            "The index holds %(found)s seeds and none that are %(missing)s. Add them "
            "to `index.visibilities` in the settings, then run `enmusubi index`.",
            found=", ".join(indexed),
            missing=", ".join(missing),
        )


def _read_need(text: str, need_id: str, file: Path | None, settings: "Settings") -> "Need":
    import sys

    from catalogue.importers.need_files import read_need_bytes
    from catalogue.records.catalogue import open_catalogue
    from matcher.records import Need

    limit = settings.need.max_file_bytes
    if need_id:
        with open_catalogue(settings.catalogue_url) as catalogue:
            return catalogue.need(need_id)
    if file is not None:
        return Need(_read_file(file, settings))
    if text == "-":
        content = sys.stdin.buffer.read(limit + 1)
        return Need(read_need_bytes("standard-input.txt", content, max_bytes=limit))
    return Need(text)


def _read_file(file: Path, settings: "Settings") -> str:
    """Return the text of a file; what its reader should know goes to standard error."""
    from catalogue.importers.need_files import read_need_path
    from cli.telling import tell

    document = read_need_path(file, max_bytes=settings.need.max_file_bytes)
    for note in document.notes:
        tell(note, error=True)
    return document.text
