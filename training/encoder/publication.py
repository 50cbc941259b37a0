"""Writes what a training gives: an adapter's folder, whole or not at all, and without any text.

The folder is in the file format of the library peft, with a manifest of our own (base model,
language means) and a model card.

Beside it lies the folder from which an interrupted training goes on.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from enmusubi.atomic_files import READABLE, published_folder, storage_errors, write_atomically
from enmusubi.errors import InputError
from enmusubi.language import detect_language
from matcher.centring import LANGUAGES, MIN_OWN, estimate_means
from matcher.encoder.adapter import CONFIG_NAME, FORMAT, MANIFEST_NAME, WEIGHTS_NAME
from matcher.encoder.encoder import PASSAGE, QUERY, Encoder
from matcher.encoder.loading import DEFAULT_MODEL
from matcher.tokens import TOKENIZERS
from training.encoder.batches import NEEDS, PEOPLE, QUESTIONS, SIMILAR, TRANSLATIONS, PairSource

MAX_BYTES = 25_000_000
WORD = "word"  # in the names of the means of single words
CUTS_A_ROW = 10  # at most, on average, in a mean
CARD_NAME = "README.md"
BASE_NAME = "multilingual-e5-small"  # what the default model is
_PREFIX = "base_model.model."
_LIKE_NEEDS = (NEEDS, PEOPLE, QUESTIONS, SIMILAR, TRANSLATIONS)  # whose anchors are most like needs


@dataclass(frozen=True)
class TrainedAdapter:
    """What was trained: weights by peft's names, peft's configuration, and the model it is for.

    `retained` is the share of the change, by squared norm, that the low rank keeps.
    """

    weights: Mapping[str, Any]
    config: Any
    base_name: str
    base_checksum: str
    retained: float = 1.0

    @property
    def public_base_name(self) -> str:
        """The model's name, without the folder where this machine keeps it."""
        return BASE_NAME if self.base_name == DEFAULT_MODEL else Path(self.base_name).name


@contextmanager
def published(out: Path) -> Iterator[Path]:
    """Give an empty folder that becomes `out` at the end of the block; an error leaves nothing.

    Raises StorageError when it cannot be written, InputError when `out` is there already.
    """
    refuse_existing(out)
    with storage_errors(out.parent):
        out.parent.mkdir(parents=True, exist_ok=True)
        with published_folder(out, out.with_name(f".{out.name}.new")) as staging:
            yield staging
            for path in staging.iterdir():
                path.chmod(READABLE)


def refuse_existing(out: Path) -> None:
    """Raise InputError when `out` is there and is not an empty folder."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError(
            "%(folder)s is there already. Name another folder, or move that one away.", folder=out
        )


def check_size(matrices: Iterable[Any], rank: int) -> None:
    """Raise InputError when corrections of that rank would take more than MAX_BYTES in half precision."""
    size = 2 * rank * sum(sum(matrix.shape) for matrix in matrices)
    if size > MAX_BYTES:
        raise InputError(
            "An adapter of rank %(rank)s for this model takes %(size)s MB, more than "
            "%(most)s MB. Choose a smaller --rank.",
            rank=rank,
            size=f"{size / 1000000.0:.1f}",
            most=f"{MAX_BYTES / 1000000.0:.0f}",
        )


def write_adapter(folder: Path, adapter: TrainedAdapter) -> None:
    """Write weights (half precision), peft's configuration and the manifest, still without means."""
    from safetensors.torch import save_file

    save_file(
        {f"{_PREFIX}{name}": tensor.half() for name, tensor in adapter.weights.items()},
        folder / WEIGHTS_NAME,
        metadata={"format": "pt"},
    )
    stated = {key: _plain(value) for key, value in adapter.config.to_dict().items()}
    stated |= {"base_model_name_or_path": adapter.public_base_name, "inference_mode": True}
    _write_json(folder / CONFIG_NAME, stated)
    write_manifest(folder, adapter.base_checksum, {})


def write_manifest(
    folder: Path, base_checksum: str, means: Mapping[str, np.ndarray[Any, Any]]
) -> None:
    """Write the manifest: which model the adapter belongs to and the tuned vectors' means."""
    rounded = {name: [round(float(v), 6) for v in mean] for name, mean in sorted(means.items())}
    document = {"format": FORMAT, "base_checksum": base_checksum, "language_means": rounded}
    _write_json(folder / MANIFEST_NAME, document)


