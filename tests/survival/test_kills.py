"""Import, index, nightly, a service with a job, migration, backup and restore are killed and lose nothing.

After each kill the catalogue, the audit trail and the index that serves are looked at; in the end the command
leaves what an undisturbed one leaves. `make test-exhaustive` kills each of the eight on SQLite and PostgreSQL
`--kills` times, 1,024 in all; the quick run has a few. `python -m tests.survival.thousand` does the thousand
where they may be broken off and go on.
"""

import logging

import pytest

from tests.survival.kills import A_ROUND, KINDS, kill_in_a_round, work_of
from tests.survival.offices import Offices

log = logging.getLogger(__name__)
QUICK_KILLS = 3
QUICK = [(kind, "sqlite") for kind in KINDS] + [("nightly", "postgresql")]


@pytest.mark.parametrize(("kind", "database"), QUICK, indirect=["database"])
def test_a_command_that_is_killed_harms_nothing_and_a_rerun_ends_it(
    kind: str, database: str, offices: Offices
) -> None:
    work = work_of(kind, offices.prepared, offices.imported)
    work.learn(offices.killed)
    kills = list(kill_in_a_round(work, offices.killed, f"{kind} {database}", QUICK_KILLS))
    assert len(kills) == QUICK_KILLS


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_kills(
    kind: str, database: str, offices: Offices, pytestconfig: pytest.Config
) -> None:
    work = work_of(kind, offices.prepared, offices.imported)
    work.learn(offices.killed)
    for number in range(pytestconfig.getoption("kills") // A_ROUND):
        kills = list(kill_in_a_round(work, offices.killed, f"{kind} {database} {number}"))
        log.info("%s on %s, round %s: %s", kind, database, number, kills)
