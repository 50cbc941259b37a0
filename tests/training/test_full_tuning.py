"""All layers are tuned with the real weights, stopped, resumed, cut to a low rank and served."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from enmusubi.errors import InputError
from enmusubi.settings import Settings
from matcher.encoder.adapter import WEIGHTS_NAME, read_adapter
from matcher.encoder.encoder import PASSAGE, Encoder
from matcher.encoder.loading import load_encoder
from training.encoder.corrections import FullTuning, cut
from training.encoder.recipe import Recipe
from training.encoder.sources import read_sources
from training.encoder.training import Training, train_encoder

RECIPE = Recipe(
    steps=3,
    batch=4,
    mini_batch=0,
    full=True,
    rank=96,
    learning_rate=2e-4,
    precision="fp32",
    checkpoint_steps=1,
    mean_texts=20,
)
TEXTS = ("Robot hands that pick soft fruit.", "海水から塩分を取り除く膜。")
PAIRS = """\
{"a": "A film that keeps oxygen out.", "b": "Coatings against oxidation of food."}
{"a": "Rust in steel bridges is measured.", "b": "A model of corrosion of girders."}
{"a": "The sleep of elderly people.", "b": "Actigraphy shows how long one rests."}
{"a": "Fermentation of soy beans.", "b": "Moulds that make miso are compared."}
{"a": "Landslides after heavy rain.", "b": "Slopes are watched by radar."}
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Settings:
    data_dir = tmp_path_factory.mktemp("data")
    # threads that wait for each other's turn take a processor from the other workers' tests
    encoder = {"precision": "fp32", "threads": 1}
    return Settings(data_dir=data_dir, cache_dir=real_cache_dir, encoder=encoder)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("pairs") / "made-up.jsonl"
    path.write_text(PAIRS)
    return [str(path)]


@contextmanager
def matrices_kept(kept: list[dict[str, torch.Tensor]]) -> Iterator[None]:
    """Keep the matrices as they were tuned, before the cut."""
    weights = FullTuning.weights

    def keep(self: FullTuning) -> Any:
        kept.append({name: m.detach().clone() for name, m in self._matrices.items()})
        return weights(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FullTuning, "weights", keep)
        yield


@pytest.fixture(scope="module")
def tuned(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[str], settings: Settings
) -> tuple[Path, Training, dict[str, torch.Tensor]]:
    """The adapter's folder, the report, and the matrices before the cut."""
    out, kept = tmp_path_factory.mktemp("adapters") / "full", []
    with matrices_kept(kept):
        training = train_encoder(read_sources(pairs)[0], out, settings, RECIPE)
    return out, training, kept[-1]


def test_the_cut_is_the_nearest_of_its_rank() -> None:
    torch.manual_seed(0)
    for shape in ((30, 12), (12, 30)):
        change = torch.randn(*shape)
        a, b = cut(change, 5)
        singular = torch.linalg.svdvals(change)

        assert (a.shape, b.shape) == ((5, shape[1]), (shape[0], 5))
        left = torch.linalg.matrix_norm(change - b @ a)
        assert float(left) == pytest.approx(float(singular[5:].square().sum().sqrt()), rel=1e-4)


def test_what_did_not_change_is_cut_to_nothing() -> None:
    a, b = cut(torch.zeros(6, 4), 2)

    assert float((b @ a).abs().max()) == 0


def vectors_of(encoder: Encoder) -> np.ndarray:
    passages = [encoder.split("", text)[0] for text in TEXTS]
    return np.array([e.vector for e in encoder.encode(passages, role=PASSAGE)])


def test_the_adapter_serves_what_was_tuned(
    tuned: tuple[Path, Training, dict[str, torch.Tensor]], settings: Settings
) -> None:
    folder, training, matrices = tuned
    # one encodes before the change, one after it: what has encoded once keeps a copy of its weights
    untuned, base = (
        load_encoder("default", settings.cache_dir, precision="fp32", adapter="none")
        for _ in range(2)
    )
    served = load_encoder("default", settings.cache_dir, precision="fp32", adapter=str(folder))
    parameters = dict(base.model[0].model.named_parameters())
    untouched = {name for name in parameters if name not in matrices}
    with torch.no_grad():
        for name, matrix in matrices.items():
            parameters[name].copy_(matrix)

    assert any("word_embeddings" in name for name in untouched)
    assert len(matrices) == 72
    assert ((vectors_of(served) * vectors_of(base)).sum(axis=1) > 0.9999).all()
    assert ((vectors_of(base) * vectors_of(untuned)).sum(axis=1) < 0.9999).all()
    assert 0.9 < training.retained <= 1
    card = (folder / "README.md").read_text("utf-8")
    assert f"cut to rank 96, which keeps {training.retained:.1%} of the change" in card


def test_a_stopped_tuning_that_is_resumed_gives_the_same_adapter(
    tuned: tuple[Path, Training, dict[str, torch.Tensor]],
    pairs: list[str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    def interrupt(progress: Any) -> None:
        if progress.step == 2:
            raise KeyboardInterrupt

    out, sources = tmp_path / "full", read_sources(pairs)[0]
    with pytest.raises(KeyboardInterrupt):
        train_encoder(sources, out, settings, RECIPE, on_step=interrupt)
    train_encoder(sources, out, settings, replace(RECIPE), resume=True)

    one, other = (load_file(folder / WEIGHTS_NAME) for folder in (tuned[0], out))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_tuning_goes_on_from_an_adapter_and_cuts_the_whole_change(
    tuned: tuple[Path, Training, dict[str, torch.Tensor]],
    pairs: list[str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    folder, out, sources = tuned[0], tmp_path / "further", read_sources(pairs)[0]
    still = replace(RECIPE, steps=1, learning_rate=1e-12)
    train_encoder(sources, out, settings, still, warm_start=folder)

    before, after = (
        load_encoder("default", settings.cache_dir, precision="fp32", adapter=str(one))
        for one in (folder, out)
    )
    assert ((vectors_of(before) * vectors_of(after)).sum(axis=1) > 0.99999).all()
    card = (out / "README.md").read_text("utf-8")
    assert f"the adapter `{read_adapter(folder).checksum}`, from which it began" in card


def test_only_full_tuning_goes_on_from_an_adapter(
    tuned: tuple[Path, Training, dict[str, torch.Tensor]],
    pairs: list[str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    low_rank = Recipe(steps=1, batch=4)
    with pytest.raises(InputError, match="Only --full can go on from an adapter"):
        train_encoder(
            read_sources(pairs)[0], tmp_path / "out", settings, low_rank, warm_start=tuned[0]
        )
    assert not list(tmp_path.iterdir())
