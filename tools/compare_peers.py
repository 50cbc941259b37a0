"""Measures other search programs on the texts and vectors that this one searches: compare_peers.py.

Each peer gets the same made-up passages (cli/measuring/made_up_catalogue.py), the vectors that stand for the
default encoder's, and the needs with their vectors already made: what is measured is search, not encoding.
A peer that is not installed is named with what installs it; in an environment of its own:

    python -m venv peers && peers/bin/pip install -e . -r tools/peers.txt
    peers/bin/python tools/compare_peers.py --passages 20000

Times are of one thread, a build's of the processor; memory is what the process grew by. Each peer runs in a
process of its own. openreview-expertise is on no package index; its words are rank-bm25's (`BM25Okapi`), its
vectors a product of matrices, as plain FAISS computes it.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.measuring.made_up_catalogue import DIMENSION, MadeUp
from cli.measuring.made_up_version import generate, made_up_needs
from enmusubi.threads import one_thread_each

TOP = 10
Search = Callable[[str, NDArray[np.float32]], object]


@dataclass(frozen=True)
class Texts:
    """What every peer gets: passages with their vectors, needs with theirs."""

    passages: list[str]
    vectors: NDArray[np.float32]
    needs: list[str]
    need_vectors: NDArray[np.float32]


@dataclass(frozen=True)
class Peer:
    """A search program: its packages, what it searches by, and what builds its index and searches it."""

    packages: str
    searches: str
    build: Callable[[Texts], Search]


def made_up_texts(count: int, n_needs: int) -> Texts:
    """Return so many passages of a made-up catalogue, and needs whose vectors are near some of them."""
    made = MadeUp(count)
    passages = [p.text for _, p, _ in made.cut(range(made.n_seeds))]
    vectors = made.vectors(np.arange(len(passages)))
    rng = np.random.default_rng(2)
    near = vectors[rng.integers(len(passages), size=n_needs)]
    noise = rng.standard_normal(near.shape) / np.sqrt(DIMENSION)
    moved = (near + 0.5 * noise).astype(np.float32)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    return Texts(passages, vectors, made_up_needs(n_needs), moved)


def _faiss(texts: Texts) -> Search:
    import faiss

    index = faiss.IndexFlatIP(DIMENSION)
    index.add(texts.vectors)
    return lambda need, vector: index.search(vector[None, :], TOP)


def _tantivy(texts: Texts) -> Search:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", tokenizer_name="whitespace")
    schema.add_integer_field("row", stored=True)
    index = tantivy.Index(schema.build())
    writer = index.writer(num_threads=1)
    for row, text in enumerate(texts.passages):
        writer.add_document(tantivy.Document(text=text, row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    return lambda need, vector: searcher.search(index.parse_query(need, ["text"]), TOP).hits


def _bm25s(texts: Texts) -> Search:
    import bm25s

    retriever = bm25s.BM25()
    retriever.index([text.split() for text in texts.passages], show_progress=False)
    return lambda need, vector: retriever.retrieve([need.split()], k=TOP, show_progress=False)


def _rank_bm25(texts: Texts) -> Search:
    from rank_bm25 import BM25Okapi

    bm25 = BM25Okapi([text.split() for text in texts.passages])
    return lambda need, vector: np.argpartition(-bm25.get_scores(need.split()), TOP)[:TOP]


def _txtai(texts: Texts) -> Search:
    from txtai import Embeddings

    asked: dict[str, NDArray[np.float32]] = dict(zip(texts.needs, texts.need_vectors, strict=True))
    asked |= dict(zip(texts.passages, texts.vectors, strict=True))

    def transform(batch: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([asked[text] for text in batch])

    embeddings = Embeddings(
        method="external", transform=transform, hybrid=True, content=False, backend="faiss"
    )
    embeddings.index((row, text, None) for row, text in enumerate(texts.passages))
    return lambda need, vector: embeddings.search(need, TOP)


def _haystack(texts: Texts) -> Search:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    store.write_documents(
        [
            Document(id=str(row), content=text, embedding=vector.tolist())
            for row, (text, vector) in enumerate(zip(texts.passages, texts.vectors, strict=True))
        ]
    )

    def search(need: str, vector: NDArray[np.float32]) -> object:
        by_words = store.bm25_retrieval(need, top_k=TOP)
        return by_words, store.embedding_retrieval(vector.tolist(), top_k=TOP)

    return search


def _enmusubi(texts: Texts) -> Search:
    """This program: the whole list of people, re-ranked and with evidence, of the same catalogue."""
    from matcher.encoder.encoder import EncodedPassage, Encoder
    from matcher.recommender import Recommender
    from matcher.records import Need

    asked = dict(zip(texts.needs, texts.need_vectors, strict=True))

    class Given(Encoder):
        """Gives the vectors that were made before; parts of a need get the whole need's."""

        def __init__(self) -> None:
            self.name = self.checksum = "made-up"
            self.precision, self.dimension, self.max_tokens = "fp32", DIMENSION, 500
            self._prompts = {"query": "", "passage": ""}

        def token_spans(self, text: str) -> list[tuple[int, int]]:
            """Return where words begin and end."""
            ends = np.cumsum([len(word) + 1 for word in text.split(" ")]).tolist()
            return list(zip([0, *ends[:-1]], [end - 1 for end in ends], strict=True))

        def _encode_missing(self, passages: Any, rows: Any, role: str) -> Any:
            for row in rows:
                vector = asked.get(passages[row].text, texts.need_vectors[0])
                sentences = np.repeat(vector[None, :], len(passages[row].sentences), axis=0)
                yield [row], [EncodedPassage(vector, sentences)]

    folder = tempfile.TemporaryDirectory(prefix="enmusubi-peers-")
    model = Given()
    version = generate(Path(folder.name), len(texts.passages), model)
    recommender = Recommender.from_parts(version, model)

    def search(need: str, vector: NDArray[np.float32], kept: object = folder) -> object:
        return recommender.match(Need(text=need), top=TOP)

    return search  # which keeps the folder until the process ends


