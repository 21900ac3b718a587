"""`/manage/users`: administrators add accounts, give them rights, and end them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from dashboard.access.front import Front
from dashboard.access.viewer import current_viewer
from dashboard.access.viewing import describe_account, describe_session
from dashboard.doors.limits import Refusal
from dashboard.offices import OFFICES, may_open
from layers.catalogue import LAYER_NAMES
from live.accounts import AccountError
from live.accounts.account import ROLES, make_password
from live.events import utc_now

ALL = "all"


def build_users(front: Front) -> APIRouter:
    """Return the routes, which the table of rights keeps for administrators."""
    router = APIRouter(prefix="/manage/users", include_in_schema=False)

    async def show(request: Request, status: int = 200, **values: Any) -> Response:
        world, now = front.world, utc_now()
        zone = world.timezone
        accounts = await asyncio.to_thread(front.accounts.accounts)
        found = []
        for account in accounts:
            sessions = await asyncio.to_thread(front.sessions.of_account, account.id)
            found.append(
                describe_account(account, zone, now)
                | {"sessions": [describe_session(one, zone, "") for one in sessions]}
            )
        grids = world.community["grids"]
        told = {
            "accounts": found,
            "roles": ROLES,
            "grids": [
                (str(key), str(name) if isinstance(name, str) else str(key))
                for key, name in zip(grids["id"], grids["name"], strict=True)
            ],
            "layers": LAYER_NAMES,
            "offices": OFFICES,
            "may_open": may_open,
            "community": world.community.name_in(front.words(request).language),
            "who": current_viewer().name,
            "error": "",
            "given": "",
            "given_to": "",
            **values,
        }
        return front.show(request, "users", told, status)

    async def within(
        request: Request, step: Callable[[dict[str, str], str], Awaitable[Response]]
    ) -> Response:
        try:
            return await step(await front.read_form(request), current_viewer().name)
        except Refusal as refusal:
            return await show(request, refusal.status, error="login.error.old")
        except AccountError as error:
            return await show(request, 400, error=f"account.error.{error.code}")

    @router.get("")
    async def users(request: Request) -> Response:
        return await show(request)

    @router.post("")
    async def add(request: Request) -> Response:
        async def make(fields: dict[str, str], who: str) -> Response:
            password = make_password()
            account = await asyncio.to_thread(
                lambda: front.accounts.add(
                    fields.get("name", ""),
                    _names(fields, "roles") or [],
                    password=password,
                    shown=fields.get("shown", ""),
                    areas=_names(fields, "areas"),
                    layers=_names(fields, "layers"),
                    must_change=True,
                    by=who,
                )
            )
            return await show(request, given=password, given_to=account.name)

        return await within(request, make)

    @router.post("/{name}/{action}")
    async def act(request: Request, name: str, action: str) -> Response:
        async def do(fields: dict[str, str], who: str) -> Response:
            account = await asyncio.to_thread(front.accounts.find, name)
            if action == "reset":
                password = make_password()
                await asyncio.to_thread(
                    lambda: front.accounts.set_password(name, password, must_change=True, by=who)
                )
                await asyncio.to_thread(front.sessions.end_all, account.id)
                return await show(request, given=password, given_to=account.name)
            if action == "change":
                await asyncio.to_thread(
                    lambda: front.accounts.change(
                        name,
                        roles=_names(fields, "roles") or [],
                        areas=_names(fields, "areas"),
                        layers=_names(fields, "layers"),
                        by=who,
                    )
                )
            elif action == "disable":
                await asyncio.to_thread(lambda: front.accounts.disable(name, by=who))
            elif action == "enable":
                await asyncio.to_thread(lambda: front.accounts.enable(name, by=who))
            elif action != "end":
                raise AccountError("missing", f"nothing is called {action!r}")
            if action in ("disable", "end"):
                await asyncio.to_thread(front.sessions.end_all, account.id)
            await asyncio.to_thread(front.sessions.read)
            return RedirectResponse("/manage/users", 303)

        return await within(request, do)

    return router


def _names(fields: dict[str, str], field: str) -> list[str] | None:
    """Return the names that were chosen of a list; None for all of them."""
    chosen = [name for name in fields.get(field, "").split(",") if name]
    return None if field != "roles" and (not chosen or ALL in chosen) else chosen
