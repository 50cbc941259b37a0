"""Which tests go to one worker together: those that share what is costly to make.

xdist's own `--dist loadgroup` marks a test by changing its id, which pytest 9.2 takes no notice of.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling

_OF_A_MODULE = re.compile(r"scope=\"module\"")
_OF_A_WORKER = {  # what a worker makes once: one of them is enough
    "the real weights": re.compile(r"real_encoder|real_cache_dir|packed_model|import torch"),
    "the syntax trees": re.compile(r"support\.(sources|message_ids)"),
    "a Ray cluster": re.compile(r"support(\.| import )ray_world"),
    "an MLflow store": re.compile(r"made_store|empty_store|opened_store|mlflow"),
}


class ByWhatIsShared(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out tests one by one, in order, but together those that share a costly fixture."""

    def __init__(self, config: Any, log: Any) -> None:
        super().__init__(config, log)
        self._root = config.rootpath
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return shared_by(self._root / path) or nodeid


@cache
def shared_by(path: Path) -> str:
    """Return what the tests of a file share, or nothing where each of them stands alone."""
    text = path.read_text("utf-8")
    for name, uses in _OF_A_WORKER.items():
        if uses.search(text):
            return name
    beside = path.with_name("conftest.py")
    texts = (text, beside.read_text("utf-8") if beside.exists() else "")
    return str(path) if any(map(_OF_A_MODULE.search, texts)) else ""
