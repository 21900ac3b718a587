from __future__ import annotations

import json

import pytest
from pyproj import Transformer

from geodata.check import check_file
from geodata.community import load_community
from geodata.importer import import_sources

X, Y, GROUND = 84_600.0, 447_500.0, 3.5


def box_faces(west, south, east, north, low, high):
    """Return the faces of a box as corners, the floor first, then the roof, then the walls."""
    a, b, c, d = (west, south), (east, south), (east, north), (west, north)
    floor = [[(*p, low) for p in (d, c, b, a)]]
    roof = [[(*p, high) for p in (a, b, c, d)]]
    walls = [
        [[(*p, low), (*q, low), (*q, high), (*p, high)]]
        for p, q in ((a, b), (b, c), (c, d), (d, a))
    ]
    return [floor, roof, *walls]


class City:
    """Builds a small CityJSON file with integer vertices."""

    def __init__(self):
        self.vertices: list[tuple[int, int, int]] = []
        self.objects: dict[str, dict] = {}

    def rings(self, face):
        found = []
        for ring in face:
            corners = [tuple(round(v * 1000) for v in corner) for corner in ring]
            self.vertices += corners
            found.append(list(range(len(self.vertices) - len(corners), len(self.vertices))))
        return found

    def geometry(self, faces, *, lod, kind="Solid", semantics=None):
        boundaries = [self.rings(face) for face in faces]
        geometry = {"type": kind, "lod": lod}
        geometry["boundaries"] = [boundaries] if kind == "Solid" else boundaries
        if semantics:
            names = sorted(set(semantics))
            values = [names.index(name) for name in semantics]
            values = [values] if kind == "Solid" else values
            geometry["semantics"] = {"surfaces": [{"type": n} for n in names], "values": values}
        return geometry

    def write(self, path, *, version="2.0", system="https://www.opengis.net/def/crs/EPSG/0/7415"):
        city = {
            "type": "CityJSON",
            "version": version,
            "transform": {"scale": [0.001] * 3, "translate": [X, Y, GROUND]},
            "metadata": {"referenceSystem": system},
            "CityObjects": self.objects,
            "vertices": self.vertices,
        }
        path.write_text(json.dumps(city))
        return path


def run(tmp_path, path):
    out = tmp_path / "out.gpkg"
    result = import_sources([path], out=out)
    assert not result.refused, result.report["problems"]
    assert not [p for p in check_file(out)["problems"] if p["level"] == "error"]
    return result.report, load_community(out)


def plan_area(shape):
    to_rd = Transformer.from_crs(4326, 28992, always_xy=True)
    x, y = to_rd.transform(*shape.exterior.coords.xy)
    return 0.5 * abs(sum(x[i - 1] * y[i] - x[i] * y[i - 1] for i in range(len(x))))


