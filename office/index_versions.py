"""Index versions as the office keeps them: brought up to date, listed, and gone back to."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from catalogue.records.catalogue import Catalogue
from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, InputError
from enmusubi.locks import exclusive_lock
from enmusubi.messages import Message
from enmusubi.settings import Settings
from indexes.errors import DamagedVersionFault, NoVersionFault
from indexes.versions import (
    Version,
    check_contents,
    current_name,
    go_back,
    open_current,
    open_version,
    pinned_name,
    version_folders,
)
from matcher.corpus_source import OnTotal
from matcher.corpus_stream import OpenStream
from matcher.encoder.encoder import Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.indexing import build_index, is_fresh, is_pinned
from matcher.sharding.building import build_shards, drop_unfinished
from matcher.sharding.jobs import Engine, LocalEngine, Tools
from matcher.sharding.opening import shard_names
from matcher.version_files import FORMAT, check_format

LOCK_NAME = "index.lock"
CACHE_NAME = "vectors.sqlite"
FORGETTING = (
    "forgetting"  # a file that says that the next index is to keep nothing of what was before
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptVersion:
    """An index version on disk; `fault` says why it cannot serve, and is empty if it can."""

    name: str
    serves: bool
    pinned: bool
    built_at: str = ""
    model: str = ""
    researchers: int = 0
    seeds: int = 0
    passages: int = 0
    total_bytes: int = 0
    fault: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the version as plain values for JSON."""
        return asdict(self)


def kept_versions(settings: Settings) -> list[KeptVersion]:
    """Return the versions on disk, the oldest first."""
    root = settings.index_dir
    current, pinned = current_name(root), pinned_name(root)
    versions = []
    for folder in version_folders(root):
        bare = KeptVersion(folder.name, folder.name == current, folder.name == pinned)
        try:
            versions.append(_described(bare, open_version(folder).manifest))
        except (DamagedVersionFault, KeyError, TypeError):
            versions.append(replace(bare, fault="damaged"))
    return versions


def _described(version: KeptVersion, manifest: Mapping[str, Any]) -> KeptVersion:
    counts, model = manifest["counts"], manifest["model"]
    older = manifest["format"] != FORMAT
    return replace(
        version,
        built_at=str(manifest["built_at"]),
        model=f"{model['name']}@{model['checksum']}",
        researchers=int(counts["researchers"]),
        seeds=int(counts["seeds"]),
        passages=int(counts["passages"]),
        total_bytes=sum(int(file["bytes"]) for file in manifest["files"].values()),
        fault=f"format {manifest['format']}" if older else "",
    )


def verified(settings: Settings) -> Version:
    """Return the version that serves once all its files were read and have the digests of its manifest.

    Opening a version compares sizes alone. Raises IndexMissingError or IndexDamagedError.
    """
    root = settings.index_dir
    try:
        version = open_current(root)
        check_contents(version)
    except NoVersionFault as fault:
        raise IndexMissingError(
            "There is no index yet in %(folder)s. Run `enmusubi index`.", folder=root
        ) from fault
    except DamagedVersionFault as fault:
        raise IndexDamagedError(
            "The index cannot be used: %(reason)s. Run `enmusubi index --rebuild`.", reason=fault
        ) from fault
    return version


def roll_back(settings: Settings, *, model_checksum: str, name: str = "") -> Version:
    """Let the named version serve again, or the one before the version that serves; return it.

    It is pinned, so that `update_index` leaves it, unless it is the newest. Raises InputError when
    there is no such version, IndexMismatchError when another format or model made it,
    IndexDamagedError when its files are amiss, AlreadyRunningError while an index is being built.
    """
    with exclusive_lock(settings.data_dir / LOCK_NAME, activity="index"):
        version = _usable(settings, name or _name_before(settings), model_checksum)
        with storage_errors(settings.index_dir):
            go_back(settings.index_dir, version)
    return version


def _name_before(settings: Settings) -> str:
    names = [folder.name for folder in version_folders(settings.index_dir)]
    current = current_name(settings.index_dir)
    if current is None or not names:
        raise IndexMissingError(
            "There is no index yet in %(folder)s. Run `enmusubi index`.",
            folder=settings.index_dir,
        )
    older = [name for name in names if int(name[1:]) < _number(current)]
    if not older:
        raise InputError(
            "There is no version before %(version)s: %(count)s on disk, none of them "
            "older. ENMUSUBI_INDEX__KEEP says how many are kept.",
            version=current,
            count=len(names),
        )
    return older[-1]


def _number(name: str) -> int:
    return int(name[1:]) if name[1:].isdecimal() else 0


