"""The registry refuses what could not run, when it is filled and not at night."""

from __future__ import annotations

import datetime as dt

import pytest

from app.outbox.lifecycle import FINAL, TRANSITIONS, JobAction, JobState
from app.outbox.registry import JobRegistry

DAY = dt.timedelta(days=1)


def test_a_topic_has_one_handler() -> None:
    jobs = JobRegistry()
    jobs.transactional("a.b", lambda _session, _job: None)
    with pytest.raises(ValueError, match="twice"):
        jobs.transactional("a.b", lambda _session, _job: None)
    assert jobs.topics == ["a.b"]
    assert jobs.find("a.c") is None


def test_a_periodic_job_needs_its_topic_a_length_and_a_name_of_its_own() -> None:
    jobs = JobRegistry()
    with pytest.raises(ValueError, match="first"):
        jobs.periodic("nightly", topic="a.b", every=DAY)
    jobs.transactional("a.b", lambda _session, _job: None)
    with pytest.raises(ValueError, match="length"):
        jobs.periodic("nightly", topic="a.b", every=DAY * 0)
    jobs.periodic("nightly", topic="a.b", every=DAY)
    with pytest.raises(ValueError, match="name of its own"):
        jobs.periodic("nightly", topic="a.b", every=DAY)
    assert [periodic.name for periodic in jobs.periodics] == ["nightly"]


def test_final_states_have_no_way_out_and_the_others_do() -> None:
    for state in JobState:
        assert (TRANSITIONS.actions(state) == []) == (state in FINAL)


def test_every_state_and_action_has_a_use() -> None:
    rows = TRANSITIONS.rows()
    assert {action for _, action, _ in rows} == set(JobAction)
    assert {after for _, _, after in rows} == set(JobState)
