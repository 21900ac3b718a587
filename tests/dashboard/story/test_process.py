"""The visitors' process: no way from /demo to anything real, whatever is asked and however."""

import gzip
import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import brotli
import pytest

from dashboard.access.table import DEMO_API
from dashboard.settings import Settings
from dashboard.story.process import withheld_environment
from geodata.community import write_community
from tests.browser.tiny import make_tiny, with_grids
from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(900)  # two worlds come up, the visitors' at a low priority
MARK = "zkanary7"
NAMES = "金丝雀"
PLATE = "闽C7N4R1"
KEY = "zkanary7-secret-of-pseudonyms"
PATIENCE_S = 800


def _canaries():
    return [text.encode() for text in (MARK, MARK.upper(), NAMES, PLATE, PLATE[1:], KEY)]


def _make_real(path):
    """Write a community every id and name of which is a canary."""
    tiny = with_grids(make_tiny(name=f"{NAMES}社区", name_en=f"{MARK} place"))
    frames = {}
    for layer, gdf in tiny.frames.items():
        gdf = gdf.copy()
        for column in ("id", "building_id", "gate_id", "grid_id"):
            if column in gdf and len(gdf):
                known = gdf[column].notna()
                gdf.loc[known, column] = MARK + "-" + gdf.loc[known, column].astype(str)
        if "name" in gdf and len(gdf):
            gdf["name"] = NAMES + gdf["name"].fillna("").astype(str)
        frames[layer] = gdf
    write_community(frames, tiny.meta, path)


