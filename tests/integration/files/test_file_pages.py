"""The Files page as a browser without scripts sees it."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.access.actor import Actor
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.db.unit_of_work import unit_of_work
from app.files import services
from app.files.backends import LocalStorage
from app.files.models import StoredFile
from app.files.storage import storage_of
from app.kernel.ids import new_id
from app.outbox.registry import jobs_of
from app.outbox.worker import Worker
from app.web.application import Application
from tests.support.pages import PageClient, find, tree
from tests.unit.files import file_samples as samples

UPLOAD = "/admin/files/upload"


@pytest.fixture
def app(app: Application, administrator: Actor) -> Application:
    """The portal, with an administrator in front of it."""
    app.actor_loader = lambda _request: administrator
    return app


def upload(client: PageClient, data: bytes, name: str) -> TestResponse:
    answer = client.submit(UPLOAD, {"file": (io.BytesIO(data), name)})
    answer.request.environ["wsgi.input"].close()  # large bodies lie in a file of the test client
    return answer


def status(client: PageClient, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def only_file(app: Application) -> StoredFile:
    with unit_of_work(app.database, write=False) as session:
        return session.scalars(sa.select(StoredFile)).one()


def count_files(app: Application) -> int:
    with unit_of_work(app.database, write=False) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(StoredFile)).one()


def root_of(app: Application) -> Any:
    storage = storage_of(app)
    assert isinstance(storage, LocalStorage)
    return storage.root


def nothing_is_kept(app: Application) -> bool:
    return count_files(app) == 0 and not [p for p in root_of(app).rglob("*") if p.is_file()]


def test_an_empty_list_says_what_to_do(client: PageClient) -> None:
    page = client.page("/admin/files/")
    assert "Upload a file to see that the store works" in page.text
    assert "No malware scanner is set up" in page.text


def test_upload_look_download(client: PageClient, app: Application) -> None:
    answer = upload(client, samples.PDF, "Bericht 2026.pdf")
    stored = only_file(app)
    assert answer.status_code == 303
    assert answer.location == f"/admin/files/{stored.id}"
    page = client.page(answer.location)
    assert "Bericht 2026.pdf is stored." in page.text
    assert stored.sha256[:4] in page.text
    assert "Ada Admin" in page.text
    listed = client.page("/admin/files/")
    find(listed, "a", href=f"/admin/files/{stored.id}", text="Bericht 2026.pdf")
    sent = client.get(find(page, "a", text="Download").get("href") or "")
    assert sent.status_code == 200
    assert sent.data == samples.PDF
    assert sent.headers["Content-Type"] == "application/pdf"
    assert sent.headers["Content-Disposition"] == 'attachment; filename="Bericht 2026.pdf"'
    assert sent.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Cache-Control"] == "private, no-store"
    part = client.get(f"/admin/files/{stored.id}/download", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.data) == (206, b"PDF")
    head = client.head(f"/admin/files/{stored.id}/download")
    assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (samples.SVG, "logo.svg", "web page or drawing that can hold scripts. Print or save it"),
        (samples.SVG, "logo.png", "web page or drawing that can hold scripts. Print or save it"),
        (
            samples.windows_program(),
            "report.pdf",
            "This file is a program, not a document. Upload a PDF",
        ),
        (samples.zip_bomb(), "book.xlsx", "Remove empty rows and columns, or save it as a PDF"),
        (samples.million_rows(), "book.xlsx", "Remove empty rows and columns"),
        (samples.PDF, "report", "The name of this file has no ending"),
        (b"\xff\xfea\x00", "a.csv", "Save it as UTF-8"),
    ],
)
def test_a16_a17_hostile_uploads_are_refused_with_a_sentence(
    client: PageClient, app: Application, data: bytes, name: str, sentence: str
) -> None:
    answer = upload(client, data, name)
    assert answer.status_code == 422
    page = tree(answer)
    link = find(page, "a", href="#file")
    assert sentence in link.text
    assert sentence in find(page, "p", id="file-error").text
    assert nothing_is_kept(app)


def test_a18_hostile_names_are_shown_harmlessly(client: PageClient, app: Application) -> None:
    for name in ("../../" + "文档" * 150 + ".pdf", "<img src=x onerror=alert(1)>.pdf", "CON.pdf"):
        answer = upload(client, samples.PDF, name)
        assert answer.status_code == 303
        page = client.page(answer.location)
        assert not [e for e in page.elements("img") if e.get("src") == "x"]
        with client.get(f"{answer.location}/download?filename=evil.html") as sent:
            assert sent.data == samples.PDF
        assert sent.headers["Content-Disposition"].startswith('attachment; filename="')
        assert "evil" not in sent.headers["Content-Disposition"]
        assert sent.headers["Content-Type"] == "application/pdf"
    for path in root_of(app).rglob("*"):
        assert path.is_dir() or len(path.name) == 64


def test_a15_a_file_above_the_limit_is_413_with_a_sentence(
    client: PageClient, app: Application
) -> None:
    limit = services.rules_from(app.settings).limit
    answer = upload(client, b"a" * (limit + 1), "a.txt")
    assert answer.status_code == 413
    assert "This file is larger than 25 MB" in find(tree(answer), "p", id="file-error").text
    answer = upload(client, b"a" * (limit + 5_000_000), "a.txt")
    assert answer.status_code == 413
    assert "Send a smaller file" in tree(answer).text
    assert nothing_is_kept(app)


def test_nothing_chosen_is_a_sentence(client: PageClient, app: Application) -> None:
    answer = client.submit(UPLOAD, {})
    assert answer.status_code == 422
    assert "Choose the file that you want to upload." in find(tree(answer), "a", href="#file").text
    assert nothing_is_kept(app)


def test_hold_back_and_release(client: PageClient, app: Application) -> None:
    upload(client, samples.PDF, "a.pdf")
    base = f"/admin/files/{only_file(app).id}"
    answer = client.submit(f"{base}/hold", {"reason": " "})
    assert answer.status_code == 422
    assert "Say why this file is held back" in tree(answer).text
    assert client.submit(f"{base}/hold", {"reason": "sent by mistake"}).status_code == 303
    page = client.page(base)
    assert "Found: sent by mistake" in page.text
    assert not [e for e in page.elements("a") if e.text == "Download"]
    refused = client.get(f"{base}/download")
    assert refused.status_code == 409
    assert "held back because something harmful was found" in tree(refused).text
    held = client.page("/admin/files/?state=quarantined")
    assert "a.pdf" in held.text
    assert "No file stands there" in client.page("/admin/files/?state=clean").text
    assert client.submit(f"{base}/release").status_code == 303
    assert status(client, f"{base}/download") == 200
    assert client.submit(f"{base}/release").status_code == 409


def test_f10_a_damaged_file_is_an_error_page_and_an_alarm(
    client: PageClient, app: Application
) -> None:
    upload(client, samples.PDF, "a.pdf")
    stored = only_file(app)
    path = root_of(app) / stored.storage_key
    path.write_bytes(samples.PDF.replace(b"Catalog", b"Gatalog"))
    for _ in range(2):
        answer = client.get(f"/admin/files/{stored.id}/download")
        assert answer.status_code == 500
        assert "not as it was when it was uploaded" in tree(answer).text
        assert b"Gatalog" not in answer.data
    with unit_of_work(app.database, write=False) as session:
        found = sa.select(AuditEvent).where(AuditEvent.verb == "file.found_damaged")
        assert len(session.scalars(found).all()) == 1
    assert "The content was changed." in client.page(f"/admin/files/{stored.id}").text
    assert "a.pdf" in client.page("/admin/files/?state=damaged").text


def test_check_all_files_tells_how_far_it_is_and_what_it_found(
    client: PageClient, app: Application
) -> None:
    upload(client, samples.PDF, "whole.pdf")
    upload(client, samples.png(), "gone.png")
    with unit_of_work(app.database, write=False) as session:
        gone = session.scalars(
            sa.select(StoredFile).where(StoredFile.original_name == "gone.png")
        ).one()
    assert "have not been checked yet" in client.page("/admin/files/").text
    assert client.submit("/admin/files/check", form_at="/admin/files/").status_code == 303
    page = client.page("/admin/files/")
    find(page, "div", id="file-check")
    assert "Checking all files" in page.text
    fragment = client.get("/admin/files/check", headers={"HX-Request": "true"})
    find(tree(fragment), "div", id="file-check")
    assert client.get("/admin/files/check").location == "/admin/files/"
    Worker(app.database, jobs_of(app)).run_until_empty()
    assert "All 2 files were whole" in client.page("/admin/files/").text
    (root_of(app) / gone.storage_key).unlink()
    client.submit("/admin/files/check", form_at="/admin/files/")
    Worker(app.database, jobs_of(app)).run_until_empty()
    page = client.page("/admin/files/")
    assert "The last check found 1 damaged file" in page.text
    assert "1 file is not as it was uploaded" in page.text


def test_lists_page_by_page(client: PageClient, app: Application, administrator: Actor) -> None:
    with unit_of_work(app.database) as session:
        for number in range(51):
            services.store_upload(
                session, administrator, storage_of(app), io.BytesIO(samples.PDF),
                name=f"n{number}.pdf", purpose="test", rules=services.rules_from(app.settings),
            )  # fmt: skip
    page = client.page("/admin/files/")
    following = find(page, "a", rel="next").get("href") or ""
    assert "n0.pdf" not in page.text
    assert "n0.pdf" in client.page(following).text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/files/",
        UPLOAD,
        "/admin/files/{id}",
        "/admin/files/{id}/download",
        "/admin/files/{id}/hold",
        "/admin/files/{id}/release",
    ],
)
def test_others_get_nothing(
    client: PageClient, app: Application, administrator: Actor, path: str
) -> None:
    upload(client, samples.PDF, "a.pdf")
    path = path.format(id=only_file(app).id)
    assert status(client, path) == 200
    reviewer = Actor(administrator.kind, new_id(), "Rita", frozenset({Role.REVIEWER}))
    app.actor_loader = lambda _request: reviewer
    assert client.get(path).status_code == 403


def test_unknown_files_are_404(client: PageClient) -> None:
    assert client.get(f"/admin/files/{new_id()}").status_code == 404
    assert client.get(f"/admin/files/{new_id()}/download").status_code == 404
    assert client.get("/admin/files/nonsense").status_code == 404


def test_no_address_reaches_the_folder(client: PageClient, app: Application) -> None:
    upload(client, samples.PDF, "a.pdf")
    key = only_file(app).storage_key
    for path in (f"/files/{key}", f"/static/{key}", f"/admin/files/{key}", "/uploads/", "/static/"):
        assert client.get(path).status_code == 404


def test_commands_name_what_is_wrong(client: PageClient, app: Application) -> None:
    upload(client, samples.PDF, "a.pdf")
    runner = app.test_cli_runner()
    fine = runner.invoke(args=["files", "verify"])
    assert (fine.exit_code, fine.output) == (0, "1 files checked, 0 damaged.\n")
    swept = runner.invoke(args=["files", "sweep"])
    assert swept.exit_code == 0
    stored = only_file(app)
    (root_of(app) / stored.storage_key).unlink()
    wrong = runner.invoke(args=["files", "verify"])
    assert wrong.exit_code == 1
    assert f"damaged (missing): {stored.id} a.pdf" in wrong.output
    swept = runner.invoke(args=["files", "sweep"])
    assert swept.exit_code == 1
    assert f"content is gone: {stored.id} a.pdf" in swept.output
