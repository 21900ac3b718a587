"""The doors through which devices speak, and the API behind which what they said can be read."""

from fastapi import APIRouter, Request, Response

from dashboard import quarantine
from dashboard.doors import events, viid
from dashboard.doors.desk import Desk
from dashboard.doors.limits import Refusal
from dashboard.doors.options import DoorOptions
from dashboard.doors.vendors import DOORS, Door

__all__ = ["Desk", "DoorOptions", "build_doors"]

EVERY_METHOD = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


def build_doors(desk: Desk) -> APIRouter:
    """Return the routes of all doors; include it before any catch-all."""
    # they stand on the desk, which is of this package
    from dashboard import incidents_api, mode_api, orders_api, webhooks_api
    from dashboard.brief.api import build_brief_router
    from dashboard.editing.api import build_settings_router

    router = APIRouter()
    router.include_router(events.build_router(desk), prefix="/api/v1")
    router.include_router(quarantine.build_router(desk), prefix="/api/v1")
    router.include_router(incidents_api.build_router(desk), prefix="/api/v1")
    router.include_router(orders_api.build_router(desk), prefix="/api/v1")
    router.include_router(webhooks_api.build_webhooks_router(desk), prefix="/api/v1")
    router.include_router(build_brief_router(desk), prefix="/api/v1")
    router.include_router(build_settings_router(desk), prefix="/api/v1")
    router.include_router(mode_api.build_mode_router(desk), prefix="/api/v1")
    router.include_router(viid.build_router(desk), prefix="/VIID")
    for door in DOORS:
        router.include_router(_build_door(desk, door))

    async def unknown(path: str) -> Response:
        return events.to_response({"error": "not found"}, 404)

    for prefix in ("/VIID", "/feeds"):
        router.add_api_route(
            prefix + "/{path:path}", unknown, methods=EVERY_METHOD, include_in_schema=False
        )
    return router


def _build_door(desk: Desk, door: Door) -> APIRouter:
    router = APIRouter(tags=["devices"])

    @router.post(door.path, summary=f"What {door.feed} devices push")
    async def push(request: Request) -> Response:
        try:
            token = await desk.access.feed(request, digest=True)
            desk.count_message(token.id)
            _, taken = await desk.take(request, door.feed)
        except Refusal as refusal:
            desk.note_refusal(door.feed, refusal)
            return door.answer(request, refusal)
        return door.answer(request, taken)

    return router
