"""Runs the whole suite in two halves, without a browser and in one; `make test` calls it.

python tests/run.py            both halves, one after the other
python tests/run.py --again    what failed last time, one half after the other, nothing else
python tests/run.py ARGS...    pytest with these arguments, in one go
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HALVES = {"without a browser": "not browser", "in a browser": "browser"}
BY_FILE = (
    "-n",
    "2",
    "--dist",
    "loadfile",
    "--no-loadscope-reorder",
)  # much of it waits: for disks, servers, clocks
NOTHING_TO_DO = 5  # pytest's own: no test was collected


def _command(marker: str, *more: str) -> list[str]:
    # each half remembers its own failures
    cache = f"cache_dir=.pytest_cache/{marker.replace(' ', '-')}"
    return [sys.executable, "-m", "pytest", "-m", marker, "-o", cache, *more]


def run_halves() -> int:
    """Run one half after the other: side by side they only wait longer, and so do two browsers."""
    codes = []
    for name, marker in HALVES.items():
        print(f"== {name}", flush=True)
        command = _command(marker, *(BY_FILE if marker.startswith("not") else ()))
        codes.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    return next((code for code in codes if code), 0)


def run_again() -> int:
    """Run what failed last time; it has to pass now."""
    codes = []
    for name, marker in HALVES.items():
        print(f"== again, {name}", flush=True)
        command = _command(marker, "--last-failed", "--last-failed-no-failures", "none")
        codes.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    return next((code for code in codes if code not in (0, NOTHING_TO_DO)), 0)


def main(arguments: list[str]) -> int:
    """Return the exit code of the suite."""
    if arguments == ["--again"]:
        return run_again()
    if arguments:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT).returncode
    return run_halves()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
