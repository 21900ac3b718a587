"""Logging in and out, and everything that somebody hostile tries with it."""

import threading
import time
from datetime import timedelta

import httpx
import pytest

from live.accounts.book import LOCK
from live.events import utc_now
from tests.dashboard.access.conftest import PASSWORD, form_token, log_in, send


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_and_back(browser, person):
    client = browser()
    sent = client.get("/manage/tables?lang=en")
    assert (sent.status_code, sent.headers["location"]) == (
        303, "/login?next=%2Fmanage%2Ftables%3Flang%3Den",
    )  # fmt: skip
    page = client.get(sent.headers["location"])
    assert 'value="/manage/tables?lang=en"' in page.text
    answer = log_in(client, person().name, next="/manage/tables?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/manage/tables?lang=en")
    assert client.get("/manage/tables").status_code == 200
    assert client.get("/api/v1/community").status_code == 200


def test_api_answers_401_to_nobody(browser):
    answer = browser().get("/api/v1/snapshot")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_cookie_is_out_of_reach(browser, person):
    cookie = log_in(browser(), person().name).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie


def test_cookie_by_https_is_secure_and_bound_to_the_host(browser, person):
    client = browser()
    client.headers["x-forwarded-proto"] = "https"
    cookies = log_in_by_https(client, person().name)
    assert any(c.startswith("__Host-twin_session=") and "Secure" in c for c in cookies)


def log_in_by_https(client, name):
    page = client.get("/login")
    kept = page.headers["set-cookie"].split(";")[0]
    assert kept.startswith("__Host-twin_form=")
    answer = client.post(
        "/login",
        data={"token": form_token(page), "name": name, "password": PASSWORD},
        headers={"cookie": kept},
    )
    assert answer.status_code == 303
    return answer.headers.get_list("set-cookie")


def test_wrong_password_unknown_name_and_disabled_account_are_answered_alike(
    browser, person, front
):
    disabled = person()
    front.accounts.disable(disabled.name)
    texts, seconds = set(), []
    for name, password in ((person().name, "wrong one here"), ("nobody-there", PASSWORD),
                           (disabled.name, PASSWORD)):  # fmt: skip
        client = browser()
        token = form_token(client.get("/login"))
        answer = client.post("/login", data={"token": token, "name": "x" * 8, "password": "x"})
        began = time.perf_counter()
        answer = client.post("/login", data={"token": token, "name": name, "password": password})
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 401
        texts.add(answer.text.replace(name, "").replace(form_token(answer), ""))
    assert len(texts) == 1
    # each of them compares one password: nobody is told by a shortcut
    calls = []
    right = front.accounts._is_right
    front.accounts._is_right = lambda *given: calls.append(given) or right(*given)
    try:
        for name in (person().name, "nobody-there", disabled.name):
            assert front.accounts.open(name, "wrong one here") is None
    finally:
        del front.accounts._is_right
    assert len(calls) == 3


def test_five_wrong_passwords_lock_an_account_for_a_while(browser, person, front):
    account = person()
    for _ in range(5):
        assert front.accounts.open(account.name, "wrong one here") is None
    client = browser()
    assert log_in(client, account.name).status_code == 401  # though it is the right one
    clock = front.accounts.clock
    front.accounts.clock = lambda: utc_now() + LOCK + timedelta(seconds=1)
    try:
        assert log_in(client, account.name).status_code == 303
    finally:
        front.accounts.clock = clock


def test_many_tries_from_one_address_are_held_up(browser):
    client = browser()
    token = form_token(client.get("/login"))
    form = {"token": token, "name": "nobody-there", "password": "wrong one here"}
    codes = [client.post("/login", data=form).status_code for _ in range(14)]
    assert codes[:10] == [401] * 10
    assert 429 in codes[10:]


