"""The pages: Dash with its callbacks, as one application behind the server's own routes.

Dash is loaded with this module, which takes a good part of a second: `dashboard.later` does that
while events are already taken in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import dash
from dash import Dash, dcc, html
from dash._callback_context import context_value
from fastapi import FastAPI

from dashboard import ids
from dashboard.access.rights import circle_of_page, is_open
from dashboard.access.roles import REAL
from dashboard.access.viewer import current_viewer
from dashboard.guard import LogErrors, content_security_policy, preload_header
from dashboard.pages import Page
from dashboard.settings import Settings
from dashboard.words import HTML_LANG, LANGUAGES, Words, load_words

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dashboard.server import Worlds

ROOT = Path(__file__).parent.parent

Register = Callable[[Dash, "Worlds"], None]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Dash with its pages.

    Attributes:
        app: What answers.
        policy: The content security policy that its scripts fit.
        preload: What a browser may fetch while it still reads a page with a map.
    """

    app: FastAPI
    policy: str
    preload: bytes


async def draw_pages(
    settings: Settings,
    worlds: Worlds,
    bundle_url: str,
    register: Sequence[Register],
    pages: Sequence[Page],
    prefix: str = "",
) -> Drawn:
    """Return the pages, ready to answer.

    Args:
        settings: See `dashboard.settings`.
        worlds: What the pages show.
        bundle_url: Where the 3D engine is.
        register: Wiring of callbacks, called with the Dash app and the worlds.
        pages: The pages.
        prefix: What a browser has to put before every path of this server.
    """
    context_value.set({})  # pages are added in this thread, Dash was perhaps loaded in another
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.add_middleware(LogErrors)
    server.add_middleware(InWorlds, worlds=worlds)
    app = create_dash(server, settings, worlds, bundle_url, pages=pages, prefix=prefix)
    for wire in register:
        wire(app, worlds)
    await _prepare(app)
    return Drawn(server, content_security_policy(app.csp_hashes()), preload_header(prefix))


def unnamed(words: Words) -> dict[str, Any]:
    """Return what the choice of doors tells somebody without an account: nothing of the place."""
    return {
        "counts": {}, "areas": [], "heights": {}, "source": "", "name": words("access.product"),
        "illustrative": False, "simulated": False, "api": "",
    }  # fmt: skip


async def _prepare(app: Dash) -> None:
    """Let Dash set itself up, which it does on the first request to some paths only."""
    backend: Any = app.backend
    for step in backend._before_request_funcs:
        result = step()
        if inspect.isawaitable(result):
            await result
    backend._setup_catchall()  # at the lifespan of a server of its own, which this one has not


UNKNOWN_LANGUAGE = '<html lang="und">'
INDEX = f"""<!DOCTYPE html>
{UNKNOWN_LANGUAGE}
<head>
{{%metas%}}
<title>{{%title%}}</title>
{{%favicon%}}
{{%css%}}
</head>
<body>
<div id="{ids.MAP_HOST}" data-bundle="BUNDLE"></div>
<script type="module" async src="PREFIX/assets/main.mjs"></script>
{{%app_entry%}}
<footer hidden>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>"""
"""Dash's page with the map's place outside of what Dash renders: one canvas for the page's life."""


_ASKED: ContextVar[Worlds] = ContextVar("worlds")
"""The worlds of the server that answers: Dash keeps one list of pages for all of a process."""


class InWorlds:
    """Lets pages know whose they are."""

    def __init__(self, app: ASGIApp, worlds: Worlds) -> None:
        self.app, self.worlds = app, worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        token = _ASKED.set(self.worlds)
        try:
            await self.app(scope, receive, send)
        finally:
            _ASKED.reset(token)


class Shell(Dash):
    """Dash whose page comes in the language that its address asks for (`lang`).

    Attributes:
        language: Of a page whose address asks for none.
        titles: By language the title of the choice of doors, and that of every other page.
    """

    language = LANGUAGES[0]
    titles: Mapping[str, tuple[str, str]] = MappingProxyType({})

    def interpolate_index(self, *given: str, **parts: str) -> str:
        """Return the page as it is served."""
        request = self.backend.request_adapter()
        asked = request.args.get("lang", self.language)
        language = asked if asked in HTML_LANG else self.language
        parts["title"] = escape(self.titles[language][request.path != "/"])
        page: str = super().interpolate_index(*given, **parts)  # type: ignore[no-untyped-call]
        return page.replace(UNKNOWN_LANGUAGE, f'<html lang="{HTML_LANG[language]}">', 1)


def create_dash(
    server: FastAPI,
    settings: Settings,
    worlds: Worlds,
    bundle_url: str,
    *,
    pages: Sequence[Page],
    prefix: str = "",
) -> Dash:
    """Return the Dash application with its pages, on a server.

    Args:
        server: The server.
        settings: See `dashboard.settings`.
        worlds: What the pages show.
        bundle_url: Where the 3D engine is.
        pages: The pages.
        prefix: What a browser has to put before every path of this server.
    """
    fastapi_server: Any = server
    app = Shell(
        __name__,
        server=fastapi_server,
        backend="fastapi",
        requests_pathname_prefix=prefix + "/",
        routes_pathname_prefix="/",
        use_pages=True,
        pages_folder="",
        assets_folder=str(ROOT / "assets"),
        assets_path_ignore=["twin"],
        assets_ignore=r"main\.mjs",
        title="",
        update_title="",
        serve_locally=True,
        compress=False,  # the server in front does it for all
        suppress_callback_exceptions=True,
    )

    def page(path: str, layout: Callable[..., Any], world_at: str) -> Callable[..., Any]:
        circle = circle_of_page(path)

        def render(lang: str = settings.language, **_: str) -> Any:
            words = load_words(lang)
            viewer, worlds = current_viewer(), _ASKED.get()
            if circle is None or not is_open(circle, viewer):
                # the gate has judged by the address already; a page asks again for itself
                return html.Main(words("access.denied"), id=ids.PAGE, className="page page-home")
            if not viewer.roles & REAL and not worlds.has_visitors:
                return layout(words, unnamed(words) | {"visitors": settings.visitors == "on"})
            world = worlds(world_at)
            meta = world.community.meta
            source = meta.get("source")
            about = {
                "counts": world.counts,
                "areas": world.areas,
                "heights": world.height_sources,
                "source": source.get(words.language, "") if isinstance(source, dict) else source,
                "name": world.community.name_in(words.language),
                "illustrative": bool(meta.get("illustrative")),
                "simulated": world.simulated,
                "api": world_at,
                "visitors": settings.visitors == "on",
            }
            return layout(words, about)

        return render

    community = worlds("").community
    app.titles = {
        language: (load_words(language)("access.product"), community.name_in(language))
        for language in LANGUAGES
    }
    for spec in pages:
        register_page: Any = dash.register_page
        name = spec.path.strip("/").replace("/", "-") or "home"
        layout = page(spec.path, spec.load(), spec.world)
        title = app.titles[settings.language][spec.path != "/"]
        register_page(name, path=spec.path, title=title, layout=layout)
    app.language = settings.language
    app.index_string = INDEX.replace("BUNDLE", prefix + bundle_url).replace("PREFIX", prefix)
    app.layout = html.Div(
        [
            dcc.Store(id=ids.PICKED),
            dash.page_container,
        ],
        id="root",
    )
    return app