@pytest.fixture(scope="module")
def real(tmp_path_factory, serve, var):
    """`serve` with a community of canaries, plates of canaries, and its visitors' process."""
    folder = tmp_path_factory.mktemp("real")
    file = folder / f"{MARK}.gpkg"
    _make_real(file)
    # the sample is built once a session, in whichever folder comes first
    sample = var / "visitors" / "sample"
    if (var / "sample").is_dir() and not sample.exists():
        sample.mkdir(parents=True)
        for path in (var / "sample").glob("*.gpkg"):
            os.link(path, sample / path.name)
    database = f"sqlite:///{folder / f'{MARK}.db'}"
    environ = {
        **os.environ, "TWIN_VAR": str(var), "TWIN_DATABASE": database, "TWIN_PSEUDONYM_KEY": KEY,
    }  # fmt: skip
    made = subprocess.run(
        [sys.executable, "app.py", "token", "create", "--kind", "feed", "--name", MARK],
        cwd=ROOT, env=environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    app = serve("serve", "--community", str(file), TWIN_DATABASE=database, TWIN_PSEUDONYM_KEY=KEY)
    app.token = made.stdout.strip().splitlines()[-1]
    events = [
        {
            "event_id": f"{MARK}-{n}", "kind": "plate", "source": MARK,
            "subject": {"layer": "plate_cameras", "id": f"{MARK}-c0"},
            "observed_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "data": {"plate": PLATE, "direction": "in"},
        }
        for n in range(5)
    ]  # fmt: skip
    status, _, body = ask(app, "POST", "/api/v1/events", json.dumps(events), {
        "authorization": f"Bearer {app.token}", "content-type": "application/json",
    })  # fmt: skip
    assert status == 200
    assert json.loads(body)["accepted"] == 5
    until = time.monotonic() + PATIENCE_S
    while ask(app, "GET", "/demo")[0] != 200:
        assert time.monotonic() < until, "the visitors' world did not come up"
        time.sleep(0.3)
    return app


def ask(app, method, target, body=None, headers=None, *, seconds=60.0):
    """Send a request exactly as it is written; return status, headers and the decoded body."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=seconds)
    try:
        data = body.encode() if isinstance(body, str) else body
        connection.putrequest(method, target, skip_accept_encoding=True)
        given = {"accept-encoding": "br, gzip", **(headers or {})}
        if data is not None:
            given["content-length"] = str(len(data))
        for name, value in given.items():
            connection.putheader(name, value)
        connection.endheaders(data)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), _decode(answer, answer.read())
    finally:
        connection.close()


def _decode(answer, raw):
    how = answer.getheader("content-encoding", "")
    if how == "gzip":
        return gzip.decompress(raw)
    return brotli.decompress(raw) if how == "br" else raw


def _assert_clean(where, text):
    for canary in _canaries():
        assert canary not in text, f"{canary!r} in {where}"


def _open(body):
    """Yield a body and, where it is a zip (xlsx) or deflated, what is in it."""
    yield body
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield packed.read(name)


SAMPLE = {
    "layer": ("buildings", "entrances", "ground", "devices", "nothing"), "form": ("csv", "xlsx"),
    "feature_id": ("S-04", f"{MARK}-s0"), "building": (f"{MARK}-mid", "b1"),
    "vehicle": (f"{MARK}-0", "0"), "number": (f"{MARK}-1", "261127-001"), "name": ("sos", MARK),
    "language": ("zh", "en"),
}  # fmt: skip


TRICKS = (
    "/demo/../api/v1/snapshot", "/demo/%2e%2e/api/v1/snapshot", "/demo/..%2fapi/v1/community",
    "/demo//api/v1/community", "/demo/api/v1/../../../api/v1/community", "//demo/api/v1/snapshot",
    "/demo/assets/../../api/v1/community", "/demo/%5c..%5capi/v1/community",
    "/demo;/api/v1/snapshot", "/demo/http://127.0.0.1/api/v1/community",
    "/demo/api/v1/community%00", "/demo/demo/api/v1/community", "/%64emo/../api/v1/snapshot",
    "/demo/api/v1/features/buildings/..%2f..%2f..%2fapi%2fv1%2fcommunity",
    "/demo/assets/%2e%2e/%2e%2e/etc/passwd", "/demo/vendor/..%2f..%2fvar",
)  # fmt: skip
QUERIES = (MARK, NAMES, PLATE, "c0")


def _without_asked(text):
    """Return an answer without what was asked for, which it may name."""
    for value in (*(v for values in SAMPLE.values() for v in values), *QUERIES):
        if any(canary in value.encode() for canary in _canaries()):
            text = text.replace(b'"' + value.encode(), b'"').replace(b"'" + value.encode(), b"'")
    return text


def _targets():
    """Yield (method, target) of everything that the table says visitors may ask for."""
    for line in DEMO_API:
        method, _, path = line.partition(" ")
        paths = [path]
        for name in re.findall(r"{(\w+)}", path):
            paths = [p.replace(f"{{{name}}}", value) for p in paths for value in SAMPLE[name]]
        yield from ((method, f"/demo/api/v1{p}") for p in paths if not p.endswith("/stream"))
    for query in QUERIES:
        quoted = "".join(f"%{byte:02x}" for byte in query.encode())
        yield "GET", f"/demo/api/v1/search?q={quoted}&reason=look"
    for language in ("zh", "en"):
        yield "GET", f"/demo?lang={language}"
        yield "GET", f"/demo/api/words/{language}"
    for path in ("_dash-layout", "_dash-dependencies", "healthz", "metrics", "readyz", "wall"):
        yield "GET", f"/demo/{path}"
    for trick in TRICKS:
        yield "GET", trick


def test_nothing_that_can_be_asked_for_below_demo_tells_of_the_real_world(real):
    answered = 0
    for method, target in _targets():
        body = "{}" if method in ("POST", "PUT") else None
        status, headers, text = ask(real, method, target, body)
        answered += status == 200
        for part in _open(text):
            _assert_clean(f"{method} {target}", _without_asked(part))
        _assert_clean(f"headers of {target}", json.dumps(headers).encode())
    assert answered > 30


def test_files_that_the_page_names_are_there_and_clean(real):
    _, headers, text = ask(real, "GET", "/demo")
    links = re.findall(r"(?:src|href|data-bundle)=[\"'](/[^\"']+)", text.decode())
    links += re.findall(r"<([^>]+)>", headers["link"])
    assert len(links) > 20
    assert [link for link in links if not link.startswith("/demo/")] == []
    for link in dict.fromkeys(links):
        status, _, found = ask(real, "GET", link)
        assert status == 200, link
        _assert_clean(link, found)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "TOKEN"}, {"cookie": f"session={MARK}; twin=1"}, {"host": "127.0.0.1:1"},
        {"x-forwarded-prefix": ""}, {"x-original-url": "/api/v1/community"}, {"x-rewrite-url": "/"},
        {"x-forwarded-host": MARK}, {"x-http-method-override": "PUT"}, {"forwarded": f"for={MARK}"},
    ],
)  # fmt: skip
def test_headers_lead_nowhere_and_nothing_of_them_comes_back(real, headers):
    given = {k: v.replace("TOKEN", f"Bearer {real.token}") for k, v in headers.items()}
    for target in ("/demo/api/v1/community", "/demo/api/v1/snapshot", "/demo"):
        status, told, text = ask(real, "GET", target, headers=given)
        assert status == 200
        _assert_clean(target, text)
        assert not {name.lower() for name in told} & {"set-cookie", "location", "server"}


@pytest.mark.parametrize("api", ["/demo", "", "/", "/wall", MARK])
def test_callbacks_answer_of_the_visitors_world_alone(real, api):
    picked = [("services", "S-04"), ("gates", f"{MARK}-g0"), ("buildings", f"{MARK}-mid"),
              ("incidents", f"{MARK}-1"), ("vehicles", PLATE)]  # fmt: skip
    for layer, key in picked:
        data = {"layer": layer, "id": key, "api": api, "lang": "zh", "page": "manage"}
        call = {
            "output": "detail.children", "changedPropIds": ["picked.data"],
            "outputs": {"id": "detail", "property": "children"},
            "inputs": [{"id": "picked", "property": "data", "value": data}],
        }  # fmt: skip
        status, _, text = ask(
            real, "POST", "/demo/_dash-update-component", json.dumps(call),
            {"content-type": "application/json"},
        )  # fmt: skip
        assert status == 200
        # what was asked for may be named in the answer; what is there may not
        _assert_clean(f"panel of {layer} {key}", text.replace(key.encode(), b""))
    status, _, text = ask(
        real, "POST", "/demo/_dash-update-component",
        json.dumps({"output": "tables-frame.children", "inputs": []}),
        {"content-type": "application/json"},
    )  # fmt: skip
    assert status >= 400
    _assert_clean("a managers' callback", text)


def test_stream_tells_of_the_simulated_world_alone(real):
    for packed in ("", "?packed=true"):
        connection = http.client.HTTPConnection("127.0.0.1", real.port, timeout=10)
        connection.request("GET", f"/demo/api/v1/stream{packed}")
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.getheader("content-type", "").startswith("text/event-stream")
        heard, until = b"", time.monotonic() + 4
        while time.monotonic() < until and (line := answer.readline()):
            heard += line
        connection.close()
        assert b"event:" in heard
        _assert_clean("the stream", heard)
        _assert_clean("the stream, unpacked", _unpack(heard))


def _unpack(heard):
    import base64

    found = b""
    for line in heard.splitlines():
        if line.startswith(b"data: ") and not line.startswith(b"data: {"):
            try:
                found += zlib.decompress(base64.b64decode(line[6:]), wbits=47)
            except (ValueError, zlib.error):
                found += line
    return found


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_not_cross(real, method):
    assert ask(real, method, "/demo/api/v1/coverage/scenarios/x", "{}")[0] == 405


def test_large_bodies_do_not_cross(real):
    assert ask(real, "POST", "/demo/_dash-update-component", b"x" * 100_000)[0] == 413


def _child(app):
    """Return the visitors' process: the child of the server that runs `visitors`."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(path.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
            words = path.joinpath("cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if parent == app.process.pid and b"visitors" in words:
            return path
    return None


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="/proc tells it on Linux")
def test_process_holds_nothing_of_the_real_world(real):
    child = _child(real)
    assert child is not None
    environ = child.joinpath("environ").read_bytes()
    _assert_clean("its environment", environ)
    names = {line.partition(b"=")[0].decode() for line in environ.split(b"\0") if line}
    assert {n for n in names if n.startswith("TWIN_")} <= {
        "TWIN_VAR", "TWIN_SEED", "TWIN_LANGUAGE", "TWIN_LOG_LEVEL", "TWIN_LOG_FORMAT",
    }  # fmt: skip
    _assert_clean("its command line", child.joinpath("cmdline").read_bytes())
    for number in child.joinpath("fd").iterdir():
        _assert_clean("its open files", str(number.readlink()).encode())
    _assert_clean("its memory map", child.joinpath("maps").read_bytes())
    status = child.joinpath("status").read_text()
    assert re.search(r"^Umask:\s+0077$", status, re.MULTILINE)
    limits = child.joinpath("limits").read_text()
    assert re.search(r"Max core file size\s+0\s", limits)
    store = next((real.var / "visitors").glob("visitors-*.db"))
    assert store.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="/proc tells it on Linux")
