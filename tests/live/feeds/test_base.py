"""What every feed shares: finding the device, pseudonyms, times, privacy, and never raising."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.events import KINDS, Event
from live.feeds import FEEDS, SkewClock
from live.feeds.base import LAYERS, MAX_BODY
from live.feeds.errors import UnfitError
from live.feeds.fields import quantity, to_moment
from live.feeds.privacy import scrub, scrub_bytes

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)

EXAMPLES = 600
"""For each feed; with the mutated files and `test_hostile.py` more than 10,000 messages."""

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
words = st.sampled_from(
    ["kind", "subject", "observed_at", "data", "id", "type", "value", "MotorVehicleObject",
     "FaceObject", "DeviceID", "PlateNo", "PassTime", "eventType", "AccessControllerEvent",
     "AcsEvent", "InfoList", "Events", "Code", "Data", "TrafficCar", "UTC", "params", "after",
     "major", "minor", "time", "cam-in", "door-1", "dev-1"]
)  # fmt: skip
documents = st.recursive(
    st.one_of(scalars, words),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(words, st.text(max_size=8)), inner, max_size=6),
    ),
    max_leaves=25,
)  # fmt: skip
bodies = st.one_of(
    st.binary(max_size=400),
    documents.map(lambda d: json.dumps(d).encode(errors="replace")),
    st.text(max_size=200).map(lambda t: t.encode(errors="replace")),
    st.text("<>/&;!?-='\" \r\n:{}[]ab" + "EventNotificationAlert", max_size=120).map(str.encode),
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(["multipart/mixed; boundary=B", "application/json", "x"]),
        "content-encoding": st.sampled_from(["deflate", "gzip", "br"]),
        "x-twin-device": st.sampled_from(["cam-in", "door-1", "dev-1", "nobody"]),
        "topic": st.sampled_from(
            [
                "zigbee2mqtt/dev-1",
                "frigate/events",
                "iot/dev-1/data",
                "/sys/a/dev-1/thing/event/property/post",
                "application/1/device/dev-1/event/up",
                "v3/a/devices/d/up",
                "",
            ]
        ),
    },
)


def _is_sound(result):
    for event in result.events:
        assert isinstance(event, Event)
        assert event.kind in KINDS
        assert event.layer in LAYERS
        assert event.observed_at.utcoffset() == timedelta(0)
        assert event.received_at.utcoffset() == timedelta(0)
        assert json.loads(json.dumps(event.to_json()))["event_id"]
    assert all(reject.reason and isinstance(reject.body, bytes) for reject in result.rejects)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@settings(max_examples=EXAMPLES, deadline=None)
@given(body=bodies, given=headers)
def test_no_message_raises_and_none_is_lost(feed, index, body, given):
    result = feed.parse(body, given, received_at=NOON, resolve=index())
    _is_sound(result)
    if (
        body.strip(b"\x00\xef\xbb\xbf \t\r\n[]")
        and not body.strip().startswith(b"[")
        and len(body) > 2
    ):
        assert result.events or result.rejects or result.skipped or feed.name == "replay"


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_mutated_payloads_never_raise(feed, index, payloads):
    dice = random.Random(7)
    resolve = index(b"k", **{"65010000001190000001": "plate_cameras/cam-in"})
    files = [p for p in sorted(payloads.rglob("*")) if p.is_file() and p.name != "NOTE.txt"]
    for path in files:
        whole = path.read_bytes()[:20_000]
        for _ in range(3):
            body = bytearray(whole)
            for _ in range(dice.randint(1, 8)):
                at = dice.randrange(len(body))
                body[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
            named = {"x-twin-device": dice.choice(["cam-in", "door-1", "dev-1"]),
                     "topic": "frigate/events"}  # fmt: skip
            _is_sound(feed.parse(bytes(body), named, received_at=NOON, resolve=resolve))


@pytest.mark.parametrize("feed", FEEDS[:-1], ids=lambda feed: feed.name)
def test_a_body_without_end_is_not_read(feed, index, parse):
    result = parse(feed, b"x" * (MAX_BODY + 1), index(), topic="iot/dev-1/data")
    assert [reject.reason for reject in result.rejects] == [
        f"{MAX_BODY + 1} bytes: longer than {MAX_BODY}, not read"
    ]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"data":[', b"<a>"])
def test_deep_nesting_is_survived(feed, index, parse, opening):
    result = parse(feed, opening * 50_000, index(), topic="iot/dev-1/data")
    assert result.rejects
    assert not result.events


def test_names_are_unique():
    assert len({feed.name for feed in FEEDS}) == len(FEEDS)


# finding the device


def test_an_unknown_device_is_named_in_the_reason(index):
    with pytest.raises(UnfitError, match=r"unknown device ID 'A1'.*'B2'"):
        index().find(["A1", None, "", "B2"])
    with pytest.raises(UnfitError, match="names no device"):
        index().find([None, " "])
    with pytest.raises(UnfitError, match="entrances/door-1 cannot tell this"):
        index().find(["door-1"], ["plate_cameras"])


def test_ids_and_aliases_are_found_whatever_their_case(index):
    resolve = index(**{"AA:BB": "gates/gate-1"})
    assert resolve.find(["nobody", "DOOR-1"]).id == "door-1"
    assert resolve.find(["aa:bb"]).layer == "gates"


def test_an_alias_to_nothing_is_refused(index):
    with pytest.raises(UnfitError, match="no such thing"):
        index(**{"x": "entrances/door-9"})


def test_pseudonyms_need_the_key_and_stay_the_same(index):
    one, other, none = index(b"one"), index(b"other"), index(b"")
    assert one.pseudonym("f", "25") == index(b"one").pseudonym("f", "25")
    assert one.pseudonym("f", "25") != other.pseudonym("f", "25")
    assert one.pseudonym("f", "25") != one.pseudonym("g", "25")
    assert none.pseudonym("f", "25") is None
    assert one.pseudonym("f", None) is None


# times and numbers


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("20260928103000", "2026-09-28T02:30:00+00:00"),
        ("20260928103000250", "2026-09-28T02:30:00.250000+00:00"),
        ("2026-09-28T10:30:00+08:00", "2026-09-28T02:30:00+00:00"),
        ("2026-09-28 10:30:00", "2026-09-28T02:30:00+00:00"),
        ("2026/09/28 10:30:00", "2026-09-28T02:30:00+00:00"),
        ("2022-10-03T03:17:10.427430120+00:00", "2022-10-03T03:17:10.427430+00:00"),
        ("2017-01-02T09:25:55.00Z", "2017-01-02T09:25:55+00:00"),
        (1607123955.5, "2020-12-04T23:19:15.500000+00:00"),
        (1607123955500, "2020-12-04T23:19:15.500000+00:00"),
        ("1607123955", "2020-12-04T23:19:15+00:00"),
    ],
)
def test_times(told, meant):
    assert to_moment(told, ZONE).isoformat() == meant


@pytest.mark.parametrize(
    "told", ["soon", "20261399000000", 5, -1e300, float("nan"), True, "9" * 20]
)
def test_no_time(told):
    with pytest.raises(UnfitError, match="is no time"):
        to_moment(told, ZONE)


def test_no_value_is_no_time_at_all():
    assert to_moment(None, ZONE) is None
    assert to_moment("", ZONE) is None


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2000 mm", (2000.0, "mm")),
        ("25 ℃", (25.0, "Cel")),
        ("-3.5°C", (-3.5, "Cel")),
        ("24 hours", (24.0, "h")),
        ("7", (7.0, None)),
        (True, (1.0, None)),
        (2.5, (2.5, None)),
        ("Alarm", None),
        ("", None),
        ("2000 mm and more than that", None),
        (float("inf"), None),
        (None, None),
        ("20200811 v2 beta", None),
        ("2020-08-11", None),
        ("12:30", None),
    ],
)
def test_quantities(told, meant):
    assert quantity(told) == meant


# privacy


@given(st.binary(min_size=160, max_size=600))
def test_images_in_text_are_taken_out(picture):
    coded = base64.b64encode(picture).decode()
    wrapped = "\r\n".join(coded[i : i + 76] for i in range(0, len(coded), 76))
    for text in (coded, wrapped, "data:image/jpeg;base64," + coded):
        assert coded[:100] not in json.dumps(scrub({"a": [{"b": text}]}))
        assert coded[:60] not in scrub_bytes(json.dumps({"b": text}).encode()).decode()


@pytest.mark.parametrize(
    "field",
    ["StoragePath", "StorageUrl1", "SubImageList", "FeatureObject", "pictureURL", "picData",
     "facePicUrl", "FaceRect", "thumbnail", "thumb_path", "snapshot", "FaceFeature", "jpegData",
     "Name", "IDNumber", "CardName"],
)  # fmt: skip
def test_fields_of_images_and_names_are_dropped(field):
    assert scrub({"x": {field: "anything", "kept": 1}}) == {"x": {"kept": 1}}


@pytest.mark.parametrize(
    "field", ["topic", "temperature", "photovoltaic", "name", "level", "epic", "typicalValue"]
)
def test_other_fields_are_kept(field):
    assert scrub({field: 1}) == {field: 1}


def test_links_to_images_and_jpegs_are_taken_out_of_bytes():
    body = b"a http://h/x/y.jpg?z b https://DEVICE/pic/1.jpeg@WEB0 \xff\xd8\xff\xe0secret\xff\xd9 c"
    kept = scrub_bytes(body)
    assert b"jp" not in kept
    assert b"secret" not in kept
    assert kept.startswith(b"a ")
    assert kept.endswith(b" c")


@settings(deadline=None)
@given(documents)
def test_scrubbing_again_changes_nothing(document):
    once = scrub(document)
    assert repr(scrub(once)) == repr(once)


# clocks


def _event(number, late_s, live=True):
    received = NOON + timedelta(minutes=number)
    return Event(str(number), "plate", "dahua", "plate_cameras", "cam-in",
                 received + timedelta(seconds=late_s), received, live=live)  # fmt: skip


def test_a_fast_clock_is_found_and_corrected():
    clock = SkewClock()
    events = clock.correct([_event(i, 2820 + i % 3) for i in range(10)])
    assert events[0].skew_s == 0  # one message proves nothing
    assert events[-1].skew_s == pytest.approx(2821, abs=1)
    assert abs(events[-1].observed_at - events[-1].received_at) < timedelta(seconds=3)
    # the device's own time is still known
    own = events[-1].observed_at + timedelta(seconds=events[-1].skew_s)
    assert own == _event(9, 2820).observed_at


def test_one_late_message_and_history_do_not_move_a_clock():
    clock = SkewClock()
    clock.correct([_event(i, -1) for i in range(5)])
    clock.correct([_event(6, -4000), *(_event(i, -90_000, live=False) for i in range(40))])
    assert clock.skew_s("dahua", "plate_cameras", "cam-in") == 0


def test_a_clock_that_was_set_right_is_believed_again():
    clock = SkewClock(window=5)
    clock.correct([_event(i, 7200) for i in range(5)])
    clock.correct([_event(i, 0.5) for i in range(5, 10)])
    assert clock.skew_s("dahua", "plate_cameras", "cam-in") == 0


@pytest.mark.parametrize("lead", ['"', "\\t", "\\n", "x:", ">", "\\u4e00"])
@pytest.mark.parametrize("gap", ["", "\\n", "\r\n", "\\/"])
def test_base64_is_taken_out_of_text_that_does_not_parse(lead, gap):
    coded = "\\/9j\\/4AAQSkZJRg" + gap.join(["ABCDEFGHIJ" * 7] * 6)
    kept = scrub_bytes(f"{{broken {lead}{coded}< end".encode())
    assert b"ABCDEFGHIJ" not in kept
    assert kept.endswith(b"< end")