PEERS = {
    "enmusubi, list with evidence": Peer("torch faiss-cpu", "both", _enmusubi),
    "plain FAISS": Peer("faiss-cpu", "vectors", _faiss),
    "tantivy": Peer("tantivy", "words", _tantivy),
    "bm25s": Peer("bm25s", "words", _bm25s),
    "rank-bm25": Peer("rank-bm25", "words", _rank_bm25),
    "txtai, hybrid": Peer("txtai", "both", _txtai),
    "haystack, in memory": Peer("haystack-ai", "both", _haystack),
}


def measure(name: str, n_passages: int, n_needs: int, queue: Any) -> None:
    """Build a peer's index, search it, and put the row of the table into the queue; in its own process."""
    peer = PEERS[name]
    try:
        versions = " ".join(f"{p} {version(p)}" for p in peer.packages.split())
        texts = made_up_texts(n_passages, n_needs)
        before_mb = _memory_mb()
        began = time.process_time()
        search = peer.build(texts)
        build_s = time.process_time() - began
        asked = list(zip(texts.needs, texts.need_vectors, strict=True))
        search(*asked[0])
        clock, processor = zip(
            *(_times(search, need, vector) for need, vector in asked), strict=True
        )
        grown_mb = _memory_mb() - before_mb
        queue.put(
            f"| {name} ({versions}) | {peer.searches} | {median(clock):.1f} | "
            f"{median(processor):.1f} | {build_s:.1f} | {grown_mb:.0f} |"
        )
    except ImportError as error:
        queue.put(f"{name} is not installed ({error}): pip install {peer.packages}")
    except Exception as error:  # each peer has its own kinds, and the others are still measured
        queue.put(f"{name} failed: {type(error).__name__}: {str(error)[:200]}")


def _times(search: Search, need: str, vector: NDArray[np.float32]) -> tuple[float, float]:
    """Return the milliseconds of a clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    search(need, vector)
    ends = time.perf_counter(), time.process_time()
    return (ends[0] - clock) * 1000, (ends[1] - processor) * 1000


def _memory_mb() -> float:
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("peers", nargs="*", help=f"all without: {', '.join(PEERS)}")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--needs", type=int, default=20)
    given = parser.parse_args()
    one_thread_each()
    print("| program | searches by | ms a need | of the processor | build s | MB grown |")
    print("|---|---|---|---|---|---|", flush=True)
    context = multiprocessing.get_context("spawn")
    for name in given.peers or PEERS:
        queue = context.Queue()
        process = context.Process(target=measure, args=(name, given.passages, given.needs, queue))
        process.start()
        process.join()
        print(queue.get() if not queue.empty() else f"{name} ended without a result", flush=True)


if __name__ == "__main__":
    main()
