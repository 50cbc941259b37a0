"""`enmusubi backup` and `enmusubi restore`: catalogue, settings and index manifests in one file, and back."""

from pathlib import Path

import typer

from cli.telling import tell
from enmusubi.messages import Message


def backup(
    file: Path = typer.Argument(..., help="The file to write; it must not be there yet."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Write the whole catalogue into one file, while others go on reading and writing.

    The file holds everything that the catalogue holds, needs and confidential seeds included: keep
    it as safe. Passwords in the settings are left out. Example: enmusubi backup enmusubi-2026-04-01.zip
    """
    import json

    from catalogue.records.catalogue import open_catalogue
    from cli.progress import progress_bars
    from enmusubi.settings import load_settings
    from office.backup.writing import write_backup

    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue, progress_bars() as report:
        manifest = write_backup(catalogue, settings, file, report)
    if as_json:
        counts = {name: part.rows for name, part in manifest.tables.items()}
        print(json.dumps({"file": str(file), "tables": counts}))
        return
    tell(
        Message(
            "%(file)s: %(rows)s rows of %(tables)s tables. It is as confidential as the catalogue.",
            {"file": file, "rows": f"{manifest.rows:,}", "tables": len(manifest.tables)},
        )
    )


def restore(
    file: Path = typer.Argument(..., help="A file that `enmusubi backup` wrote."),
    replace: bool = typer.Option(
        False, "--replace", help="Put it in the place of what the catalogue holds now."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Bring a backup back, into SQLite or PostgreSQL, whichever the settings name.

    It is checked as a whole first and then written at once: whatever happens meanwhile, the
    catalogue is either as it was or as the backup. Example: enmusubi restore enmusubi-2026-04-01.zip
    """
    import json

    from catalogue.records.catalogue import open_catalogue
    from cli.progress import progress_bars
    from enmusubi.settings import load_settings
    from office.backup.restoring import RESTORED, restore_backup

    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue, progress_bars() as report:
        manifest = restore_backup(catalogue, settings, file, replace=replace, on_progress=report)
    if as_json:
        counts = {name: part.rows for name, part in manifest.tables.items()}
        print(json.dumps({"file": str(file), "tables": counts}))
        return
    tell(
        Message(
            "Restored %(rows)s rows of %(tables)s tables, as of %(time)s. Settings and index "
            "manifests lie in %(folder)s. Next: `enmusubi index`.",
            {
                "rows": f"{manifest.rows:,}",
                "tables": len(manifest.tables),
                "time": manifest.created_at,
                "folder": settings.data_dir / RESTORED,
            },
        )
    )
