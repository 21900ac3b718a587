"""Nothing that shows a plate leaves by the API, however it is written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.doors.masking import mask_body, mask_event, mask_text
from live.plates import PROVINCES
from tests.live.small_world import make_event

DIGITS = st.text("0123456789", min_size=5, max_size=5)
PLATES = st.builds(
    lambda province, letter, gap, tail: f"{province}{letter}{gap}{tail}",
    st.sampled_from(PROVINCES), st.sampled_from("ABCDEFGHJKLMNPQRSTUVWXYZ"),
    st.sampled_from(["", "·", " ", "-"]), DIGITS,
)  # fmt: skip


@given(PLATES, st.text("甲乙 ,.:", max_size=5), st.text("甲乙 ,.:", max_size=5))
def test_a_plate_in_a_text(plate, before, after):
    shown = mask_text(before + plate + after)
    assert plate[-5:] not in shown
    assert shown.startswith(before)
    assert shown.endswith(after)


@given(PLATES)
def test_a_plate_in_an_event_and_in_a_message(plate):
    event = make_event("plate", "c0", plate=plate, original=plate, note={"seen": [plate]})
    assert plate[-5:] not in json.dumps(mask_event(event), ensure_ascii=False)
    for ascii_only in (True, False):
        body = json.dumps(
            {"a": [{"PlateNo": plate, "x": f"it was {plate}"}]}, ensure_ascii=ascii_only
        )
        shown = mask_body(body.encode())
        assert plate[-5:] not in shown
        json.loads(shown)


@pytest.mark.parametrize("plate", ["WX1234A", "B 1234 KL", "使123456"])
def test_plates_of_elsewhere_by_their_field(plate):
    event = make_event("plate", "c0", plate=plate)
    assert plate not in json.dumps(mask_event(event), ensure_ascii=False)
    assert plate not in mask_body(json.dumps({"plateNumber": plate}).encode())
    assert plate not in mask_body(f"<a><licensePlate>{plate}</licensePlate></a>".encode())


def test_what_is_no_plate_stays():
    data = {"plate": None, "plate_class": "unread", "direction": "in", "confidence": 0.8}
    assert mask_event(make_event("plate", "c0", **data))["data"] == data
    reading = {"values": {"level": 3}, "unit": {"level": "%"}}
    assert mask_event(make_event("reading", "bin", **reading))["data"] == reading
    assert mask_text("d0 b3-u2 2026-11-23T04:00:00 京东快递 12345") == (
        "d0 b3-u2 2026-11-23T04:00:00 京东快递 12345"
    )
