"""Start the portal on this machine: pages and, beside them, a worker."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from types import FrameType

import click

from app.commands.beside import WorkerBeside, until_parent_is_gone
from app.commands.children import arguments, environment
from app.commands.demo import seed_when_empty
from app.commands.exits import Refusal
from app.commands.portal import open_portal
from app.commands.serving import PortalServer
from app.db.schema import check_schema, current_revision
from app.db.unit_of_work import unit_of_work
from app.health.views import readiness_of
from app.identity.entry import first_administrator_link
from app.outbox.cli import worker_for
from app.outbox.worker import stop_on_signals
from app.web.application import Application
from config import Settings, load_settings


@click.command()
def serve() -> None:
    """Start the portal with a worker beside it; Ctrl-C lets requests finish and stops both.

    The first start makes the data folder, the secret key and the database. A database of
    another version is refused: run `./run upgrade`.
    """
    settings = load_settings()
    listener = listen(settings)
    click.get_current_context().call_on_close(listener.close)
    app = open_portal(checked=False, settings=settings)
    if current_revision(app.database) is None:
        # In a process of its own: what migrations need would slow down every later start.
        subprocess.run(arguments("upgrade"), env=environment(), check=True)
    check_schema(app.database)
    if settings.demo:
        seed_when_empty(app)
    stop = threading.Event()
    server = PortalServer(app, listener)
    _stop_on_signals(stop, server)
    with WorkerBeside():
        _announce(app)
        server.run(stop, on_stop=readiness_of(app).stop)


@click.command("worker-beside", hidden=True)
def worker_beside() -> None:
    """Run jobs as long as the process lives that started this one with a pipe as its input."""
    app = open_portal()
    stop = threading.Event()
    stop_on_signals(stop)
    threading.Thread(target=until_parent_is_gone, args=(stop,), daemon=True).start()
    worker_for(app).run_forever(stop)


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say; raise Refusal when it cannot."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        # It lets a new start have the port at once, except where it would let two have it.
        return socket.create_server((settings.host, settings.port), family=family, backlog=128)
    except PermissionError as error:
        raise Refusal(
            f"Port {settings.port} needs more rights than this user has; set ASSAY_PORT to a "
            "number above 1023."
        ) from error
    except socket.gaierror as error:
        raise Refusal(
            f"ASSAY_HOST is {settings.host}, and this machine has no such address; "
            "use 127.0.0.1, or 0.0.0.0 for all addresses."
        ) from error
    except OSError as error:
        raise Refusal(
            f"Port {settings.port} on {settings.host} is taken or not of this machine "
            f"({error.strerror}); set ASSAY_PORT to another port, or stop what listens there."
        ) from error


def _stop_on_signals(stop: threading.Event, server: PortalServer) -> None:
    def heard(number: int, _frame: FrameType | None) -> None:
        stop.set()
        server.wake()
        # A second one ends the process at once.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)


def _announce(app: Application) -> None:
    settings = app.settings
    with app.test_request_context(), unit_of_work(app.database) as session:
        link = first_administrator_link(session, settings.base_url)
    click.echo(f"{'The Assay demo' if settings.demo else 'Assay'} is at {settings.base_url}")
    if link is not None:
        click.echo(f"Make the first administrator here (works once, for 24 hours):\n{link}")
    click.echo("Stop it with Ctrl-C.")
