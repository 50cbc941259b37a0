"""A command whose disk is full at one write: a clear error, or done without; a rerun ends it."""

from tests.survival.events import COMMIT, FILE, FULL, INJECTED, SYNC, At
from tests.survival.invariants import names_of_files
from tests.survival.office import Office
from tests.survival.works import Work

COMMANDS = ("import", "index", "backup", "restore", "older-restore", "migration", "nightly")
FAILED, WITHOUT, NO_SUCH_WRITE = "failed", "done without", "no such write"


def writes_of(work: Work, office: Office) -> list[At]:
    """Return every write of the command that can find the disk full.

    PostgreSQL's disk may be another machine's: it answers an error there.
    """
    events = (FILE, SYNC) if office.url.startswith("postgresql") else (FILE, SYNC, COMMIT)
    return [At(event, n, FULL) for event in events for n in range(1, work.extent[event] + 1)]


def fill_at(work: Work, office: Office, at: At) -> str:
    """Let the disk be full at that write of a fresh start; returns how the command ended."""
    work.begin(office)
    code, printed = work.run(office, at=at), office.log.read_bytes()
    if INJECTED not in printed:  # how many writes there are differs a little
        assert code == 0, printed
        return NO_SUCH_WRITE
    errors = [line for line in printed.splitlines() if line.startswith(b"error: ")]
    assert b"Traceback" not in printed, (at, printed.decode())
    if code == 0:
        work.at_the_end(office)
        return WITHOUT
    assert (code, len(errors)) == (1, 1), (at, printed.decode())
    assert b"Unexpected" not in errors[0], (at, errors[0])
    work.after_a_kill(office)
    assert work.run(office) == 0, (at, office.log.read_text("utf-8"))
    left_over = names_of_files(office) - work.files
    assert not left_over, (at, left_over)
    work.at_the_end(office)
    return FAILED
