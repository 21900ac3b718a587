"""Who took which tables as a file: a row of the audit for each export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from dashboard.access.viewer import current_viewer
from dashboard.world import World
from live import audit
from live.store.tables import to_us

ABOUT = "exports"


def note_export(
    world: World,
    form: str,
    counts: Mapping[str, int],
    *,
    place: str = "",
    at: datetime | None = None,
) -> None:
    """Write an export down before it is handed out.

    Args:
        world: Whose data it is.
        form: csv, xlsx, gpkg, pdf or png.
        counts: Rows by layer.
        place: Address of the view that it shows.
        at: The moment shown, where it is a past one.
    """
    data = {
        "form": form, "counts": dict(counts), "place": place[:600],
        "at": None if at is None else to_us(at),
    }  # fmt: skip
    now = to_us(world.twin.clock())
    entry = audit.Entry(now, current_viewer().name, ABOUT, uuid4().hex, 1, "export", data)
    with world.twin.store.writing() as conn:
        audit.append(conn, [entry])
