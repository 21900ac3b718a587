"""`make bench`: every ratio, measured and with its goal."""

from __future__ import annotations

import os
import sys

from tests.bench.first_frame import measure_first_frame
from tests.bench.intake import measure_intake
from tests.bench.pixel import measure_pixel
from tests.bench.readers import measure_readers
from tests.bench.report import Line
from tests.bench.store import measure_store
from tests.bench.updates import measure_updates
from tests.chromium import find_chromium
from tests.conftest import GL_FLAGS, launch_flags

IN_BROWSER = {
    "first_frame": measure_first_frame,
    "updates": measure_updates,
    "pixel": measure_pixel,
}
WITHOUT = {"readers": measure_readers, "store": measure_store, "intake": measure_intake}


def main(wanted: list[str]) -> int:
    """Measure what was asked for (all without a name); returns how many goals were missed."""
    from playwright.sync_api import sync_playwright

    unknown = set(wanted) - {*IN_BROWSER, *WITHOUT}
    if unknown:
        print(
            f"no bench {', '.join(sorted(unknown))}; there is {', '.join([*IN_BROWSER, *WITHOUT])}"
        )
        return 1
    lines: list[Line] = []
    shown = [measure for name, measure in IN_BROWSER.items() if not wanted or name in wanted]
    if shown:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(os.environ), args=[*launch_flags(), *GL_FLAGS]
            )
            for measure in shown:
                lines += _told(measure(browser))
            browser.close()
    for name, measure_more in WITHOUT.items():
        if not wanted or name in wanted:
            lines += _told(measure_more())
    missed = sum(line.met is False for line in lines)
    print(f"{missed} goals missed" if missed else "every goal met")
    return missed


def _told(lines: list[Line]) -> list[Line]:
    for line in lines:
        print(line.text(), flush=True)
    return lines


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