def test_server_outlives_its_visitors_and_they_do_not_outlive_it(real):
    before = _child(real)
    os.kill(int(before.name), signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while (after := _child(real)) is None or after == before:
        assert time.monotonic() < until, "it was not started again"
        # who asks meanwhile is told to wait, or waits in line for the next one
        status, headers, text = ask(real, "GET", "/demo?lang=en", seconds=PATIENCE_S)
        assert status in (200, 503)
        if status == 503:
            assert headers["retry-after"]
            assert "参观" in text.decode() or "tour" in text.decode()
        assert ask(real, "GET", "/healthz")[0] == 200
    real.kill()
    while after.exists() and b"visitors" in after.joinpath("cmdline").read_bytes():
        assert time.monotonic() < until, "it outlived its server"
        time.sleep(0.2)


CONFINED = """
import sys
from pathlib import Path
from dashboard.story.confine import confine
mine, theirs = map(Path, sys.argv[1:])
if not confine(mine):
    sys.exit(9)
(mine / "new").write_text("mine")
assert (mine / "new").read_text() == "mine"
import json.tool  # the program itself is still there
tried = [
    theirs.read_text, lambda: theirs.write_text("x"), theirs.unlink,
    lambda: list(theirs.parent.iterdir()), lambda: (theirs.parent / "more").touch(),
    Path(f"/proc/{__import__('os').getppid()}/environ").read_bytes,
]
for attempt in tried:
    try:
        attempt()
    except PermissionError:
        continue
    sys.exit("not confined")
"""


def test_process_reads_and_writes_its_own_folder_alone(tmp_path):
    mine, theirs = tmp_path / "mine", tmp_path / "real.db"
    theirs.write_text("real")
    done = subprocess.run(
        [sys.executable, "-c", CONFINED, str(mine), str(theirs)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 9:
        pytest.skip("this kernel has no Landlock")
    assert done.returncode == 0, done.stderr
    assert theirs.read_text() == "real"


def test_environment_is_a_short_list():
    environ = {
        "PATH": "/bin", "LANG": "C.UTF-8", "TWIN_DATABASE": "postgresql://u:p@h/d", "HOME": "/root",
        "TWIN_PSEUDONYM_KEY": KEY, "TWIN_FEED_TOKEN": "t", "TWIN_MQTT_URL": "mqtt://u:p@h",
        "AWS_SECRET_ACCESS_KEY": "x", "PYTHONPATH": "/real", "SSH_AUTH_SOCK": "/run/x",
    }  # fmt: skip
    settings = Settings(database="postgresql://u:p@h/d", pseudonym_key=KEY, mqtt_url="mqtt://u:p@h")
    told = withheld_environment(settings, environ)
    assert set(told) == {
        "PATH", "LANG", "HOME", "NUMBA_CACHE_DIR", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
        "TMPDIR", "TWIN_VAR", "TWIN_SEED", "TWIN_LANGUAGE", "TWIN_LOG_LEVEL",
    }  # fmt: skip
    assert told["HOME"] != "/root"
