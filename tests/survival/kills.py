"""Commands are killed again and again, at named events and at moments; all invariants are looked at.

A round is some kills of one command from one start, then a run to the end and all compared with an
undisturbed run. Its moments follow from its name, so that a round can be run again.
"""

from collections.abc import Callable, Iterator
from random import Random

from tests.survival.events import DEATHS, EVENTS, MOMENTS, At
from tests.survival.invariants import assert_unchanged, names_of_files, versions
from tests.survival.office import Office
from tests.survival.serving import ServeWork
from tests.survival.works import (
    NIGHT,
    BackupWork,
    MigrationWork,
    OlderRestoreWork,
    RestoreWork,
    Work,
)

WORKS = {
    "serve": ServeWork,
    "backup": BackupWork,
    "restore": RestoreWork,
    "older-restore": OlderRestoreWork,
    "migration": MigrationWork,
}
KINDS = ("import", "index", "nightly", *WORKS)
A_ROUND = 4
_MOST_MISSES = 12


def kill_in_a_round(work: Work, office: Office, name: str, kills: int = A_ROUND) -> Iterator[At]:
    """Kill the command so often, then let it end; returns where each kill came, once it harmed nothing.

    A command that ended before it was to be killed is looked at as at the end, and begun anew.
    """
    random, killed, missed, share = Random(name), 0, 0, 1.0
    work.begin(office)
    kept = versions(office)
    while killed < kills:
        at = _somewhere(work, random, share)
        code = work.run(office, at=at)
        if code == 0:
            missed += 1
            assert missed < _MOST_MISSES, "it is done before it can be killed"
            work.at_the_end(office)
            work.begin(office)
            kept, share = versions(office), 1.0
            continue
        assert code in DEATHS, f"{at}: {code}: {office.log.read_text('utf-8')}"
        work.after_a_kill(office)
        kept |= _none_changed(kept, office)
        killed, share = killed + 1, share * work.left_over
        yield at
    work.make_way(office)
    code = work.run(office)
    assert code == 0, office.log.read_text("utf-8")
    left_over = names_of_files(office) - work.files
    assert not left_over, left_over
    work.at_the_end(office)
    _none_changed(kept, office)


def _none_changed(kept: dict[str, str], office: Office) -> dict[str, str]:
    found = versions(office)
    assert_unchanged(found, kept)
    return found


def _somewhere(work: Work, random: Random, share: float) -> At:
    """Return an event or moment of the first so great a share of the command."""
    event = random.choice([e for e in (*EVENTS, *MOMENTS) if work.extent[e]])
    return At(event, random.randint(1, max(1, round(share * work.extent[event]))))


def work_of(kind: str, prepared: Office, imported: Callable[[], Office]) -> Work:
    """Return a command with its checks, by its name."""
    if kind == "import":
        return Work(prepared, lambda o: ("import", "general", str(o.folder / "news")))
    if kind == "index":
        return Work(imported(), lambda _: ("index",))
    if kind == "nightly":
        return Work(prepared, lambda _: NIGHT)
    return WORKS[kind](prepared)
