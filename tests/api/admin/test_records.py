"""The administrator's pages of imports, index versions, identities, jobs and the audit trail."""

import csv
import html
import io
import json
import re

from sqlalchemy import delete, update

from catalogue.database.service_models import Job
from catalogue.identity.decisions import count_pairs
from indexes.versions import current_name, pinned_name
from office.access import audit
from tests.api.admin.steps import shown, submit
from tests.support.worlds.administration import BOSS, FORMULA, SECRET_ROW


def test_imports_are_listed_with_counts_and_time_and_rejects_page_by_page(office):
    page = shown(office, "/admin/imports")
    assert "3:07" in page
    assert "1,204" in page
    assert "Not finished" in page
    first = shown(office, "/admin/imports/1")
    assert "not a date such as 2024-04-01" in first
    assert "Commonest reasons" in first
    rest = re.search(r'rel="next" href="([^"]+)"', first).group(1)
    second = shown(office, rest)
    assert "Commonest reasons" not in second
    assert len(re.findall("needs-2026.csv", first)) == 50
    assert len(re.findall("needs-2026.csv", second)) == 11


def test_an_older_index_version_serves_again_and_is_pinned(office, folder):
    page = submit(office, "/admin/index", version="v000002")
    assert "Serves, pinned" in page
    assert "340 kB" in page
    root = folder / "indexes"
    assert (current_name(root), pinned_name(root)) == ("v000002", "v000002")
    submit(office, "/admin/index", version="v000003")
    assert (current_name(root), pinned_name(root)) == ("v000003", None)


def test_a_version_that_is_not_there_is_refused(office, folder):
    for name in ("v000009", "../../etc"):
        assert office.post("/admin/index", data={"version": name}).status_code == 422
    assert office.post("/admin/index", data={}).status_code == 422
    assert current_name(folder / "indexes") == "v000003"


def test_a_pair_is_joined_undone_and_kept_apart(office, catalogue):
    pair = {"first": "A5012345678", "second": "R-01", "state": "queued"}
    page = shown(office, "/admin/identities")
    assert "Certainty 74 per cent" in page
    assert '<li class="contrary">Different names</li>' in page

    def counts():
        with catalogue.reading() as connection:
            return count_pairs(connection)

    submit(office, "/admin/identities", decision="join", **pair)
    assert counts() == {"queued": 1, "joined": 1, "apart": 0}
    assert "Decided by hand" in shown(office, "/admin/identities?state=joined")
    submit(office, "/admin/identities", decision="undo", **pair | {"state": "joined"})
    submit(office, "/admin/identities", decision="apart", **pair)
    assert counts() == {"queued": 1, "joined": 0, "apart": 1}


def test_a_waiting_job_stops_at_once_and_a_running_one_is_asked_to(office):
    page = submit(office, "/admin/jobs/j-waiting/cancel")
    assert page.count("Stopped") == 2  # the tab and the job
    assert "was asked to stop" in submit(office, "/admin/jobs/j-running/cancel")
    assert office.post("/admin/jobs/j-done/cancel").status_code == 409
    assert office.post("/admin/jobs/nobody/cancel").status_code == 404
    assert "j-failed" in shown(office, "/admin/jobs?state=failed")
    assert "j-done" not in shown(office, "/admin/jobs?state=failed")


def test_the_trail_is_filtered_and_paged(office, catalogue):
    for number in range(60):
        audit.note(catalogue, BOSS, "look", "need", f"N-{number}")
    first = shown(office, "/admin/audit?action=look")
    assert "N-59" in first
    assert ">Made an account</td>" not in first
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first).group(1))
    second = shown(office, older)
    assert "action=look" in older
    assert "N-9<" in second.replace("\n", "")
    assert "No entry fits." in shown(office, "/admin/audit?actor=person:nobody")
    assert "No entry fits." in shown(office, "/admin/audit?until=2020-01-01")
    assert office.get("/admin/audit?since=soon").status_code == 422


def test_the_page_says_whether_the_trail_is_whole(office, catalogue):
    assert "The trail is whole" in shown(office, "/admin/audit")
    with catalogue.writing() as connection:
        connection.execute(update(audit.ENTRY).where(audit.ENTRY.c.entry_id == 3).values(role="ip"))
    assert "entry 3 is not as it was written" in shown(office, "/admin/audit")
    with catalogue.writing() as connection:
        connection.execute(delete(audit.ENTRY).where(audit.ENTRY.c.entry_id == 2))
    assert "entry 2 is missing" in shown(office, "/admin/audit")


def test_a_trail_that_was_cut_off_shows_against_what_was_noted(office, catalogue):
    page = shown(office, "/admin/audit")
    number, beginning = re.search(r"No\. (\d+), hash ([0-9a-f]{16})…", page).groups()
    path = f"/admin/audit?noted_entry={number}&noted_hash={beginning}"
    assert "It holds the entry that you noted." in shown(office, f"{path}…")
    with catalogue.writing() as connection:
        last = audit.ENTRY.c.entry_id == int(number)
        connection.execute(delete(audit.ENTRY).where(last))
    assert "The trail is whole" in shown(office, "/admin/audit")
    assert f"entries from {number} on were cut off" in shown(office, path)
    audit.note(catalogue, BOSS, "look")
    assert f"entry {number} is not as it was written" in shown(office, path)
    for noted in ("noted_entry=3", "noted_hash=abcdef01", "noted_entry=x&noted_hash=abcdef01"):
        assert office.get(f"/admin/audit?{noted}").status_code == 422


def test_the_trail_as_a_table_holds_no_formula_and_every_entry(office, catalogue):
    audit.note(catalogue, BOSS, "look", "need", FORMULA)
    answer = office.get("/admin/audit.csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [int(row["entry_id"]) for row in rows] == list(range(len(rows), 0, -1))
    assert rows[0]["action"] == "export audit trail"
    assert rows[1]["object_id"] == f"'{FORMULA}"


def test_the_trail_as_lines_begins_with_its_head(office, catalogue):
    first, *rest = map(json.loads, office.get("/admin/audit.jsonl").text.splitlines())
    with catalogue.reading() as connection:
        head = audit.head_of(connection)
    assert (first["head"], first["entries"], len(rest)) == (head.hash, head.entries, head.entries)


def test_nobody_reads_what_a_job_was_asked(office, catalogue):
    with catalogue.reading() as connection:
        asked = connection.execute(Job.__table__.select()).mappings().first()
    assert SECRET_ROW in json.loads(asked["request"])["text"]
    assert SECRET_ROW not in shown(office, "/admin/jobs")
