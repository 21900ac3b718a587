"""`/account`: one's own password and one's own sessions."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from dashboard.access.front import Front
from dashboard.access.viewing import describe_session
from dashboard.doors.limits import Refusal
from live.accounts import AccountError, Session


def build_account(front: Front) -> APIRouter:
    """Return the routes; each asks for a session of somebody."""
    router = APIRouter(include_in_schema=False)

    async def show(
        request: Request, session: Session, error: str = "", done: str = "", status: int = 200
    ) -> Response:
        mine = await asyncio.to_thread(front.sessions.of_account, session.account.id)
        zone = front.world.timezone
        told = {
            "account": session.account,
            "roles": sorted(session.account.roles),
            "areas": sorted(session.account.areas or ()),
            "all_areas": session.account.areas is None,
            "sessions": [describe_session(one, zone, session.id) for one in mine],
            "error": error,
            "done": done,
        }
        return front.show(request, "account", told, status)

    async def within(
        request: Request, step: Callable[[Session, dict[str, str]], Awaitable[Response]]
    ) -> Response:
        session = await front.recognise.find_session(request)
        if session is None:
            return RedirectResponse("/login?next=%2Faccount", 303)
        try:
            return await step(session, await front.read_form(request))
        except Refusal as refusal:
            return await show(request, session, "login.error.old", status=refusal.status)
        except AccountError as error:
            return await show(request, session, f"account.error.{error.code}", status=400)

    @router.get("/account")
    async def account(request: Request) -> Response:
        session = await front.recognise.find_session(request)
        if session is None:
            return RedirectResponse("/login?next=%2Faccount", 303)
        return await show(request, session)

    @router.post("/account/password")
    async def password(request: Request) -> Response:
        async def change(session: Session, fields: dict[str, str]) -> Response:
            mine, fresh = session.account, fields.get("fresh", "")
            front.count_try(request)
            opened = await asyncio.to_thread(
                front.accounts.open, mine.name, fields.get("password", "")
            )
            if opened is None:
                return await show(request, session, "account.error.wrong", status=403)
            if fresh != fields.get("again"):
                return await show(request, session, "account.error.again", status=400)
            if fresh == fields.get("password"):
                return await show(request, session, "account.error.same", status=400)
            changed = await asyncio.to_thread(
                front.accounts.set_password, mine.name, fresh, by=mine.shown
            )
            # whoever knew the old one is out; this browser goes on in a session of its own
            await asyncio.to_thread(front.sessions.end_all, mine.id)
            return await front.log_in(
                request, changed, "/manage" if mine.must_change else "/account"
            )

        return await within(request, change)

    @router.post("/account/sessions/{number}/end")
    async def end(request: Request, number: str) -> Response:
        async def stop(session: Session, _: dict[str, str]) -> Response:
            mine = await asyncio.to_thread(front.sessions.of_account, session.account.id)
            if number == "others":
                await asyncio.to_thread(front.sessions.end_all, session.account.id, but=session.id)
            elif any(one.id == number for one in mine):
                await asyncio.to_thread(front.sessions.end, number)
            return RedirectResponse("/account", 303)

        return await within(request, stop)

    return router
