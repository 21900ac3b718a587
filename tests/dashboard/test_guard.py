import re

import pytest

from dashboard.pages import PAGES

EVERYWHERE = (
    "/", "/wall", "/manage", "/demo", "/api/v1/community", "/api/v1/snapshot", "/api/v1/nothing",
    "/api/v1/layers/buildings", "/demo/api/v1/community", "/assets/main.mjs", "/assets/twin.css",
    "/assets/twin/map.mjs", "/_dash-layout", "/_dash-dependencies", "/healthz", "/api/words/zh",
)  # fmt: skip


def _policy(response):
    parts = response.headers["content-security-policy"].split(";")
    return {p.split()[0]: p.split()[1:] for p in map(str.strip, parts) if p}


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_is_guarded(http, path):
    response = http.get(path)
    policy = _policy(response)
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-frame-options"] == "DENY"
    assert "camera=()" in response.headers["permissions-policy"]
    assert "server" not in response.headers or "uvicorn" in response.headers["server"]


def test_scripts_run_from_here_or_by_hash_alone(http):
    scripts = _policy(http.get("/wall"))["script-src"]
    assert "'unsafe-eval'" not in scripts
    assert "'unsafe-inline'" not in scripts
    assert [s for s in scripts if not s.startswith("'sha256-")] == ["'self'"]
    for sources in _policy(http.get("/wall")).values():
        assert not any("//" in s or s in ("*", "https:", "http:") for s in sources)


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_first_answer_of_a_page_has_its_scripts_and_no_other_hosts(http, path):
    text = http.get(path).text
    assert "/assets/main.mjs" in text
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)


@pytest.mark.parametrize(
    ("asked", "told", "title"),
    [
        ("", "zh-CN", "小小社区"), ("?lang=zh", "zh-CN", "小小社区"), ("?lang=en", "en", "Tiny"),
        ("?lang=<b>", "zh-CN", "小小社区"),
    ],
)  # fmt: skip
def test_first_answer_of_a_page_is_in_its_language(http, asked, told, title):
    text = http.get(f"/wall{asked}").text
    assert f'<html lang="{told}">' in text
    assert f"<title>{title}</title>" in text


@pytest.mark.parametrize("path", ["/wall", "/manage", "/demo"])
def test_what_a_page_announces_is_there(http, path):
    response = http.get(path)
    links = re.findall(r"<([^>]+)>", response.headers["link"])
    links += re.findall(r"(?:src|href)=[\"'](/[^\"']+)", response.text)
    assert any(link.startswith("/assets/twin/") for link in links)
    for link in links:
        assert http.get(link).status_code == 200, link


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/wall/", "/wall/x", "/assets/", "/assets/none.js", "/docs", "/openapi.json",
     "/redoc", "/.env", "/.git/config", "/api", "/api/", "/api/v2/snapshot", "/healthz/x",
     "/assets/../app.py", "/assets/%2e%2e/app.py", "/vendor/", "/vendor/../app.py", "/index.html",
     "/demo/x", "/demo/api/none", "/vendor/a/b", "/_dash-nonsense", "/_dash-component-suites/",
     "/_dash-component-suites/x", "/_reload-hash/x", "/_favicon.ico/x", "/VIID/x", "/feeds/x"],
)  # fmt: skip
def test_unknown_paths_are_really_not_there(http, path):
    response = http.get(path)
    assert response.status_code == 404
    assert "<html" not in response.text.lower()


def test_imported_modules_are_asked_for_again(http):
    assert http.get("/assets/twin/map.mjs").headers["cache-control"] == "no-cache"


def test_health_says_that_it_lives(http):
    assert http.get("/healthz").json()["status"] == "ok"
