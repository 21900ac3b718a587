"""What keeps a form honest: where it came from, its token, and where it leads."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer

from dashboard.access.rights import circle_of_page

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_S = 4 * 3600
"""A form that lay open for longer is to be sent again, seconds."""
OURS = frozenset({"/account", "/manage/users"})
"""Pages of ours that are none of Dash's."""


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """Say whether a browser tells that a request comes from another site's page."""
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def is_from_us(headers: Mapping[str, str]) -> bool:
    """Say whether a browser tells that a request comes from a page of ours."""
    told = "sec-fetch-site" in headers or "origin" in headers
    return told and not is_cross_site(headers)


def safe_next(wanted: str, default: str = "/") -> str:
    """Return an address within the product to go on to; never another site's."""
    if not wanted.startswith("/") or wanted.startswith("//") or not wanted.isprintable():
        return default
    if "\\" in wanted or " " in wanted:
        return default
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return default
    if parts.scheme or parts.netloc:
        return default
    known = parts.path in OURS or circle_of_page(parts.path) is not None
    return wanted if known else default


class FormTokens:
    """Tokens of forms, bound to the browser that asked for the form."""

    def __init__(self) -> None:
        self._signer = URLSafeTimedSerializer(secrets.token_bytes(32), salt="form")

    def make(self, browser: str) -> str:
        """Return a token for a browser: its session, or what its form cookie holds."""
        return str(self._signer.dumps(browser))

    def fits(self, token: str, browser: str) -> bool:
        """Say whether a token was made for a browser, not too long ago."""
        if not browser:
            return False
        try:
            return bool(self._signer.loads(token, max_age=FORM_S) == browser)
        except BadData:
            return False
