"""What an administrator reads and stops, on SQLite and PostgreSQL alike: imports, rejects, jobs."""

from datetime import timedelta

import pytest

from catalogue.database.viewer import PERSON_ROLES, Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from office.access import audit
from office.imports import commonest_reasons, get_import, list_imports, not_taken_page
from office.jobs.requests import cancel_any_job, count_jobs, list_jobs
from tests.support.worlds import furnish
from tests.support.worlds.administration import BOSS, SECRET_ROW


@pytest.fixture
def office(catalogue, tmp_path):
    """A catalogue of each kind, well filled."""
    furnish("administration", catalogue, tmp_path)
    return catalogue


def test_imports_are_read_with_counts_and_what_they_did_not_take(office):
    with office.reading() as connection:
        newest, oldest = list_imports(connection, BOSS)
        first = not_taken_page(connection, BOSS, oldest.run_id, limit=60)
        rest = not_taken_page(connection, BOSS, oldest.run_id, after=first.after, limit=60)
        reasons = commonest_reasons(connection, BOSS, oldest.run_id)
    assert (newest.format, newest.took) == ("openalex", None)
    assert (oldest.read, oldest.rejected, oldest.rejections) == (1_204, 61, 61)
    assert oldest.took == timedelta(minutes=3, seconds=7)
    assert oldest.changes == {"added": 900, "updated": 43, "merged": 0, "unchanged": 200}
    assert [(one.field, one.count) for one in reasons] == [("posted_on", 41), ("title", 20)]
    assert [one.row for one in (*first.items, *rest.items)] == list(range(2, 63))
    assert rest.after == ""
    assert SECRET_ROW not in repr((newest, oldest, first, rest, reasons))


def test_jobs_are_listed_counted_and_stopped(office):
    with office.writing() as connection:
        cancel_any_job(connection, BOSS, "j-waiting")
        cancel_any_job(connection, BOSS, "j-running")
        states = {
            job.job_id: (job.state, job.may_be_cancelled) for job in list_jobs(connection, BOSS)
        }
        assert count_jobs(connection, BOSS)["cancelled"] == 1
        noted = [e.object_id for e in audit.entries_page(connection, BOSS).items[:2]]
        with pytest.raises(ConflictError, match="is done already"):
            cancel_any_job(connection, BOSS, "j-done")
        with pytest.raises(UnknownIdError, match="no job 'nobody'"):
            cancel_any_job(connection, BOSS, "nobody")
        with pytest.raises(InputError, match="No job has the state"):
            list_jobs(connection, BOSS, "lost")
    assert states["j-waiting"] == ("cancelled", False)
    assert states["j-running"] == ("running", False)
    assert noted == ["j-running", "j-waiting"]


def test_nobody_else_reads_any_of_it(office):
    reads = [
        list_imports,
        list_jobs,
        count_jobs,
        lambda connection, viewer: get_import(connection, viewer, 1),
        lambda connection, viewer: not_taken_page(connection, viewer, 1),
        lambda connection, viewer: commonest_reasons(connection, viewer, 1),
        lambda connection, viewer: cancel_any_job(connection, viewer, "j-waiting"),
    ]
    with office.writing() as connection:
        for role in set(PERSON_ROLES) - {"administrator"}:
            for read in reads:
                with pytest.raises(ForbiddenError, match="may not administer"):
                    read(connection, Viewer("tanaka", role))
