"""Leaves with 0 if the server on this machine answers /healthz: the image's health check.

`python healthcheck.py [ADDRESS]`; uses the standard library alone, so that it starts in no time.
"""

import sys
import urllib.error
import urllib.request

ADDRESS = "http://127.0.0.1:8000/healthz"
TIMEOUT_S = 4


def answers(address: str) -> bool:
    """Return whether the address answers with 200 in time."""
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(*sys.argv[1:2] or [ADDRESS]) else 1)
