"""A page as it is by axe-core: WCAG 2.0 to 2.2, A and AA."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.watched import WatchedPage

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
}


def _find_violations(page: WatchedPage, context: str | None) -> list[str]:
    """Return what axe finds, one line a node."""
    found = Axe().run(page.page, context=context, options=OPTIONS).response
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} - {node['failureSummary'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def check_access(page: WatchedPage, where: str, context: str | None = None) -> None:
    """Fail on what axe finds."""
    found = _find_violations(page, context)
    assert not found, f"{where}:\n" + "\n".join(found)


def show_theme(page: WatchedPage, theme: str) -> None:
    page.run(
        """(theme) => {
          if (globalThis.twin) twin.setTheme(theme);
          else document.documentElement.dataset.theme = theme;
        }""",
        theme,
    )
