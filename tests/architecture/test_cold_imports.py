"""Every module can be the first one that is imported: no circle hides behind a lucky order."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.architecture.source_tree import ROOT, modules

# Runs in a fresh interpreter without any of our code. Libraries are loaded once; every module
# of ours is then imported in a child of its own, in which nothing else of ours is loaded.
SCRIPT = """
import importlib, json, os, sys, traceback, warnings
warnings.simplefilter("error")
libraries = (
    "alembic.config argon2 babel click cryptography.hazmat.primitives.ciphers.aead flask"
    " flask_babel flask_limiter flask_wtf obstore openpyxl reportlab.platypus rich.console"
    " sqlalchemy.orm structlog waitress xlsxwriter"
)
for library in libraries.split():
    importlib.import_module(library)
ours = tuple(json.loads(sys.argv[1]))
assert not [name for name in sys.modules if name.split(".")[0] in ours], "not a fresh interpreter"
broken = {}
for name in json.loads(sys.stdin.read()):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            os.write(write, traceback.format_exc()[-2000:].encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as end:
        said = end.read()
    _, status = os.waitpid(child, 0)
    if said or status:
        broken[name] = said or f"ended with {status}"
print(json.dumps(broken))
"""
SHARES = 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("share", range(SHARES))
def test_every_module_can_be_imported_first(share: int) -> None:
    # Starting the server is what importing wsgi means; tests of the factory do that.
    names = [module.name for module in modules() if module.name != "wsgi"][share::SHARES]
    assert names
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(["app", "config", "questionnaires", "vendors"])],
        input=json.dumps(names),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    broken = json.loads(done.stdout)
    assert not broken, "\n".join(f"{name}: {why}" for name, why in broken.items())
