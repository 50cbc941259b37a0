"""Without Ray everything else works, and nothing of it is loaded; what is sent through it is sealed."""

import socket
import subprocess
import sys
import time

import pytest
from cryptography.exceptions import InvalidTag

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ClusterUnusableError
from office.cluster.connection import connect
from office.cluster.sealing import Seal, new_key

LOADED = """
import sys
import api.app, cli.main, office.configured, office.index_versions, office.live_recommender
import office.cluster.actors, office.cluster.tasks
print(sorted(name for name in sys.modules if name == "ray" or name.startswith("ray.")))
"""


def test_nothing_of_ray_is_loaded_unless_the_settings_name_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(ClusterUnusableError, match=r"enmusubi\[ray\]"):
        connect(ClusterSettings(engine="ray"))


def test_what_is_sealed_tells_nothing_and_cannot_be_changed() -> None:
    seal = Seal(new_key())
    sealed = seal.seal(("answer", "zirconium whiskers"))

    assert b"zirconium" not in sealed
    assert seal.open(sealed) == ("answer", "zirconium whiskers")
    with pytest.raises(InvalidTag):
        Seal(new_key()).open(sealed)
    with pytest.raises(InvalidTag):
        seal.open(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_head_that_does_not_answer_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ray.is_initialized", lambda: False)  # by other tests of this worker
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    begun = time.monotonic()

    with pytest.raises(ClusterUnusableError, match=f"127.0.0.1:{port}"):
        connect(ClusterSettings(engine="ray", address=f"127.0.0.1:{port}"))

    assert time.monotonic() - begun < 15
