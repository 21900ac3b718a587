import json

import brotli
import httpx
import pytest

from layers.catalogue import LAYER_NAMES
from layers.columns import decode_table
from tests.browser.tiny import BLOCKS, make_event

# HTTP clients undo the compression that they asked for; these tests want to see it
RAW = {"accept-encoding": "identity"}


def read_raw(http, url, **headers):
    with http.stream("GET", url, headers=headers) as response:
        return response, b"".join(response.iter_raw())


def read_patches(http, count, last=None, **headers):
    """Return the first messages of the stream as (event, id, data)."""
    found, message = [], {}
    url = "/api/v1/stream" + (f"?last={last}" if last else "")
    with http.stream("GET", url, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                message[name] = value
            elif "event" in message:
                found.append((message["event"], message.get("id"), json.loads(message["data"])))
                message = {}
            if len(found) == count:
                return found
    raise AssertionError(f"the stream ended after {len(found)} messages")


def test_community_tells_all_that_a_browser_needs(http):
    about = http.get("/api/v1/community").json()
    assert about["name"] == "小小社区"
    assert about["counts"]["buildings"] == len(BLOCKS)
    assert about["heights"] == {"measured": len(BLOCKS)}
    assert about["simulated"] is False
    west, south, east, north = about["extent"]
    assert west < -70 < 70 < east
    assert south < -70 < 70 < north
    assert about["origin"] == pytest.approx([119.3, 26.08], abs=0.001)
    for name, etag in about["tables"].items():
        assert http.get(f"/api/v1/layers/{name}?v={etag}").status_code == 200


@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_table_is_sent_plain_or_by_brotli_with_the_same_content(http, layer):
    plain, raw = read_raw(http, f"/api/v1/layers/{layer}", **RAW)
    small, squeezed = read_raw(http, f"/api/v1/layers/{layer}", **{"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "br"
    assert "accept-encoding" in plain.headers["vary"]
    assert brotli.decompress(squeezed) == raw
    assert decode_table(raw).layer == layer


def test_table_that_is_known_is_not_sent_again(http):
    first = http.get("/api/v1/layers/buildings")
    etag = first.headers["etag"]
    again = http.get("/api/v1/layers/buildings", headers={"if-none-match": etag})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == etag
    other = http.get("/api/v1/layers/buildings", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


def test_table_may_be_kept_for_ever_only_under_its_own_hash(http):
    etag = http.get("/api/v1/layers/gates").headers["etag"].strip('"')
    kept = http.get(f"/api/v1/layers/gates?v={etag}").headers["cache-control"]
    assert "immutable" in kept
    assert "private" in kept, "a shared cache must not keep what may need an account"
    for query in ("", "?v=other", "?v="):
        asked = http.get(f"/api/v1/layers/gates{query}").headers["cache-control"]
        assert "immutable" not in asked
        assert "no-cache" in asked


def test_ground_has_a_table_for_each_theme(http):
    dark = http.get("/api/v1/layers/ground?theme=dark").headers["etag"]
    day = http.get("/api/v1/layers/ground?theme=day").headers["etag"]
    assert dark != day
    assert http.get("/api/v1/layers/ground?theme=pink").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["layers/nothing", "layers/people", "features/buildings/none", "features/roads/r0", "nothing",
     "layers", "", "features/devices/meter0"],
)  # fmt: skip
def test_what_is_not_there_is_404(http, path):
    assert http.get(f"/api/v1/{path}").status_code == 404
    assert http.get(f"/demo/api/v1/{path}").status_code == 404


def test_feature_tells_what_belongs_to_it(http):
    found = http.get("/api/v1/features/buildings/mid").json()
    assert found["name"] == "mid 楼"
    assert [row["id"] for row in found["related"]["entrances"]] == ["d0", "d1"]
    assert "devices" not in found["related"], "meters inside flats are never shown one by one"
    assert found["meters"]["water_meter"] == 1
    door = http.get("/api/v1/features/entrances/d0").json()
    assert [row["id"] for row in door["related"]["buildings"]] == ["mid"]


def test_snapshot_is_never_kept_and_holds_what_was_said(http, served):
    served.submit(make_event("gates", "g0", "status", state="held"))
    response = http.get("/api/v1/snapshot")
    assert response.headers["cache-control"] == "no-store"
    snapshot = response.json()
    assert snapshot["v"] == 1
    assert snapshot["layers"]["gates"]["g0"]["s"] == "held"
    assert "meter0" not in snapshot["layers"]["devices"]


def test_stream_carries_on_from_a_snapshot(http, served):
    snapshot = http.get("/api/v1/snapshot").json()
    served.submit(make_event("gates", "g1", "status", state="held"))
    last = f"{snapshot['epoch']}-{snapshot['seq']}"
    event, number, patch = read_patches(http, 1, last)[0]
    assert event == "patch"
    assert number == f"{snapshot['epoch']}-{snapshot['seq'] + 1}"
    assert patch["seq"] == snapshot["seq"] + 1


def test_header_of_a_reconnecting_browser_goes_before_its_older_address(http, served):
    snapshot = http.get("/api/v1/snapshot").json()
    epoch, seq = snapshot["epoch"], snapshot["seq"]
    served.submit(make_event("gates", "g1", "status", state="closed"))
    known = {"last-event-id": f"{epoch}-{seq}"}
    event, _, patch = read_patches(http, 1, "old-1", **known)[0]
    assert (event, patch["seq"]) == ("patch", seq + 1)


@pytest.mark.parametrize("last", [None, "other-5", "nonsense", "-", "x-９"])
def test_reader_of_another_life_is_told_to_take_a_snapshot(http, last):
    event, number, data = read_patches(http, 1, last)[0]
    assert event == "reset"
    assert number is None
    assert set(data) == {"v", "epoch", "seq"}


def test_stream_is_neither_stored_nor_held_back(http):
    with http.stream("GET", "/api/v1/stream") as response:
        assert "no-transform" in response.headers["cache-control"]
        assert response.headers["x-accel-buffering"] == "no"


def test_bundle_is_served_under_its_hash_alone(http, served):
    page = http.get("/wall").text
    url = page.split('data-bundle="')[1].split('"')[0]
    found = http.get(url)
    assert found.status_code == 200
    assert "immutable" in found.headers["cache-control"]
    assert b"sourceMappingURL" not in found.content[-200:]
    assert http.get("/vendor/deck-0000.js").status_code == 404


def test_only_reading_is_answered_where_only_reading_is_meant(http):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = http.request(method, "/api/v1/snapshot")
        assert response.status_code in (404, 405)


def test_sun_stands_in_the_sky(http):
    sun = httpx.get(f"{http.base_url}/api/v1/sun").json()
    assert 0 <= sun["azimuth"] <= 360
    assert -90 <= sun["altitude"] <= 90
