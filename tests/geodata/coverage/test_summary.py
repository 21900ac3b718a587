"""Overlays, tiers, gaps and suppliers, counted by hand on one street."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geodata.coverage.now import LiveCoverage, State, build_base
from geodata.coverage.overlay import REASONS, STATES, draw_overlay
from geodata.coverage.rulefile import read_rule_data, save_rule_data
from geodata.coverage.rules import DEFAULT, RuleError, load_rules
from geodata.coverage.summary import find_areas, rank_gaps, share_by_supplier
from geodata.coverage.tiers import measure_tiers
from tests.geodata.coverage.worlds import community, house, line, point

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def home(x, residents, older=0, children=0, **columns):
    counts = {"residents": residents, "residents_60plus": older, "residents_under15": children}
    return house(x, 0, 4, **counts, **columns)


@pytest.fixture
def street():
    """Four houses along one street: 0, 250, 700 and 1,500 m; the last behind a gate."""
    return community(
        roads=[line((0, 0), (1600, 0))],
        gates=[point(1400, 0, id="gate", hours="Mo-Su 06:00-23:00")],
        buildings=[
            home(0, 10, older=4, compound_id="west"),
            home(250, 20, older=1, compound_id="west"),
            home(700, 40, compound_id="east"),
            home(1500, 80, older=9, children=7),
        ],
        services=[
            point(10, 0, id="day", kind="elderly_care", capacity=10, supplier_kind="community",
                  hours="Mo-Su 08:00-18:00"),
            point(1350, 0, id="home", kind="elderly_care", capacity=30,
                  supplier_kind="enterprise", hours="24/7"),
            point(680, 0, id="big", kind="health_station", name="东街社区卫生服务中心"),
        ],
    )  # fmt: skip


@pytest.fixture
def live(street):
    return LiveCoverage(build_base(street), state=State(at=NOON))


def states(overlay):
    return [STATES[state] for state in overlay.state]


def test_overlay_tells_now_from_paper_and_why(live):
    noon = draw_overlay(live, "elderly_care")
    assert (noon.group, noon.radius_m) == ("older", 300)
    assert noon.people.tolist() == [4, 1, 0, 9]
    assert states(noon) == ["served", "served", "nobody", "served"]
    assert noon.nearest == ("day", "day", "home", "home")
    np.testing.assert_allclose(noon.now_m, [10, 240, 650, 150.001])
    live.set_time(NOON.replace(hour=20))
    evening = draw_overlay(live, "elderly_care")
    assert states(evening) == ["lost", "lost", "nobody", "served"]
    assert [REASONS[r] for r in evening.reason[:2]] == ["closed", "closed"]
    np.testing.assert_allclose(evening.paper_m, noon.paper_m)
    live.set_time(NOON.replace(hour=23, minute=30))
    assert REASONS[draw_overlay(live, "elderly_care").reason[3]] == "gate"
    live.set_time(NOON)
    live.set_used("day", 10)
    assert REASONS[draw_overlay(live, "elderly_care").reason[0]] == "full"
    assert draw_overlay(live, "elderly_care").totals() == {"served": 9, "lost": 5, "gap": 0}


def test_a_kind_that_is_not_there_leaves_everybody_in_a_gap(live):
    missing = draw_overlay(live, "kindergarten")
    assert states(missing) == ["nobody", "nobody", "nobody", "gap"]
    assert np.isnan(missing.now_m).all()
    assert missing.nearest == (None,) * 4


def test_access_is_places_for_each_person(live):
    access = draw_overlay(live, "elderly_care").now_access
    # of "day" 4 people at 10 m and 1 at 240 m share 10 places; of "home" 9 within 300 m, 30
    assert access[0] == pytest.approx(10 / 5)
    assert access[3] == pytest.approx(30 / 9)


def test_tiers_never_stand_in_for_one_another(live):
    by_item = {found.item.id: found for found in measure_tiers(live)}
    centre, station = by_item["health_centre"], by_item["health_station"]
    assert centre.providers == ("big",)
    assert centre.paper.tolist() == [True, True, True, True]
    assert station.providers == ()
    assert not station.paper.any()
    assert station.now_share == 0
    assert station.unserved == 150
    assert by_item["elderly_day_care"].paper_share == pytest.approx((10 + 20 + 80) / 150)
    assert by_item["market"].item.tier == "10min"


def test_who_walks_slower_comes_less_far(street):
    older = LiveCoverage(build_base(street), profile="older")
    assert draw_overlay(older, "elderly_care").radius_m == pytest.approx(300 * 48 / 80)
    assert states(draw_overlay(older, "elderly_care")) == ["served", "gap", "nobody", "served"]


def test_gaps_are_ranked_by_people(live, street):
    live.set_time(NOON.replace(hour=23, minute=30))
    gaps = rank_gaps(live, find_areas(street), ["elderly_care", "health_station"])
    assert [(gap.kind, gap.area, gap.people, gap.lost) for gap in gaps] == [
        ("health_station", "buildings-4", 80, 0),
        ("health_station", "west", 30, 0),
        ("elderly_care", "buildings-4", 9, 9),
        ("elderly_care", "west", 5, 5),
    ]
    assert gaps[1].of == 30
    assert gaps[1].buildings == ("buildings-1", "buildings-2")


def test_share_by_supplier(live):
    shares = {(s.kind, s.supplier_kind): s for s in share_by_supplier(live)}
    day, stay = shares["elderly_care", "community"], shares["elderly_care", "enterprise"]
    assert day.share == day.alone == pytest.approx(5 / 14)
    assert stay.share == pytest.approx(9 / 14)
    assert not day.carries_all
    live.set_open("day", False)
    night = {(s.kind, s.supplier_kind): s for s in share_by_supplier(live, ["elderly_care"])}
    assert night["elderly_care", "community"].share == 0
    assert night["elderly_care", "enterprise"].carries_all
    paper = share_by_supplier(live, ["elderly_care"], on_paper=True)
    assert [share.share for share in paper] == [day.share, stay.share]
    assert shares["health_station", "unknown"].carries_all


def test_where_nobody_is_counted_each_building_is_one():
    world = community(
        roads=[line((0, 0), (900, 0))],
        buildings=[house(5, 0), house(800, 0)],
        services=[point(0, 0, kind="elderly_care")],
    )
    base = build_base(world)
    assert base.people.unit == "buildings"
    overlay = draw_overlay(LiveCoverage(base), "elderly_care")
    assert overlay.totals() == {"served": 1, "lost": 0, "gap": 1}


def test_a_rule_file_of_ones_own(tmp_path, live, street):
    data = json.loads(DEFAULT.read_text(encoding="utf-8"))
    data["tiers"]["5min"]["walk_m"] = 200
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    mine = LiveCoverage(build_base(street, load_rules(path)))
    assert states(draw_overlay(mine, "elderly_care"))[1] == "gap"
    for change, said in (
        (lambda d: d["tiers"]["5min"].update(walk_m=-1), "tiers.5min.walk_m"),
        (lambda d: d["items"][0].update(tier="1h"), "no tier '1h'"),
        (lambda d: d["items"][0].update(kinds=["pub"]), "kind of service 'pub'"),
        (lambda d: d.pop("catchment"), "lacks 'catchment'"),
        (lambda d: d["groups"].update(school="dogs"), "dogs"),
    ):
        broken = json.loads(DEFAULT.read_text(encoding="utf-8"))
        change(broken)
        path.write_text(json.dumps(broken), encoding="utf-8")
        with pytest.raises(RuleError, match=said):
            load_rules(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(RuleError, match="JSON"):
        load_rules(path)


def test_edited_rules_are_kept_whole_under_a_new_version_or_not_at_all(tmp_path):
    path = tmp_path / "rules.json"
    path.write_text(DEFAULT.read_text(encoding="utf-8"), encoding="utf-8")
    data = read_rule_data(path)
    data["tiers"]["5min"]["walk_m"] = 280
    with pytest.raises(RuleError, match="give the edited rules another"):
        save_rule_data(path, data)
    with pytest.raises(RuleError, match=r"tiers\.5min\.walk_m"):
        save_rule_data(path, {**data, "version": "mine", "tiers": {"5min": {"walk_m": 0}}})
    assert load_rules(path) == load_rules()
    saved = save_rule_data(path, {**data, "version": "mine"})
    assert saved == load_rules(path)
    assert (saved.version, saved.tiers["5min"].walk_m) == ("mine", 280)
    with pytest.raises(RuleError, match="one object"):
        save_rule_data(path, [1])


@pytest.mark.parametrize(
    ("kind", "name", "item"),
    [
        ("health_station", "军门社区卫生服务站", "health_station"),
        ("health_station", "东街街道社区卫生服务中心", "health_centre"),
        ("health_station", "省立医院", None),
        ("culture", "社区文化活动中心", "culture_station"),
        ("culture", "鼓楼区文化馆", "culture_centre"),
        ("school", "军门小学", "primary_school"),
        ("school", "第三中学", "middle_school"),
        ("school", None, "primary_school"),
        ("shop", "小卖部", None),
    ],
)
def test_a_service_is_one_facility_by_its_name(kind, name, item):
    found = load_rules().item_of(kind, name)
    assert (found.id if found else None) == item
