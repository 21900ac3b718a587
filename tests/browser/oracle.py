"""Where a place must appear on the screen: the map camera reckoned anew, without deck.gl."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.browser.tiny import world_pixels

FOVY_DEG = 28.0
EARTH_M = 40.03e6  # deck.gl's own earth, which it turns metres of height by


def project(
    camera: dict[str, Any], size: tuple[int, int], lon: float, lat: float, z_m: float = 0.0
) -> tuple[float, float]:
    """Return the pixel of a place, x right and y down.

    A pinhole camera that looks at the view's centre from `pitch` above the north-up plane turned
    by `bearing`, as far away as makes a map pixel one screen pixel at that centre; panels shift
    its principal point to the middle of what they leave clear.

    Args:
        camera: longitude, latitude, zoom, pitch, bearing and padding of the view.
        size: Width and height of the canvas, pixels.
        lon: Longitude, degrees.
        lat: Latitude, degrees.
        z_m: Height above ground, metres.
    """
    width, height = size
    pad = camera["padding"]
    scale = 2.0 ** camera["zoom"]
    x0, y0 = world_pixels(camera["longitude"], camera["latitude"])
    x1, y1 = world_pixels(lon, lat)
    pixels_a_metre = 512 * scale / EARTH_M / math.cos(math.radians(camera["latitude"]))
    east, north, up = (x1 - x0) * scale, (y0 - y1) * scale, z_m * pixels_a_metre

    pitch, bearing = math.radians(camera["pitch"]), math.radians(camera["bearing"])
    ahead = np.array([math.sin(bearing), math.cos(bearing), 0.0])  # on the ground, up the screen
    right = np.array([math.cos(bearing), -math.sin(bearing), 0.0])
    look = ahead * math.sin(pitch) + np.array([0, 0, -math.cos(pitch)])
    above = np.cross(right, look)
    focal = height / 2 / math.tan(math.radians(FOVY_DEG) / 2)
    offset = np.array([east, north, up])
    depth = focal + offset @ look
    middle_x = (pad["left"] + width - pad["right"]) / 2
    middle_y = (pad["top"] + height - pad["bottom"]) / 2
    return (
        float(middle_x + focal * (offset @ right) / depth),
        float(middle_y - focal * (offset @ above) / depth),
    )
