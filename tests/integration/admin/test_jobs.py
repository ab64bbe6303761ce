"""The Jobs page, what is done there, and the notices of those who asked."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from app.access.roles import Role
from app.audit.models import AuditEvent
from app.identity.models import StaffAccount
from app.kernel import clock as time
from app.outbox.lifecycle import JobState
from app.outbox.models import Job, WorkerHeartbeat
from tests.integration.admin.conftest import SignedIn, Work
from tests.integration.admin.rows import many_jobs
from tests.support.html_tree import Element
from tests.support.pages import PageClient, find, tree

JOBS = "/admin/jobs/"


def state_of(work: Work, job_id: uuid.UUID) -> JobState:
    with work(write=False) as session:
        return session.execute(sa.select(Job.state).where(Job.id == job_id)).scalar_one()


def one_job(work: Work, state: JobState, **values: Any) -> uuid.UUID:
    with work() as session:
        job_id: uuid.UUID = many_jobs(session, 1, state, **values)[0]["id"]
        return job_id


def doors(page: Element) -> dict[str, str]:
    cells = [a for a in page.elements("a") if "as-door" in (a.get("class") or "").split()]
    return {next(cell.elements("span")).text: next(cell.elements("strong")).text for cell in cells}


def test_numbers_are_doors_to_the_jobs_behind_them(office: PageClient, work: Work) -> None:
    with work() as session:
        many_jobs(session, 2, JobState.READY)
        many_jobs(session, 3, JobState.PARKED)
        many_jobs(session, 4, JobState.DONE)
        many_jobs(session, 1, JobState.CANCELLED)
    page = office.page(JOBS)
    numbers = {"Waiting": "2", "Running": "0", "Parked": "3", "Done": "4", "Cancelled": "1"}
    assert doors(page) == numbers
    for cell in [a for a in page.elements("a") if "as-door" in (a.get("class") or "").split()]:
        behind = office.page(str(cell.get("href")))
        rows = [th for th in behind.elements("th") if th.get("scope") == "row"]
        assert str(len(rows)) == next(cell.elements("strong")).text


def test_more_than_can_be_counted_quickly_is_said_so(
    office: PageClient, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.admin.jobs.queries.COUNTED", 5)
    with work() as session:
        many_jobs(session, 7)
    assert doors(office.page(JOBS))["Done"] == "over 5"


def test_a_missing_worker_is_said_and_a_living_one_is_listed(
    office: PageClient, work: Work
) -> None:
    waiting = "The oldest job has waited since"
    page = office.page(JOBS)
    assert "Nothing is sent while no worker runs. Start one with ./run worker." in page.text
    assert waiting not in page.text
    one_job(work, JobState.READY)
    assert waiting in office.page(JOBS).text
    with work() as session:
        now = time.now()
        session.add(WorkerHeartbeat(name="box-7 pid 4711", started_at=now, seen_at=now))
        gone = now - dt.timedelta(minutes=5)
        session.add(WorkerHeartbeat(name="box-8 pid 1", started_at=gone, seen_at=gone))
    text = office.page(JOBS).text
    assert "Start one with" not in text
    assert "box-7 pid 4711" in text
    assert "box-8" not in text


def test_a_job_is_shown_in_plain_facts(office: PageClient, work: Work) -> None:
    job_id = one_job(
        work,
        JobState.PARKED,
        topic="mail.deliver",
        attempts=54,
        payload={"mail_id": "0190", "nested": {"a": [1, None, True]}},
        last_error="The server refused the recipient.",
    )
    text = office.page(f"{JOBS}{job_id}").text
    for words in (
        "Delivery of a mail",
        "54 of 54",
        "The server refused the recipient.",
        "a: 1; nothing; yes",
        "the portal",
    ):
        assert words in text


def test_a_parked_job_is_tried_again_and_the_history_says_who(
    office: PageClient, work: Work
) -> None:
    job_id = one_job(work, JobState.PARKED)
    path = f"{JOBS}{job_id}"
    assert office.submit(path + "/retry", form_at=path).status_code == 303
    assert state_of(work, job_id) is JobState.READY
    text = office.page(path).text
    assert "Ada Admin" in text
    assert "tried again as soon as a worker is free" in text


def test_a_job_is_cancelled_after_one_question(office: PageClient, work: Work) -> None:
    job_id = one_job(work, JobState.READY)
    page = office.page(f"{JOBS}{job_id}/cancel")
    assert find(page, "h1").text == "Cancel “Removal of old jobs”?"
    assert office.submit(f"{JOBS}{job_id}/cancel").status_code == 303
    assert state_of(work, job_id) is JobState.CANCELLED
    assert office.submit(f"{JOBS}{job_id}/cancel").status_code == 409
    assert "Cancel this job" not in office.page(f"{JOBS}{job_id}").text


def test_all_parked_jobs_of_a_kind_or_all_are_tried_again(office: PageClient, work: Work) -> None:
    with work() as session:
        many_jobs(session, 2, JobState.PARKED, topic="files.scan")
        many_jobs(session, 3, JobState.PARKED)
    page = office.page(f"{JOBS}retry-parked?topic=files.scan")
    assert find(page, "h1").text == "Try 2 parked jobs of one kind again?"
    office.submit(f"{JOBS}retry-parked", {"topic": "files.scan"})
    assert doors(office.page(JOBS))["Parked"] == "3"
    assert find(office.page(f"{JOBS}retry-parked"), "h1").text == "Try all 3 parked jobs again?"
    office.submit(f"{JOBS}retry-parked")
    assert doors(office.page(JOBS))["Parked"] == "0"
    assert "No job is parked" in office.page(f"{JOBS}retry-parked").text
    with work(write=False) as session:
        verbs = session.scalars(sa.select(AuditEvent.verb).where(AuditEvent.verb.like("job.%")))
        assert list(verbs) == ["job.all_retried", "job.all_retried"]


def test_filters_that_make_no_sense_show_everything(office: PageClient, work: Work) -> None:
    one_job(work, JobState.DONE)
    page = office.page(f"{JOBS}?state=upside-down&topic=none.such&after=x")
    assert "Removal of old jobs" in page.text
    page = office.page(f"{JOBS}?state=parked")
    assert "No job is “Parked” here right now." in page.text


def test_jobs_are_for_administrators(signed_in: SignedIn, work: Work) -> None:
    job_id = one_job(work, JobState.PARKED)
    browser = signed_in(Role.AUDITOR)
    for path in (JOBS, f"{JOBS}{job_id}", f"{JOBS}retry-parked", f"{JOBS}{job_id}/cancel"):
        assert browser.get(path).status_code == 403
    for path in (f"{JOBS}{job_id}/retry", f"{JOBS}retry-parked", f"{JOBS}{job_id}/cancel"):
        assert browser.submit(path, form_at="/account").status_code == 403
    assert state_of(work, job_id) is JobState.PARKED


def test_notices_tell_what_came_of_it_and_are_put_away(
    office: PageClient, administrator: StaffAccount, work: Work
) -> None:
    own = {"owner_id": administrator.id, "topic": "files.verify", "title": "Check of all files"}
    whole = one_job(work, JobState.DONE, result={"checked": 1240, "damaged": 0}, **own)
    one_job(work, JobState.DONE, result={"checked": 1240, "damaged": 2}, **own)
    one_job(work, JobState.PARKED, **own)
    page = office.page("/notices/")
    assert find(page, "a", class_="as-bell").get("aria-label") == "Notices, 3 unread"
    for words in (
        "All 1,240 files are whole.",
        "2 files are not as they were",
        "The disk is full.",
    ):
        assert words in page.text
    answer = office.submit(f"/notices/{whole}/put-away", form_at="/notices/")
    assert answer.status_code == 303
    page = office.page("/notices/")
    assert find(page, "a", class_="as-bell").get("aria-label") == "Notices, 2 unread"
    assert "All 1,240 files are whole." in page.text
    office.submit("/notices/put-away", form_at="/notices/")
    page = office.page("/notices/")
    assert find(page, "a", class_="as-bell").get("aria-label") == "Notices"
    assert "Nothing is new." in page.text


def test_long_work_shows_how_far_it_is_and_can_be_stopped(
    office: PageClient, administrator: StaffAccount, work: Work
) -> None:
    now = time.now()
    job_id = one_job(
        work,
        JobState.RUNNING,
        owner_id=administrator.id,
        title="Export of people",
        lease_until=now + dt.timedelta(minutes=1),
        lease_token=uuid.uuid4(),
        progress_done=1240,
        progress_total=3000,
    )
    page = office.page("/notices/")
    job = find(page, "div", id=f"job-{job_id}")
    assert job.get("hx-get") == f"/notices/{job_id}"
    assert "1,240 of 3,000 done" in job.text
    # With script the part is asked for again; without, the link leads back to the list.
    part = office.get(f"/notices/{job_id}", headers={"HX-Request": "true"})
    assert find(tree(part), "div", id=f"job-{job_id}").get("hx-get") == f"/notices/{job_id}"
    assert "<html" not in part.get_data(as_text=True)
    assert office.get(f"/notices/{job_id}").location == "/notices/"
    office.submit(f"/notices/{job_id}/stop", form_at="/notices/")
    assert "Stopping" in office.page("/notices/").text
    with work(write=False) as session:
        assert session.get_one(Job, job_id).cancel_requested


def test_nobody_sees_or_stops_the_work_of_others(
    office: PageClient, administrator: StaffAccount, signed_in: SignedIn, work: Work
) -> None:
    job_id = one_job(work, JobState.READY, owner_id=administrator.id, title="Export of people")
    stranger = signed_in(Role.COLLEAGUE)
    assert "No notice yet" in stranger.page("/notices/").text
    headers = {"HX-Request": "true"}
    assert stranger.get(f"/notices/{job_id}", headers=headers).status_code == 404
    for act in ("stop", "put-away"):
        answer = stranger.submit(f"/notices/{job_id}/{act}", form_at="/account")
        assert answer.status_code == 404
    stranger.submit("/notices/put-away", form_at="/account")
    assert state_of(work, job_id) is JobState.READY
    with work(write=False) as session:
        assert session.get_one(Job, job_id).seen_at is None
