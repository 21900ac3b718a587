"""What the log-in, the accounts' pages and the gate share."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.access.cookies import FORM, SESSION, WALL, WALL_S, give_cookie, read_cookie
from dashboard.access.forms import FormTokens
from dashboard.access.recognise import Recogniser
from dashboard.doors.desk import Desk
from dashboard.doors.limits import Buckets, Refusal
from dashboard.settings import Settings
from dashboard.words import HTML_LANG, LANGUAGES, Words, load_words
from live.accounts import Account, AccountBook, AccountError, SessionBook, WallBook
from live.events import utc_now

if TYPE_CHECKING:
    from jinja2 import Environment

    from dashboard.server import Worlds

LOGIN_RATE, LOGIN_BURST = 0.2, 10.0
"""Log-ins a second, and at once, tried from one address; each account has its own lock."""
LONGEST_FORM = 64 * 2**10
CODE_BYTES = 18


@cache
def _pages() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Front:
    """The accounts of the real world with what the browser sees of them.

    Args:
        settings: See `dashboard.settings`.
        worlds: The accounts are in the main world's store.
        desk: Knows the tokens.
    """

    def __init__(self, settings: Settings, worlds: Worlds, desk: Desk) -> None:
        self.settings, self.desk, self.world = settings, desk, worlds("")
        store = self.world.twin.store
        self.accounts = AccountBook(store)
        self.sessions = SessionBook(
            store,
            idle=timedelta(minutes=max(1, settings.session_idle_minutes)),
            life=timedelta(hours=max(1, settings.session_hours)),
        )
        self.walls = WallBook(store)
        self.open_demo = worlds.open_demo
        self.recognise = Recogniser(desk, self.sessions, self.walls, open_demo=self.open_demo)
        self.tokens = FormTokens()
        self._tries = Buckets(LOGIN_RATE, LOGIN_BURST)
        self._code = ""

    def make_code(self) -> str:
        """Return the one-time code that makes the first administrator; empty if there is one."""
        if self.open_demo or self.accounts.count():
            return ""
        self._code = secrets.token_urlsafe(CODE_BYTES)
        return self._code

    def is_code(self, given: str) -> bool:
        """Say whether somebody has the one-time code, and nobody was faster."""
        return bool(self._code) and hmac.compare_digest(
            self._code.encode(), given.encode(errors="replace")
        )

    def drop_code(self) -> None:
        """Let the one-time code open nothing any more."""
        self._code = ""

    def count_try(self, request: Request) -> None:
        """Count a log-in that is tried from an address.

        Raises:
            Refusal: There were too many.
        """
        self._tries.take(request.client.host if request.client else "")

    def words(self, request: Request) -> Words:
        """Return the language that a request asks for."""
        asked = request.query_params.get("lang", "")
        return load_words(asked if asked in LANGUAGES else self.settings.language)

    def show(
        self, request: Request, page: str, values: Mapping[str, Any], status: int = 200
    ) -> Response:
        """Return a page of ours; a form's token comes with it.

        Args:
            request: Who asks.
            page: Name of its template.
            values: What the template tells.
            status: HTTP status.
        """
        words = self.words(request)
        browser = read_cookie(request, SESSION) or read_cookie(request, FORM)
        fresh = "" if browser else secrets.token_urlsafe(16)
        other = "en" if words.language == "zh" else "zh"
        text = (
            _pages()
            .get_template(f"{page}.html")
            .render(
                words=words,
                html_lang=HTML_LANG[words.language],
                suffix=""
                if words.language == self.settings.language
                else f"?lang={words.language}",
                other=other,
                other_lang=HTML_LANG[other],
                theme="day" if self.world.sun(utc_now())["altitude"] > 0 else "dark",
                token=self.tokens.make(browser or fresh),
                path=request.url.path,
                **values,
            )
        )
        response = HTMLResponse(text, status, headers={"cache-control": "no-store"})
        if fresh:
            give_cookie(response, request, FORM, fresh)
        return response

    async def read_form(self, request: Request) -> dict[str, str]:
        """Return a form's fields; those of a list joined by commas.

        Raises:
            Refusal: It is not one that this browser was given.
        """
        told = request.headers.get("content-length", "0")
        if not told.isdecimal() or int(told) > LONGEST_FORM:
            raise Refusal(413, "the form is too long")
        async with request.form(max_files=0, max_fields=200) as form:
            fields: dict[str, str] = {}
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields[name] = f"{fields[name]},{value}" if name in fields else value
        browser = read_cookie(request, SESSION) or read_cookie(request, FORM)
        if not self.tokens.fits(fields.get("token", ""), browser):
            raise Refusal(403, "the form is too old; open it again")
        return fields

    async def log_in(self, request: Request, account: Account, target: str) -> Response:
        """Begin a session, a new one whatever the browser had, and go on to a page."""
        before = await self.recognise.find_session(request)
        if before is not None:
            await asyncio.to_thread(self.sessions.end, before.id)
        _, secret = await asyncio.to_thread(
            self.sessions.begin,
            account,
            request.client.host if request.client else "",
            request.headers.get("user-agent", ""),
        )
        response = RedirectResponse(target, 303, headers={"cache-control": "no-store"})
        give_cookie(response, request, SESSION, secret)
        return response

    async def pair_wall(self, request: Request) -> Response:
        """Exchange the wall token in an address for the cookie of this device.

        Raises:
            Refusal: The token opens nothing, or it is another screen's.
        """
        kept = [(k, v) for k, v in request.query_params.multi_items() if k != "token"]
        clean = request.url.replace(query="").include_query_params(**dict(kept))
        target = f"{clean.path}?{clean.query}" if clean.query else clean.path
        response = RedirectResponse(target, 303, headers={"cache-control": "no-store"})
        if self.open_demo:
            return response
        secret = request.query_params.get("token", "")
        token = await self.desk.access.find_token(request, secret)
        if token is None or token.kind != "wall":
            raise Refusal(401, "this is no wall token in use; make one: token create --kind wall")
        try:
            held = await asyncio.to_thread(
                self.walls.bind,
                token,
                read_cookie(request, WALL),
                request.headers.get("user-agent", ""),
            )
        except AccountError as error:
            raise Refusal(403, str(error)) from error
        give_cookie(response, request, WALL, held, WALL_S)
        return response
