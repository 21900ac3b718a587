"""`make bench`: every ratio, measured and with its goal."""

from __future__ import annotations

import os
import sys

from tests.bench.first_frame import measure_first_frame
from tests.bench.readers import measure_readers
from tests.bench.report import Line
from tests.bench.updates import measure_updates
from tests.chromium import find_chromium
from tests.conftest import GL_FLAGS, launch_flags


def main(wanted: list[str]) -> int:
    """Measure what was asked for (all without a name); returns how many goals were missed."""
    from playwright.sync_api import sync_playwright

    lines: list[Line] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(os.environ), args=[*launch_flags(), *GL_FLAGS]
        )
        for name, measure in (("first", measure_first_frame), ("update", measure_updates)):
            if not wanted or name in wanted:
                lines += _told(measure(browser))
        browser.close()
    if not wanted or "readers" in wanted:
        lines += _told(measure_readers())
    missed = sum(line.met is False for line in lines)
    print(f"{missed} goals missed" if missed else "every goal met")
    return missed


def _told(lines: list[Line]) -> list[Line]:
    for line in lines:
        print(line.text(), flush=True)
    return lines


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
