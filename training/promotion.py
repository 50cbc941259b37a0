"""Makes a registered re-ranker the champion, or goes back; what serves changes by one rename.

The registry is written first and the published file last. A kill in between leaves the old file
serving, and the same command, run again, ends what was begun.
"""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.errors import InputError, RerankerUnusableError
from enmusubi.locks import exclusive_lock
from enmusubi.settings import Settings
from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import Encoder
from matcher.reranking.reranker import Reranker, load_reranker
from office.configured import CHECKSUM, REGISTRY_KEY, VERSION, misfit
from training.collections import Collection
from training.comparison import Comparison, compare_rerankers
from training.registry import (
    CHALLENGER,
    CHAMPION,
    MODEL_NAME,
    PREVIOUS,
    RegisteredReranker,
    find_version,
    read_registered,
    set_alias,
    tag_version,
)
from training.registry_model import document_bytes

LOCK_NAME = "promote.lock"
SHIPPED = "the shipped default"


@dataclass(frozen=True)
class Candidate:
    """A version that may become champion, and what serves until then (None: the default)."""

    registered: RegisteredReranker
    reranker: Reranker
    present: RegisteredReranker | None
    present_reranker: Reranker
    notes: tuple[str, ...]

    @property
    def present_name(self) -> str:
        """What the champion is called in messages."""
        return f"version {self.present.version}" if self.present else SHIPPED

    @property
    def is_champion(self) -> bool:
        """Say whether the registry calls it champion already, so that nothing is to compare."""
        return self.present is not None and self.present.version == self.registered.version


@contextmanager
def promoting(settings: Settings) -> Iterator[None]:
    """Keep other promotions out for the length of the block; raises AlreadyRunningError."""
    with exclusive_lock(settings.data_dir / LOCK_NAME, activity="promote"):
        yield


def find_candidate(model: str, settings: Settings, encoder_checksum: str) -> Candidate:
    """Return the version that `model` (alias, number or run) names, and the present champion.

    A champion that does not fit the encoder cannot serve, so the default is what it is compared
    with. Raises InputError when there is no such version, or when it does not fit the encoder.
    """
    registered = find_version(model, settings)
    if registered is None:
        raise InputError(
            "The registry has no re-ranker %(model)r. Train one with `enmusubi train "
            "reranker`; it becomes the challenger. --model takes a version's number, a "
            "run's id or an alias.",
            model=model,
        )
    reranker = read_registered(registered, settings)
    if problem := misfit(reranker, encoder_checksum):
        raise InputError(
            "Version %(version)s cannot be promoted. %(reason)s",
            version=registered.version,
            reason=problem,
        )
    present = find_version(CHAMPION, settings)
    if present is None:
        return Candidate(registered, reranker, None, load_reranker(), ())
    try:
        champion = read_registered(present, settings)
        problem = misfit(champion, encoder_checksum)
    except RerankerUnusableError as error:
        problem = error.message
    if problem:
        note = f"champion version {present.version} cannot serve, {SHIPPED} does: {problem}"
        return Candidate(registered, reranker, present, load_reranker(), (note,))
    return Candidate(registered, reranker, present, champion, ())


def compare_candidate(
    candidate: Candidate,
    collections: Sequence[Collection],
    settings: Settings,
    encoder: Encoder,
    on_progress: OnTotal | None = None,
) -> tuple[list[Comparison], list[str]]:
    """Return the comparison with what serves, and notes on collections that were learned from."""
    compared = compare_rerankers(
        collections,
        candidate.present_reranker,
        candidate.reranker,
        settings=settings,
        encoder=encoder,
        on_progress=on_progress,
    )
    learned = {
        CHALLENGER: _learned_from(candidate.reranker, candidate.registered),
        CHAMPION: _learned_from(candidate.present_reranker, candidate.present),
    }
    notes = list(candidate.notes)
    for collection in collections:
        known_by = {collection.name, *collection.files.values()}
        if who := " and ".join(name for name, known in learned.items() if known & known_by):
            notes.append(f"{collection.name}: the {who} learned from files of it, which flatters")
    return compared, notes


def promote(candidate: Candidate, settings: Settings, *, reason: str | None = None) -> None:
    """Let the candidate be champion and serve; the caller holds the lock.

    A `reason` says that it was forced; reason, time and user are tags of the version, written
    before it serves. The champion until now becomes `previous`.
    """
    version = candidate.registered.version
    present = candidate.present.version if candidate.present else None
    tags = {"promoted_at": _now(), "promoted_by": _user(), "promoted_over": present or SHIPPED}
    if reason is not None:
        tags |= {"forced_reason": reason, "forced_at": _now(), "forced_by": _user()}
    if not candidate.is_champion:
        tag_version(version, tags, settings)
        set_alias(PREVIOUS, present, settings)
        set_alias(CHAMPION, version, settings)
    publish(candidate.reranker, candidate.registered, settings)
    challenger = find_version(CHALLENGER, settings)
    if challenger and challenger.version == version:
        set_alias(CHALLENGER, None, settings)


def roll_back(settings: Settings) -> str:
    """Let the previous champion serve, or the shipped default; return which, for a message.

    The caller holds the lock. Raises InputError when the shipped default serves already.
    """
    previous, present = find_version(PREVIOUS, settings), find_version(CHAMPION, settings)
    if present is None and not settings.champion_path.exists():
        raise InputError("Nothing was promoted: the shipped re-ranker serves.")
    if present is not None and (previous is None or previous.version != present.version):
        tags = {"rolled_back_at": _now(), "rolled_back_by": _user()}
        tag_version(present.version, tags, settings)
    if previous is None:
        set_alias(CHAMPION, None, settings)
        with storage_errors(settings.champion_path.parent):
            settings.champion_path.unlink(missing_ok=True)
        return SHIPPED
    reranker = read_registered(previous, settings)
    set_alias(CHAMPION, previous.version, settings)
    publish(reranker, previous, settings)
    set_alias(PREVIOUS, None, settings)
    return f"version {previous.version}"


def publish(reranker: Reranker, registered: RegisteredReranker, settings: Settings) -> None:
    """Write the file that serving loads, whole or not at all; raises StorageError."""
    entry = {
        "name": MODEL_NAME,
        VERSION: registered.version,
        "run_id": registered.run_id,
        CHECKSUM: reranker.checksum,
        "published_at": _now(),
    }
    content = document_bytes({**reranker.document, REGISTRY_KEY: entry})
    with storage_errors(settings.champion_path.parent):
        settings.champion_path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(settings.champion_path, content)


def _learned_from(reranker: Reranker, registered: RegisteredReranker | None) -> frozenset[str]:
    """Return hashes of files, where the registry has them, and the collections' names."""
    names = frozenset(reranker.document.get("trained", {}).get("left_out", ()))
    return names | (registered.learned_from if registered else frozenset())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        return "unknown"
