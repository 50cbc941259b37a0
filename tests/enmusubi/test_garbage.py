"""Memory that is free goes back to the system."""

from pathlib import Path

from enmusubi.garbage import give_memory_back

PIECES, BYTES = 60_000, 1_000


def own_bytes() -> int:
    """Return how much memory of this process belongs to no file."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))


def test_what_is_free_between_what_is_kept_is_given_back() -> None:
    pieces = [bytes(BYTES) for _ in range(PIECES)]
    kept = pieces[::500]  # so that the allocator cannot give the end of its heap back
    pieces.clear()
    before = own_bytes()

    give_memory_back()

    assert before - own_bytes() > PIECES * BYTES / 2
    assert len(kept) == PIECES / 500
