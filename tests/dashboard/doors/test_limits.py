import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.doors import DoorOptions
from dashboard.doors.limits import Buckets, Refusal, unpack

OPTIONS = DoorOptions(max_body=2**20)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_takes_no_more_room_than_a_body_may(encoding):
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = pack(b"0" * (64 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(Refusal) as refusal:
            unpack(bomb, encoding, OPTIONS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refusal.value.status == 413
    assert peak < 8 * OPTIONS.max_body


@given(st.binary(max_size=2000))
def test_what_was_packed_is_unpacked(body):
    raw = zlib.compressobj(wbits=-15)
    assert unpack(gzip.compress(body), "gzip", OPTIONS) == body
    assert unpack(zlib.compress(body), "deflate", OPTIONS) == body
    assert unpack(raw.compress(body) + raw.flush(), "Deflate", OPTIONS) == body
    assert unpack(gzip.compress(zlib.compress(body)), "deflate, gzip", OPTIONS) == body


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "x-gzip", "br", "a,b", ",,"]))
def test_anything_else_is_refused_in_words(body, encoding):
    refused = []
    try:
        unpack(body, encoding, OPTIONS)
    except Refusal as refusal:
        refused.append(refusal)
    assert all(one.status in (400, 413, 415) and one.reason for one in refused)


def test_a_bucket_fills_as_time_passes():
    buckets = Buckets(rate=2.0, burst=3.0)
    for _ in range(3):
        buckets.take("a", now=0.0)
    with pytest.raises(Refusal) as refusal:
        buckets.take("a", now=0.1)
    assert dict(refusal.value.headers)["retry-after"] == "1"
    buckets.take("b", now=0.1)  # another sender's
    buckets.take("a", now=0.6)
    with pytest.raises(Refusal):
        buckets.take("a", now=0.7)
    for _ in range(3):  # never more than the burst, however long it rests
        buckets.take("a", now=1000.0)
    with pytest.raises(Refusal):
        buckets.take("a", now=1000.0)
