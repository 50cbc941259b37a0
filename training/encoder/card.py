"""Writes the model card of an adapter: data, licences, figures, limits; never a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from enmusubi import __version__
from training.encoder.batches import NEEDS, PEOPLE, QUESTIONS, SIMILAR, TRANSLATIONS, PairSource
from training.encoder.recipe import Recipe, data_hash

NOT_STATED = "not stated"
_AVERAGED = 10  # batches at most, for the losses at the beginning and at the end
_ROWS = {
    PEOPLE: "people with two seeds or more",
    NEEDS: "needs with relevant people",
    QUESTIONS: "questions with their passages",
    SIMILAR: "pairs of similar sentences",
    TRANSLATIONS: "translations",
}


@dataclass(frozen=True)
class SourceFigures:
    """What was trained on from one source; the losses are means of up to ten batches."""

    name: str
    kind: str
    rows: int
    licence: str
    batches: int
    first_loss: float | None
    last_loss: float | None
    hash: str = ""


@dataclass(frozen=True)
class Training:
    """What a training did: for its report and its card.

    `means` names those that were estimated; `retained` is the share of the change, by squared norm,
    that the corrections' rank keeps.
    """

    steps: int
    seconds: float
    sources: list[SourceFigures]
    means: list[str] = field(default_factory=list)
    retained: float = 1.0


def source_figures(
    sources: Sequence[PairSource],
    losses: Mapping[str, Sequence[float]],
    licences: Mapping[str, str],
) -> list[SourceFigures]:
    """Return the figures of every source, in order."""
    return [_figures(source, losses.get(source.name, ()), licences) for source in sources]


def _figures(
    source: PairSource, losses: Sequence[float], licences: Mapping[str, str]
) -> SourceFigures:
    averaged = max(1, min(_AVERAGED, len(losses) // 2))
    return SourceFigures(
        source.name,
        source.kind,
        len(source),
        licences.get(source.name, NOT_STATED),
        len(losses),
        first_loss=_mean(losses[:averaged]),
        last_loss=_mean(losses[-averaged:]),
        hash=data_hash(source)[:12],
    )


def model_card(training: Training, recipe: Recipe, base: str, base_checksum: str) -> str:
    """Return the card in Markdown."""
    data = "".join(
        f"| {s.name} | {s.rows} {_ROWS[s.kind]} | {s.licence} | {s.batches} "
        f"| {_number(s.first_loss)} | {_number(s.last_loss)} | `{s.hash}` |\n"
        for s in training.sources
    )
    means = ", ".join(training.means) or "none: there were too few texts"
    negatives = "and mined hard negatives" if recipe.hard_negatives else "only"
    return f"""# An adapter for {base}

{_method(training, recipe)} of the
encoder that Enmusubi ranks researchers with. Written by `enmusubi train encoder`, version
{__version__}, in the file format of the library peft. It holds numbers, no text.

Use it: `ENMUSUBI_ENCODER__ADAPTER` set to this folder. It fits the model with the checksum
`{base_checksum}` and no other.

## Data

| source | rows | licence | batches | loss at first | loss at last | hash |
|---|---|---|---|---|---|---|
{data}
E-mail and web addresses, lines that name a person, and the names of the researchers that are known
were removed before training.

## Training

Contrastive (InfoNCE, temperature {recipe.temperature:g}), in-batch negatives {negatives}, texts of
the same person masked, {recipe.batch} pairs a batch, learning rate {recipe.learning_rate:g},
{training.steps} steps in {training.seconds / 60:.1f} minutes, random state {recipe.random_state}.
Seeds are cut at sentences, titles often left out; both prompts of the model are kept
(`query: `, `passage: `). Means of the tuned vectors: {means}.

## Limits

The losses say that the training went well, not that people are ranked better: measure that with
`enmusubi evaluate` on a collection that was not trained on. Only Japanese and English were looked
at. Of texts longer than {recipe.passage_tokens} tokens only a part was seen at a time. What the
sources favour, such as fields with many seeds, the adapter favours too. A licence that is
"{NOT_STATED}" has to be found out before the adapter is passed on.
"""


def _method(training: Training, recipe: Recipe) -> str:
    if not recipe.full:
        return f"Low-rank corrections (LoRA, rank {recipe.rank}, alpha {recipe.alpha}, all linear layers)"
    start = f" (with those of the adapter `{recipe.warm_start}`, from which it began)"
    start = start if recipe.warm_start else ""
    return (
        "What full tuning of all layers' matrices (embeddings, biases and norms left as they are) "
        f"changed,\ncut to rank {recipe.rank}, which keeps {training.retained:.1%} of the change by "
        f"squared norm: low-rank corrections{start}"
    )


def _mean(losses: Sequence[float]) -> float | None:
    return sum(losses) / len(losses) if losses else None


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
