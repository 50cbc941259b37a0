"""`enmusubi case plan`: the plan of a case."""

from pathlib import Path

import typer

from cli.commands.case_money import AS_JSON, CASE, TONGUE, print_json, tongue_of
from cli.telling import tell
from cli.wiring import chief, opened, write_file
from enmusubi.messages import Message

plan = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@plan.callback()
def plans() -> None:
    """The plan of a case: show it, keep it, take it as a Word file (docs/plans.md).

    Example: enmusubi case plan export 3 plan.docx --language en
    """


@plan.command("show")
def show_plan(number: int = CASE, tongue: str = TONGUE, as_json: bool = AS_JSON) -> None:
    """Show the plan of a case: the newest version, or the draft of what is known now.

    Example: enmusubi case plan show 3
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import reading_as
    from office.plans.kept import read_plan
    from office.plans.words import HEADINGS

    spoken = tongue_of(tongue)
    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        found = read_plan(connection, chief(), number, spoken, load_settings()).plan
    sections = [{"name": one.name, "text": one.text} for one in found.sections]
    if as_json:
        print_json({"version": found.version, "sections": sections})
        return
    for one in sections:
        print(f"## {HEADINGS[spoken][one['name']]}\n{one['text']}\n")


@plan.command("save")
def save(
    number: int = CASE,
    tongue: str = TONGUE,
    file: Path | None = typer.Option(
        None, "--file", help="A Word file of the plan that was edited: keep what it changes."
    ),
) -> None:
    """Keep the plan as its next version, all that nobody edited made of what is known now.

    \b
    Example: enmusubi case plan save 3 --language ja
             enmusubi case plan save 3 --file plan.docx
    """
    from enmusubi.settings import load_settings
    from office.access.scoped import writing_as
    from office.plans.kept import read_plan, save_plan
    from office.plans.plan_reading import changes_in, save_changes

    spoken, settings = tongue_of(tongue), load_settings()
    content = None if file is None else _read(file)
    with opened() as catalogue, writing_as(catalogue, chief()) as connection:
        if content is not None:
            changes = changes_in(connection, chief(), number, content, settings)
            kept = save_changes(connection, chief(), number, changes, settings)
        else:
            read = read_plan(connection, chief(), number, spoken, settings)
            anew = [one.name for one in read.plan.sections if not one.is_edited]
            kept = save_plan(connection, chief(), number, spoken, {}, settings, anew=anew)
    tell(Message("Kept as version %(version)s.", {"version": kept.version}))


@plan.command("export")
def export_word(
    number: int = CASE,
    file: Path = typer.Argument(..., help="Where to write it; .docx."),
    version: int = typer.Option(
        -1, "--version", help="A version, 0: the draft; the newest without."
    ),
    tongue: str = TONGUE,
) -> None:
    """Write the plan of a case as a Word file.

    Example: enmusubi case plan export 3 plan.docx
    """
    from enmusubi.settings import load_settings
    from office.estimates.exporting import export_plan

    wanted = None if version < 0 else version
    with opened() as catalogue:
        made = export_plan(catalogue, chief(), load_settings(), number, wanted, tongue_of(tongue))
    write_file(file, made.content)


def _read(file: Path) -> bytes:
    from enmusubi.errors import UnreadableFileError

    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableFileError(
            "%(path)s cannot be read: %(reason)s.", path=file, reason=type(error).__name__
        ) from None
