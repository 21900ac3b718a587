"""Read events for histories, in order of time; every other module here is pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from live.events import Event
from live.history.span import Span
from live.history.vehicles import Read, to_read
from live.store import Store
from live.store.reading import matching, to_event
from live.store.tables import EVENTS


def read_events(
    store: Store,
    span: Span,
    *,
    kinds: Sequence[str] = (),
    layer: str | None = None,
    subject: str | None = None,
    plate: str | None = None,
) -> list[Event]:
    """Return the events of a span in order of time.

    Name a subject, a plate or kinds: each has an index.

    Args:
        store: Where from.
        span: Observed within it.
        kinds: Only these of `live.events.KINDS`.
        layer: Layer of the subject.
        subject: Its id.
        plate: Exactly this plate.
    """
    wanted = matching(None, layer, subject, span.since, span.until, plate)
    if kinds:
        wanted.append(EVENTS.c.kind.in_(kinds))
    query = select(EVENTS).where(*wanted).order_by(EVENTS.c.observed_at, EVENTS.c.id)
    with store.reading() as conn:
        return [to_event(row) for row in conn.execution_options(yield_per=2000).execute(query)]


def read_reads(
    store: Store,
    span: Span,
    key: bytes,
    *,
    camera: str | None = None,
    plate: str | None = None,
    facing: Mapping[str, str] | None = None,
) -> list[Read]:
    """Return the plate reads of a span in order of time, of one camera or plate or all.

    Args:
        store: Where from.
        span: Observed within it.
        key: The world's pseudonym key, for `Read.vehicle`.
        camera: Id of a plate camera.
        plate: Exactly this plate.
        facing: What each camera sees (in, out), where its reads name no direction.
    """
    layer = "plate_cameras" if camera else None
    events = read_events(store, span, kinds=("plate",), layer=layer, subject=camera, plate=plate)
    return [to_read(event, key, (facing or {}).get(event.subject, "")) for event in events]
