"""An address leads back to the view it was made from; badges count what they stand for."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.assets.test_rules import call

pytestmark = pytest.mark.browser

IDS = st.text(min_size=1, max_size=20).filter(lambda t: t.isprintable() and t.strip() == t)
QUIET = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUIET
@given(
    at=st.none() | st.tuples(st.sampled_from(["buildings", "floors", "entrances"]), IDS),
    numbers=st.tuples(
        st.floats(-180, 180), st.floats(-85, 85), st.floats(10, 22), st.floats(0, 80),
        st.floats(-180, 180),
    ),
    off=st.lists(st.sampled_from(["devices", "parking", "services"]), unique=True),
    day=st.none() | st.dates().map(lambda d: d.isoformat()),
)  # fmt: skip
def test_address_leads_back(run_js, at, numbers, off, day):
    names = ("longitude", "latitude", "zoom", "pitch", "bearing")
    place = {
        "at": {"layer": at[0], "id": at[1]} if at else None,
        "camera": dict(zip(names, numbers, strict=True)),
        "off": off,
        "day": day,
    }
    written = call(run_js, "deeplink", "writePlace", place)
    read = call(run_js, "deeplink", "readPlace", written)
    assert read["at"] == place["at"]
    assert (read["off"] or []) == off
    assert read["day"] == day
    for name, tolerance in zip(names, (1e-6, 1e-6, 0.01, 0.1, 0.1), strict=True):
        assert math.isclose(read["camera"][name], place["camera"][name], abs_tol=tolerance)


@pytest.mark.parametrize(
    "wrong", ["", "#", "#cam=1,2", "#cam=a,b,c,d,e", "#at=nothing", "#day=today", "#cam=1,2,3,4,"]
)
def test_address_that_says_nothing_useful_is_passed_over(run_js, wrong):
    read = call(run_js, "deeplink", "readPlace", wrong)
    assert read["at"] is None
    assert read["day"] is None
    assert read["camera"] is None or wrong == "#cam=1,2,3,4,"


def test_link_of_another_page_opens_the_thing(run_js):
    read = call(run_js, "deeplink", "readPlace", "", "?lang=en&at=entrances/d%201")
    assert read["at"] == {"layer": "entrances", "id": "d 1"}


@QUIET
@given(
    st.lists(
        st.tuples(
            st.integers(-500, 500), st.integers(-500, 500),
            st.sampled_from(["ok", "fault", "alarm", "silent"]),
        ),
        min_size=1, max_size=40,
    ),
    st.sampled_from([10, 50, 300]),
)  # fmt: skip
def test_badges_count_all_and_keep_the_worst(run_js, marks, cell):
    rows = {
        str(k): {"s": s, "h": "silent"} if s == "silent" else {"s": s, "h": "heard"}
        for k, (_, _, s) in enumerate(marks)
    }
    found = run_js(
        """async ([marks, rows, cell]) => {
          const { clusterMarks } = await import("/assets/twin/clusters.mjs");
          const positions = new Float32Array(marks.flatMap(([x, y]) => [x, y, 0]));
          const ids = marks.map((_, k) => String(k));
          return clusterMarks([{ layer: "devices", ids, positions }], { devices: rows }, cell);
        }""",
        [marks, rows, cell],
    )
    rank = {"ok": 0, "silent": 1, "fault": 2, "alarm": 5}
    cells = {}
    for x, y, state in marks:
        cells.setdefault((x // cell, y // cell), []).append(rank[state])
    expected = sorted((len(m), max(m)) for m in cells.values())
    assert sorted((f["count"], f["worst"]) for f in found) == expected


@pytest.mark.parametrize("layer", ["entrances", "gates", "plate_cameras", "devices"])
def test_sensing_view_shows_hearing_alone(run_js, layer):
    looks = {
        hearing: call(run_js, "sensing", "sensingStyle", layer, {"s": "ok", "h": hearing, "t": 1})
        for hearing in ("heard", "late", "silent")
    }
    assert len({shape for _, shape in looks.values()}) == 3, "told apart without colour"
    assert call(run_js, "sensing", "sensingStyle", layer, None) == looks["silent"]
    alarm = call(run_js, "sensing", "sensingStyle", layer, {"s": "alarm", "h": "heard", "t": 1})
    assert alarm == looks["heard"]
