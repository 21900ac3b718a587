"""Finds or installs a Chromium for the tests and prints its path; also sees to Chinese type."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """\
The tests drive a real Chromium; none was found and none could be installed. Any of these does:
  apt-get install chromium fonts-noto-cjk        (Debian, Ubuntu; as root)
  .venv/bin/python -m playwright install chromium
  TWIN_CHROMIUM=/path/to/chromium make test
To leave the browser out: make test ARGS='-m "not browser"' TWIN_CHROMIUM=none"""


def tell(text: str) -> None:
    """Say something to the person; the output itself carries the path alone."""
    sys.stderr.write(f"{text}\n")


def find_chromium(environ: Mapping[str, str]) -> str | None:
    """Return the path of a Chromium that is here already, or None."""
    asked = environ.get("TWIN_CHROMIUM")
    if asked:
        return asked
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwright_chromium()


def _playwright_chromium() -> str | None:
    """Return the path of the Chromium that Playwright keeps for itself, if it was downloaded."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def install_chromium() -> str | None:
    """Install a Chromium by Playwright, else by apt, and return its path; None if neither can."""
    tell("No Chromium is here; Playwright fetches its own ...")
    _run([sys.executable, "-m", "playwright", "install", "chromium"], quiet=True)
    found = _playwright_chromium()
    if found and _starts(found):
        return found
    if _is_debian_root():
        tell("Playwright's cannot be used; apt-get installs one ...")
        _apt_install("chromium", "fonts-noto-cjk")
        return next(filter(None, map(shutil.which, NAMES)), None)
    return None


def ensure_chinese_type() -> None:
    """Install a Chinese font where there is none and this may do so; else say what to install."""
    listed = shutil.which("fc-list")
    if listed is None:
        return
    fonts = subprocess.run([listed, ":lang=zh"], capture_output=True, text=True, check=False)
    if fonts.stdout.strip():
        return
    if _is_debian_root():
        tell("No Chinese font is here; apt-get installs one ...")
        _apt_install("fonts-noto-cjk")
    else:
        tell("No Chinese font is here: install fonts-noto-cjk to see the words.")


def _starts(path: str) -> bool:
    """Say whether a Chromium runs at all; Playwright's may lack system libraries."""
    flags = ["--headless", "--no-sandbox", "--version"]
    try:
        return subprocess.run([path, *flags], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _is_debian_root() -> bool:
    geteuid = getattr(os, "geteuid", None)
    return geteuid is not None and geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_install(*packages: str) -> None:
    _run(["apt-get", "update"])
    _run(["apt-get", "install", "-y", "--no-install-recommends", *packages])


def _run(command: list[str], *, quiet: bool = False) -> None:
    """Run a command with everything it says on the error output, or nowhere."""
    out = subprocess.DEVNULL if quiet else sys.stderr
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, stdout=out, stderr=out, env=environ, check=False)


def main() -> int:
    """Print the path; exit code 1 when there is none."""
    found = find_chromium(os.environ) or install_chromium()
    if found is None:
        tell(ADVICE)
        return 1
    ensure_chinese_type()
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
