import io
import math

import numpy as np
import pytest
from PIL import Image

from layers.ground import Sheet, bake, blocks, build_shadows, shadow_mask, sheets
from layers.scene import Scene
from tests.browser.tiny import BLOCKS, make_tiny


@pytest.fixture(scope="module")
def scene():
    return Scene(make_tiny())


@pytest.fixture(scope="module")
def sheet(scene):
    inner = sheets(scene)["inner"]
    return Sheet(inner.west, inner.south, inner.side_m, 1024)


@pytest.fixture(scope="module", params=["dark", "day"])
def picture(request, scene, sheet):
    return np.asarray(bake(scene, request.param, sheet)).astype(int).mean(axis=2), sheet


def _at(picture_and_sheet, x, y, reach=3):
    picture, sheet = picture_and_sheet
    column, row = sheet.pixels(np.array([[x, y]]))[0]
    c, r = round(column), round(row)
    return picture[r - reach : r + reach + 1, c - reach : c + reach + 1].mean()


def test_street_is_brighter_than_soil(picture):
    assert _at(picture, 0, 0) > _at(picture, 0, -50) + 5


def test_ground_beside_a_wall_is_darker_than_in_the_open(picture):
    x, y, width, depth, _ = BLOCKS["tall"]
    beside = _at(picture, x + width / 2 + 2, y + depth / 2 - 4, 1)
    assert beside < _at(picture, 0, 60, 1) - 3


def test_far_ground_melts_into_the_background(picture):
    image, sheet = picture
    assert sheet.side_m > 300
    assert abs(image[2, 2] - image[-3, -3]) < 6


@pytest.mark.parametrize(("azimuth", "altitude"), [(90, 45), (180, 30), (225, 60), (135, 20)])
def test_shadow_falls_away_from_the_sun_as_long_as_the_height_says(scene, sheet, azimuth, altitude):
    shapes, heights = blocks(scene, sheet)
    mask = np.asarray(shadow_mask(sheet, shapes[:1], heights[:1], azimuth, altitude)).astype(int)
    x, y, width, depth, height = BLOCKS["tall"]
    reach = height / math.tan(math.radians(altitude))
    away = math.radians(azimuth + 180)
    dx, dy = math.sin(away), math.cos(away)

    def dark(distance):
        place = np.array([[x + dx * distance, y + dy * distance]])
        column, row = sheet.pixels(place)[0]
        return mask[round(row), round(column)]

    half = max(width, depth) / 2
    assert dark(reach - 2) > 200
    assert dark(reach + half * 1.5 + 4) < 50
    assert dark(-half * 1.5 - 4) < 50, "it fell towards the sun"


def test_no_shadows_without_sun(scene):
    assert build_shadows(scene, 180, -3).length == 0
    table = build_shadows(scene, 180, 40)
    assert table.length == 1
    picture = Image.open(io.BytesIO(table.columns["inner"].tobytes()))
    assert picture.mode == "RGBA"
    assert set(table.meta["bounds"]) == {"inner"}
