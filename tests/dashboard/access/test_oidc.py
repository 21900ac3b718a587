"""Single sign-on against a real OpenID provider, in a process of its own on this machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from fastapi import FastAPI

from dashboard.access.account import build_account
from dashboard.access.front import Front
from dashboard.access.gate import Gate
from dashboard.access.login import build_login
from dashboard.access.oidc import SignOn, SignOnError, read_grants
from dashboard.access.sign_on import build_sign_on
from dashboard.compose import open_world
from dashboard.doors import Desk
from dashboard.server import Worlds
from dashboard.settings import Settings, SettingsError
from tests.browser.tiny import make_tiny
from tests.conftest import find_free_port

PEOPLE = (
    {"sub": "u1", "preferred_username": "zhang.min", "name": "张敏", "groups": ["lead", "x"]},
    {"sub": "u2", "preferred_username": "wang", "name": "王芳", "groups": ["north", "south"]},
    {"sub": "u3", "preferred_username": "nobody", "groups": ["visitors"]},
)
ROLES = "lead=manager, north=grid_worker:G1, south=grid_worker:G2+G3"


@pytest.fixture(scope="module")
def issuer():
    port = find_free_port()
    claims = [part for one in PEOPLE for part in ("--user-claims", orjson.dumps(one).decode())]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).raise_for_status()
            break
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def settings(issuer, var):
    return Settings(
        var=var, oidc_issuer=issuer, oidc_client_id="twin", oidc_client_secret="our secret",
        oidc_name="社区统一认证", oidc_roles=ROLES, public_url="http://testserver",
    )  # fmt: skip


@pytest.fixture(scope="module")
def front(settings):
    world = open_world(make_tiny(), settings, database="sqlite://", simulate=False)
    desk = Desk(lambda: world)
    desk.open()
    yield Front(settings, Worlds(world, None), desk)
    world.twin.store.close()


@pytest.fixture
def client(front):
    front._tries._filled.clear()
    server = FastAPI()
    for build in (build_login, build_sign_on, build_account):
        server.include_router(build(front))
    app = Gate(server, front)
    headers = {"sec-fetch-site": "same-origin"}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://testserver", headers=headers
    )


async def agree(address, subject):
    """Do at the provider what a person does; return the address that it sends them back to."""
    async with httpx.AsyncClient(trust_env=False) as there:
        answer = await there.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def sign_on(client, subject, query="?next=%2Fmanage%2Ftables"):
    left = await client.get(f"/login/oidc{query}")
    assert left.status_code == 303
    return left.headers["location"], await agree(left.headers["location"], subject)


def test_log_in_page_offers_it(client):
    page = asyncio.run(client.get("/login?next=%2Fmanage")).text
    assert "社区统一认证" in page
    assert 'href="/login/oidc?next=/manage"' in page


def test_somebody_logs_in_with_the_roles_of_their_groups(client, front):
    async def go():
        address, back = await sign_on(client, "u1")
        asked = parse_qs(urlsplit(address).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["code_challenge"][0]) == 43
        assert asked["redirect_uri"] == ["http://testserver/login/oidc/back"]
        assert len(asked["state"][0]) > 20
        assert len(asked["nonce"][0]) > 20
        answer = await client.get(back)
        assert (answer.status_code, answer.headers["location"]) == (303, "/manage/tables")
        page = await client.get("/account")
        assert "张敏" in page.text
        # the code is good for once, and the way back is over
        assert (await client.get(back)).status_code == 403

    asyncio.run(go())
    account = front.accounts.find("zhang.min")
    assert account.roles == {"manager"}
    assert account.areas is None
    assert not account.has_password


def test_areas_of_several_groups_come_together(client, front):
    async def go():
        _, back = await sign_on(client, "u2")
        assert (await client.get(back)).status_code == 303

    asyncio.run(go())
    account = front.accounts.find("wang")
    assert account.roles == {"grid_worker"}
    assert account.areas == {"G1", "G2", "G3"}


def test_who_has_no_role_does_not_get_in(client, front):
    async def go():
        _, back = await sign_on(client, "u3")
        answer = await client.get(back)
        assert answer.status_code == 403
        assert "twin_session" not in client.cookies

    asyncio.run(go())
    assert "nobody" not in [one.name for one in front.accounts.accounts()]


def test_disabled_account_stays_shut(client, front):
    async def go():
        _, back = await sign_on(client, "u1")
        front.accounts.disable("zhang.min")
        try:
            return await client.get(back)
        finally:
            front.accounts.enable("zhang.min")

    assert asyncio.run(go()).status_code == 401 or "twin_session" not in client.cookies


def test_account_of_the_same_name_is_somebody_else(client, front):
    front.accounts.add("boss", ["admin"], password="correct horse battery")
    made = front.accounts.open_subject("issuer u9", "boss", "Boss", ["operator"])
    assert made.name != "boss"
    assert front.accounts.find("boss").subject is None


@pytest.mark.parametrize("change", ["state", "code", "no_cookie", "no_state"])
def test_way_back_that_was_tampered_with_is_refused(client, change):
    async def go():
        _, back = await sign_on(client, "u1")
        if change == "no_cookie":
            client.cookies.clear()
        else:
            query = {k: v[0] for k, v in parse_qs(urlsplit(back).query).items()}
            query |= {"state": {"state": "x"}, "code": {"code": "x"}, "no_state": {"state": ""}}[
                change
            ]
            back = str(httpx.URL(back).copy_with(params=query))
        answer = await client.get(back)
        assert answer.status_code == 403
        assert "twin_session" not in client.cookies

    asyncio.run(go())


def test_way_back_is_of_the_browser_that_left(client, front):
    """Somebody hostile sends a victim the end of their own way: it logs nobody in."""

    async def go():
        _, theirs = await sign_on(client, "u1")
        client.cookies.clear()
        await sign_on(client, "u2")
        answer = await client.get(theirs)
        assert answer.status_code == 403

    asyncio.run(go())


def test_other_nonce_or_client_is_refused(settings):
    async def go(kept_by, **other):
        from dataclasses import replace

        issuer = SignOn(settings)
        address, kept = await issuer.begin("http://testserver/login/oidc/back")
        back = await agree(address, "u1")
        code = parse_qs(urlsplit(back).query)["code"][0]
        if other:
            issuer.settings = replace(settings, **other)
        await issuer.finish(code, "http://testserver/login/oidc/back", {**kept, **kept_by})

    asyncio.run(go({}))
    with pytest.raises(SignOnError):
        asyncio.run(go({"nonce": "another"}))


def test_issuer_that_says_it_is_another_is_refused(settings, issuer):
    from dataclasses import replace

    other = replace(settings, oidc_issuer=issuer.replace("127.0.0.1", "localhost") + "/x")
    with pytest.raises(SignOnError):
        asyncio.run(SignOn(other).begin("http://testserver/login/oidc/back"))


@pytest.mark.parametrize("text", ["lead", "=admin", "lead=king", "lead=admin,x"])
def test_roles_that_are_written_otherwise_are_told(text):
    with pytest.raises(SettingsError, match="TWIN_OIDC_ROLES"):
        read_grants(text)
