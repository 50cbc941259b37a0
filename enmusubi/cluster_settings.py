"""The settings of an index in shards, and of the machines that build it and answer from it."""

from typing import Literal

from pydantic import Field

from enmusubi.service_settings import Section

ENGINES = ("local", "ray")


class ClusterSettings(Section):
    """Shards of an index, and where they lie."""

    engine: Literal["local", "ray"] = Field(
        "local",
        description="What builds shards and answers from them: this process, or a Ray cluster "
        "(`enmusubi[ray]`, docs/cluster.md).",
    )
    shards: int = Field(
        1,
        ge=1,
        le=1000,
        description="Into how many shards researchers are divided; 1 without Ray is one index.",
    )
    address: str = Field(
        "",
        description="Address of the cluster's head, such as `10.0.0.5:6379`; empty: a cluster of this "
        "machine alone, for as long as the command runs.",
    )
    replicas: int = Field(
        1, ge=1, le=100, description="How many copies of each shard answer, on different machines."
    )
    answer_within_s: float = Field(
        20.0,
        gt=0,
        description="How long a question to the shards may take, restarts of lost ones included; then "
        "`cluster.when_missing` says what happens.",
    )
    when_missing: Literal["refuse", "mark"] = Field(
        "refuse",
        description="What a list is where shards do not answer: `refuse` gives an error (503), `mark` the "
        "list of the others with a notice which share of the researchers was not asked. Only lists that "
        "somebody looks at are marked: nothing is recorded, sent or compared by them (docs/cluster.md).",
    )
    start_within_s: float = Field(
        300.0, gt=0, description="How long shards of a new version may take to be opened."
    )
    part_within_s: float = Field(
        3600.0,
        gt=0,
        description="How long a build waits until the next part is done; then it ends with an error and "
        "goes on with the next `enmusubi index`.",
    )
    cores_a_task: int = Field(1, ge=1, description="Cores that each task of a build gets.")
