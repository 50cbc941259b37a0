"""The models that the settings name, loaded: encoder, re-ranker and recommender.

A champion or a named file that cannot serve is never an error: the shipped default takes its place,
and what was wrong is kept and logged.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import EnmusubiError, RerankerUnusableError
from enmusubi.messages import Message
from enmusubi.settings import Settings
from enmusubi.threads import encoders_beside_others, threads_beside_others, usable_cores
from matcher.encoder.encoder import Encoder
from matcher.encoder.forward import CPU
from matcher.encoder.loading import load_encoder
from matcher.features.definitions import FEATURES, OF_FIELD_AND_AREA
from matcher.recommender import Recommender
from matcher.reranking.reranker import Reranker, load_reranker, reranker_of
from matcher.sharding.fan import Fan, LocalFan
from matcher.sharding.opening import open_shard, open_whole
from matcher.sharding.sharded_recommender import AnyRecommender, ShardedRecommender
from office.recalibration import recalibrated

CHAMPION, DEFAULT = "champion", "default"
REGISTRY_KEY = "registry"  # in a published document: version, run and checksum
VERSION, CHECKSUM = "version", "checksum"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServingReranker:
    """A re-ranker, where it came from, and what is amiss; `problem` is empty when all is well."""

    reranker: Reranker
    source: str
    problem: Message | None = None


def open_recommender(
    settings: Settings, encoder: Encoder | None = None, reranker: Reranker | None = None
) -> AnyRecommender:
    """Load the index version that serves, and encoder and re-ranker unless they are given.

    Needs' vectors are not cached here: nothing about a need is left on disk. A version in shards answers from
    this process, or from the cluster of the settings.
    """
    snapshot, shards = open_whole(settings.index_dir)
    if not settings.matching.word_links:
        snapshot = replace(snapshot, vocabularies={})
    loaded = encoder or configured_encoder(settings)
    served = reranker or configured_reranker(settings, loaded.checksum).reranker
    if not settings.matching.fields_and_area:
        served = served.silencing(OF_FIELD_AND_AREA)
    served = recalibrated(served, settings)
    if shards:
        fan = open_fan(shards, settings.cluster)
        return ShardedRecommender(
            snapshot, fan, loaded, None, served, max_need_chars=settings.need.max_chars
        )
    return Recommender(snapshot, loaded, None, served, max_need_chars=settings.need.max_chars)


def open_fan(shards: Sequence[Path], settings: ClusterSettings) -> Fan:
    """Open the shards of a version where the settings say."""
    if settings.engine == "ray":
        from office.cluster.actors import RayFan

        return RayFan(shards, settings)
    return LocalFan([open_shard(folder) for folder in shards])


def configured_encoder(settings: Settings, *, is_alone: bool = False) -> Encoder:
    """Return the encoder of the settings; raises ModelUnavailableError when it cannot be had.

    `is_alone` says that nothing else wants the cores while it encodes.
    """
    chosen, cores = settings.encoder, usable_cores()
    return load_encoder(
        chosen.model,
        settings.cache_dir,
        precision=chosen.precision,
        adapter=chosen.adapter,
        device=chosen.device,
        threads=chosen.threads or (cores if is_alone else threads_beside_others(cores)),
    )


def encoders_in_service(settings: Settings) -> int:
    """Return how many needs a service encodes beside each other: one on anything but the processor."""
    chosen, cores = settings.encoder, usable_cores()
    if chosen.device != CPU:
        return 1
    return encoders_beside_others(cores, chosen.threads or threads_beside_others(cores))


def configured_reranker(settings: Settings, encoder_checksum: str) -> ServingReranker:
    """Return the re-ranker of the settings, or the shipped default where it cannot serve.

    Raises RerankerUnusableError only when the default itself cannot be read.
    """
    named = settings.reranker.model
    path = reranker_path(settings)
    if path is None or (named == CHAMPION and not path.exists()):
        default = load_reranker()
        return _told(ServingReranker(default, DEFAULT, misfit(default, encoder_checksum)))
    try:
        reranker, version = read_published(path)
        problem = misfit(reranker, encoder_checksum)
    except EnmusubiError as error:
        problem = error.message
    if problem:
        return _told(ServingReranker(load_reranker(), DEFAULT, problem))
    return ServingReranker(reranker, f"{named} (version {version})" if version else named)


def reranker_path(settings: Settings) -> Path | None:
    """Return the file that the settings name, there or not; None for the shipped default."""
    named = settings.reranker.model
    if named == DEFAULT:
        return None
    return settings.champion_path if named == CHAMPION else Path(named).expanduser()


def reranker_stamp(settings: Settings) -> str:
    """Return what changes whenever the configured file or the recalibration is replaced.

    Reads no file's content.
    """
    return " ".join(_stamp(path) for path in (reranker_path(settings), settings.recalibration_path))


def _stamp(path: Path | None) -> str:
    try:
        status = path.stat() if path else None
    except OSError:
        status = None
    return f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}" if status else ""


def read_published(path: Path) -> tuple[Reranker, str]:
    """Return a re-ranker that can score, and its version in the registry, empty if it has none.

    Raises RerankerUnusableError when the file is damaged or asks for what is not installed.
    """
    try:
        document = dict(load_reranker(path).document)
    except RecursionError as error:
        raise RerankerUnusableError(
            "The re-ranker %(path)s is not a re-ranker's JSON.", path=path
        ) from error
    entry = document.pop(REGISTRY_KEY, None)
    reranker = reranker_of(document, str(path))
    known = isinstance(entry, dict)
    if entry is not None and not (known and entry.get(CHECKSUM) == reranker.checksum):
        raise RerankerUnusableError(
            "The re-ranker %(path)s is not what was published: its checksum is "
            "%(checksum)s. Publish it again with `enmusubi promote --model champion`.",
            path=path,
            checksum=reranker.checksum,
        )
    _try(reranker, path)
    return reranker, str(entry.get(VERSION, "")) if known else ""


def misfit(reranker: Reranker, encoder_checksum: str) -> Message | None:
    """Return why a re-ranker does not belong to an encoder; None when it does.

    An empty checksum, on either side, is one that is not known; it fits.
    """
    fitted = reranker.encoder_checksum
    if not fitted or not encoder_checksum or fitted == encoder_checksum:
        return None
    return Message(
        "The re-ranker was fitted on the encoder %(fitted)s, in use is %(used)s. Train one with "
        "`enmusubi train reranker`.",
        {"fitted": fitted, "used": encoder_checksum},
    )


def _try(reranker: Reranker, path: Path) -> None:
    """Score one row: trees that cannot be read, or their library missing, show only then."""
    row = pd.DataFrame([{feature.name: float(feature.missing) for feature in FEATURES}])
    try:
        reranker.probability(reranker.score(row))
    except EnmusubiError:
        raise
    except Exception as error:  # LightGBM has its own kinds
        raise RerankerUnusableError(
            "The re-ranker %(path)s cannot score (%(kind)s). Publish it again with "
            "`enmusubi promote --model champion`, or train another.",
            path=path,
            kind=type(error).__name__,
        ) from error


def _told(serving: ServingReranker) -> ServingReranker:
    if serving.problem:
        _log.warning("the shipped re-ranker serves: %s", serving.problem)
    return serving
