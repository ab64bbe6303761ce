"""Rules of the source that no library checks for us. Each test's name is the rule."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source_tree import ROOT, Module, calls, files, imported, modules

LONGEST = 350
LONG_WITH_REASON: dict[str, str] = {}
"""Path → why this file holds one thing although it is long."""

CLOCK_READERS = {"app/kernel/clock.py"}
ID_MAKERS = {"app/kernel/ids.py"}
RANDOM_USERS = {
    "app/kernel/sealing.py": "nonces of the cipher",
    "app/backup/archive.py": "the name of a draft that lies beside its target for a while",
    "app/identity/passwords.py": "a hash that no password has, made without hashing",
    "app/mail/folder.py": "the name of a draft that lies beside its target for a while",
    "config.py": "the secret key of the first start",
}
"""Path → why it draws random bytes itself and not through app.kernel.ids."""

LOADERS = {
    "app/factory.py": "the rooms above are given by name in config.FEATURES",
    "app/commands/group.py": "a command loads only what it needs, so that each starts at once",
}
"""Path → why it imports by name."""

OWNERS = {
    "alembic": "app/db/",
    "argon2": "app/identity/",
    "pyotp": "app/identity/",
    "segno": "app/identity/",
    "obstore": "app/files/",
    "smtplib": "app/mail/",
    "reportlab": "app/pdf/",
    "ziafont": "app/pdf/",
    "sqlite3": "app/db/",
    "psycopg": "app/db/",
    "environs": "config.py",
}
"""A library that changes how we do one thing is spoken to from one place."""
ALSO_OWN = {
    ("sqlite3", "app/backup/"): "a consistent copy of a living database is made by its own call",
}

BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "services2"}

ALL = modules()


def offenders(found: list[str]) -> None:
    """Fail with one line for each place."""
    assert not found, "\n" + "\n".join(found)


def test_packages_hold_only_a_docstring_so_that_importing_one_part_loads_no_other() -> None:
    offenders(
        [
            module.path
            for module in ALL
            if module.path.endswith("__init__.py")
            and not (len(module.tree.body) == 1 and ast.get_docstring(module.tree))
        ]
    )


def test_every_folder_with_python_is_a_package() -> None:
    offenders(
        sorted(
            {
                module.path.rpartition("/")[0]
                for module in ALL
                if "/" in module.path
                and not (ROOT / module.path).parent.joinpath("__init__.py").exists()
            }
        )
    )


def test_imports_stand_at_the_top_so_that_circles_cannot_hide() -> None:
    found = []
    for module in ALL:
        for node in module.walk():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                found += [
                    module.at(inner)
                    for inner in ast.walk(node)
                    if isinstance(inner, ast.Import | ast.ImportFrom)
                ]
    offenders(found)


def test_modules_are_loaded_by_name_only_with_a_reason() -> None:
    offenders(
        [
            module.at(node)
            for module in ALL
            if module.path not in LOADERS
            for node, name in calls(module)
            if name in ("importlib.import_module", "import_module", "__import__")
        ]
    )


def test_no_import_is_only_for_the_type_checker() -> None:
    offenders([module.path for module in ALL if "TYPE_CHECKING" in module.text])


def test_imports_are_absolute() -> None:
    offenders(
        [
            module.at(node)
            for module in ALL
            for node, name in imported(module)
            if name.startswith(".")
        ]
    )


def test_settings_stand_below_everything() -> None:
    [config] = [module for module in ALL if module.path == "config.py"]
    offenders([name for _, name in imported(config) if name.split(".")[0] in ("app", "wsgi")])


def test_only_the_unit_of_work_commits() -> None:
    offenders(
        [
            module.at(node)
            for module in ALL
            if module.path != "app/db/unit_of_work.py"
            for node, name in calls(module)
            if name.endswith(".commit")
        ]
    )


def test_only_the_kernel_reads_the_clock() -> None:
    reads = re.compile(
        r"(^|\.)(datetime|date)\.(now|today|utcnow|fromtimestamp)$|^time\.(time|time_ns|gmtime|"
        r"localtime)$|^(utcnow|time_ns)$"
    )
    offenders(
        [
            f"{module.at(node)}: {name}"
            for module in ALL
            if module.path not in CLOCK_READERS
            for node, name in calls(module)
            if reads.search(name) and not (name.endswith("fromtimestamp") and _has_zone(node))
        ]
    )


def _has_zone(node: ast.Call) -> bool:
    # With a zone it turns a number that came from elsewhere into an instant: no clock is read.
    return len(node.args) > 1 or any(keyword.arg == "tz" for keyword in node.keywords)


def test_the_database_does_not_read_its_own_clock() -> None:
    stamp = re.compile(r"\b(CURRENT_TIMESTAMP|func\.now|server_default=sa\.func)\b")
    offenders([module.path for module in ALL if stamp.search(module.text)])


def test_only_the_kernel_makes_ids() -> None:
    offenders(
        [
            f"{module.at(node)}: {name}"
            for module in ALL
            if module.path not in ID_MAKERS
            for node, name in calls(module)
            if re.search(r"(^|\.)uuid[1-8]$", name)
        ]
    )


def test_randomness_comes_from_the_kernel_or_has_a_reason() -> None:
    offenders(
        [
            f"{module.at(node)}: {name}"
            for module in ALL
            if module.path not in RANDOM_USERS.keys() | ID_MAKERS
            for node, name in calls(module)
            if name.startswith("secrets.token") or name == "os.urandom"
        ]
    )


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_spoken_to_from_one_place(library: str) -> None:
    places = [OWNERS[library], *(place for name, place in ALSO_OWN if name == library)]
    offenders(
        [
            module.at(node)
            for module in ALL
            if not module.path.startswith(tuple(places))
            for node, name in imported(module)
            if name.split(".")[0] == library
        ]
    )


def test_nothing_is_printed_so_that_logs_stay_readable_by_machines() -> None:
    offenders(
        [module.at(node) for module in ALL for node, name in calls(module) if name == "print"]
    )


def test_nothing_runs_text_as_code_or_opens_a_shell() -> None:
    bad = re.compile(
        r"^(eval|exec|compile|os\.(system|popen)|pickle\.loads?|marshal\.loads?|yaml\.load|"
        r"Markup|markupsafe\.Markup|jinja2\.Template|Template|render_template_string)$"
    )
    shells = [
        module.at(node)
        for module in ALL
        for node, _ in calls(module)
        if any(keyword.arg == "shell" for keyword in node.keywords)
    ]
    offenders(
        shells
        + [
            f"{module.at(node)}: {name}"
            for module in ALL
            for node, name in calls(module)
            if bad.search(name) and not _says_why(module, node)
        ]
    )


def _says_why(module: Module, node: ast.Call) -> bool:
    """Return whether the line (or the one before) carries a reason after `# safe:`."""
    lines = module.text.splitlines()[max(0, node.lineno - 2) : node.lineno]
    return any(re.search(r"# safe: \w+", line) for line in lines)


def test_exceptions_to_the_checkers_carry_a_reason() -> None:
    bare = re.compile(r"#\s*(type:\s*ignore(\[[\w,\- ]+\])?|noqa(:\s*[A-Z0-9, ]+)?)\s*$")
    offenders(
        [
            f"{module.path}:{number}"
            for module in ALL
            for number, line in enumerate(module.text.splitlines(), 1)
            if bare.search(line)
        ]
    )


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    sources = [(m.path, m.text) for m in ALL] + files("*.html", "*.css", "*.js", "*.txt")
    offenders([path for path, text in sources if later.search(text)])


def test_files_have_a_name_that_says_what_is_in_them() -> None:
    offenders([module.path for module in ALL if module.name.split(".")[-1] in BAD_NAMES])


def test_files_hold_one_thing() -> None:
    long = {
        module.path: module.text.count("\n") for module in ALL if module.text.count("\n") > LONGEST
    }
    offenders(
        [f"{path}: {lines} lines" for path, lines in long.items() if path not in LONG_WITH_REASON]
        + [f"{path} is no longer long" for path in LONG_WITH_REASON if path not in long]
    )


def test_public_things_have_a_docstring() -> None:
    found = []
    for module in ALL:
        if not ast.get_docstring(module.tree):
            found.append(module.path)
        for node in module.tree.body:
            is_named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if is_named and not node.name.startswith("_") and not ast.get_docstring(node):
                found.append(f"{module.at(node)}: {node.name}")
    offenders(found)
