"""Numbers that tell nothing of how many rows there are: what a company sees of what others have as well."""

import secrets

FEWEST, MOST = 2**32, 2**53  # above any count; what every reader of JSON takes as it stands


def opaque_number() -> int:
    """Return a number by chance, far above any count."""
    return FEWEST + secrets.randbelow(MOST - FEWEST)
