"""Says which code ran: the program's version and, in a checkout, the commit."""

import subprocess
from pathlib import Path

import enmusubi

_PACKAGE = Path(__file__).parent
_TIMEOUT_S = 10


def code_version() -> dict[str, str]:
    """Return `program` and, where the package lies in its own checkout, `commit`.

    A commit ends in `-dirty` when files differ from it. A package that was installed into a folder
    of somebody else's checkout has no commit.
    """
    version = {"program": enmusubi.__version__}
    if _git("rev-parse", "--show-prefix") == f"{_PACKAGE.name}/":
        commit = _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
        version |= {"commit": commit} if commit else {}
    return version


def _git(*arguments: str) -> str:
    """Return what git prints about the package's folder, or nothing where it can't."""
    try:
        done = subprocess.run(  # noqa: S603  (fixed arguments)
            ["git", "-C", str(_PACKAGE), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
