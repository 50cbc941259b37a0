"""Runs the training of an encoder from its sources to the published folder."""

import importlib.util
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from enmusubi.atomic_files import storage_errors
from enmusubi.errors import SettingsError
from enmusubi.locks import exclusive_lock
from enmusubi.settings import Settings
from enmusubi.threads import usable_cores
from matcher.corpus_source import OnTotal
from matcher.encoder.adapter import Adapter, read_adapter, require_base
from matcher.encoder.encoder import Encoder
from matcher.encoder.loading import load_encoder
from matcher.encoder.vector_cache import VectorCache
from office.index_versions import CACHE_NAME
from training.encoder import publication
from training.encoder.batches import BatchStream, PairSource
from training.encoder.card import Training, model_card, source_figures
from training.encoder.pairs import SamePerson
from training.encoder.publication import (
    begin,
    check_interrupted,
    complete_checkpoint,
    kept_once_begun,
)
from training.encoder.recipe import Recipe, check_names, fingerprint, shares
from training.encoder.sources import mine, with_negatives

if TYPE_CHECKING:
    from training.encoder.trainer import OnStep, TrainingProgress

LIBRARIES = ("peft", "accelerate", "datasets")
CHECKPOINTS_SUFFIX = ".checkpoints"


def _use_all_cores(settings: Settings) -> None:
    import torch

    torch.set_num_threads(settings.encoder.threads or usable_cores())


def require_libraries() -> None:
    """Raise SettingsError that names the extra when a library of the training is missing."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(
            "Training an encoder needs %(missing)s, which is not installed. Install it "
            "with `pip install 'enmusubi[training]'`.",
            missing=", ".join(missing),
        )


def train_encoder(
    sources: Sequence[PairSource],
    out: Path,
    settings: Settings,
    recipe: Recipe,
    *,
    warm_start: Path | None = None,
    weights: Mapping[str, float] | None = None,
    licences: Mapping[str, str] | None = None,
    resume: bool = False,
    on_step: "OnStep | None" = None,
    on_progress: OnTotal | None = None,
) -> Training:
    """Train an adapter for the settings' model and write it to `out`; return what was done.

    `warm_start` is the folder of an adapter to go on from; `weights` and `licences` are by name of source.
    An interrupted training leaves checkpoints beside `out`; with `resume` it goes on from there. Raises
    InputError when `out` is there already or the training is another one than was interrupted,
    SettingsError without the libraries, ModelUnavailableError for an adapter of another model.
    """
    require_libraries()
    out = out.expanduser().absolute()
    publication.refuse_existing(out)
    by_name = shares(sources, weights or {})
    check_names(licences or {}, sources, "--licence")
    start = read_adapter(warm_start.expanduser()) if warm_start else None
    recipe = replace(recipe, warm_start=start.checksum if start else "")
    checkpoints = out.with_name(out.name + CHECKPOINTS_SUFFIX)
    with storage_errors(out.parent), exclusive_lock(checkpoints / "lock", activity="train encoder"):
        check_interrupted(checkpoints, resume=resume)
        with kept_once_begun(checkpoints):
            _use_all_cores(settings)
            base = load_encoder(
                settings.encoder.model, settings.cache_dir, precision="fp32", adapter="none"
            )
            if start:
                require_base(start, base.checksum)
            begin(checkpoints, fingerprint(recipe, sources, by_name, base.checksum), resume=resume)
            if recipe.hard_negatives:
                sources = _with_hard_negatives(sources, base, settings, on_progress)
            stream = BatchStream(
                sources,
                by_name,
                batch=recipe.batch,
                length=recipe.longest,
                random_state=recipe.random_state,
            )
            adapter, progress = _train(
                base, stream, recipe, start=start, checkpoints=checkpoints, on_step=on_step
            )
        figures = source_figures(sources, progress.losses, licences or {})
        training = Training(progress.step, progress.seconds, figures)
        training = _publish(out, adapter, sources, settings, recipe=recipe, training=training)
        shutil.rmtree(checkpoints, ignore_errors=True)
    return training


def _with_hard_negatives(
    sources: Sequence[PairSource], encoder: Encoder, settings: Settings, report: OnTotal | None
) -> list[PairSource]:
    cache = VectorCache(settings.cache_dir / CACHE_NAME)
    try:
        mined = {}
        for source in sources:
            if isinstance(source, SamePerson):
                done, total = 0, len(source.seeds.texts)

                def count(new: int, name: str = source.name, total: int = total) -> None:
                    nonlocal done
                    done += new
                    if report:
                        report(f"Looking for negatives in {name}", done, total)

                mined[source.name] = mine(source.seeds, encoder, cache, count)
        return with_negatives(sources, mined)
    finally:
        cache.close()


def _train(
    base: Encoder,
    stream: BatchStream,
    recipe: Recipe,
    *,
    start: Adapter | None,
    checkpoints: Path,
    on_step: "OnStep | None",
) -> tuple[publication.TrainedAdapter, "TrainingProgress"]:
    from training.encoder.corrections import correction_of, layer_matrices
    from training.encoder.trainer import AdapterTrainer

    publication.check_size(layer_matrices(base.model).values(), recipe.rank)
    correction = correction_of(base.model, recipe, start)
    trainer = AdapterTrainer(
        base.model,
        stream,
        recipe,
        correction=correction,
        checkpoints=checkpoints,
        on_step=on_step or (lambda _: None),
    )
    found = complete_checkpoint(checkpoints)
    trainer.train(resume_from_checkpoint=str(found) if found else None)
    weights = correction.weights()
    adapter = publication.TrainedAdapter(
        weights, correction.config, base.name, base.checksum, correction.retained
    )
    return adapter, trainer.progress


def _publish(
    out: Path,
    adapter: publication.TrainedAdapter,
    sources: Sequence[PairSource],
    settings: Settings,
    *,
    recipe: Recipe,
    training: Training,
) -> Training:
    """Write the folder, read it as serving does, and add what only the tuned encoder can say."""
    with publication.published(out) as folder:
        publication.write_adapter(folder, adapter)
        tuned = load_encoder(
            settings.encoder.model,
            settings.cache_dir,
            precision=settings.encoder.precision,
            adapter=str(folder),
        )
        means = publication.language_means(
            tuned, sources, random_state=recipe.random_state, count=recipe.mean_texts
        )
        publication.write_manifest(folder, adapter.base_checksum, means)
        training = replace(training, means=sorted(means), retained=adapter.retained)
        card = model_card(training, recipe, adapter.public_base_name, adapter.base_checksum)
        (folder / publication.CARD_NAME).write_text(card, "utf-8")
    return training
