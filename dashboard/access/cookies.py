"""Our cookies: out of reach for scripts, for this host alone, never sent by other sites' posts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

SESSION = "twin_session"
WALL = "twin_wall"
FORM = "twin_form"
SIGN_ON = "twin_sign_on"

WALL_S = 400 * 86_400
"""Browsers keep no cookie longer; the wall's is given anew at each start."""


def is_secure(request: Request) -> bool:
    """Say whether a request came by https, as far as a proxy on this machine tells."""
    return request.url.scheme == "https"


def full_name(request: Request, name: str) -> str:
    """Return a cookie's name: by https with the prefix that binds it to this very host."""
    return f"__Host-{name}" if is_secure(request) else name


def read_cookie(request: Request, name: str) -> str:
    """Return what a cookie of ours holds; empty where there is none."""
    return request.cookies.get(full_name(request, name), "")


def give_cookie(
    response: Response, request: Request, name: str, value: str, max_age: int | None = None
) -> None:
    """Let a browser keep a cookie, for its own session where no age is given."""
    response.set_cookie(
        full_name(request, name),
        value,
        max_age=max_age,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, request: Request, name: str) -> None:
    """Let a browser forget a cookie."""
    response.delete_cookie(
        full_name(request, name),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