def test_session_is_a_new_one_after_each_log_in(browser, person, front):
    """Whoever plants a cookie in somebody's browser does not get what they log in with."""
    client, victim, attacker = browser(), person(), person()
    log_in(client, attacker.name)
    planted = client.cookies["twin_session"]
    log_in(client, victim.name)
    assert client.cookies["twin_session"] != planted
    thief = browser()
    thief.cookies.set("twin_session", planted)
    assert thief.get("/api/v1/community").status_code == 401
    made_up = browser()
    made_up.cookies.set("twin_session", "planted")
    made_up.get("/login")
    log_in(made_up, victim.name)
    given = {c.value for c in made_up.cookies.jar if c.name == "twin_session"} - {"planted"}
    assert len(given) == 1  # one of the server's own, beside the one that was made up
    other = browser()
    other.cookies.set("twin_session", "planted")
    assert other.get("/api/v1/community").status_code == 401


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
        "/%0d%0aset-cookie:x", "javascript:alert(1)", "/manage\n", "/ /evil.example",
        "///evil.example", "/nowhere", "http:evil.example", "@evil.example", "/login",
        "/manage/..//evil.example", "/\t/evil.example",
    ],
)  # fmt: skip
def test_log_in_never_leads_to_another_site(browser, person, wanted):
    from dashboard.access.forms import safe_next

    assert safe_next(wanted) == "/"
    answer = log_in(browser(), person().name, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/manage")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_what_another_site_sends_in_somebodys_name_is_refused(real, person, front, headers):
    _, secret = front.sessions.begin(person("manager"), "", "")
    with httpx.Client(base_url=real.url, trust_env=False, timeout=30) as client:
        client.cookies.set("twin_session", secret)
        for target in ("/api/v1/orders", "/_dash-update-component", "/logout", "/account/password"):
            assert client.post(target, json={}, headers=headers).status_code == 403, target
        assert client.get("/api/v1/community", headers=headers).status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "theirs"])
def test_form_without_this_browsers_token_is_refused(browser, person, token):
    client, other = browser(), browser()
    if token == "theirs":
        token = form_token(other.get("/login"))
    client.get("/login")
    form = {"token": token, "name": person().name, "password": PASSWORD}
    answer = client.post("/login", data=form)
    assert answer.status_code == 403
    assert "twin_session" not in client.cookies


def test_logging_out_ends_the_session_on_the_server(browser, person):
    client = browser()
    log_in(client, person().name)
    held = client.cookies["twin_session"]
    assert send(client, "/account", "/logout").status_code == 303
    client.cookies.set("twin_session", held)
    assert client.get("/api/v1/community").status_code == 401


@pytest.mark.parametrize(("after", "open_"), [(59, True), (61, False)])
def test_unused_session_ends(front, person, after, open_):
    _, secret = front.sessions.begin(person(), "", "")
    _moved(front, timedelta(minutes=after), lambda: _is_open(front, secret, open_))


def test_session_ends_after_its_life_however_much_it_is_used(front, person):
    session, secret = front.sessions.begin(person(), "", "")
    for hours in range(12):

        def use():
            front.sessions.touch(session)

        _moved(front, timedelta(hours=hours), use)
    _moved(front, timedelta(hours=11, minutes=30), lambda: _is_open(front, secret, True))
    _moved(front, timedelta(hours=12, seconds=1), lambda: _is_open(front, secret, False))


def _is_open(front, secret, wanted):
    assert (front.sessions.find(secret) is not None) is wanted


def _moved(front, by, step):
    clock = front.sessions._clock
    front.sessions._clock = lambda: utc_now() + by
    try:
        step()
    finally:
        front.sessions._clock = clock


def test_disabling_an_account_ends_its_stream_at_once(real, browser, person, front):
    client, account = browser(), person("operator")
    log_in(client, account.name)
    ended = threading.Event()
    got = []

    def read():
        with client.stream("GET", "/api/v1/stream") as stream:
            got.append(stream.status_code)
            got.extend(stream.iter_bytes())
        ended.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    until = time.monotonic() + 20
    while not got:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert got[0] == 200
    front.accounts.disable(account.name)
    assert ended.wait(20), "the stream goes on"
    assert client.get("/api/v1/snapshot").status_code == 401


