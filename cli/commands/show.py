"""`enmusubi show`: one researcher or seed, and where each field came from."""

import typer

from cli.wiring import opened


def show(
    row_id: str = typer.Argument(..., metavar="ID", help="Id of a researcher or a seed."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Show what the catalogue knows of a researcher or seed, which source said it, and since when.

    Any id under which a source brought it will do. Example: enmusubi show HU-0101
    """
    import json

    from rich.console import Console
    from rich.table import Column, Table

    from catalogue.records.provenance import read_sourced

    with opened() as catalogue, catalogue.reading() as connection:
        found = read_sourced(connection, row_id)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, default=str))
        return
    table = Table("field", "value", Column("source", overflow="fold"), "its id", "since")
    for name, origin in found.origins.items():
        since = origin.changed_at.date().isoformat()
        table.add_row(name, str(found.row[name]), origin.source, origin.key, since)
    console = Console()
    console.print(table, markup=False)
    sources = ", ".join(
        f"{record.source} ({record.key})" + (", withdrawn" if record.withdrawn_at else "")
        for record in found.records
    )
    console.print(f"Made of {len(found.records)} records: {sources}.", markup=False)
