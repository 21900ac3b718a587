"""A wall token is one screen's: the first that shows it, and no other."""

import pytest

from live.tokens import TokenBook


@pytest.fixture
def token(real):
    book = TokenBook(real.world.twin.store)
    return book.create("wall", "hall")


def test_screen_gets_in_by_its_token_and_the_address_is_clean(browser, token):
    client = browser()
    answer = client.get(f"/wall?tile=0,1&token={token[1]}&of=2x2&lang=en")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/wall?tile=0%2C1&of=2x2&lang=en"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "max-age" in cookie
    assert client.get("/wall").status_code == 200
    assert client.get("/api/v1/snapshot").status_code == 200
    assert client.get("/manage").status_code == 303
    assert client.get("/api/v1/events").status_code == 403
    # the same screen may show it again, after its address was typed anew
    assert client.get(f"/wall?token={token[1]}").status_code == 303


def test_cookie_is_renewed_when_the_wall_starts(browser, token):
    client = browser()
    client.get(f"/wall?token={token[1]}")
    assert "twin_wall=" in client.get("/wall").headers["set-cookie"]


def test_other_screen_with_the_same_token_is_refused_until_it_is_freed(browser, token, front):
    first, second = browser(), browser()
    assert first.get(f"/wall?token={token[1]}").status_code == 303
    refused = second.get(f"/wall?token={token[1]}")
    assert refused.status_code == 403
    assert "another screen" in refused.json()["error"]
    assert second.get(f"/api/v1/snapshot?token={token[1]}").status_code == 401
    assert front.walls.free(token[0].id)
    assert second.get(f"/wall?token={token[1]}").status_code == 303
    assert first.get("/api/v1/snapshot").status_code == 401


def test_revoked_token_closes_the_screen(real, browser, token, front):
    client = browser()
    client.get(f"/wall?token={token[1]}")
    assert client.get("/api/v1/snapshot").status_code == 200
    real.app.state.front.desk.access.book.revoke(token[0].id)
    assert client.get("/api/v1/snapshot").status_code == 401
    assert browser().get(f"/wall?token={token[1]}").status_code == 401


@pytest.mark.parametrize("kind", ["feed", "admin"])
def test_other_tokens_make_no_screen(real, browser, kind):
    _, secret = TokenBook(real.world.twin.store).create(kind, "other")
    client = browser()
    assert client.get(f"/wall?token={secret}").status_code == 401
    assert client.get("/wall").status_code == 303
