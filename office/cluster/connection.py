"""Joins a Ray cluster, or starts one on this machine, without telling anybody.

No usage statistics, no dashboard, no lines of workers on this terminal; a cluster that is started here
listens on this machine alone, and writes no object to the disk.
"""

import logging
import os
from typing import Any

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ClusterUnusableError
from enmusubi.threads import usable_cores

NAMESPACE = "enmusubi"
LOOPBACK = "127.0.0.1"
# of a cluster on this machine alone: nothing on the disk; a node isn't given up because the machine is busy
# for half a minute, as no other could do its work; a task that takes all memory is not tried for ever
SYSTEM = {
    "automatic_object_spilling_enabled": False,
    "health_check_failure_threshold": 20,
    "task_oom_retries": 3,
}


def connect(settings: ClusterSettings) -> Any:
    """Return Ray's module, connected; raises ClusterUnusableError where that cannot be had."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not settings.address:
        # else Ray replaces this machine's own address by one that others reach
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        import ray
    except ImportError as error:
        raise ClusterUnusableError(
            "Ray is not installed. Install it with `pip install 'enmusubi[ray]'`, or set "
            "cluster.engine to `local`."
        ) from error
    if ray.is_initialized():
        return ray
    # Ray tells the whole cluster the command line, which may hold a need: `enmusubi match "…"`
    ray._private.utils.get_entrypoint_name = lambda: NAMESPACE
    common: dict[str, Any] = {
        "namespace": NAMESPACE,
        "log_to_driver": False,
        "logging_level": logging.WARNING,
    }
    try:
        if settings.address:
            ray.init(address=settings.address, **common)
        else:
            ray.init(
                address="local",
                num_cpus=usable_cores(),
                include_dashboard=False,
                _node_ip_address=LOOPBACK,
                _system_config=SYSTEM,
                **common,
            )
    except Exception as error:  # Ray has many kinds
        raise ClusterUnusableError(
            "The Ray cluster %(address)s cannot be used (%(kind)s). Check that its head runs, and "
            "cluster.address in the settings.",
            address=settings.address or LOOPBACK,
            kind=type(error).__name__,
        ) from error
    return ray
