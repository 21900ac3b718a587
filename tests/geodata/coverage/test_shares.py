"""Coverage of a real town against figures made elsewhere, by networkx, and plain answers."""

from __future__ import annotations

import json

import pytest

import app
from geodata.community import write_community
from geodata.coverage.rules import load_rules
from geodata.coverage.shares import measure_coverage
from tests.geodata.coverage.worlds import community, house, line, point

RADII = [300.0, 500.0, 1000.0]
KEYS = ["service", "profile", "buildings", "services", "unreachable", "network"]
KEYS += ["share_network", "share_straight", "median_m"]


def test_helsinki_pharmacies_as_networkx_finds_them(helsinki, geo, capsys):
    oracle = json.loads((geo / "osm_helsinki" / "helsinki_ORACLE_pharmacy.json").read_text())
    args = ["coverage", str(helsinki), "--service", "pharmacy", "--radius", "300,500,1000"]
    assert app.main([*args, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS
    assert found["services"] == oracle["n_pois"]
    assert found["unreachable"] == oracle["unreachable"]
    for radius in ("300", "500", "1000"):
        walked, straight = found["share_network"][radius], found["share_straight"][radius]
        assert walked == pytest.approx(oracle[f"share_network_{radius}m"], abs=0.02)
        assert straight == pytest.approx(oracle[f"share_straight_{radius}m"], abs=0.02)
        assert straight - walked > 0.05
    assert found["median_m"] == pytest.approx(oracle["median_network_m"], rel=0.02)
    assert found["network"]["km"] == pytest.approx(oracle["total_km"], rel=0.03)


def test_words_say_the_same(helsinki, capsys):
    assert app.main(["coverage", str(helsinki), "--service", "pharmacy"]) == 0
    words = capsys.readouterr().out
    assert "services 6" in words
    assert "all gates open" in words


def test_who_has_no_stairs_walks_further_or_not_at_all():
    world = community(
        roads=[
            line((0, 0), (100, 0)),
            line((100, 0), (100, 50), kind="steps", steps=True),
            line((100, 50), (200, 50)),
            line((0, 0), (0, 300), (200, 300), (200, 50)),
        ],
        buildings=[house(2, 10)],
        entrances=[point(2, 0, building_id="buildings-1")],
        services=[point(198, 50)],
    )
    rules = load_rules()
    adult = measure_coverage(world, "canteen", RADII, rules=rules, profile="adult")
    chair = measure_coverage(world, "canteen", RADII, rules=rules, profile="wheelchair")
    assert adult["median_m"] == pytest.approx(98 + 50 + 98, abs=0.1)
    assert chair["median_m"] == pytest.approx(2 + 300 + 200 + 250 + 2, abs=0.1)
    assert adult["share_straight"] == chair["share_straight"]
    assert adult["share_network"]["300"] == 1.0
    assert chair["share_network"] == {"300": 0.0, "500": 0.0, "1000": 1.0}


def test_no_way_and_no_service_answer_plainly(tmp_path, capsys):
    empty = community(buildings=[house(0, 0), house(50, 0)])
    found = measure_coverage(empty, "canteen", RADII, rules=load_rules(), profile="adult")
    assert found["unreachable"] == found["buildings"] == 2
    assert found["services"] == 0
    assert found["median_m"] is None
    assert set(found["share_network"].values()) == {0.0}
    path = tmp_path / "empty.gpkg"
    write_community(empty.frames, empty.meta, path)
    assert app.main(["coverage", str(path), "--service", "canteen"]) == 0
    words = capsys.readouterr().out
    assert "no road" in words
    assert "no such service" in words


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--service", "pub"], "no such kind"),
        (["--service", "shop", "--radius", "far"], "--radius far"),
        (["--service", "shop", "--radius", "-5"], "above 0"),
        (["--service", "shop", "--profile", "giant"], "adult, older, wheelchair"),
        (["--service", "shop", "--rules", "nowhere.json"], "nowhere.json"),
    ],
)
def test_a_wrong_question_is_told(helsinki, capsys, args, said):
    assert app.main(["coverage", str(helsinki), *args]) == 2
    assert said in capsys.readouterr().err
