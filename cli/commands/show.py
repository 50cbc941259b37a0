"""`enmusubi show`: one researcher or seed, and where each field came from."""

import typer

from cli.telling import language, tell
from cli.wiring import opened
from enmusubi.messages import Message, listed

SOURCE = 2  # the last column that is shown however narrow the terminal is


def show(
    row_id: str = typer.Argument(..., metavar="ID", help="Id of a researcher or a seed."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Show what the catalogue knows of a researcher or seed, which source said it, and since when.

    Any id under which a source brought it will do. Example: enmusubi show HU-0101
    """
    import json

    from catalogue.records.provenance import read_sourced
    from cli.tables import Heading, print_table
    from enmusubi.settings import local_time

    with opened() as catalogue, catalogue.reading() as connection:
        found = read_sourced(connection, row_id)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, default=str))
        return
    headings = (
        Message("field"),
        Message("value"),
        Message("source"),
        Message("its id"),
        Message("since"),
    )
    rows = [
        (
            name,
            str(found.row[name]),
            origin.source,
            origin.key,
            f"{local_time(origin.changed_at, language()):%Y-%m-%d}",
        )
        for name, origin in found.origins.items()
    ]
    columns = [Heading(heading, may_drop=n > SOURCE) for n, heading in enumerate(headings)]
    print_table(columns, rows)
    sources = listed(
        Message(
            "%(source)s (%(id)s), withdrawn" if record.withdrawn_at else "%(source)s (%(id)s)",
            {"source": record.source, "id": record.key},
        )
        for record in found.records
    )
    made_of = {"count": len(found.records), "sources": sources}
    tell(Message("Made of %(count)s records: %(sources)s.", made_of))
