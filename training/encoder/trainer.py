"""Trains a correction of the encoder with sentence-transformers' trainer: batches, schedule,
checkpoints.

Importing this loads sentence-transformers and peft.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from transformers import PrinterCallback, TrainerCallback

from enmusubi.atomic_files import write_atomically
from matcher.encoder.encoder import PASSAGE, QUERY
from matcher.encoder.loading import choose_precision
from training.encoder.batches import RETRIEVAL, TRANSLATION, BatchStream, TrainingBatch
from training.encoder.corrections import Correction
from training.encoder.losses import RetrievalLoss, TranslationLoss
from training.encoder.publication import PROGRESS_NAME
from training.encoder.recipe import Recipe

_MAX_NORM = 1.0

OnStep = Callable[["TrainingProgress"], None]


@dataclass
class TrainingProgress:
    """How far a training is. `losses` has every batch's, by source; they survive a resumption."""

    recipe: Recipe
    step: int = 0
    earlier_s: float = 0.0
    losses: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds trained, those before a resumption included."""
        return self.earlier_s + time.monotonic() - self.started

    def fraction(self) -> float:
        """Return what share of the training is done, from 0 to 1."""
        if self.recipe.steps is not None:
            return min(1.0, self.step / self.recipe.steps)
        return min(1.0, self.seconds / (60 * (self.recipe.minutes or 0)))

    def as_json(self) -> str:
        """Return what a resumption needs to know."""
        return json.dumps({"seconds": self.seconds, "losses": self.losses})

    def restore(self, checkpoint: Path) -> None:
        """Go on from what a checkpoint knows."""
        stored = json.loads((checkpoint / PROGRESS_NAME).read_text("utf-8"))
        self.earlier_s, self.started = float(stored["seconds"]), time.monotonic()
        self.losses.update(stored["losses"])
        self.step = sum(map(len, self.losses.values()))


class AdapterTrainer(SentenceTransformerTrainer):  # type: ignore[misc]
    """Trains the correction of a model on a stream of batches."""

    def __init__(
        self,
        model: Any,
        stream: BatchStream,
        recipe: Recipe,
        *,
        correction: Correction,
        checkpoints: Path,
        on_step: OnStep,
    ) -> None:
        self.correction = correction
        self.stream = stream
        self.recipe = recipe
        self.progress = TrainingProgress(recipe)
        self.on_step = on_step
        losses = {
            kind: loss(model, temperature=recipe.temperature, mini_batch=recipe.mini_batch)
            for kind, loss in ((RETRIEVAL, RetrievalLoss), (TRANSLATION, TranslationLoss))
        }
        super().__init__(model=model, args=_arguments(recipe, checkpoints), loss=losses)
        self.remove_callback(PrinterCallback)
        self.add_callback(_TimeIsUp(self.progress))

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Do nothing: the adapter's card is our own, and the library's would quote texts."""

    def get_train_dataloader(self) -> Any:
        """Return the batches of the stream, tokenised."""
        loader = DataLoader(self.stream, batch_size=1, collate_fn=self._tokenised)
        return self.accelerator.prepare(loader)

    def _tokenised(self, batches: list[TrainingBatch]) -> dict[str, Any]:
        batch = batches[0]
        longest = {QUERY: self.recipe.anchor_tokens, PASSAGE: self.recipe.passage_tokens}
        columns = {"anchor": (batch.anchors, QUERY), "positive": (batch.positives, PASSAGE)}
        if batch.negatives:
            columns["negative"] = (batch.negatives, PASSAGE)
        inputs: dict[str, Any] = {
            "source": batch.source,
            "dataset_name": batch.loss,
            "label": torch.from_numpy(batch.mask),
        }
        for column, (texts, role) in columns.items():
            tokens = self.model.preprocess(
                list(texts), prompt=self.model.prompts.get(role), max_length=longest[role]
            )
            inputs |= {f"{column}_{name}": value for name, value in tokens.items()}
        return inputs

    def training_step(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Train on one batch and note its loss."""
        source = inputs.pop("source")
        loss = super().training_step(model, inputs, *args, **kwargs)
        self.progress.losses[source].append(round(float(loss), 4))
        self.progress.step += 1
        self.on_step(self.progress)
        return loss

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Let the learning rate follow the share of the training that is done."""
        self.lr_scheduler = LambdaLR(
            optimizer or self.optimizer,
            lambda _: self.recipe.rate_factor(self.progress.fraction()),
        )
        return self.lr_scheduler

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self.correction.save(folder)

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        super()._save_checkpoint(*args, **kwargs)
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        write_atomically(folder / PROGRESS_NAME, self.progress.as_json().encode())

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        folder = Path(resume_from_checkpoint)
        self.correction.load(folder)
        self.progress.restore(folder)


class _TimeIsUp(TrainerCallback):  # type: ignore[misc]
    """Ends the training when its minutes are over."""

    def __init__(self, progress: TrainingProgress) -> None:
        self._progress = progress

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        if self._progress.fraction() >= 1:
            control.should_training_stop = control.should_save = True
        return control


def _arguments(recipe: Recipe, checkpoints: Path) -> Any:
    gpu = torch.cuda.is_available()
    native = torch.cuda.is_bf16_supported() if gpu else choose_precision("auto") == "bf16"
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(checkpoints),
        max_steps=recipe.longest,
        learning_rate=recipe.learning_rate,
        weight_decay=0.0,
        max_grad_norm=_MAX_NORM,
        seed=recipe.random_state,
        use_cpu=not gpu,
        bf16=native if recipe.precision == "auto" else recipe.precision == "bf16",
        save_steps=recipe.checkpoint_steps,
        save_total_limit=2,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=gpu,
    )
    arguments._n_gpu = min(arguments.n_gpu, 1)  # negatives are those of the same batch
    return arguments
