"""Builds slices and shards as tasks of a Ray cluster, all of whose machines see the data folder.

A task that is lost with its worker is run again elsewhere; what it wrote half-way is removed first. What a
task returns is a name: its results are files, told by their checksums.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ClusterUnusableError
from matcher.encoder.loading import load_encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.sharding.jobs import BuildJob, Tools
from office.cluster.connection import connect

TRIES = 4  # of a task whose worker is lost
CUDA = "cuda"


@dataclass(frozen=True)
class ConfiguredTools:
    """How a worker gets the encoder of the settings; it holds no secret."""

    model: str
    adapter: str
    precision: str
    device: str
    cache_dir: Path
    vectors: Path | None
    threads: int

    def make(self) -> Tools:
        """Load the encoder, and open the cache of vectors."""
        encoder = load_encoder(
            self.model,
            self.cache_dir,
            precision=self.precision,
            adapter=self.adapter,
            device=self.device,
            threads=self.threads,
        )
        return Tools(encoder, VectorCache(self.vectors) if self.vectors else None)

    @property
    def gpus(self) -> int:
        """How many GPUs a task that encodes wants."""
        return int(self.device == CUDA)


@dataclass(frozen=True)
class RayEngine:
    """Runs jobs on the cluster of the settings; `make_tools` can be sent to its workers."""

    settings: ClusterSettings
    make_tools: Callable[[], Tools]
    gpus: int = 0

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        """Run them all, and yield the name of each one's folder when it is done.

        Raises what a job raises, and ClusterUnusableError where a job was lost too often or none is done
        for a long time.
        """
        if not jobs:
            return
        ray = connect(self.settings)
        waiting = [self._started(ray, job) for job in jobs]
        try:
            while waiting:
                ready, waiting = ray.wait(
                    waiting, num_returns=1, timeout=self.settings.part_within_s
                )
                if not ready:
                    raise _stuck(self.settings.part_within_s)
                yield ray.get(ready[0])
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except ray.exceptions.RayError as error:
            raise ClusterUnusableError(
                "A part of the index was lost too often while it was built. Check that the cluster's "
                "machines have room in memory and on the disk, then run `enmusubi index` again: it "
                "goes on where it stopped."
            ) from error
        finally:
            for one in waiting:
                ray.cancel(one, force=True)

    def _started(self, ray: object, job: BuildJob) -> object:
        task = ray.remote(_run).options(  # type: ignore[attr-defined]
            name="encode" if job.encodes else "write",
            num_cpus=self.settings.cores_a_task,
            num_gpus=self.gpus if job.encodes else 0,
            max_retries=TRIES - 1,
            retry_exceptions=[OSError],
            scheduling_strategy="SPREAD",
        )
        return task.remote(job, self.make_tools if job.encodes else None)


def _stuck(seconds: float) -> ClusterUnusableError:
    """Return the error of a cluster in which nothing gets done: it may have lost all its nodes."""
    return ClusterUnusableError(
        "No part of the index was finished within %(seconds)s s. Check that the cluster's machines run and "
        "have the cores that cluster.cores_a_task asks for, then run `enmusubi index` again: it goes on "
        "where it stopped.",
        seconds=round(seconds),
    )


def _run(job: BuildJob, make_tools: Callable[[], Tools] | None) -> str:
    """Do a job in a worker."""
    job.run(_kept(make_tools) if make_tools else None)
    return job.folder.name


@lru_cache(maxsize=1)
def _kept(make_tools: Callable[[], Tools]) -> Tools:
    """Return the tools, which a worker makes once for all its tasks."""
    return make_tools()
