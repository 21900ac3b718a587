"""The table of rights names every route, page and callback there is, and none that is not."""

import dash
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from dashboard.access.rights import circle_of_callback, circle_of_page, read_table
from dashboard.access.roles import CIRCLES
from dashboard.access.table import CALLBACKS, DEMO_API, PAGES, list_routes
from dashboard.pages import PAGES as SHOWN

CATCH_ALL = {"/api/{path:path}", "/demo/api/{path:path}", "/api/v1/{path:path}",
             "/demo/api/v1/{path:path}", "/{path:path}", "{path:path}"}  # fmt: skip
"""Routes that answer 404; the gate says so before them."""


def walk(routes, prefix=""):
    """Yield every `(method, path template)` that a FastAPI application serves."""
    for route in routes:
        if hasattr(route, "original_router"):
            inner = route.include_context.prefix
            yield from walk(route.original_router.routes, prefix + inner)
        elif isinstance(route, Mount):
            yield "GET", f"{prefix}{route.path}/{{path:path}}"
        elif isinstance(route, APIRoute):
            for method in route.methods - {"HEAD", "OPTIONS"}:
                yield method, prefix + route.path


@pytest.fixture
def routes(served):
    found = sorted({*walk(served.app.routes), *walk(served.app.state.pages.app.routes)})
    assert len(found) > 80
    return found


def test_every_route_is_in_the_table(routes):
    lacking = [
        f"{method} {path}"
        for method, path in routes
        if path not in CATCH_ALL and read_table().find(method, fill(path)) is None
    ]
    assert not lacking, "add them to dashboard/access/table.py"


def test_no_line_of_the_table_is_of_a_route_that_is_gone(routes):
    there = {f"{method} {path}" for method, path in routes} | {f"GET {p.path}" for p in SHOWN}
    gone = [line for line in list_routes() if line not in there and not line.startswith("ANY ")]
    assert not gone


def test_every_page_is_in_the_table():
    assert {page.path for page in SHOWN} <= PAGES.keys()


def test_every_callback_is_in_the_table(served):
    there = {key for key in dash.get_app().callback_map if key != "_pages_dummy.children"}
    assert there - CALLBACKS.keys() == set(), "add them to dashboard/access/table.py"
    assert CALLBACKS.keys() - there == set()


def test_every_circle_that_the_table_speaks_of_is_there():
    assert {
        c.removesuffix("*") for c in (*list_routes().values(), *CALLBACKS.values())
    } <= CIRCLES.keys()
    assert len(DEMO_API) == len(set(DEMO_API))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b'{"output": 7}', b'{"output": ["detail.children"]}',
        b'{"output": "nothing.children"}', b'{"inputs": []}',
        b'{"output": ".._pages_content.children..._pages_store.data..", "inputs": []}',
        b'{"output": ".._pages_content.children..._pages_store.data..", "inputs": '
        b'[{"id": "x", "property": "pathname", "value": "/manage"}, '
        b'{"id": "_pages_location", "property": "pathname", "value": "/demo"}]}',
    ],
)  # fmt: skip
def test_what_is_no_callback_of_ours_is_refused(body):
    assert circle_of_callback(body) is None


def test_going_to_a_page_is_judged_by_the_page():
    def going(path):
        return (
            b'{"output": ".._pages_content.children..._pages_store.data..", "inputs": '
            b'[{"id": "_pages_location", "property": "pathname", "value": "%s"}]}' % path
        )

    assert circle_of_callback(going(b"/manage/intake")) == circle_of_page("/manage/intake")
    assert circle_of_callback(going(b"/manage/intake/")) == circle_of_page("/manage/intake")
    assert circle_of_callback(going(b"/demo")) == "anybody"


def fill(path):
    """Return a template with something in its places."""
    names = {"{path:path}": "x", "{fingerprinted_path:path}": "x"}
    for name in (part.split("}")[0] for part in path.split("{")[1:]):
        names.setdefault(f"{{{name}}}", "csv" if name == "form" else "x")
    for place, value in names.items():
        path = path.replace(place, value)
    return path


def test_documents_tell_the_table_as_it_is():
    from pathlib import Path

    from dashboard.access.telling import tell_api, tell_circles, tell_pages

    text = (Path(__file__).parents[3] / "docs" / "access.md").read_text(encoding="utf-8")
    for part in (tell_circles(), tell_pages(), tell_api()):
        assert part in text, f"docs/access.md lacks:\n{part}"


def test_visitors_change_nothing_that_another_visitor_sees():
    """What a scenario changes is the visitor's own; all else that is sent leaves nothing."""
    sent = [line for line in DEMO_API if not line.startswith("GET ")]
    assert sent == [
        "POST /tables/{layer}.{form}", "POST /coverage/scenario", "POST /scenarios/{name}"
    ]  # fmt: skip
