from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geodata.crs import to_code
from geodata.errors import CRSError
from geodata.placing import place

# x and y of one place in Fuzhou, by EPSG code
FUZHOU = (119.2965, 26.0844)


def points(*xy):
    return np.array([shapely.Point(pair) for pair in xy], dtype=object)


def project(code: int, lon: float, lat: float) -> tuple[float, float]:
    return Transformer.from_crs(4326, code, always_xy=True).transform(lon, lat)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4326", "EPSG:4326"),
        ("epsg:4549", "EPSG:4549"),
        ("GCJ-02", "gcj02"),
        ("bd09", "bd09"),
        ("BD_09", "bd09"),
        ("CGCS2000", "EPSG:4490"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
    ],
)
def test_codes(text, code):
    assert to_code(text) == code


@pytest.mark.parametrize("text", ["", "nonsense", "99999999", "EPSG:0"])
def test_unknown_code_says_what_is_known(text):
    with pytest.raises(CRSError, match="gcj02"):
        to_code(text)


@pytest.mark.parametrize("code", [4490, 4549, 4528, 4509, 3857, 32650, 4498])
def test_every_way_to_write_fuzhou_leads_to_fuzhou(code):
    xy = project(code, *FUZHOU)
    placed = place(points(xy), declared=f"EPSG:{code}", given=None, file="a.gpkg")
    assert placed.geometry[0].x == pytest.approx(FUZHOU[0], abs=1e-6)
    assert placed.geometry[0].y == pytest.approx(FUZHOU[1], abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(zone=st.integers(4491, 4554), east=st.floats(0, 1), north=st.floats(0, 1))
def test_cgcs2000_zones_round_trip_in_their_own_area(zone, east, north):
    area = CRS.from_epsg(zone).area_of_use
    lon = area.west + east * (area.east - area.west)
    lat = area.south + north * (area.north - area.south)
    placed = place(
        points(project(zone, lon, lat)), declared=f"EPSG:{zone}", given=None, file="a.shp"
    )
    assert placed.geometry[0].x == pytest.approx(lon, abs=1e-6)
    assert placed.geometry[0].y == pytest.approx(lat, abs=1e-6)


def test_wrong_zone_is_asked_with_the_right_one_among_the_answers():
    xy = project(4527, 117.0, 26.08)  # zone 39, its number in front of the easting
    with pytest.raises(CRSError, match=r"--crs 4527"):
        place(points(xy), declared="EPSG:4549", given=None, file="a.shp")


def test_metres_without_crs_are_asked_for():
    xy = project(4549, *FUZHOU)
    with pytest.raises(CRSError) as asked:
        place(points(xy), declared=None, given=None, file="楼栋.shp")
    text = str(asked.value)
    assert "楼栋.shp" in text
    assert "--crs 4549" in text
    assert "119.30 E 26.08 N, near Fuzhou" in text


def test_degrees_declared_as_metres_are_asked_for():
    with pytest.raises(CRSError, match="--crs 4326"):
        place(points(FUZHOU), declared="EPSG:3857", given=None, file="a.geojson")


def test_swapped_degrees_are_asked_for():
    with pytest.raises(CRSError, match="swapped"):
        place(points((26.08, 119.3)), declared=None, given=None, file="a.csv")


def test_survey_axes_are_asked_for():
    east, north = project(4549, *FUZHOU)
    with pytest.raises(CRSError, match="swap the two headers and give --crs"):
        place(points((north, east)), declared=None, given=None, file="a.csv")


@pytest.mark.parametrize("given_code", ["EPSG:28992", "EPSG:3857", "EPSG:4549"])
def test_a_given_code_must_fit_too(given_code):
    with pytest.raises(CRSError, match="does not fit"):
        place(points(FUZHOU), declared=None, given=given_code, file="a.csv")


def test_bd09_outside_china_is_refused():
    with pytest.raises(CRSError, match="bd09"):
        place(points((24.94, 60.17)), declared=None, given="bd09", file="a.csv")


def test_a_stray_row_is_left_out_and_the_rest_placed():
    shapes = points(FUZHOU, (119.2966, 26.0845), (119.2967, 26.0846), (0, 0), (500, 26))
    placed = place(shapes, declared=None, given=None, file="a.csv")
    assert placed.outside.tolist() == [False, False, False, True, True]
    assert placed.geometry[0].equals(shapes[0])


def test_chinese_degrees_without_datum_are_doubted():
    placed = place(points(FUZHOU), declared=None, given=None, file="a.csv")
    assert placed.by == "default"
    assert any("--crs gcj02" in doubt for doubt in placed.doubts)


def test_compound_crs_gives_plan_coordinates():
    lon, lat = 4.36, 52.01
    x, y = project(28992, lon, lat)
    solid = np.array([shapely.Point(x, y, 12.0)], dtype=object)
    placed = place(solid, declared="EPSG:7415", given=None, file="a.json", metres=True)
    assert placed.geometry[0].x == pytest.approx(lon, abs=1e-6)
    assert not placed.geometry[0].has_z
