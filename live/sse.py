"""The stream as an HTTP response that nothing on its way holds back, compresses or stores."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import StreamingResponse

from live.hub import Hub, View

HEADERS = {
    "Cache-Control": "no-cache, no-store, no-transform",
    "X-Accel-Buffering": "no",
}


def read_last_id(request: Request) -> str | None:
    """Return the last event that a reader knows, from its `Last-Event-ID` header or `?last=`."""
    # a browser that reconnects by itself sends the header; its URL still has the older ?last=
    return request.headers.get("last-event-id") or request.query_params.get("last")


def stream_response(
    hub: Hub,
    last_event_id: str | None = None,
    *,
    role: str | None = None,
    view: View | None = None,
    packed: bool = False,
) -> StreamingResponse:
    """Return the stream, resumed after the last event that a reader knows."""
    chunks = hub.subscribe(last_event_id, role=role, view=view, packed=packed)
    return StreamingResponse(chunks, media_type="text/event-stream", headers=HEADERS)
