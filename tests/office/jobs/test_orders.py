"""What a job keeps of who asked: enough to find their rights of the moment, and nothing that stands in."""

from catalogue.database.viewer import LOCAL_VIEWER, StandIn, Viewer
from matcher.records import Filters
from office.access.rules import CHIEF
from office.jobs.jobs import MatchOrder, _read, _written


def test_who_asked_is_read_as_written() -> None:
    for asked in (LOCAL_VIEWER, Viewer("portal", "", "machine", companies=frozenset({"o-1"}))):
        order = MatchOrder(("n-1",), asked, 10, Filters())
        assert _read(_written(order)).asked == asked


def test_whom_somebody_stands_in_for_is_asked_when_the_job_is_done() -> None:
    away = StandIn("sato", "Sato", CHIEF, frozenset({"queue"}))
    order = MatchOrder(("n-1",), Viewer("mori", CHIEF, stands_in=(away,)), 10, Filters())
    assert _read(_written(order)).asked == Viewer("mori", CHIEF)
