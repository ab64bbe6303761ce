import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[3] / "app" / "pdf"

WATCHED_BUILD = """
import sys
from app.pdf.fonts import load_fonts
from app.pdf.specimen import HOSTILE, specimen
load_fonts()
seen = []
WATCHED = ("open", "os", "socket", "subprocess", "import", "urllib")
watching = False
def watch(event, arguments):
    if watching and event.split(".")[0] in WATCHED:
        seen.append((event, str(arguments)[:200]))
sys.addaudithook(watch)
watching = True
data = specimen()
watching = False
assert data.startswith(b"%PDF-")
print(seen)
"""


def test_building_opens_no_file_and_no_connection() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", WATCHED_BUILD], capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "[]"


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.py")), ids=lambda path: path.name)
def test_no_markup_engine_is_used(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for engine in ("import Paragraph", "XPreformatted", "ImageReader", "drawImage", "linkURL"):
        assert engine not in text


def test_no_host_and_no_scheme_is_trusted() -> None:
    from reportlab import rl_config

    import app.pdf.document  # noqa: F401  # importing it closes the settings

    assert rl_config.trustedHosts == []
    assert rl_config.trustedSchemes == []
