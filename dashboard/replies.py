"""Answers of the API: JSON that no cache may keep, tables that are kept under their hash."""

from typing import Any

import orjson
from fastapi import Request, Response

from dashboard.bundle import IMMUTABLE
from dashboard.static_layers import StaticTable


def json_response(value: Any, **headers: str) -> Response:
    """Return JSON that is never kept by a cache."""
    return Response(
        orjson.dumps(value),
        media_type="application/json",
        headers={"cache-control": "no-store", **headers},
    )


def table_response(table: StaticTable, request: Request) -> Response:
    """Return a table's bytes, or that the browser has them; kept for ever under its own hash."""
    headers = {
        "etag": f'"{table.etag}"',
        "cache-control": "private, " + IMMUTABLE.removeprefix("public, ")
        if request.query_params.get("v") == table.etag
        else "private, no-cache",
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    body = table.raw
    if "br" in request.headers.get("accept-encoding", ""):
        body = table.compressed
        headers["content-encoding"] = "br"
    return Response(body, media_type="application/octet-stream", headers=headers)
