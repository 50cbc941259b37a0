"""`enmusubi index`: publish an index version of the catalogue's present state, or go back to one."""

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from enmusubi.settings import Settings
    from indexes.versions import Version
    from office.index_versions import KeptVersion


def index(
    version: str = typer.Argument("", help="With --rollback: the version to go back to."),
    rebuild: bool = typer.Option(
        False, "--rebuild", help="Build a version even if nothing changed; ends a rollback."
    ),
    rollback: bool = typer.Option(
        False, "--rollback", help="Let VERSION serve again, or the one before the present."
    ),
    show_list: bool = typer.Option(False, "--list", help="List the versions that are kept."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Encode what is new or changed and publish a new index version.

    Encodings are kept, so only new texts cost time. The version before it serves until the new one
    is complete. After --rollback the older version serves until --rebuild publishes a new one or
    --rollback names the newest; `index` and `nightly` leave it alone, also when the catalogue
    changes. Example: enmusubi index
    """
    from enmusubi.settings import load_settings

    if rebuild + rollback + show_list > 1:
        raise typer.BadParameter("Give one of --rebuild, --rollback and --list.")
    if version and not rollback:
        raise typer.BadParameter("A version is named with --rollback only.")
    settings = load_settings()
    if show_list:
        _list(settings, as_json)
    elif rollback:
        _roll_back(settings, version, as_json)
    else:
        _update(settings, rebuild, as_json)


def _update(settings: "Settings", rebuild: bool, as_json: bool) -> None:
    from catalogue.records.catalogue import open_catalogue
    from cli.wiring import encoder_of, progress_bars
    from indexes.versions import pinned_name
    from office.index_versions import update_index

    with open_catalogue(settings.catalogue_url) as catalogue, progress_bars() as report:
        encoder = encoder_of(settings)
        version, built = update_index(
            catalogue, settings, encoder, rebuild=rebuild, on_progress=report
        )
    pinned = not built and pinned_name(settings.index_dir) == version.name
    if as_json:
        print(_as_json(version, built=built, pinned=pinned))
    elif pinned:
        print(
            f"Index version {version.name} is pinned by --rollback and serves; nothing was built. "
            "`enmusubi index --rebuild` publishes a new one."
        )
    else:
        print(f"Index version {version.name} {'published' if built else 'is up to date'}: ", end="")
        print(_counted(version.manifest))
        if built:
            print("\n".join(_news(version.manifest)))


def _roll_back(settings: "Settings", name: str, as_json: bool) -> None:
    from catalogue.records.catalogue import open_catalogue
    from cli.wiring import encoder_of, operator
    from indexes.versions import pinned_name
    from office.access import audit
    from office.index_versions import roll_back

    checksum = encoder_of(settings).checksum
    with open_catalogue(settings.catalogue_url) as catalogue:
        version = roll_back(settings, model_checksum=checksum, name=name)
        audit.note(catalogue, operator(), "roll back index", "index version", version.name)
    pinned = pinned_name(settings.index_dir) == version.name
    if as_json:
        print(_as_json(version, built=False, pinned=pinned))
        return
    print(f"Index version {version.name} serves now: {_counted(version.manifest)}")
    if pinned:
        print("It is pinned: `enmusubi index --rebuild` publishes a new one.")
    else:
        print("It is the newest: `enmusubi index` follows the catalogue again.")


def _list(settings: "Settings", as_json: bool) -> None:
    import json

    from rich.console import Console

    from office.index_versions import kept_versions

    versions = kept_versions(settings)
    if as_json:
        print(json.dumps([version.as_dict() for version in versions], indent=1))
    elif not versions:
        print("There are no index versions yet. `enmusubi index` publishes the first.")
    else:
        Console().print(_table(versions))


def _table(versions: "Sequence[KeptVersion]") -> Any:
    from rich.table import Table

    table = Table("version", "built at", "researchers", "seeds", "passages", "model", "state")
    for one in versions:
        serves = ("serves, pinned" if one.pinned else "serves") if one.serves else ""
        state = ", ".join(filter(None, (serves, one.fault)))
        counts = [f"{count:,}" for count in (one.researchers, one.seeds, one.passages)]
        table.add_row(one.name, one.built_at, *counts, one.model, state)
    return table


def _as_json(version: "Version", **facts: bool) -> str:
    import json

    shown = ("built_at", "counts", "encodings", "changes", "search")
    told = {name: version.manifest[name] for name in shown}
    return json.dumps({"version": version.name, **facts, **told}, indent=1)


def _counted(manifest: "Mapping[str, Any]") -> str:
    counts = manifest["counts"]
    return (
        f"{counts['researchers']} researchers, {counts['seeds']} seeds, "
        f"{counts['passages']} passages."
    )


def _news(manifest: "Mapping[str, Any]") -> list[str]:
    """Return what was encoded, what changed, and how it is searched unless exactly."""
    encodings, changes, search = (manifest[key] for key in ("encodings", "changes", "search"))
    lines = [f"Encoded {encodings['encoded']} passages, {encodings['from_cache']} from the cache."]
    if changes["compared_with"]:
        told = (
            f"{what} {counts['added']} added, {counts['changed']} changed, "
            f"{counts['removed']} removed"
            for what, counts in ((name, changes[name]) for name in ("seeds", "researchers"))
        )
        lines.append(f"Since {changes['compared_with']}: {'; '.join(told)}.")
    if search["kind"] != "exact":
        lines.append(
            f"Approximate search: recall {search['recall']:.3f}, reading {search['cells_read']} of "
            f"{search['cells']} cells."
        )
    return lines
