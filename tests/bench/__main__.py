"""`make bench`: every ratio, measured and with its goal."""

from __future__ import annotations

import argparse
import os
import sys

from tests.bench.coverage import PARTS
from tests.bench.first_frame import measure_first_frame
from tests.bench.flood import measure_flood
from tests.bench.intake import measure_intake
from tests.bench.panels import measure_panels
from tests.bench.pixel import measure_pixel
from tests.bench.readers import measure_readers
from tests.bench.recolour import measure_recolour
from tests.bench.report import Line
from tests.bench.restart import measure_restart
from tests.bench.search import ROWS, measure_search
from tests.bench.store import measure_store
from tests.bench.takeover import measure_takeover
from tests.bench.timemachine import measure_timemachine
from tests.bench.updates import measure_updates
from tests.chromium import find_chromium
from tests.conftest import GL_FLAGS, launch_flags

IN_BROWSER = {
    "first_frame": measure_first_frame,
    "updates": measure_updates,
    "pixel": measure_pixel,
    "panels": measure_panels,
    "recolour": measure_recolour,
    "takeover": measure_takeover,
    "flood": measure_flood,
}
WITHOUT = {
    "readers": measure_readers,
    "store": measure_store,
    "intake": measure_intake,
    "restart": measure_restart,
    "search": measure_search,
    **PARTS,
    "timemachine": measure_timemachine,
}
GROUPS = {"coverage": tuple(PARTS)}
"""Names for several at once."""


def main(wanted: list[str], rows: int) -> int:
    """Measure what was asked for (all without a name); returns how many goals were missed."""
    from playwright.sync_api import sync_playwright

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
            lines += _told(measure_search(rows) if name == "search" else measure_more())
    missed = sum(line.met is False for line in lines)
    print(f"{missed} goals missed" if missed else "every goal met")
    return missed


def _told(lines: list[Line]) -> list[Line]:
    for line in lines:
        print(line.text(), flush=True)
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench ARGS=...")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=", ".join([*IN_BROWSER, *WITHOUT, *GROUPS])
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="events that search looks through")
    given = parser.parse_args()
    unknown = set(given.names) - {*IN_BROWSER, *WITHOUT, *GROUPS}
    if unknown:
        parser.error(f"no bench {', '.join(sorted(unknown))}")
    names = [each for name in given.names for each in GROUPS.get(name, (name,))]
    sys.exit(min(1, main(names, given.rows)))
