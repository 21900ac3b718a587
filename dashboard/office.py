"""The frame of the managers' pages: one bar with the ways between them, and what a page adds.

A page beside the map (`/manage/tables`) is `office_page(words, about, "tables", children)`; its
name is one of `OFFICES` (dashboard/offices.py), its title the word `office.tables`.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids, parts
from dashboard.access.viewer import current_viewer
from dashboard.offices import BY_FORMS, OFFICES, may_open
from dashboard.words import Words


def manage_bar(words: Words, about: dict[str, Any], current: str, here: str = "") -> html.Header:
    """Return the top bar of the managers' pages with the current page marked.

    `here` is the address of a page that stands under another one.
    """
    suffix = "" if words.language == "zh" else f"?lang={words.language}"
    other = "en" if words.language == "zh" else "zh"
    here = here or OFFICES[current][0]
    return html.Header(
        [
            parts.brand(about["name"], words("manage.subtitle")),
            _nav(words, current, suffix),
            html.Div(
                [
                    parts.connection(words),
                    parts.sensing_chip(words),
                    *_account_chip(suffix),
                    html.A(
                        words("language.other"),
                        href=f"{here}?lang={other}",
                        className="chip",
                        lang="en" if other == "en" else "zh-CN",
                        **parts.data(icon="language"),
                    ),
                    html.Button(
                        type="button",
                        className="chip",
                        **parts.data(tool="theme", icon="theme"),
                        **parts.aria(label=words("tool.theme")),
                    ),
                    parts.clock(),
                ],
                className="top-right",
            ),
        ],
        className="top",
    )


def _account_chip(suffix: str) -> list[html.A]:
    viewer = current_viewer()
    if viewer.open_demo or not viewer.is_known:
        return []
    chip = html.A(
        viewer.name,
        href=f"/account{suffix}",
        className="chip who",
        title=viewer.name,
        **parts.data(icon="people"),
    )
    return [chip]


def _nav(words: Words, current: str, suffix: str) -> html.Nav:
    """Return the ways between the pages: as many in the bar as fit, the others in its menu.

    Which fit is a matter of the window's width (`assets/office.css`); the current one always shows.
    """

    def links() -> list[Any]:
        return [
            (html.A if name in BY_FORMS else dcc.Link)(
                [
                    html.I(className="glyph", **parts.data(icon=glyph)),
                    html.Span(words(f"office.{name}")),
                ],
                href=f"{path}{suffix}",
                className=f"office-link{' current' if name == current else ''}",
            )
            for name, (path, glyph) in OFFICES.items()
            if may_open(path)
        ]

    menu = html.Details(
        [
            html.Summary(
                [
                    html.I(className="glyph", **parts.data(icon="menu")),
                    html.Span(words("office.more")),
                ],
                className="office-link",
            ),
            html.Div(links(), className="office-menu"),
        ],
        className="office-more",
    )
    return html.Nav(
        [*links(), menu], className="office-nav", **parts.aria(label=words("office.nav"))
    )


def office_page(
    words: Words,
    about: dict[str, Any],
    name: str,
    children: Any,
    *,
    title: str | None = None,
    here: str = "",
) -> html.Main:
    """Return a managers' page beside the map: the bar, a heading, and its own content.

    A page that is part of another (`title` says which part, `here` its address) stands under that
    one in the bar.
    """
    return html.Main(
        [
            manage_bar(words, about, name, here),
            html.Div(
                [html.H2(title or words(f"office.{name}"), className="office-title"), *children],
                className="office",
            ),
            parts.provenance(
                words, illustrative=about["illustrative"], simulated=about["simulated"]
            ),
        ],
        id=ids.PAGE,
        className=f"page page-office page-{name}",
        lang="zh-CN" if words.language == "zh" else "en",
        **parts.data(page=f"office-{name}", api=about["api"], lang=words.language),
    )
