"""`enmusubi person`: researchers see their data, are forgotten, or are no longer matched."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from cli.telling import tell, write
from cli.wiring import opened, operator
from enmusubi.messages import Message

if TYPE_CHECKING:
    from catalogue.records.catalogue import Catalogue
    from enmusubi.settings import Settings

Action = Literal["export", "forget", "opt-out", "opt-in"]


def person(
    action: Action = typer.Argument(..., help="export, forget, opt-out or opt-in."),
    researcher_id: str = typer.Argument(..., metavar="ID", help="The researcher's id."),
    output: Path = typer.Option(
        Path(), "--output", "-o", help="Of export: the folder to write into."
    ),
    backups: list[Path] = typer.Option(
        [], "--backups", help="Of forget: folders of backups that are to be named."
    ),
    yes: bool = typer.Option(False, "--yes", help="Of forget: do not ask again."),
) -> None:
    """Serve a researcher's rights on their own data.

    `export` writes all that is stored of them as JSON and as a page to read. `forget` takes them out of
    the catalogue, lists, files and index for good: no import brings them in again, and backups that may
    hold them are named. `opt-out` lets them be neither matched nor listed until `opt-in`.

    \b
    Example: enmusubi person export HU-0102 -o for-them
             enmusubi person forget HU-0102 --backups /srv/backups
    """
    from enmusubi.settings import load_settings

    settings = load_settings()
    if action == "forget" and not yes:
        tell(Message("What is stored of %(id)s is deleted for good.", {"id": researcher_id}))
        typer.confirm("?", abort=True)
    with opened() as catalogue:
        if action == "export":
            _export(catalogue, settings, researcher_id, output)
        elif action == "forget":
            _forget(catalogue, settings, researcher_id, backups)
        else:
            _opt(catalogue, settings, researcher_id, out=action == "opt-out")


def _export(catalogue: "Catalogue", settings: "Settings", researcher_id: str, folder: Path) -> None:
    from office.privacy.export import write_export
    from office.privacy.rights import stored_of

    stored = stored_of(catalogue, settings, operator(), researcher_id)
    for path in write_export(stored, folder):
        write(str(path))


def _forget(
    catalogue: "Catalogue", settings: "Settings", researcher_id: str, backups: list[Path]
) -> None:
    from office.privacy.rights import forget

    done = forget(
        catalogue,
        settings,
        operator(),
        researcher_id,
        backups=backups,
    )
    _reindex(catalogue, settings)
    counts = {
        "deleted": sum(done.deleted.values()),
        "kept": sum(done.anonymised.values()),
        "lists": len(done.released),
        "files": len(done.files),
    }
    tell(
        Message(
            "Deleted: %(deleted)s rows, %(files)s files. Kept without the person: %(kept)s rows. "
            "Lists given to companies that the person was taken out of: %(lists)s.",
            counts,
        )
    )
    for path in done.backups:
        tell(Message("This file is not deleted and may still hold them: %(path)s", {"path": path}))
    for place, rows in done.quoted.items():
        told = {"place": place, "rows": rows}
        tell(Message("Texts or trail that still name them: %(place)s, %(rows)s rows", told))


def _opt(catalogue: "Catalogue", settings: "Settings", researcher_id: str, *, out: bool) -> None:
    from office.privacy.rights import opt_in, opt_out

    (opt_out if out else opt_in)(catalogue, operator(), researcher_id)
    _reindex(catalogue, settings)
    if out:
        tell(Message("%(id)s is neither matched nor listed any more.", {"id": researcher_id}))
    else:
        tell(Message("%(id)s is matched and listed again.", {"id": researcher_id}))


def _reindex(catalogue: "Catalogue", settings: "Settings") -> None:
    from cli.wiring import encoder_of
    from indexes.versions import current_name
    from office.index_versions import update_index

    if current_name(settings.index_dir) is not None:
        update_index(catalogue, settings, encoder_of(settings), rebuild=True)