def _usable(settings: Settings, name: str, model_checksum: str) -> Version:
    root = settings.index_dir
    names = {folder.name for folder in version_folders(root)}
    if name not in names:
        kept = ", ".join(sorted(names)) or Message("none")
        raise InputError(
            "There is no index version %(version)r. Kept are: %(kept)s.", version=name, kept=kept
        )
    try:
        version = open_version(root / name)
        check_format(version)
        made_by = version.manifest["model"]
        same_model = made_by["checksum"] == model_checksum
    except (DamagedVersionFault, KeyError, TypeError) as fault:
        raise IndexDamagedError(
            "Index version %(version)s cannot be gone back to: its files are not as they "
            "were written. The present version still serves. `enmusubi index --list` "
            "shows the others.",
            version=name,
        ) from fault
    if not same_model:
        raise IndexMismatchError(
            "Index version %(version)s was built with the model %(built_with)s (%(built_checksum)s), "
            "the settings name one with checksum %(named_checksum)s. The present version "
            "still serves. Set the model back, or choose another version.",
            version=name,
            built_with=made_by["name"],
            built_checksum=made_by["checksum"],
            named_checksum=model_checksum,
        )
    return version


def open_vector_cache(settings: Settings) -> VectorCache:
    """Return the cache of vectors of these settings."""
    return VectorCache(settings.cache_dir / CACHE_NAME)


def update_index(
    catalogue: Catalogue,
    settings: Settings,
    encoder: Encoder,
    *,
    rebuild: bool = False,
    only_present: bool = False,
    on_progress: OnTotal | None = None,
) -> tuple[Version, bool]:
    """Return the version for the catalogue's present state, and whether it had to be built.

    A version that an administrator went back to stays, whatever the catalogue's state, until `rebuild`.
    Vectors come from the cache where they can, also with `rebuild`, which takes nothing over from the
    version that serves. With `only_present` nothing of an earlier state is kept: neither older versions,
    nor vectors that this one does not need. Raises AlreadyRunningError when another process is indexing.
    """
    root = settings.index_dir
    mark = settings.data_dir / FORGETTING
    forgetting = mark.read_bytes() if mark.exists() else None
    if forgetting is not None:
        rebuild = only_present = True
    if not rebuild and is_pinned(root, model_checksum=encoder.checksum):
        version = open_current(root)
        _log.warning("the index stays at %s, pinned by a rollback", version.name)
        return version, False
    corpus: OpenStream = partial(catalogue.stream_corpus, settings.index.visibilities)
    if not rebuild and _is_fresh(corpus, encoder, settings):
        return open_current(root), False
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    cache = open_vector_cache(settings)
    if only_present:
        cache.note_use()
    try:
        with exclusive_lock(settings.data_dir / LOCK_NAME, activity="index"):
            version = _build(
                catalogue,
                corpus,
                encoder,
                cache,
                settings,
                keep=1 if only_present else settings.index.keep,
                anew=rebuild,
                on_progress=on_progress,
            )
            if only_present:
                cache.drop_unused()
    finally:
        cache.close()
    if only_present:
        catalogue.vacuum()
        if mark.exists() and mark.read_bytes() == forgetting:  # nobody was forgotten meanwhile
            mark.unlink(missing_ok=True)
    return version, True


def mark_forgetting(settings: Settings) -> None:
    """Let the next index keep nothing of what was before: one that is being built now does not count."""
    with storage_errors(settings.data_dir):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        write_atomically(settings.data_dir / FORGETTING, secrets.token_bytes(16))


def wanted_shards(settings: ClusterSettings) -> int:
    """Return how many shards a version of these settings has; 0 where it is one index."""
    return settings.shards if settings.shards > 1 or settings.engine == "ray" else 0


def _is_fresh(corpus: OpenStream, encoder: Encoder, settings: Settings) -> bool:
    """Say whether the version that serves is of this state, model and number of shards."""
    root = settings.index_dir
    with corpus() as stream:
        state = stream.state()
    fresh = is_fresh(root, catalogue_state=state, model_checksum=encoder.checksum)
    return fresh and len(shard_names(open_current(root).manifest)) == wanted_shards(
        settings.cluster
    )


def _build(
    catalogue: Catalogue,
    corpus: OpenStream,
    encoder: Encoder,
    cache: VectorCache,
    settings: Settings,
    **kept: Any,
) -> Version:
    n_shards, root, needs = wanted_shards(settings.cluster), settings.index_dir, catalogue.needs()
    kept["exact_below"] = settings.index.exact_below
    if not n_shards:
        drop_unfinished(root)  # of shards that are not wanted any more
        return build_index(corpus, needs, encoder, cache, root, **kept)
    engine = _engine(encoder, cache, settings)
    return build_shards(
        corpus, needs, encoder, cache, root, n_shards=n_shards, engine=engine, **kept
    )


def _engine(encoder: Encoder, cache: VectorCache, settings: Settings) -> Engine:
    if settings.cluster.engine != "ray":
        return LocalEngine(Tools(encoder, cache))
    from office.cluster.tasks import ConfiguredTools, RayEngine

    chosen = settings.encoder
    tools = ConfiguredTools(
        model=chosen.model,
        adapter=chosen.adapter,
        precision=chosen.precision,
        device=chosen.device,
        cache_dir=settings.cache_dir,
        vectors=settings.cache_dir / CACHE_NAME,
        threads=settings.cluster.cores_a_task,
    )
    return RayEngine(settings.cluster, tools.make, gpus=tools.gpus)
