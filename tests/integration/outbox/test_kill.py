"""kill -9 of workers loses and doubles nothing (three processes, both databases)."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.db.engine import Database
from app.db.unit_of_work import unit_of_work
from app.outbox.lifecycle import JobState
from app.outbox.models import Job
from app.outbox.publish import publish
from tests.integration.outbox.doomed_worker import (
    LEDGER_TOPIC,
    LETTER_TOPIC,
    Doom,
    create_ledger,
    ledger,
)
from tests.integration.outbox.herd import Herd

pytestmark = pytest.mark.slow

SEED = 20_261_123


def _publish(database: Database, topic: str, count: int, *, doomed_each: int) -> dict[str, Doom]:
    """Publish numbered jobs, some of them doomed at each moment; return the doomed by id."""
    numbers = random.Random(SEED).sample(range(count), doomed_each * len(Doom))
    dooms = {number: list(Doom)[index % len(Doom)] for index, number in enumerate(numbers)}
    doomed: dict[str, Doom] = {}
    with unit_of_work(database) as session:
        for number in range(count):
            payload: dict[str, object] = {"number": number}
            if number in dooms:
                payload["doom"] = dooms[number].value
            job = publish(session, topic, payload)
            if number in dooms:
                doomed[str(job.id)] = dooms[number]
    return doomed


def _states(database: Database) -> Counter[JobState]:
    with unit_of_work(database, write=False) as session:
        statement = sa.select(Job.state, sa.func.count()).group_by(Job.state)
        return Counter({row[0]: row[1] for row in session.execute(statement)})


def _all_done(database: Database, count: int) -> bool:
    return _states(database)[JobState.DONE] == count


def _assert_each_killed(deaths: dict[str, Counter[str]], times: int) -> None:
    assert len(deaths) == 3
    assert all(kinds["killed"] >= times for kinds in deaths.values()), deaths


def test_2000_effects_in_the_database_happen_exactly_once(
    database: Database, tmp_path: Path
) -> None:
    create_ledger(database)
    _publish(database, LEDGER_TOPIC, 2_000, doomed_each=3)

    def effects() -> Counter[str]:
        with unit_of_work(database, write=False) as session:
            statement = sa.select(ledger.c.life, sa.func.count()).group_by(ledger.c.life)
            return Counter({row[0]: row[1] for row in session.execute(statement)})

    url = database.url.render_as_string(hide_password=False)
    herd = Herd(url, str(tmp_path / "letters"), effects=effects, lifespan=(20, 90), seed=SEED)
    deaths = herd.run(lambda: _all_done(database, 2_000))

    _assert_each_killed(deaths, 3)
    assert sum(kinds["by its own hand"] for kinds in deaths.values()) > 0
    with unit_of_work(database, write=False) as session:
        numbers = Counter(session.execute(sa.select(ledger.c.number)).scalars())
    assert numbers == Counter(range(2_000))
    assert _states(database) == {JobState.DONE: 2_000}


def test_300_effects_outside_happen_at_least_once_under_stable_ids(
    database: Database, tmp_path: Path
) -> None:
    letters = tmp_path / "letters"
    letters.touch()
    doomed = _publish(database, LETTER_TOPIC, 300, doomed_each=3)

    def posted() -> list[list[str]]:
        return [line.split(" ") for line in letters.read_text(encoding="ascii").splitlines()]

    def effects() -> Counter[str]:
        return Counter(life for _, life, _ in posted())

    url = database.url.render_as_string(hide_password=False)
    herd = Herd(url, str(letters), effects=effects, lifespan=(5, 20), seed=SEED)
    deaths = herd.run(lambda: _all_done(database, 300))

    _assert_each_killed(deaths, 1)
    # Who gets how many of so few jobs is chance; that workers died all the time is not.
    assert sum(kinds["killed"] for kinds in deaths.values()) >= 6, deaths
    with unit_of_work(database, write=False) as session:
        ids = {str(job_id) for job_id in session.execute(sa.select(Job.id)).scalars()}
    lines = posted()
    times = Counter(job_id for job_id, _, _ in lines)
    # A receiver that keeps one letter per id has each letter exactly once.
    assert set(times) == ids
    assert sorted({job_id: int(n) for job_id, _, n in lines}.values()) == list(range(300))
    # And the gap is real: a worker that died between the effect and its mark repeated it.
    for job_id, moment in doomed.items():
        if moment is Doom.BEFORE_COMMIT:
            assert times[job_id] >= 2, "died after the effect, before its mark"
