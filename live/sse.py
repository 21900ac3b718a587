"""The stream as an HTTP response that nothing on its way holds back, compresses or stores."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import StreamingResponse

from live.hub import Hub

HEADERS = {
    "Cache-Control": "no-cache, no-store, no-transform",
    "X-Accel-Buffering": "no",
}


def stream_response(hub: Hub, request: Request, *, role: str | None = None) -> StreamingResponse:
    """Return the stream for a request, resumed after its `Last-Event-ID` header or `?last=`."""
    # a browser that reconnects by itself sends the header; its URL still has the older ?last=
    last = request.headers.get("last-event-id") or request.query_params.get("last")
    return StreamingResponse(
        hub.subscribe(last, role=role), media_type="text/event-stream", headers=HEADERS
    )
