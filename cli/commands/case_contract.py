"""`enmusubi case contract`: the office's templates of contracts, filled for a case."""

from pathlib import Path
from typing import Any

import typer

from cli.telling import language, tell
from cli.wiring import chief, opened, write_file
from enmusubi.messages import Message, listed

AS_JSON = typer.Option(False, "--json", help="Print JSON.")
CASE = typer.Argument(..., metavar="CASE", help="Number of a case.", min=1)
FILE = typer.Argument(..., help="Where to write it; .docx.")

contract = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@contract.callback()
def contracts() -> None:
    """Contracts of a case: made of the office's templates, taken again as Word files (docs/plans.md).

    \b
    Example: enmusubi case contract templates
             enmusubi case contract fill 3 1 nda.docx
    """


@contract.command("templates")
def templates(as_json: bool = AS_JSON) -> None:
    """List the office's templates; legal and the chief upload them on the page.

    Example: enmusubi case contract templates
    """
    from cli.tables import Heading, print_table
    from office.access.scoped import reading_as
    from office.contracts.templates import templates_of
    from office.contracts.words import CONTRACT_WORDS

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        found = templates_of(connection, chief())
    if as_json:
        from api.v1.schemas.contracts import ContractTemplateOut

        _print_json([ContractTemplateOut.of(one).model_dump(mode="json") for one in found])
        return
    if not found:
        tell(Message("There is nothing to list."))
        return
    words = CONTRACT_WORDS[language()]
    headings = [Message("template"), Message("kind"), Message("language"), Message("name")]
    rows = [(str(one.template_id), words[one.kind], one.language, one.name) for one in found]
    print_table([Heading(heading) for heading in headings], rows)


@contract.command("list")
def made(number: int = CASE, as_json: bool = AS_JSON) -> None:
    """List what was made for a case, the newest first.

    Example: enmusubi case contract list 3
    """
    from cli.tables import Heading, print_table
    from cli.wiring import minute
    from office.access.scoped import reading_as
    from office.cases.kept import case_of
    from office.contracts.made import contracts_made
    from office.contracts.templates import empty_of
    from office.contracts.words import CONTRACT_WORDS

    with opened() as catalogue, reading_as(catalogue, chief()) as connection:
        found = contracts_made(connection, chief(), case_of(connection, chief(), number))
        empty = empty_of(connection, found)
    if as_json:
        from api.v1.schemas.contracts import ContractOut

        shown = [ContractOut.of(one, number, empty[one.contract_id]) for one in found]
        _print_json([one.model_dump(mode="json") for one in shown])
        return
    if not found:
        tell(Message("There is nothing to list."))
        return
    words = CONTRACT_WORDS[language()]
    headings = [
        Message("contract"), Message("kind"), Message("version"), Message("template"),
        Message("made"), Message("who"),
    ]  # fmt: skip
    rows = [
        (
            str(one.contract_id), words[one.kind], str(one.version), one.template,
            minute(one.made_at), one.made_by,
        )
        for one in found
    ]  # fmt: skip
    print_table([Heading(heading) for heading in headings], rows)


@contract.command("fill")
def fill(
    number: int = CASE,
    which: int = typer.Argument(..., metavar="TEMPLATE", help="Number of a template.", min=1),
    file: Path = FILE,
) -> None:
    """Fill a template for a case, keep it as a version, and write it as a Word file.

    Example: enmusubi case contract fill 3 1 nda.docx
    """
    from enmusubi.settings import load_settings
    from office.estimates.exporting import made_contract

    with opened() as catalogue:
        filled = made_contract(catalogue, chief(), load_settings(), number, which, language())
    file.write_bytes(filled.content)
    tell(Message("Kept as version %(version)s.", {"version": filled.kept.version}))
    tell(Message("Written: %(path)s", {"path": file}))
    if filled.empty:
        tell(Message("Empty, to be filled by hand: %(fields)s.", {"fields": listed(filled.empty)}))


@contract.command("export")
def export(
    number: int = CASE,
    which: int = typer.Argument(..., metavar="CONTRACT", help="Number of a contract.", min=1),
    file: Path = FILE,
) -> None:
    """Write a contract that was made for a case once more, as its fields said it on that day.

    Example: enmusubi case contract export 3 1 nda.docx
    """
    from office.estimates.exporting import export_contract_again

    with opened() as catalogue:
        again = export_contract_again(catalogue, chief(), number, which)
    write_file(file, again.content)


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False))
