"""`enmusubi index`: publish an index version of the catalogue's present state."""

import typer


def index(
    rebuild: bool = typer.Option(
        False, "--rebuild", help="Build a version even if nothing changed."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Encode what is new or changed and publish a new index version.

    Encodings are kept, so only new texts cost time. The version before it serves until the new one
    is complete. Example: enmusubi index
    """
    import json

    from enmusubi.cli.wiring import encoder_of, progress_bars
    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.settings import load_settings
    from enmusubi.matcher.updating import update_index

    settings = load_settings()
    with open_catalogue(settings.catalogue_url) as catalogue, progress_bars() as report:
        encoder = encoder_of(settings)
        version, built = update_index(
            catalogue, settings, encoder, rebuild=rebuild, on_progress=report
        )
    counts = version.manifest["counts"]
    if as_json:
        print(json.dumps({"version": version.name, "built": built, "counts": counts}))
        return
    what = "published" if built else "is up to date"
    print(
        f"Index version {version.name} {what}: {counts['researchers']} researchers, "
        f"{counts['seeds']} seeds, {counts['passages']} passages."
    )