def test_one_may_end_the_sessions_of_ones_own_and_of_nobody_else(browser, person, front):
    mine, other = person(), person()
    here, there, theirs = browser(), browser(), browser()
    log_in(here, mine.name)
    log_in(there, mine.name)
    log_in(theirs, other.name)
    (their_session,) = front.sessions.of_account(other.id)
    send(here, "/account", f"/account/sessions/{their_session.id}/end")
    assert theirs.get("/api/v1/community").status_code == 200
    send(here, "/account", "/account/sessions/others/end")
    assert there.get("/api/v1/community").status_code == 401
    assert here.get("/api/v1/community").status_code == 200


def test_password_that_was_given_opens_only_its_own_change(browser, person):
    client, account = browser(), person("admin", must_change=True)
    answer = log_in(client, account.name, next="/manage")
    assert answer.headers["location"] == "/account"
    assert client.get("/manage").headers["location"] == "/account"
    assert client.get("/api/v1/community").status_code == 403
    fresh = "another quite long one"
    for bad in ({"fresh": "short", "again": "short"}, {"fresh": fresh, "again": fresh + "x"},
                {"fresh": PASSWORD, "again": PASSWORD}):  # fmt: skip
        answer = send(client, "/account", "/account/password", password=PASSWORD, **bad)
        assert answer.status_code == 400
    held = client.cookies["twin_session"]
    answer = send(
        client, "/account", "/account/password", password=PASSWORD, fresh=fresh, again=fresh
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/manage")
    assert client.cookies["twin_session"] != held
    assert client.get("/manage").status_code == 200
    assert log_in(browser(), account.name).status_code == 401
    assert log_in(browser(), account.name, fresh).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../dashboard/settings.py", "/assets/..%2f..%2fapp.py", "/assets/%2e%2e/app.py",
        "/assets/twin/..%5c..%5capp.py", "/manage/../api/v1/quarantine",
        "//manage", "/demo/../manage", "/demo/..%2f..%2fapi/v1/community", "/demo%2f..%2fmanage",
        "/login/..%2fmanage/users", "/api/v1/../v1/snapshot", "/./api/v1/snapshot",
        "/api/v1/snapshot/", "/API/v1/snapshot", "/manage/users/..;/", "/%2e%2e/etc/passwd",
    ],
)  # fmt: skip
def test_no_path_leads_around_the_gate(real, path):
    import socket

    with socket.create_connection(("127.0.0.1", real.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b"")).decode("utf-8", "replace")
    status = int(answer.split()[1])
    assert status in (303, 401, 404), answer[:300]
    assert "import" not in answer
    assert "root:" not in answer


def test_first_administrator_is_made_once_with_the_code_of_the_console(
    var, tmp_path_factory, browser
):
    from dashboard.access.front import Front
    from dashboard.compose import open_world
    from dashboard.doors import Desk
    from dashboard.server import Worlds
    from dashboard.settings import Settings
    from tests.browser.tiny import make_tiny

    settings = Settings(var=var)
    world = open_world(make_tiny(), settings, database="sqlite://", simulate=False)
    front = Front(settings, Worlds(world, None), Desk(lambda: world))
    code = front.make_code()
    assert front.is_code(code)
    assert not front.is_code("")
    assert not front.is_code(code + "x")
    front.accounts.add("boss", ["admin"], password=PASSWORD)
    front.drop_code()
    assert not front.is_code(code)
    assert front.make_code() == ""
    world.twin.store.close()


def test_setting_up_is_over_once_there_is_an_account(browser):
    client = browser()
    assert client.get("/login/setup?code=").headers["location"] == "/login"
    answer = send(
        client, "/login", "/login/setup", code="", name="x", password=PASSWORD, again=PASSWORD
    )
    assert answer.status_code == 403
