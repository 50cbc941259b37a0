"""Which tests go to one worker together: those of a file whose fixtures live as long as the file.

xdist's own `--dist loadgroup` marks a test by changing its id, which pytest 9.2 takes no notice of.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling

_SHARED = re.compile(r"scope=\"(module|package)\"")


class ByWhatIsShared(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole files where a fixture is made once a module, else test by test, in order."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        self._root = config.rootpath
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if shares_fixtures(self._root / path) else nodeid


@cache
def shares_fixtures(path: Path) -> bool:
    """Say whether the file, or what stands beside it for all, makes a fixture once a module."""
    read = (path, path.with_name("conftest.py"))
    return any(_SHARED.search(file.read_text("utf-8")) for file in read if file.exists())
