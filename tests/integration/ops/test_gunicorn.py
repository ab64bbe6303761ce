"""Production settings: several processes count together, restarts lose nothing, no names shown."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config import ROOT
from tests.benchmarks.client import Ask, Connection
from tests.integration.ops.commands import (
    ROOMY,
    children_of,
    environment,
    eventually,
    fetch,
    free_port,
)
from tests.support.databases import DatabaseSource

pytestmark = pytest.mark.slow

TOKEN = "a token for figures"
KEY = "the first secret key of this portal"
NEXT_KEY = "the second secret key of this portal"


@contextlib.contextmanager
def gunicorn(data: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the master process of a portal that answers."""
    own = environment(data, port=str(port), metrics_token=TOKEN, **settings)
    with (data / "gunicorn.log").open("ab") as words:
        master = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:application"],
            env=own, cwd=ROOT, stdout=words, stderr=words,
        )  # fmt: skip
    try:
        eventually(
            lambda: (
                master.poll() is not None or fetch(f"http://127.0.0.1:{port}/health/live")[0] == 200
            ),
            "gunicorn answers",
        )
        assert master.poll() is None, (data / "gunicorn.log").read_text()
        yield master
    finally:
        if master.poll() is None:
            master.send_signal(signal.SIGTERM)
        try:
            master.wait(ROOMY)
        except subprocess.TimeoutExpired:
            master.kill()
            master.wait()


@pytest.fixture
def data(database_source: DatabaseSource, tmp_path: Path) -> Iterator[Path]:
    """Return a data folder whose database is there already."""
    with database_source.fresh_url("sqlite", tmp_path / "data"):
        yield tmp_path / "data"


def counted(url: str) -> float:
    """Return how many requests for /sign-in all processes together have answered."""
    with Connection(url) as connection:
        text = connection.ask(
            Ask("GET", "/metrics", {"Authorization": f"Bearer {TOKEN}"})
        ).body.decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "assay_requests_total" and sample.labels["route"] == "/sign-in"
    )


def test_processes_count_together_and_show_no_name(data: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with gunicorn(data, port) as master:
        seen = set()
        for _ in range(40):
            with Connection(url) as connection:  # another connection may meet another process
                answer = connection.ask(Ask("GET", "/sign-in"))
            seen |= {name for name in answer.headers if "gunicorn" in answer.headers[name].lower()}
            assert "server" not in answer.headers
        assert seen == set()
        assert counted(url) == 40
        workers = children_of(master.pid)
        assert len(workers) == 2
        # The figures of a process that is gone stay in the sums; what it had in use does not.
        os.kill(workers[0], signal.SIGKILL)
        eventually(lambda: workers[0] not in children_of(master.pid), "the process is gone")
        eventually(lambda: len(children_of(master.pid)) == 2, "another process")
        assert counted(url) == 40
        master.send_signal(signal.SIGTERM)
        assert master.wait(ROOMY) == 0
    folders = set(Path("/tmp").glob("assay-metrics-*"))
    assert not [folder for folder in folders if list(folder.glob(f"*_{workers[1]}.db"))]


def test_restarts_and_a_new_key_lose_no_request(data: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    troubles: list[str] = []
    answered = [0] * 4
    stop = threading.Event()
    with gunicorn(data, port, secret_key=KEY) as master:
        with Connection(url) as connection:
            first = connection.ask(Ask("GET", "/sign-in"))
        cookie = first.headers["set-cookie"].partition(";")[0]

        def keep_asking(place: int) -> None:
            while not stop.is_set():
                with Connection(url) as connection:
                    answer = connection.ask(Ask("GET", "/sign-in", {"Cookie": cookie}))
                if not answer.body.rstrip().endswith(b"</html>"):
                    troubles.append("half a page")
                answered[place] += 1

        def guarded(place: int) -> None:
            try:
                keep_asking(place)
            except Exception as error:
                troubles.append(repr(error))

        threads = [threading.Thread(target=guarded, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            before = set(children_of(master.pid))
            sum_before = sum(answered)
            master.send_signal(signal.SIGHUP)  # every process is replaced
            eventually(lambda before=before: not before & set(children_of(master.pid)), "replaced")
            eventually(lambda s=sum_before: sum(answered) > s + 20, "requests go on")
        stop.set()
        for thread in threads:
            thread.join(ROOMY)
        assert troubles == []
        with Connection(url) as connection:
            token = form_token(connection.ask(Ask("GET", "/sign-in", {"Cookie": cookie})).body)
        form = {"csrf_token": token, "email": "a@b.example", "password": "x"}
        post = Ask("POST", "/sign-in", {"Cookie": cookie}, form, status=422)
        with Connection(url) as connection:
            connection.ask(post)
    # A form that was open while the key was changed still works, as long as the old one is named.
    with (
        gunicorn(data, port, secret_key=NEXT_KEY, secret_key_fallbacks=KEY),
        Connection(url) as connection,
    ):
        connection.ask(post)
    with gunicorn(data, port, secret_key=NEXT_KEY), Connection(url) as connection:
        connection.ask(Ask(post.method, post.path, post.headers, post.form, status=400))


def form_token(body: bytes) -> str:
    """Return the token in a form."""
    return body.decode().partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": "many"}, "ASSAY_PORT"),
        ({"environment": "production"}, "secret key"),
        ({}, "The database is empty. Run `./run upgrade`"),
        ({"database_url": "postgresql+psycopg://me@127.0.0.1:1/x"}, "does not answer"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "gunicorn", "wsgi:application"],
        env=environment(tmp_path / "data", **settings), cwd=ROOT, capture_output=True, text=True,
        timeout=ROOMY, check=False,
    )  # fmt: skip
    assert refused.returncode != 0
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
