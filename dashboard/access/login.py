"""`/login`, `/logout` and the first administrator: forms that need no script."""

import asyncio
import logging

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from dashboard.access.cookies import SESSION, drop_cookie
from dashboard.access.forms import safe_next
from dashboard.access.front import Front
from dashboard.access.recognise import to_viewer
from dashboard.doors.limits import Refusal
from live.accounts import AccountError

log = logging.getLogger(__name__)


def build_login(front: Front) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)

    def form(request: Request, status: int = 200, **values: str) -> Response:
        wanted = safe_next(request.query_params.get("next", values.pop("next", "")), "")
        told = {"error": "", "name": "", "who": "", "next": wanted, **values}
        told["sign_on"] = front.settings.oidc_name if front.settings.oidc_issuer else ""
        return front.show(request, "login", told, status)

    @router.get("/login")
    async def show(request: Request) -> Response:
        wanted = safe_next(request.query_params.get("next", ""))
        if front.open_demo:
            return RedirectResponse(wanted, 303)
        session = await front.recognise.find_session(request)
        if session is None:
            return form(request)
        if session.account.must_change:
            return RedirectResponse("/account", 303)
        # somebody who is logged in and was sent here lacks the right
        return form(request, 200, who=to_viewer(session).name)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        try:
            fields = await front.read_form(request)
            front.count_try(request)
        except Refusal as refusal:
            word = "busy" if refusal.status == 429 else "old"
            return form(request, refusal.status, error=f"login.error.{word}")
        name, wanted = fields.get("name", ""), safe_next(fields.get("next", ""))
        password = fields.get("password", "")
        account = await asyncio.to_thread(front.accounts.open, name, password)
        if account is None:
            log.warning("a log-in failed from %s", request.client.host if request.client else "-")
            return form(request, 401, error="login.error.wrong", name=name[:64], next=wanted)
        if account.must_change:
            wanted = "/account"
        elif wanted == "/":
            wanted = "/manage"
        return await front.log_in(request, account, wanted)

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        try:
            await front.read_form(request)
        except Refusal:
            return form(request, 403, error="login.error.old")
        session = await front.recognise.find_session(request)
        if session is not None:
            await asyncio.to_thread(front.sessions.end, session.id)
        response = RedirectResponse("/login", 303)
        drop_cookie(response, request, SESSION)
        response.headers["clear-site-data"] = '"cache"'
        return response

    @router.get("/login/setup")
    async def show_setup(request: Request) -> Response:
        code = request.query_params.get("code", "")
        if not front.is_code(code):
            return RedirectResponse("/login", 303)
        return front.show(request, "setup", {"code": code, "error": "", "name": "", "shown": ""})

    @router.post("/login/setup")
    async def set_up(request: Request) -> Response:
        try:
            fields = await front.read_form(request)
            front.count_try(request)
        except Refusal as refusal:
            return form(request, refusal.status, error="login.error.old")
        code = fields.get("code", "")
        if not front.is_code(code):
            return form(request, 403, error="login.error.code")
        name, shown = fields.get("name", ""), fields.get("shown", "")
        told = {"code": code, "name": name[:64], "shown": shown[:64]}
        if fields.get("password") != fields.get("again"):
            return front.show(request, "setup", {**told, "error": "account.error.again"}, 400)
        try:
            account = await asyncio.to_thread(
                front.accounts.add, name, ["admin"],
                password=fields.get("password", ""), shown=shown, by="set-up",
            )  # fmt: skip
        except AccountError as error:
            told["error"] = f"account.error.{error.code}"
            return front.show(request, "setup", told, 400)
        front.drop_code()
        return await front.log_in(request, account, "/manage/users")

    return router
