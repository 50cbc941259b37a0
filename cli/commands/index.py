"""`enmusubi index`: publish an index version of the catalogue's present state, or go back to one."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from cli.telling import tell, told, wrong_usage
from enmusubi.messages import THINGS, Message, listed, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from catalogue.records.catalogue import Catalogue
    from enmusubi.settings import Settings
    from indexes.versions import Version
    from matcher.encoder.encoder import Encoder
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
    verify: bool = typer.Option(
        False, "--verify", help="Read all files of the version that serves and check their digests."
    ),
    engine: str = typer.Option(
        "", "--engine", help="What builds: local or ray; empty: cluster.engine of the settings."
    ),
    shards: int = typer.Option(
        0,
        "--shards",
        min=0,
        max=1000,
        help="Into how many shards; 0: cluster.shards of the settings.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Encode what is new or changed and publish a new index version.

    Encodings are kept, so only new texts cost time. The version before it serves until the new one
    is complete. After --rollback the older version serves until --rebuild publishes a new one or
    --rollback names the newest; `index` and `nightly` leave it alone, also when the catalogue
    changes. Example: enmusubi index
    """
    from cli.wiring import with_cluster
    from enmusubi.settings import load_settings

    if rebuild + rollback + show_list + verify > 1:
        raise wrong_usage(Message("Give one of --rebuild, --rollback, --list and --verify."))
    if version and not rollback:
        raise wrong_usage(Message("A version is named with --rollback only."))
    settings = with_cluster(load_settings(), engine, shards)
    if show_list:
        _list(settings, as_json)
    elif rollback:
        _roll_back(settings, version, as_json)
    elif verify:
        _verify(settings, as_json)
    else:
        _update(settings, rebuild, as_json)


def _update(settings: "Settings", rebuild: bool, as_json: bool) -> None:
    from catalogue.records.catalogue import open_catalogue
    from cli.progress import progress_bars
    from cli.wiring import encoder_of
    from indexes.versions import pinned_name
    from office.index_versions import update_index
    from office.outbound.dormant import has_to_look

    with open_catalogue(settings.catalogue_url) as catalogue, progress_bars() as report:
        encoder = encoder_of(settings)
        began = datetime.now(UTC)
        version, built = update_index(
            catalogue, settings, encoder, rebuild=rebuild, on_progress=report
        )
        pinned = not built and pinned_name(settings.index_dir) == version.name
        if built or (not pinned and has_to_look(catalogue)):
            _look_for_dormant(catalogue, settings, encoder, began)
    if as_json:
        print(_as_json(version, built=built, pinned=pinned))
    elif pinned:
        tell(
            Message(
                "Index version %(version)s is pinned by --rollback and serves; nothing was built. "
                "`enmusubi index --rebuild` publishes a new one.",
                {"version": version.name},
            )
        )
    else:
        tell(
            Message(
                "Index version %(version)s published: %(counts)s"
                if built
                else "Index version %(version)s is up to date: %(counts)s",
                {"version": version.name, "counts": _counted(version.manifest)},
            )
        )
        for line in _news(version.manifest) if built else ():
            tell(line)


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
    tell(
        Message(
            "Index version %(version)s serves now: %(counts)s",
            {"version": version.name, "counts": _counted(version.manifest)},
        )
    )
    if pinned:
        tell(Message("It is pinned: `enmusubi index --rebuild` publishes a new one."))
    else:
        tell(Message("It is the newest: `enmusubi index` follows the catalogue again."))


def _verify(settings: "Settings", as_json: bool) -> None:
    import json

    from office.index_versions import verified

    version = verified(settings)
    files = len(version.manifest["files"])
    if as_json:
        print(json.dumps({"version": version.name, "files": files}, indent=1))
    else:
        tell(
            Message(
                "Index version %(version)s: its %(count)s files are as they were written.",
                {"version": version.name, "count": files},
            )
        )


def _list(settings: "Settings", as_json: bool) -> None:
    import json

    from office.index_versions import kept_versions

    versions = kept_versions(settings)
    if as_json:
        print(json.dumps([version.as_dict() for version in versions], indent=1))
    elif not versions:
        tell(Message("There are no index versions yet. `enmusubi index` publishes the first."))
    else:
        _print_table(versions)


def _print_table(versions: "Sequence[KeptVersion]") -> None:
    from cli.tables import Heading, print_table

    columns = (
        Heading(Message("version")),
        Heading(Message("built at")),
        Heading(word(THINGS, "researchers"), is_number=True),
        Heading(word(THINGS, "seeds"), is_number=True),
        Heading(word(THINGS, "passages"), is_number=True),
        Heading(Message("model"), may_drop=True),
        Heading(Message("state")),
    )
    rows = []
    for one in versions:
        serves = Message("serves, pinned" if one.pinned else "serves") if one.serves else None
        state = listed([part for part in (serves, one.fault) if part])
        counts = [f"{count:,}" for count in (one.researchers, one.seeds, one.passages)]
        told_state = told(Message("%(value)s", {"value": state}))
        rows.append((one.name, _moment(one.built_at), *counts, one.model, told_state))
    print_table(columns, rows)


def _moment(built_at: str) -> str:
    """Return when a version was built, in the office's time; what is no time stays as it is."""
    from cli.wiring import minute

    try:
        moment = datetime.fromisoformat(built_at)
    except ValueError:
        return built_at
    return minute(moment)


def _look_for_dormant(
    catalogue: "Catalogue", settings: "Settings", encoder: "Encoder", as_of: datetime
) -> None:
    """Let what is new in the index look for dormant needs; home page and next night tell of it."""
    from office.configured import open_recommender
    from office.matching import ViewerMatching
    from office.outbound.dormant import look_for_dormant

    matching = ViewerMatching(catalogue, settings)
    look_for_dormant(matching, lambda: open_recommender(settings, encoder), as_of)


def _as_json(version: "Version", **facts: bool) -> str:
    import json

    shown = ("built_at", "counts", "encodings", "changes", "search")
    told = {name: version.manifest[name] for name in shown}
    return json.dumps({"version": version.name, **facts, **told}, indent=1)


def _counted(manifest: "Mapping[str, Any]") -> Message:
    counts = manifest["counts"]
    return Message(
        "%(researchers)s researchers, %(seeds)s seeds, %(passages)s passages.",
        {name: counts[name] for name in ("researchers", "seeds", "passages")},
    )


def _news(manifest: "Mapping[str, Any]") -> "Iterator[Message]":
    """Yield what was encoded, what changed, and how it is searched unless exactly."""
    encodings, changes, search = (manifest[key] for key in ("encodings", "changes", "search"))
    yield Message(
        "Encoded %(encoded)s passages, %(cached)s from the cache.",
        {"encoded": encodings["encoded"], "cached": encodings["from_cache"]},
    )
    if changes["compared_with"]:
        parts = listed(
            (
                Message(
                    "%(things)s %(added)s added, %(changed)s changed, %(removed)s removed",
                    {"things": word(THINGS, name), **changes[name]},
                )
                for name in ("seeds", "researchers")
            ),
            "; ",
        )
        since = {"version": changes["compared_with"], "changes": parts}
        yield Message("Since %(version)s: %(changes)s.", since)
    if search["kind"] != "exact":
        yield Message(
            "Approximate search: recall %(recall)s, reading %(read)s of %(cells)s cells.",
            {
                "recall": f"{search['recall']:.3f}",
                "read": search["cells_read"],
                "cells": search["cells"],
            },
        )
