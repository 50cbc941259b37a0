"""What kind of organisation a name tells of, where no source says it."""

import re
from collections.abc import Iterable

from catalogue.identity.industry import MAX_NAME_CHARS, is_company

UNIVERSITY, COMPANY, OTHER = "university", "company", "other"

_UNIVERSITY = re.compile(
    r"大学(?!病院|共同利用|\S*病院)|大學|高等専門学校|\buniv(?:ersit\w*)?\b(?!.*\bhospital)|\bcollege\b"
    r"|\b(?:national )?institute of technology\b|\bpolytechnic",
    re.IGNORECASE,
)


def kind_of_names(names: Iterable[str]) -> str:
    """Return `company`, `university` or `other`, the first that a name tells."""
    listed = [name for name in names if name]
    if any(map(is_company, listed)):
        return COMPANY
    is_university = any(_UNIVERSITY.search(name, 0, MAX_NAME_CHARS) for name in listed)
    return UNIVERSITY if is_university else OTHER