def language_means(
    encoder: Encoder, sources: Sequence[PairSource], *, random_state: int, count: int
) -> dict[str, np.ndarray[Any, Any]]:
    """Return the means of the tuned encoder's vectors by role and language, keyed like `query_ja`.

    Queries come from the kind of source whose anchors are most like needs, passages likewise; each
    mean is of at most `count` texts, that of single words, `word_ja`, of as many words of the passages.
    What has fewer than 20 texts anywhere has no mean.
    """
    means: dict[str, np.ndarray[Any, Any]] = {}
    texts: list[str] = []
    for role in (QUERY, PASSAGE):
        texts = sample_texts(sources, role, random_state, count)
        means |= _means_of(encoder, role, role, texts, [detect_language(t) for t in texts])
    words, languages = sample_words(texts, random_state, count)
    return means | _means_of(encoder, WORD, QUERY, words, languages)


def _means_of(
    encoder: Encoder, name: str, role: str, texts: Sequence[str], languages: Sequence[str]
) -> dict[str, np.ndarray[Any, Any]]:
    passages = [encoder.split("", text)[0] for text in texts]
    vectors = np.array([e.vector for e in encoder.encode(passages, role=role)])
    return estimate_means(name, vectors, languages, {})


def sample_words(
    texts: Sequence[str], random_state: int, count: int
) -> tuple[list[str], list[str]]:
    """Return up to `count` different words a language of the texts, and the language of each."""
    rng = Random(f"{random_state}/{WORD}")  # noqa: S311
    words: list[str] = []
    languages: list[str] = []
    for language in LANGUAGES:
        own = [text for text in texts if detect_language(text) == language]
        found = sorted({word for text in own for word in TOKENIZERS[language](text)})
        chosen = rng.sample(found, min(count, len(found)))
        words += chosen
        languages += [language] * len(chosen)
    return words, languages


def sample_texts(
    sources: Sequence[PairSource], role: str, random_state: int, count: int
) -> list[str]:
    """Return up to `count` texts a language, each language from the first kind with enough."""
    rng = Random(f"{random_state}/{role}")  # noqa: S311
    chosen: dict[str, list[str]] = {}
    for kind in _LIKE_NEEDS:
        found: dict[str, dict[str, None]] = {language: {} for language in LANGUAGES}
        for source in sources:
            if source.kind != kind:
                continue
            draws = min(2 * count, CUTS_A_ROW * len(source))
            for row in rng.choices(range(len(source)), k=draws):
                pair = source.pair(row, rng)
                text = pair.anchor if role == QUERY else pair.positive
                found[detect_language(text)].setdefault(text)
        for language, texts in found.items():
            if len(texts) >= MIN_OWN and language not in chosen:
                chosen[language] = rng.sample(list(texts), min(count, len(texts)))
    return [text for language in LANGUAGES for text in chosen.get(language, [])]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else value


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


FINGERPRINT_NAME = "fingerprint"
PROGRESS_NAME = "progress.json"  # written last: a checkpoint without it is not complete


def complete_checkpoint(checkpoints: Path) -> Path | None:
    """Return the latest checkpoint that was written to its end, or None."""
    found = [path.parent for path in checkpoints.glob(f"checkpoint-*/{PROGRESS_NAME}")]
    return max(found, key=lambda path: int(path.name.partition("-")[2]), default=None)


@contextmanager
def kept_once_begun(checkpoints: Path) -> Iterator[None]:
    """Delete the folder when the block fails before there is a checkpoint to go on from."""
    try:
        yield
    except BaseException:
        if complete_checkpoint(checkpoints) is None:
            shutil.rmtree(checkpoints, ignore_errors=True)
        raise


def check_interrupted(checkpoints: Path, *, resume: bool) -> None:
    """Raise InputError when there is nothing to resume, or something that would be lost."""
    interrupted = (checkpoints / FINGERPRINT_NAME).is_file()
    if resume and not interrupted:
        raise InputError(
            "There is nothing to resume in %(folder)s. Leave --resume out.",
            folder=checkpoints,
        )
    if interrupted and not resume:
        raise InputError(
            "A training was interrupted there (%(folder)s). Go on with --resume, or "
            "delete that folder to begin anew.",
            folder=checkpoints,
        )


def begin(checkpoints: Path, mark: str, *, resume: bool) -> None:
    """Note what is trained, or make sure that it is what was interrupted."""
    path = checkpoints / FINGERPRINT_NAME
    if resume and path.read_text("ascii") != mark:
        raise InputError(
            "%(folder)s belongs to a training with other sources or options. Give "
            "the same ones to go on, or delete that folder to begin anew.",
            folder=checkpoints,
        )
    write_atomically(path, mark.encode())
