"""How much is tried: the quick run (`make test`) and the exhaustive one (`make test-exhaustive`)."""

from hypothesis import settings

QUICK, EXHAUSTIVE = "quick", "exhaustive"


def examples(quick: int, exhaustive: int) -> int:
    """Return how many examples hypothesis makes up; read while a test module is imported."""
    return exhaustive if settings.get_current_profile_name() == EXHAUSTIVE else quick
