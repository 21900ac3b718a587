"""Metres that the server sends land where deck.gl puts their longitude and latitude."""

from __future__ import annotations

import numpy as np
import pytest

from layers.frame import LocalFrame

pytestmark = pytest.mark.browser

LOAD_DECK = """
  if (!globalThis.deck) {
    await new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = "/vendor/deck.js";
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }
"""


@pytest.mark.parametrize(("lon", "lat"), [(119.2965, 26.0843), (-0.12, 51.5), (24.9, 60.2)])
def test_deck_gl_takes_metres_back_to_the_same_place_within_a_millimetre(run_js, lon, lat):
    rng = np.random.default_rng(3)
    places = np.array([lon, lat]) + rng.uniform(-0.008, 0.008, (200, 2))
    metres = LocalFrame(lon, lat).to_metres(places[:, 0], places[:, 1])
    back = run_js(
        f"""async ([origin, metres]) => {{
          {LOAD_DECK}
          const view = new deck.WebMercatorViewport({{
            longitude: origin[0], latitude: origin[1], zoom: 16, width: 100, height: 100,
          }});
          return metres.map((xy) => view.addMetersToLngLat(origin, xy));
        }}""",
        [[lon, lat], metres.tolist()],
    )
    metres_a_degree = 40.03e6 / 360
    error = (np.array(back) - places) * metres_a_degree
    assert np.abs(error).max() < 0.001


def test_camera_reckons_longitude_and_latitude_well_within_a_pixel(run_js):
    back = run_js(
        """async () => {
          const { toLngLat } = await import("/assets/twin/camera.mjs");
          return [[0, 0], [500, 400], [-700, 300]].map(([x, y]) => toLngLat([119.3, 26.08], x, y));
        }"""
    )
    found = LocalFrame(119.3, 26.08).to_metres(*np.array(back).T)
    assert found == pytest.approx(np.array([[0, 0], [500, 400], [-700, 300]]), abs=0.2)
