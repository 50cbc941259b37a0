"""`enmusubi refresh`: makes every row of the catalogue anew, by the rules of this version."""

import typer

from cli.telling import tell, told_pairs
from cli.wiring import opened, operator
from enmusubi.messages import THINGS, Message, word


def refresh(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Make every row anew of what the sources said, and look for people who are one.

    Of use after an update: an import does this only with the rows that it touches. What was read from
    files in another way before changes when the files are imported again. Stopped half-way, it can be
    called again. Run `enmusubi index` afterwards.

    Example: enmusubi refresh
    """
    import json

    from catalogue.records.refreshing import refresh_rows
    from office.access import audit

    with opened() as catalogue:
        with catalogue.writing() as connection:
            audit.record(connection, operator(), "refresh rows", "catalogue", "")
        done = refresh_rows(catalogue.writing)
    if as_json:
        print(json.dumps(vars(done), ensure_ascii=False))
        return
    for table, count in done.rows.items():
        told = {
            "table": word(THINGS, table),
            "count": f"{count:,}",
            "changed": f"{done.changed[table]:,}",
            "renamed": f"{done.renamed[table]:,}",
        }
        tell(
            Message(
                "%(table)s: %(count)s rows, %(changed)s changed, %(renamed)s found by other names "
                "than before",
                told,
            )
        )
    for line in told_pairs(done.joined, done.queued):
        tell(line)
    if done.joined or any(done.changed.values()):
        tell(Message("Next: `enmusubi index` makes the news findable."))