@pytest.mark.parametrize("kind", ["Solid", "MultiSurface"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("version", "system"),
    [
        ("1.1", "https://www.opengis.net/def/crs/EPSG/0/7415"),
        ("2.0", "urn:ogc:def:crs:EPSG::7415"),
        ("1.0", "EPSG:28992"),
    ],
)
def test_outline_is_the_ground_and_height_stands_on_it(tmp_path, kind, named, version, system):
    city = City()
    semantics = ["GroundSurface", "RoofSurface", *["WallSurface"] * 4] if named else None
    # the roof sticks out over the wall by a metre on every side
    faces = box_faces(0, 0, 10, 8, 0, 6)
    faces[1] = [[(-1, -1, 6), (11, -1, 6), (11, 9, 6), (-1, 9, 6)]]
    city.objects["b1"] = {
        "type": "Building",
        "attributes": {"yearOfConstruction": 1964, "storeysAboveGround": 2},
        "geometry": [city.geometry(faces, lod="2", kind=kind, semantics=semantics)],
    }
    path = city.write(tmp_path / "a.json", version=version, system=system)
    _, community = run(tmp_path, path)
    building = community["buildings"].iloc[0]
    assert building["id"] == "b1"
    assert building["height_m"] == pytest.approx(6)
    assert building["height_source"] == "measured"
    assert building["year"] == 1964
    assert building["storeys"] == 2
    assert plan_area(building.geometry) == pytest.approx(80, rel=0.001)


def test_parts_go_with_their_building_and_share_its_ground(tmp_path):
    city = City()
    city.objects["b1"] = {"type": "Building", "children": ["p1", "p2"]}
    low, tower = box_faces(0, 0, 20, 10, 0, 5), box_faces(20, 0, 30, 10, 4, 40)
    for name, faces in (("p1", low), ("p2", tower)):
        city.objects[name] = {
            "type": "BuildingPart",
            "parents": ["b1"],
            "geometry": [city.geometry(faces, lod="2.2")],
        }
    report, community = run(tmp_path, city.write(tmp_path / "a.city.json"))
    (building,) = community["buildings"].itertuples()
    assert building.height_m == pytest.approx(40)
    assert plan_area(building.geometry) == pytest.approx(300, rel=0.001)
    parts = community["building_parts"].set_index("id")
    assert set(parts["building_id"]) == {"b1"}
    assert parts.loc["p1", "height_m"] == pytest.approx(5)
    assert parts.loc["p2", "height_m"] == pytest.approx(40)
    assert parts.loc["p2", "base_m"] == pytest.approx(4)
    assert report["layers"]["building_parts"]["read"] == 2


def test_one_level_of_detail_that_all_have(tmp_path):
    city = City()
    flat, block, fine = (box_faces(0, 0, 10, 10, 0, h) for h in (1, 6, 7))
    city.objects["both"] = {
        "type": "Building",
        "geometry": [
            city.geometry(flat[:1], lod="0", kind="MultiSurface"),
            city.geometry(block, lod="1.2"),
            city.geometry(fine, lod="2.2"),
        ],
    }
    city.objects["coarse"] = {
        "type": "Building",
        "geometry": [city.geometry(box_faces(30, 0, 40, 10, 0, 9), lod="1.2")],
    }
    report, community = run(tmp_path, city.write(tmp_path / "a.json"))
    heights = community["buildings"].set_index("id")["height_m"]
    assert heights.to_dict() == {"both": pytest.approx(6), "coarse": pytest.approx(9)}
    assert any("level of detail 1.2 is used" in p["message"] for p in report["problems"])


def test_objects_that_cannot_be_drawn_are_counted(tmp_path):
    city = City()
    city.objects["good"] = {
        "type": "Building",
        "geometry": [city.geometry(box_faces(0, 0, 10, 10, 0, 6), lod="1")],
    }
    city.objects["empty"] = {"type": "Building", "geometry": []}
    city.objects["tunnel"] = {"type": "Tunnel"}
    report, _ = run(tmp_path, city.write(tmp_path / "a.json"))
    assert report["layers"]["buildings"] == {"read": 2, "kept": 1, "repaired": 0, "rejected": 1}
    messages = " ".join(p["message"] for p in report["problems"])
    assert "Tunnel" in messages


@pytest.mark.parametrize(
    "harm",
    [
        lambda city: city["vertices"].clear(),
        lambda city: city.pop("transform") and city["vertices"].__setitem__(0, ["x", 1, 2]),
        lambda city: city["CityObjects"]["b1"].__setitem__("geometry", "oops"),
        lambda city: city["CityObjects"].__setitem__("b1", 7),
    ],
)
def test_invalid_cityjson_is_refused_in_words(tmp_path, harm):
    city = City()
    city.objects["b1"] = {
        "type": "Building",
        "geometry": [city.geometry(box_faces(0, 0, 10, 10, 0, 6), lod="1")],
    }
    path = city.write(tmp_path / "a.json")
    content = json.loads(path.read_text())
    harm(content)
    path.write_text(json.dumps(content))
    result = import_sources([path], out=None)
    assert result.refused
    assert "a.json" in result.report["problems"][0]["message"]
