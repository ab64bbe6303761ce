"""Gunicorn in production: `gunicorn wsgi:application` reads this file by itself.

Two processes of eight threads each; WEB_CONCURRENCY changes the first number. The limits
and what each is for stand in docs/operations.md.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.http import wsgi
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Database
from app.db.schema import SchemaError, check_schema
from config import SettingsError, load_settings

try:
    _settings = load_settings()
except SettingsError as error:
    raise SystemExit(str(error)) from error

_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = [f"{_host}:{_settings.port}"]

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
backlog = 256

# A process that does not answer its master for so long is ended: far above the 30 seconds
# after which the database gives up on a statement.
timeout = 60
graceful_timeout = 30
# Longer than the proxy keeps idle connections, so that it is never us who close first.
keepalive = 75
# Each process ends after so many requests, at different times: a slow leak stays small.
max_requests = 20_000
max_requests_jitter = 4_000

limit_request_line = 4_094
limit_request_fields = 60
limit_request_field_size = 8_190

# No way in beside HTTP.
control_socket_disable = True
# Who the caller is, is told by ProxyFix and ASSAY_PROXY_COUNT alone; here it would only
# change the scheme, and only for a proxy on this machine.
forwarded_allow_ips = "127.0.0.1,::1" if _settings.proxy_count else ""
proxy_protocol = "off"

# Heartbeats of the processes in memory where there is such a folder: a slow disk must not
# look like a hanging process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes a file of its own there

# The portal writes one line per request itself, as JSON, without addresses that hold tokens.
accesslog = None
errorlog = "-"
loglevel = "warning"

# Figures of all processes together. Must be set before prometheus_client is imported;
# a reload of this file keeps the folder.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_made_here = _FOLDER not in os.environ
if _made_here:
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="assay-metrics-")


class _Quiet(wsgi.Response):  # type: ignore[misc]  # no types upstream
    """Answers without the name of the server."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


wsgi.Response = _Quiet


def on_starting(_server: Any) -> None:
    """Refuse a database of another version; forget figures that an earlier run left."""
    database = Database(_settings.resolved_database_url)
    try:
        check_schema(database)
    except SchemaError as error:
        raise SystemExit(str(error)) from error
    except SQLAlchemyError as error:
        raise SystemExit("The database does not answer; look at ASSAY_DATABASE_URL.") from error
    finally:
        database.dispose()
    for file in Path(os.environ[_FOLDER]).glob("*.db"):
        file.unlink(missing_ok=True)


def child_exit(_server: Any, worker: Any) -> None:
    """Take what a process has in use out of the sums when it is gone."""
    for file in Path(os.environ[_FOLDER]).glob(f"gauge_live*_{worker.pid}.db"):
        file.unlink(missing_ok=True)


def on_exit(_server: Any) -> None:
    """Remove the folder of figures, if it is ours."""
    if _made_here:
        shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)
