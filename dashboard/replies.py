"""Answers of the API that no cache may keep."""

from typing import Any

import orjson
from fastapi import Response


def json_response(value: Any, **headers: str) -> Response:
    """Return JSON that is never kept by a cache."""
    return Response(
        orjson.dumps(value),
        media_type="application/json",
        headers={"cache-control": "no-store", **headers},
    )
