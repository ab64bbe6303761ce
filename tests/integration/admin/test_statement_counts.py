"""However much there is, a page of administration asks the database as often."""

from __future__ import annotations

import datetime as dt

from app.access.actor import SYSTEM
from app.db.query_log import counted_queries
from app.identity.models import StaffAccount
from app.identity.units import create_unit
from app.kernel import clock
from app.outbox.lifecycle import JobState
from app.outbox.models import WorkerHeartbeat
from tests.integration.admin.conftest import Work
from tests.integration.admin.rows import many_events, many_jobs, many_people
from tests.support.pages import PageClient


def _fill(work: Work, owner: StaffAccount, count: int) -> None:
    with work() as session:
        people = many_people(session, count)
        many_jobs(session, count, owner_id=owner.id, title="Export of people")
        many_jobs(session, count, JobState.PARKED, owner_id=people[0]["id"])
        many_jobs(session, count, JobState.READY, owner_id=people[-1]["id"])
        many_events(session, count, subject_type="account", subject_id=owner.id)
        for number in range(min(count, 30)):
            create_unit(session, SYSTEM, f"Unit {number} of {count}")
        seen = clock.now() - dt.timedelta(seconds=5)
        session.add_all(
            WorkerHeartbeat(name=f"worker {number}", started_at=seen, seen_at=seen)
            for number in range(min(count, 30))
        )


def test_pages_ask_as_often_at_1000_rows_as_at_10(
    office: PageClient, administrator: StaffAccount, work: Work
) -> None:
    _fill(work, administrator, 10)
    paths = (
        "/",
        "/notices/",
        "/admin/people/",
        "/admin/people/?role=colleague&state=invited&factor=no&q=person",
        "/admin/people/export.csv",
        f"/admin/people/{administrator.id}",
        f"/admin/people/{administrator.id}/history",
        f"/admin/people/{administrator.id}/sessions",
        "/admin/units/",
        "/admin/jobs/",
        "/admin/jobs/?state=parked&topic=jobs.prune",
        "/admin/audit/",
        "/admin/audit/?verb=file.uploaded",
        "/admin/audit/export.csv",
    )

    def asked() -> dict[str, list[str]]:
        found = {}
        for path in paths:
            with counted_queries() as statements:
                assert office.get(path).status_code == 200, path
            found[path] = list(statements)
        return found

    few = asked()
    _fill(work, administrator, 990)
    many = asked()
    assert {path: len(found) for path, found in many.items()} == {
        path: len(found) for path, found in few.items()
    }
    assert max(len(found) for found in many.values()) <= 12


def test_the_bell_costs_one_statement(office: PageClient) -> None:
    with counted_queries() as statements:
        office.get("/admin/units/")
    bells = [text for text in statements if "job.seen_at IS NULL" in text]
    assert len(bells) == 1
