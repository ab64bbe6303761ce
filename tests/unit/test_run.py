"""./run makes the environment once, says plainly what is wrong, and then gets out of the way.

The set-up runs for real in a small copy of the tree; only uv and pip, which would fetch
packages from elsewhere, are stood in for by a program that notes how it was called.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

UV = """#!{python}
import os, pathlib, sys, time
root = pathlib.Path(sys.argv[-1]).parent
notes = pathlib.Path({notes!r})
with notes.open("a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "venv":
    target = pathlib.Path(sys.argv[-1]) / "bin"
    target.mkdir(parents=True, exist_ok=True)
    (target / "python").symlink_to({python!r})
elif sys.argv[1] == "pip":
    time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
    print(os.environ.get("FAKE_SAYS", " + flask==3.1.3"))
    sys.exit(int(os.environ.get("FAKE_CODE", "0")))
"""

APPLICATION = """
import json, os, sys
kept = {name: value for name, value in os.environ.items() if name.startswith("ASSAY_")}
print(json.dumps({"arguments": sys.argv[1:], "settings": kept, "folder": os.getcwd()}))
"""


class Checkout:
    """A small copy of the tree with an application that says how it was called."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "assay"
        (self.root / "requirements").mkdir(parents=True)
        shutil.copy(ROOT / "run", self.root / "run")
        self.change_lock("flask==3.1.3 --hash=sha256:00\n")
        (self.root / "requirements" / "dev.lock").write_text("flask==3.1.3\npytest==9\n")
        for package, module in (("app", "cli"), ("pytest", "__main__")):
            (self.root / package).mkdir()
            (self.root / package / "__init__.py").write_text("")
            (self.root / package / f"{module}.py").write_text(APPLICATION)
        self._notes = folder / "notes"
        self._notes.touch()
        tools = folder / "tools"
        tools.mkdir()
        (tools / "uv").write_text(UV.format(python=sys.executable, notes=str(self._notes)))
        (tools / "uv").chmod(0o755)
        self.environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(folder)}

    def change_lock(self, text: str) -> None:
        (self.root / "requirements" / "runtime.lock").write_text(text)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.root / "run"), *arguments],
            env={**self.environment, **variables}, cwd=self.root.parent, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def called(self, *arguments: str, **variables: str) -> dict[str, object]:
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def installs(self) -> list[str]:
        lines = self._notes.read_text().splitlines()
        return [line for line in lines if line.startswith("pip")]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if os.name == "nt":
        pytest.skip("the stand-in for uv is a script with a shebang")
    return Checkout(tmp_path)


def test_the_first_start_prepares_and_the_second_is_quiet(checkout: Checkout) -> None:
    first = checkout.run()
    assert json.loads(first.stdout)["arguments"] == ["serve"]
    assert "Preparing Assay" in first.stderr
    assert "2/2 1 packages: done" in first.stderr
    second = checkout.run()
    assert json.loads(second.stdout)["arguments"] == ["serve"]
    assert second.stderr == ""
    assert len(checkout.installs()) == 1
    assert "--require-hashes" in checkout.installs()[0]


def test_a_changed_lock_is_followed(checkout: Checkout) -> None:
    checkout.run()
    checkout.change_lock("flask==3.1.4 --hash=sha256:00\n")
    done = checkout.run("audit", "verify")
    assert "The locked packages changed" in done.stderr
    assert json.loads(done.stdout)["arguments"] == ["audit", "verify"]
    assert len(checkout.installs()) == 2
    assert checkout.run("audit", "verify").stderr == ""


def test_commands_keep_the_folder_they_are_called_from(checkout: Checkout) -> None:
    answer = checkout.called("backup", "mine.zip")
    assert answer["arguments"] == ["backup", "mine.zip"]
    assert answer["folder"] == str(checkout.root.parent)


def test_tests_get_their_own_packages_and_both_databases(checkout: Checkout) -> None:
    everything = checkout.called("test")
    assert everything["arguments"] == ["--db=both", "-n2", "--dist=loadgroup"]
    assert everything["folder"] == str(checkout.root)
    assert checkout.called("test", "-k", "audit")["arguments"] == ["--db=both", "-k", "audit"]
    assert checkout.installs()[0].endswith("dev.lock --require-hashes")
    assert checkout.called("serve")["arguments"] == ["serve"]
    assert len(checkout.installs()) == 1


