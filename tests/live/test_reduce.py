import copy
import json
from pathlib import Path

import pytest

from live.reduce import GapError, apply_patch

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "wire"


def cases(name):
    found = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in found]


def follow(case):
    viewer = case["snapshot"]
    for patch in case["patches"]:
        viewer = apply_patch(viewer, patch)
    return viewer


@pytest.mark.parametrize("case", cases("patches"))
def test_patches_lead_from_the_snapshot_to_what_is_expected(case):
    untouched = copy.deepcopy(case)
    assert follow(case) == case["expected"]
    assert case == untouched


@pytest.mark.parametrize("case", cases("sequence"))
def test_a_gap_asks_for_a_snapshot_and_an_old_patch_is_passed_over(case):
    if case["expected"] is None:
        with pytest.raises(GapError):
            follow(case)
    else:
        assert follow(case) == case["expected"]


def test_rows_that_no_patch_touched_stay_the_same_objects():
    one, two = {"s": "ok"}, {"s": "ok"}
    snapshot = {"epoch": "e", "seq": 0, "at": 0, "layers": {"x": {"1": one, "2": two}, "y": {}}}
    patch = {"epoch": "e", "seq": 1, "at": 1, "c": {"x": {"1": {"s": "fault"}}}}
    after = apply_patch(snapshot, patch)
    assert after["layers"]["x"]["2"] is two
    assert after["layers"]["y"] is snapshot["layers"]["y"]
    assert one == {"s": "ok"}
