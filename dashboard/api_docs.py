"""The API told in OpenAPI, `/api/openapi.json`, and a page to read and try it, `/api/docs`.

The page is Swagger UI, served from the installed fastapi-offline package: nothing is asked of
another host. Whoever may use the API may read both.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi

from dashboard.replies import json_response

VERSION = "1"
PATHS = ("/api/v1", "/VIID", "/feeds", "/healthz", "/readyz", "/metrics")
_PARTS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
PAGE = b"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Community twin: API</title>
<link rel="icon" href="/_favicon.ico">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<main id="api-docs"></main>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script type="module" src="/assets/twin/api-docs.mjs"></script>
</body>
</html>"""


def build_docs(server: FastAPI) -> APIRouter:
    """Return the routes of the page and of what it reads."""
    router = APIRouter(include_in_schema=False)
    told: dict[str, Any] = {}

    @router.get("/api/openapi.json")
    async def schema() -> Response:
        if not told:
            told.update(describe(server))
        return json_response(told)

    @router.get("/api/docs")
    async def docs() -> Response:
        return Response(PAGE, media_type="text/html")

    @router.get("/api/docs/{name}")
    async def part(name: str) -> Response:
        if name not in _PARTS:
            return Response(status_code=404)
        headers = {"cache-control": "public, max-age=86400"}
        return Response(_read(name), media_type=_PARTS[name], headers=headers)

    return router


def describe(server: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description of what programs may rely on (ARCHITECTURE: URLs)."""
    whole = get_openapi(
        title="Community twin",
        version=VERSION,
        routes=server.routes,
        separate_input_output_schemas=False,
    )
    whole["paths"] = {path: told for path, told in whole["paths"].items() if path.startswith(PATHS)}
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    whole.setdefault("components", {})["securitySchemes"] = schemes
    whole["security"] = [{"bearer": []}, {}]
    checked: dict[str, Any] = orjson.loads(orjson.dumps(whole))
    return checked


@cache
def _read(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()
