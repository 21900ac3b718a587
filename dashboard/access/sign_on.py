"""`/login/oidc`: to the issuer of single sign-on, and back with who it is."""

import asyncio
import hmac
import logging
import secrets

from fastapi import APIRouter, Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import RedirectResponse

from dashboard.access.cookies import SIGN_ON, drop_cookie, give_cookie, read_cookie
from dashboard.access.forms import safe_next
from dashboard.access.front import Front
from dashboard.doors.limits import Refusal
from live.accounts import AccountError

WITHIN_S = 600
"""Whoever leaves for the issuer is back within this time, seconds."""

log = logging.getLogger(__name__)


def build_sign_on(front: Front) -> APIRouter:
    """Return the routes, which answer 404 where no issuer is set."""
    router = APIRouter(include_in_schema=False)
    if not front.settings.oidc_issuer:

        @router.get("/login/oidc")
        @router.get("/login/oidc/back")
        async def absent() -> Response:
            return Response(status_code=404)

        return router
    from dashboard.access.oidc import SignOn, SignOnError  # slow to load, and rarely wanted

    sign_on = SignOn(front.settings)
    signer = URLSafeTimedSerializer(secrets.token_bytes(32), salt="sign-on")

    def back_to(request: Request) -> str:
        base = front.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
        return f"{base.rstrip('/')}/login/oidc/back"

    def failed(request: Request, code: str, status: int = 403) -> Response:
        told = {"error": f"login.error.{code}", "name": "", "who": "", "next": ""}
        return front.show(request, "login", {**told, "sign_on": front.settings.oidc_name}, status)

    @router.get("/login/oidc")
    async def leave(request: Request) -> Response:
        try:
            front.count_try(request)
            address, kept = await sign_on.begin(back_to(request))
        except Refusal as refusal:
            return failed(request, "busy", refusal.status)
        except SignOnError as error:
            log.warning("single sign-on: %s", error)
            return failed(request, error.code, 502)
        kept["next"] = safe_next(request.query_params.get("next", ""), "/manage")
        response = RedirectResponse(address, 303, headers={"cache-control": "no-store"})
        # the cookie binds the way back to this very browser
        give_cookie(response, request, SIGN_ON, str(signer.dumps(kept)), WITHIN_S)
        return response

    @router.get("/login/oidc/back")
    async def back(request: Request) -> Response:
        try:
            kept = signer.loads(read_cookie(request, SIGN_ON), max_age=WITHIN_S)
        except BadData:
            return failed(request, "sign_on")
        given, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not code or not hmac.compare_digest(given.encode(), kept["state"].encode()):
            return failed(request, "sign_on")
        try:
            person = await sign_on.finish(code, back_to(request), kept)
            account = await asyncio.to_thread(
                front.accounts.open_subject,
                person.subject, person.name, person.shown, person.roles, person.areas,
            )  # fmt: skip
        except SignOnError as error:
            log.warning("single sign-on: %s", error)
            return failed(request, error.code)
        except AccountError as error:
            log.warning("single sign-on: %s", error)
            return failed(request, "sign_on")
        if account is None:
            return failed(request, "wrong")
        response = await front.log_in(request, account, safe_next(kept["next"], "/manage"))
        drop_cookie(response, request, SIGN_ON)
        return response

    return router
