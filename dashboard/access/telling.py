"""The table of rights as docs/access.md shows it."""

from __future__ import annotations

from dashboard.access.roles import CIRCLES, ROLES
from dashboard.access.table import ACCESS, API, PAGES

YES, NO = "yes", "–"


def tell_circles() -> str:
    """Return who belongs to which circle, as a Markdown table."""
    lines = [f"| circle | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    for circle, members in CIRCLES.items():
        marks = (YES if role in members else NO for role in ROLES)
        lines.append(f"| `{circle}` | {' | '.join(marks)} |")
    return "\n".join(lines)


def tell_pages() -> str:
    """Return which circle a page is for, as a Markdown table."""
    own = {
        line.partition(" ")[2]: circle for line, circle in ACCESS if line.startswith("GET /manage")
    }
    rows = [f"| `{path}` | `{circle}` |" for path, circle in (PAGES | own).items()]
    return "\n".join(["| page | circle |", "|---|---|", *rows])


def tell_api() -> str:
    """Return which circle may change what by the API, as a Markdown table."""
    rows = [
        f"| `{line.replace(' /', ' /api/v1/', 1)}` | `{circle}` |"
        for line, circle in API
        if not line.startswith("GET ")
    ]
    return "\n".join(["| what changes things | circle |", "|---|---|", *rows])


if __name__ == "__main__":  # pragma: no cover
    import sys

    sys.stdout.write("\n\n".join((tell_circles(), tell_pages(), tell_api())) + "\n")
