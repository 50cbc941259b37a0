"""Joins a Ray cluster, or starts one on this machine, without telling anybody.

No usage statistics, no dashboard, no lines of workers on this terminal; a cluster that is started here
listens on this machine alone, and writes no object to the disk.
"""

import logging
import os
import socket
from typing import Any

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ClusterUnusableError
from enmusubi.threads import usable_cores

NAMESPACE = "enmusubi"
LOOPBACK = "127.0.0.1"
HEAD_WITHIN_S = 5.0  # Ray itself asks a head that doesn't answer for minutes
# of a cluster on this machine alone: nothing on the disk; a node isn't given up because the machine is busy
# for half a minute, as no other could do its work; a task that takes all memory is not tried for ever
SYSTEM = {
    "automatic_object_spilling_enabled": False,
    "health_check_failure_threshold": 20,
    "task_oom_retries": 3,
}


def keep_to_loopback(ray: Any) -> None:
    """Keep Ray from replacing this machine's own address by one that others reach.

    Ray reads the variable once, when it is imported, which may have been before; its workers read it anew.
    """
    os.environ.update(RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="0")
    ray._private.ray_constants.ENABLE_RAY_CLUSTER = False


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), HEAD_WITHIN_S):
            return True
    except OSError:
        return False


def _find_head(ray: Any, address: str) -> None:
    """Raise ConnectionError unless the head at `address` (host:port) answers.

    A head on this machine listens either where others reach it, as Ray takes for granted, or on the
    loopback alone.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not (host and port.isdigit()) or "/" in host:
        return  # another way to name a cluster: Ray knows it
    if _answers(ray._private.services.resolve_ip_for_localhost(host), int(port)):
        return
    if not _answers(host, int(port)):
        raise ConnectionError
    keep_to_loopback(ray)


def connect(settings: ClusterSettings) -> Any:
    """Return Ray's module, connected; raises ClusterUnusableError where that cannot be had."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
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
            _find_head(ray, settings.address)
            ray.init(address=settings.address, **common)
        else:
            keep_to_loopback(ray)
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
