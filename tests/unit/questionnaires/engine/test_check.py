"""The command that checks files of questionnaires."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

from questionnaires.engine.check import main
from tests.architecture.source_tree import ROOT
from tests.unit.questionnaires.engine.documents import everything, small, yes_no


def check(*paths: Path) -> tuple[int, str]:
    """Return exit code and output for these files."""
    out = io.StringIO()
    return main([str(path) for path in paths], out), out.getvalue()


def test_a_good_file_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(everything()))
    code, out = check(file)
    assert code == 0
    assert out == f"{file}: 2 sections, 10 questions, 21 minutes, 2 controls, languages: en, de\n"


def test_what_lint_says_is_shown_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "lint.yaml"
    file.write_text(json.dumps(small(yes_no("Q", scores={"yes": 0, "partial": 0}))))
    code, out = check(file)
    assert code == 1
    assert out.startswith(
        f"{file}: error: sections[0].questions[0] (Q): Every answer scores 0: say which one is "
        "good. [no_score_above_0]\n"
    )


def test_warnings_alone_stop_nothing(tmp_path: Path) -> None:
    file = tmp_path / "warnings.yaml"
    file.write_text(json.dumps(small(yes_no("Q", controls=[]))))
    code, out = check(file)
    assert code == 0
    assert "warning: sections[0].questions[0].controls (Q):" in out


def test_mistakes_are_shown_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("title: ''\nformat: assay-questionnaire/1\n")
    code, out = check(file)
    assert code == 1
    assert f"{file}: error: title: Write a text here, or leave the key out.\n" in out
    file.write_text("a: *b\n")
    assert check(file) == (
        1,
        f"{file}: error: line 1, column 4: Write this part out: references with * are not read.\n",
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    assert check(missing) == (2, f"{missing}: No such file or directory\n")
    assert check() == (2, "Name one or more files, ending in .yaml or .json.\n")


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(json.dumps(small(yes_no("Q"))))
    done = subprocess.run(
        [sys.executable, "-m", "questionnaires.engine.check", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 sections, 1 questions" in done.stdout