def test_a_demo_never_touches_real_data_or_sends_mail(checkout: Checkout) -> None:
    answer = checkout.called(
        "demo", ASSAY_DATABASE_URL="postgresql://real", ASSAY_DATA_DIR="/real", ASSAY_PORT="9000",
        ASSAY_SMTP_HOST="real", ASSAY_STORAGE_URL="s3://real", ASSAY_ENVIRONMENT="production",
    )  # fmt: skip
    assert answer["arguments"] == ["serve"]
    assert answer["settings"] == {
        "ASSAY_DEMO": "1",
        "ASSAY_ORGANISATION_NAME": "Halden Insurance",
        "ASSAY_DATA_DIR": str(checkout.root / "var-demo"),
        "ASSAY_PORT": "9000",
    }


def test_an_interrupted_set_up_is_not_taken_for_a_whole_one(checkout: Checkout) -> None:
    process = checkout.start(FAKE_SECONDS="30")
    while not checkout.installs():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "the next start begins afresh" in err
    (checkout.root / ".venv" / "half").touch()
    assert "Preparing Assay" in checkout.run().stderr
    assert not (checkout.root / ".venv" / "half").exists()


def test_two_starts_at_once_prepare_once(checkout: Checkout) -> None:
    both = [checkout.start("one", FAKE_SECONDS="1"), checkout.start("two", FAKE_SECONDS="1")]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len(checkout.installs()) == 1
    assert sum("waiting for it" in err for _, err in said) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: dns error: failed to lookup address", "no package registry answered"),
        ("Temporary failure in name resolution", "no package registry answered"),
        ("error: Hash mismatch for flask==3.1.3", "its hash differs"),
        ("error: No space left on device", "No space left on device. The whole story:"),
    ],
)
def test_packages_that_cannot_be_had_are_one_sentence(
    checkout: Checkout, said: str, sentence: str
) -> None:
    done = checkout.run(FAKE_SAYS=said, FAKE_CODE="2")
    assert done.returncode != 0
    assert sentence in done.stderr.splitlines()[-1]
    assert done.stdout == ""
    assert "Preparing Assay" in checkout.run().stderr


def run_here(checkout: Checkout, circumstance: str) -> subprocess.CompletedProcess[str]:
    """Run ./run after a line of Python has made the machine a different one."""
    script = (
        f"import os, runpy, sys; {circumstance}; sys.argv = ['run']; "
        f"runpy.run_path({str(checkout.root / 'run')!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env=checkout.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_folder_that_cannot_be_written_is_one_sentence(checkout: Checkout) -> None:
    # Not by its mode: root, as which builds often run, may write everywhere.
    done = run_here(checkout, "os.access = lambda *_: False")
    assert done.returncode != 0
    assert "cannot be written; move Assay to a folder" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (checkout.root / ".venv").exists()


def test_a_python_without_venv_is_one_sentence(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "tools" / "uv").unlink()
    done = run_here(checkout, "sys.modules['ensurepip'] = None")
    assert done.returncode != 0
    assert "has no venv module" in done.stderr
    assert "apt install python3-venv" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (ROOT / "run").read_text()
    ast.parse(source, feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    with pytest.raises(SystemExit) as stop:
        exec(compile(source, "run", "exec"), {"__name__": "run"})
    assert stop.value.code == "Assay needs Python 3.11 or newer; this is 3.8."


def test_help_says_how_to_start(checkout: Checkout) -> None:
    done = checkout.run("--help")
    assert "./run demo" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["arguments"] == ["--help"]


def test_the_locks_agree_and_hold_hashes_and_no_address() -> None:
    locks = {
        name: (ROOT / "requirements" / f"{name}.lock").read_text() for name in ("runtime", "dev")
    }
    pins = {
        name: {
            line.split()[0] for line in text.splitlines() if "==" in line[:60] and line[0] != " "
        }
        for name, text in locks.items()
    }
    assert len(pins["runtime"]) > 40
    assert pins["runtime"] <= pins["dev"]
    for text in locks.values():
        assert "://" not in text
        assert "--index" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
