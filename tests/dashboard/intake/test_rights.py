"""Quarantine by Dash's callbacks: what the API would not tell, the page does not tell."""

from __future__ import annotations

import json
from contextlib import contextmanager

import httpx
import pytest

from live.tokens import TokenBook
from tests.browser.tiny import make_event, make_tiny
from tests.browser.worlds import RunningWorld

MARKER = "OPENSESAME"
BODY = json.dumps({"kind": "acces", "note": MARKER, "car": "闽A12345"})
REASON = f"unknown device ID '{MARKER}': give it an alias"


@contextmanager
def serving(folder, var, *, real):
    world = RunningWorld(make_tiny(), var, folder / "twin.db", real=real).start()
    store = world.world.twin.store
    store.quarantine("http", BODY.encode(), REASON)
    try:
        with httpx.Client(base_url=world.url, timeout=60, trust_env=False) as browser:
            if real:
                # a manager, who is no administrator, may see the page
                world.log_in(browser, "manager")
            yield browser, store
    finally:
        world.stop()


@pytest.fixture(scope="module")
def real(var, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("intake"), var, real=True) as served:
        yield served


@pytest.fixture(scope="module")
def tokens(real):
    book = TokenBook(real[1])
    return {kind: book.create(kind, kind)[1] for kind in ("admin", "feed", "wall")}


def dependencies(browser):
    return [one for one in browser.get("/_dash-dependencies").json() if "intake-" in one["output"]]


def call(browser, one, values, changed=None, **headers):
    """Call a callback as a browser does, whatever would have made it come up."""

    def fill(wanted):
        if wanted["id"].startswith("{"):
            kind = json.loads(wanted["id"])
            key = {"intake-message": {"number": 1}, "intake-reason": {"key": "x"}}[kind["type"]]
            return [{"id": {**kind, **key}, "property": wanted["property"], "value": 1}]
        name = f"{wanted['id']}.{wanted['property']}"
        return {**wanted, "value": values.get(name)}

    inputs = [fill(wanted) for wanted in one["inputs"]]
    first = one["inputs"][0]
    if changed is None:
        told = inputs[0]
        name = told[0]["id"] if isinstance(told, list) else told["id"]
        name = json.dumps(name, separators=(",", ":"), sort_keys=True) if isinstance(name, dict) \
            else name  # fmt: skip
        changed = f"{name}.{first['property']}"
    outputs = [part.rpartition(".") for part in one["output"].strip(".").split("...")]
    specs = [{"id": name, "property": prop} for name, _, prop in outputs]
    body = {
        "output": one["output"],
        "outputs": specs if one["output"].startswith("..") else specs[0],
        "inputs": inputs,
        "changedPropIds": [changed],
        "state": [fill(wanted) for wanted in one["state"]],
    }
    return browser.post("/_dash-update-component", json=body, headers=headers)


CLICKED = {
    "intake-as-is.n_clicks": 1, "intake-mended.n_clicks": 1, "intake-confirm.submit_n_clicks": 1,
    "intake-number.data": 1, "intake-text.value": "[]", "intake-lang.data": "en",
    "intake-unlock.n_clicks": 1,
}  # fmt: skip
FORGED = ({}, {"authorization": "Bearer nonsense"}, {"x-forwarded-for": "127.0.0.1"})


def test_nothing_of_quarantine_comes_without_an_admin_token(real, tokens):
    """Each callback there is, called by hand from this machine, with every wrong token."""
    browser, store = real
    called = 0
    for one in dependencies(browser):
        for token in (None, "", "wrong" * 5, tokens["feed"], tokens["wall"]):
            for headers in FORGED:
                values = {**CLICKED, "intake-token.value": token}
                for wanted in one["inputs"]:
                    changed = None if wanted is one["inputs"][0] or wanted["id"][0] == "{" \
                        else f"{wanted['id']}.{wanted['property']}"  # fmt: skip
                    answer = call(browser, one, values, changed, **headers)
                    # the gate takes a forged header for what it is, whoever is logged in besides
                    wanted_codes = (401,) if "authorization" in headers else (200, 204)
                    assert answer.status_code in wanted_codes, answer.text
                    assert MARKER not in answer.text
                    assert "12345" not in answer.text
                    called += 1
    assert called > 100
    assert store.quarantined()[0].state == "new"
    assert store.quarantined()[0].body == BODY.encode()


def of(browser, output):
    return next(one for one in dependencies(browser) if output in one["output"])


def test_an_admin_token_opens_it(real, tokens):
    browser, store = real
    values = {**CLICKED, "intake-token.value": tokens["admin"]}
    listed = call(browser, of(browser, "intake-list"), values)
    assert MARKER in listed.text
    opened = call(browser, of(browser, "intake-open"), values)
    assert "闽A12345" in json.loads(opened.text)["response"]["intake-open"]["children"].__repr__()
    # a mended text that does not fit is kept, and said so
    order = of(browser, "intake-result")
    mended = {**values, "intake-text.value": '[{"kind": "still wrong"}]'}
    answer = call(browser, order, mended, "intake-mended.n_clicks")
    assert "What you mended in message 1 is kept" in answer.text
    assert store.quarantined("fixed")[0].body == b'[{"kind": "still wrong"}]'
    right = make_event("entrances", "d0", "access", granted=True).to_json()
    answer = call(browser, order, {**values, "intake-text.value": json.dumps([right])},
                  "intake-mended.n_clicks")  # fmt: skip
    assert "Message 1 is replayed: 1 accepted" in answer.text
    assert [one.event.subject for one in store.scan()] == ["d0"]
    answer = call(browser, order, values, "intake-confirm.submit_n_clicks")
    assert "settled already" in answer.text
    # figures need no token
    assert "Hikvision" in call(browser, of(browser, "intake-feeds"), CLICKED).text


def test_a_discard_is_told(real, tokens):
    browser, store = real
    number = store.quarantine("http", b"{", "bad")
    values = {**CLICKED, "intake-token.value": tokens["admin"], "intake-number.data": number}
    order = of(browser, "intake-result")
    answer = call(browser, order, values, "intake-confirm.submit_n_clicks")
    assert f"Message {number} is discarded" in answer.text
    assert store.quarantined("discarded")[0].id == number


def test_the_demo_shows_this_machine_masked_messages_and_others_none(var, tmp_path):
    with serving(tmp_path, var, real=False) as (browser, store):
        opened = call(browser, of(browser, "intake-open"), CLICKED)
        assert MARKER in opened.text
        assert "12345" not in opened.text
        # what is masked cannot be mended: the mask would be kept
        order = of(browser, "intake-result")
        answer = call(browser, order, CLICKED, "intake-mended.n_clicks")
        assert "Not allowed" in answer.text
        assert store.quarantined()[0].body == BODY.encode()
        away = call(browser, of(browser, "intake-list"), CLICKED, **{"x-forwarded-for": "9.9.9.9"})
        assert MARKER not in away.text
