"""The encoder is tuned with the real weights on made-up people, interrupted, resumed and served."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from cli.main import run
from enmusubi.errors import InputError, SettingsError
from enmusubi.settings import Settings
from matcher.encoder.adapter import MANIFEST_NAME, WEIGHTS_NAME
from matcher.encoder.encoder import PASSAGE, Encoder
from matcher.encoder.loading import load_encoder
from matcher.encoder.vector_cache import VectorCache
from training.encoder.pairs import SamePerson
from training.encoder.recipe import Recipe
from training.encoder.sources import mine, read_sources
from training.encoder.training import Training, train_encoder

RECIPE = Recipe(
    steps=8, batch=6, mini_batch=4, learning_rate=1e-3, precision="fp32", checkpoint_steps=3
)
OPTIONS = "--steps 8 --batch 6 --mini-batch 4 --learning-rate 1e-3 --precision fp32".split()  # noqa: SIM905
FIELDS = {  # made-up people and what each works on
    "Akita Rin": ("oxygen barrier films", "酸素バリア性フィルム"),
    "Baba Sora": ("rust in steel bridges", "鋼橋の錆"),
    "Chiba Nao": ("sleep of elderly people", "高齢者の睡眠"),
    "Doi Haru": ("fermentation of soy beans", "大豆の発酵"),
    "Endo Yui": ("robot hands for fruit", "果物用のロボットハンド"),
    "Fujii Ren": ("solid state batteries", "全固体電池"),
    "Goto Aoi": ("desalination membranes", "海水淡水化膜"),
    "Hara Kei": ("speech recognition in noise", "雑音下の音声認識"),
    "Ito Mei": ("cedar pollen forecasts", "スギ花粉の予測"),
    "Jinbo Ao": ("laser welding of copper", "銅のレーザー溶接"),
    "Kato Ema": ("landslides after heavy rain", "豪雨後の土砂災害"),
    "Mori Dai": ("pearl oyster farming", "真珠貝の養殖"),
}
KILLED_AT_STEP_5 = """
import os, signal, sys
from pathlib import Path
from typing import Any
from enmusubi.settings import load_settings
from training.encoder.recipe import Recipe
from training.encoder.sources import read_sources
from training.encoder.training import train_encoder
def kill(progress):
    if progress.step == 5:
        os.kill(os.getpid(), signal.SIGKILL)
