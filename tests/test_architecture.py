"""Imports go one way: geodata <- (live, layers) <- dashboard <- callbacks <- app.py."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.compose import sample_path
from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("geodata", "live", "layers", "dashboard", "callbacks", "app")
MAY_IMPORT = {
    "geodata": set(),
    "live": {"geodata"},
    "layers": {"geodata"},
    "dashboard": {"geodata", "live", "layers"},
    "callbacks": {"geodata", "live", "layers", "dashboard"},
    "app": {"geodata", "live", "layers", "dashboard", "callbacks"},
}
SCREEN = {"dash", "dash_ag_grid", "dash_mantine_components", "plotly"}
NOT_HERE = {
    "geodata": SCREEN | {"pydeck", "fastapi", "starlette"},
    "live": SCREEN | {"pydeck"},
    "layers": SCREEN | {"fastapi", "starlette"},
}


def _modules(room):
    return [ROOT / "app.py"] if room == "app" else sorted((ROOT / room).rglob("*.py"))


def _imported(tree):
    """Yield the first part of everything that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_goes_back(room):
    assert _modules(room), f"{room} is gone"
    for path in _modules(room):
        found = set(_imported(ast.parse(path.read_text(encoding="utf-8"))))
        back = (found & set(ROOMS)) - MAY_IMPORT[room] - {room}
        assert not back, f"{path.relative_to(ROOT)} imports {', '.join(sorted(back))}"
        assert "tests" not in found, f"{path.relative_to(ROOT)} imports tests"


@pytest.mark.parametrize("room", NOT_HERE)
def test_libraries_of_the_screen_stay_with_the_screen(room):
    for path in _modules(room):
        found = set(_imported(ast.parse(path.read_text(encoding="utf-8"))))
        assert not found & NOT_HERE[room], f"{path.relative_to(ROOT)}: {found & NOT_HERE[room]}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_it_is(room):
    for path in _modules(room):
        text = path.read_text(encoding="utf-8")
        said = ast.get_docstring(ast.parse(text))
        assert said or not text.strip(), f"{path.relative_to(ROOT)} has no docstring"


@pytest.mark.parametrize("room", ROOMS)
def test_environment_is_read_by_the_command_line_alone(room):
    for path in _modules(room):
        if path.name not in ("app.py", "cli.py"):
            text = path.read_text(encoding="utf-8")
            assert "os.environ" not in text, path.relative_to(ROOT)
            assert "os.getenv" not in text, path.relative_to(ROOT)


SLOW_TO_LOAD = (
    "scipy", "numba", "pypinyin", "rapidfuzz", "openpyxl", "reportlab", "authlib",
    "sqlalchemy.dialects.postgresql", "geodata.importer", "geodata.sample", "geodata.check",
    "dash", "plotly", "httpx",
)  # fmt: skip
START = """
import sys
from pathlib import Path
import uvicorn, dashboard.cli, geodata.cli
from dashboard.compose import open_real
from dashboard.server import Worlds, create_server
from dashboard.settings import Settings
var, community = map(Path, sys.argv[1:])
settings = Settings(var=var, database=f"sqlite:///{var}/start.db", visitors="off")
world = open_real(settings, community, simulate=False)
create_server(settings, Worlds(world, None), list)
print(*sys.modules)
"""


def test_a_server_starts_without_what_is_slow_to_load(var):
    """A restart has five seconds; what is used later is loaded later."""
    community = sample_path(Settings(var=var))
    done = subprocess.run(
        [sys.executable, "-c", START, str(var), str(community)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    loaded = set(SLOW_TO_LOAD) & set(done.stdout.split())
    assert not loaded, f"loaded at start: {loaded}"
