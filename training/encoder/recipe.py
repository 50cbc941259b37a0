"""How an encoder is trained: every number that shapes the outcome, in one place."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from random import Random

from enmusubi.errors import InputError
from training.encoder.batches import NEEDS, PEOPLE, PairSource

WEIGHTS = {PEOPLE: 3.0, NEEDS: 3.0}  # shares of the batches; other kinds have 1
FULL_RATE, FULL_RANK = 4e-5, 96  # what full tuning takes unless it is told otherwise
WARM_UP = 0.08  # share of the training in which the learning rate rises
LAST_RATE = 0.02  # share of the learning rate that is left at the end
ENDLESS_STEPS = 10_000_000  # when the minutes say how long
_FIRST = 0.01
_NOT_SHAPING = frozenset({"checkpoint_steps", "mean_texts"})


@dataclass(frozen=True)
class Recipe:
    """Either `steps` or `minutes` says how long; the others have worked on two cores.

    `mini_batch` texts are in memory at a time, whatever `batch` is (gradient caching; Gao et al.
    2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup"); with 0 the
    whole batch is, which is about a third faster and takes some 90 MB a pair. Without `dropout`
    a step is a quarter faster; the changing cuts of the texts keep them from being learnt by heart. `full`
    trains the layers' matrices themselves and cuts what changed to `rank` at the end; it wants a rate of a
    tenth and a rank of 64 to 128, and can go on from an adapter: `warm_start` is its checksum. The means of
    the tuned vectors are those of up to `mean_texts` texts for each role and language.
    """

    steps: int | None = None
    minutes: float | None = None
    batch: int = 72
    learning_rate: float = 5e-4
    temperature: float = 0.04
    full: bool = False
    warm_start: str = ""
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    anchor_tokens: int = 80
    passage_tokens: int = 112
    mini_batch: int = 24
    hard_negatives: bool = False
    precision: str = "auto"
    random_state: int = 0
    checkpoint_steps: int = 25
    mean_texts: int = 400

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise InputError("Either a number of steps or of minutes says how long to train.")
        if self.warm_start and not self.full:
            raise InputError(
                "Only --full can go on from an adapter: add it, or leave --warm-start out."
            )
        for name in ("steps", "minutes", "batch", "learning_rate", "temperature", "rank"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise InputError(
                    "%(name)s is %(found)s, expected more than 0.",
                    name=name.replace("_", " "),
                    found=value,
                )

    @property
    def longest(self) -> int:
        """The number of steps after which a training ends in any case."""
        return self.steps or ENDLESS_STEPS

    def rate_factor(self, fraction: float) -> float:
        """Return the share of the learning rate at a fraction of the training: up, then down."""
        rising = min(1.0, max(fraction, _FIRST) / WARM_UP)
        return rising * max(LAST_RATE, 1 - fraction)


def shares(sources: Sequence[PairSource], stated: Mapping[str, float]) -> dict[str, float]:
    """Return each source's weight among the batches: the one stated for its name, or its kind's.

    Raises InputError for a name that no source has and for weights that are not positive.
    """
    check_names(stated, sources, "--weight")
    weights = {s.name: stated.get(s.name, WEIGHTS.get(s.kind, 1.0)) for s in sources}
    if min(weights.values()) <= 0:
        raise InputError("A source's weight has to be above 0. Leave the source out instead.")
    return weights


def check_names(stated: Mapping[str, object], sources: Sequence[PairSource], option: str) -> None:
    """Raise InputError when `option` names a source that is not there."""
    unknown = sorted(set(stated) - {source.name for source in sources})
    if unknown:
        names = ", ".join(source.name for source in sources)
        raise InputError(
            "%(option)s names %(names)s. The sources are: %(known)s.",
            option=option,
            names=", ".join(unknown),
            known=names,
        )


def fingerprint(
    recipe: Recipe,
    sources: Sequence[PairSource],
    weights: Mapping[str, float],
    base_checksum: str,
) -> str:
    """Return a hash of all that shapes a training; only the same one can be resumed."""
    shaping = {name: value for name, value in asdict(recipe).items() if name not in _NOT_SHAPING}
    stated = json.dumps([shaping, dict(weights), base_checksum], sort_keys=True)
    digest = hashlib.sha256(stated.encode())
    for source in sources:
        digest.update(f"{source.name}:{data_hash(source)}".encode())
    return digest.hexdigest()


def data_hash(source: PairSource) -> str:
    """Return a hash of what a source holds: its kind, its size and about a hundred of its pairs."""
    digest = hashlib.sha256(f"{source.kind}:{len(source)}".encode())
    rng = Random(0)  # noqa: S311  (not for secrets)
    for row in range(0, len(source), max(1, len(source) // 100)):
        pair = astuple(source.pair(row, rng))
        sortable = [sorted(part) if isinstance(part, frozenset) else part for part in pair]
        digest.update(repr(sortable).encode())
    return digest.hexdigest()