recipe = Recipe(steps=8, batch=6, mini_batch=4, learning_rate=1e-3, precision="fp32", checkpoint_steps=3)
train_encoder(read_sources(sys.argv[2:])[0], Path(sys.argv[1]), load_settings(), recipe, on_step=kill)
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A collection of the made-up people, and a file of translations."""
    folder = tmp_path_factory.mktemp("sources") / "made-up"
    folder.mkdir()
    people, seeds, terms = [], [], []
    for n, (name, (english, japanese)) in enumerate(FIELDS.items()):
        people.append({"researcher_id": f"r{n}", "name_en": name})
        texts = [
            (f"Measuring {english}", f"{name} measures {english}. Mail {n}@example.org."),
            (f"A model of {english}", f"We model {english}. The model is tested."),
            (f"{japanese}の研究", f"{japanese}を調べる。実験により確かめる。"),
        ]
        seeds += [
            {"seed_id": f"{n}-{k}", "title": title, "text": text, "researcher_ids": [f"r{n}"]}
            for k, (title, text) in enumerate(texts)
        ]
        terms.append({"ja": japanese, "en": english})
    for path, rows in (
        (folder / "researchers.jsonl", people),
        (folder / "seeds.jsonl", seeds),
        (folder.parent / "terms.jsonl", terms),
    ):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [str(folder), str(folder.parent / "terms.jsonl")]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Settings:
    data_dir = tmp_path_factory.mktemp("data")
    # threads that wait for each other's turn take a processor from the other workers' tests
    encoder = {"precision": "fp32", "threads": 1}
    return Settings(data_dir=data_dir, cache_dir=real_cache_dir, encoder=encoder)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, sources: list[str], settings: Settings
) -> tuple[Path, Training]:
    """The folder of an adapter that was trained without interruption, and its report."""
    out = tmp_path_factory.mktemp("adapters") / "tuned"
    return out, train_encoder(read_sources(sources)[0], out, settings, RECIPE)


def test_the_loss_falls(trained: tuple[Path, Training]) -> None:
    people, terms = trained[1].sources

    assert (people.batches, terms.batches) == (6, 2)
    assert people.last_loss < 0.8 * people.first_loss  # type: ignore[operator]
    assert terms.last_loss < terms.first_loss  # type: ignore[operator]


def killed(out: Path, sources: list[str], settings: Settings) -> None:
    """Train in a process that is killed at step 5."""
    program = [sys.executable, "-c", KILLED_AT_STEP_5, str(out), *sources]
    assert subprocess.run(program, check=False).returncode == -signal.SIGKILL


def interrupted(out: Path, sources: list[str], settings: Settings) -> None:
    """Train in this process, which is interrupted at step 5."""

    def interrupt(progress: Any) -> None:
        if progress.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_encoder(read_sources(sources)[0], out, settings, RECIPE, on_step=interrupt)


@pytest.mark.exhaustive  # a full tuning that is stopped and resumed is in test_full_tuning
@pytest.mark.parametrize("stopped", [interrupted, killed])
def test_a_stopped_training_that_is_resumed_gives_the_same_adapter(  # noqa: PLR0917
    stopped: Callable[[Path, list[str], Settings], None],
    trained: tuple[Path, Training],
    sources: list[str],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(settings.cache_dir))
    monkeypatch.setenv("ENMUSUBI_ENCODER__THREADS", "1")
    out = tmp_path / "tuned"
    command = ["train", "encoder", *sources, "--out", str(out), *OPTIONS]

    stopped(out, sources, settings)
    assert not out.exists()
    assert run(command) == 1
    assert "A training was interrupted there" in capsys.readouterr().err
    assert run([*command, "--temperature", ".1", "--resume"]) == 1
    assert "other sources or options" in capsys.readouterr().err
    assert run([*command, "--resume", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["steps"] == 8
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tuned"]
    one, other = (load_file(folder / WEIGHTS_NAME) for folder in (trained[0], out))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # peft asks for it
def test_the_merged_model_is_what_peft_computes(
    trained: tuple[Path, Training], settings: Settings
) -> None:
    from peft import PeftModel

    merged = load_encoder("default", settings.cache_dir, precision="fp32", adapter=str(trained[0]))
    # one encodes before the change, one after it: what has encoded once keeps a copy of its weights
    untuned, base = (
        load_encoder("default", settings.cache_dir, precision="fp32", adapter="none")
        for _ in range(2)
    )
    texts = ["Robot hands that pick soft fruit.", "海水から塩分を取り除く膜。"]

    def vectors(encoder: Encoder) -> np.ndarray:
        passages = [encoder.split("", text)[0] for text in texts]
        return np.array([e.vector for e in encoder.encode(passages, role=PASSAGE)])

    before, tuned = vectors(untuned), vectors(merged)
    base.model[0].model = PeftModel.from_pretrained(base.model[0].model, str(trained[0])).eval()

    assert ((tuned * vectors(base)).sum(axis=1) > 0.9999).all()
    assert ((tuned * before).sum(axis=1) < 0.999).all()
    assert set(merged.language_means) == {
        f"{role}_{language}" for role in ("query", "passage", "word") for language in ("en", "ja")
    }


def test_the_folder_is_small_and_holds_no_text(trained: tuple[Path, Training]) -> None:
    folder, _ = trained
    files = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert set(files) == {"README.md", "adapter_config.json", WEIGHTS_NAME, MANIFEST_NAME}
    assert sum(map(len, files.values())) < 10_000_000
    words = [word for pair in FIELDS.values() for word in pair] + list(FIELDS) + ["example.org"]
    assert not [word for word in words if any(word.encode() in held for held in files.values())]
    assert json.loads(files[MANIFEST_NAME])["format"] == 1
    card = files["README.md"].decode()
    assert "| made-up | 12 people with two seeds or more | not stated | 6 |" in card
    assert "/" not in json.loads(files["adapter_config.json"])["base_model_name_or_path"]


def test_nothing_that_is_trained_on_has_a_name_or_an_address(sources: list[str]) -> None:
    from random import Random

    people, _ = read_sources(sources)[0]
    pairs = [people.pair(row, Random(n)) for row in range(len(people)) for n in range(30)]

    text = "\n".join(text for pair in pairs for text in (pair.anchor, pair.positive))
    assert not [name for name in FIELDS if name in text or name.split()[0] in text]
    assert "@" not in text
    assert "measures oxygen barrier films" in text


def test_a_folder_that_is_there_is_not_written_over(
    trained: tuple[Path, Training], sources: list[str], settings: Settings
) -> None:
    with pytest.raises(InputError, match="is there already"):
        train_encoder(read_sources(sources)[0], trained[0], settings, RECIPE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"licences": {"other": "CC0"}},
            r"--licence names other\. The sources are: made-up, terms",
        ),
        ({"resume": True}, "There is nothing to resume"),
        ({"recipe": replace(RECIPE, rank=200)}, r"takes 33\.\d MB, more than 25 MB"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_it_begins(
    sources: list[str], settings: Settings, tmp_path: Path, options: dict, message: str
) -> None:
    recipe = options.pop("recipe", RECIPE)

    with pytest.raises(InputError, match=message):
        train_encoder(read_sources(sources)[0], tmp_path / "out", settings, recipe, **options)
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_named_with_the_extra(
    sources: list[str], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "peft" else name)

    with pytest.raises(SettingsError, match=r"needs peft, .*pip install 'enmusubi\[training\]'"):
        train_encoder([], tmp_path / "out", settings, RECIPE)


def test_hard_negatives_are_found_with_the_untuned_encoder(
    sources: list[str], word_encoder: Encoder, tmp_path: Path
) -> None:
    (people, _), _ = read_sources(sources)
    assert isinstance(people, SamePerson)

    mined = mine(people.seeds, word_encoder, VectorCache(tmp_path / "vectors.sqlite"))

    assert any(mined.negatives)
    for row, negatives in enumerate(mined.negatives):
        assert not any(mined.owners[row] & mined.owners[other] for other in negatives)


@pytest.mark.parametrize(
    "options",
    [
        ["--steps", "1", "--minutes", "1"],
        ["--weight", "made-up"],
        ["--weight", "made-up=much"],
        ["--licence", "=CC0"],
    ],
)
def test_wrong_options_are_told(
    sources: list[str], tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "encoder", *sources, "--out", str(tmp_path / "out"), *options]) == 2
    assert options[0] in capsys.readouterr().err
