"""The outbox in the application: the registry that features fill, the worker as a command."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import current_app

from app.db.unit_of_work import unit_of_work
from app.outbox.cli import worker_for
from app.outbox.jobs import PRUNE_TOPIC
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish
from app.outbox.registry import jobs_of
from app.web.application import Application
from app.web.verbs import known_verbs


def _states(app: Application, topic: str) -> list[JobState]:
    with unit_of_work(app.database, write=False) as session:
        return list(session.execute(sa.select(Job.state).where(Job.topic == topic)).scalars())


def test_the_worker_command_runs_what_is_due(app: Application) -> None:
    answer = app.test_cli_runner().invoke(args=["worker", "--until-empty"])
    assert answer.exit_code == 0, answer.output
    assert "attempts made" in answer.output
    # The periodic clearance was due: its first slot was open.
    assert _states(app, PRUNE_TOPIC) == [JobState.DONE]


def test_the_worker_command_refuses_a_database_that_was_not_set_up(app: Application) -> None:
    with app.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    answer = app.test_cli_runner().invoke(args=["worker", "--until-empty"])
    assert answer.exit_code == 1
    assert "upgrade" in answer.output


def test_jobs_run_inside_the_application(make_app: Callable[..., Application]) -> None:
    app = make_app()
    names: list[str] = []
    jobs_of(app).transactional(
        "test.context", lambda _session, _job: names.append(current_app.name)
    )
    with unit_of_work(app.database) as session:
        publish(session, "test.context")
    worker_for(app).run_until_empty()
    assert names == [app.name]


def test_what_is_done_to_jobs_has_words(app: Application) -> None:
    assert {"job.retried", "job.all_retried", "job.cancelled"} <= set(known_verbs())
