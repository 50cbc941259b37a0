"""Ids that no need may have: addresses of the service say something else by them."""

import re

NEW = "new"  # the page where a need is written down
ENDINGS = r"/(?:matches|releases|feedback|guests(?:/[^/]*)?|close|reopen|change)"
_RESERVED = re.compile(rf"{NEW}|.*{ENDINGS}", re.DOTALL)


def is_reserved(need_id: str) -> bool:
    """Return whether a need of this id could not be opened."""
    return _RESERVED.fullmatch(need_id) is not None
