"""Plates: what a person on the screen may read, and what a search must find."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.plates import (
    CLASSES,
    PROVINCES,
    classify_plate,
    is_near,
    is_valid_plate,
    mask_plate,
    matches_plate,
    near_keys,
    normalise_plate,
)

SERIAL = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
LETTERS = SERIAL[:24]

heads = st.tuples(st.sampled_from(PROVINCES), st.sampled_from(LETTERS)).map("".join)
blues = st.tuples(heads, st.text(SERIAL, min_size=5, max_size=5)).map("".join)
small = st.tuples(
    heads,
    st.sampled_from("ABCDEFGHJK"),
    st.sampled_from(SERIAL),
    st.text("0123456789", min_size=4, max_size=4),
).map("".join)
plates = st.one_of(blues, small)


@pytest.mark.parametrize(
    ("plate", "expected"),
    [
        ("闽A12345", "blue"),
        ("闽AD12345", "nev_small"),
        ("闽AF12345", "nev_small"),
        ("闽ADA1234", "nev_small"),
        ("闽A12345D", "nev_large"),
        ("闽A1234警", "police"),
        ("闽A1234挂", "trailer"),
        ("闽A1234学", "learner"),
        ("粤Z1234港", "hk_macau"),
        ("粤ZA123澳", "hk_macau"),
        ("粤A1234领", "consulate"),
        ("使014578", "embassy"),
        ("京X1234应急", "emergency"),
        ("9924УАМ", "other"),
        ("闽A1234O", "other"),  # O is never used
        ("闽A1234I", "other"),
        ("闽A1234", "other"),
        ("闽AL12345", "other"),  # L is no new-energy letter
        (None, "unread"),
        ("unlicensed", "unread"),
    ],
)
def test_class(plate, expected):
    assert classify_plate(plate) == expected
    assert expected in CLASSES
    assert is_valid_plate(plate) == (expected not in ("other", "unread"))


def test_colour_tells_yellow_from_blue_only():
    assert classify_plate("闽A12345", "黄色") == "yellow"
    assert classify_plate("闽A12345", "blue") == "blue"
    assert classify_plate("闽AD12345", "yellow") == "nev_small"


@pytest.mark.parametrize(
    "text",
    [
        *("unlicensed", "unknown", "Unknown", "无车牌", "--", "", " ", None, "无牌车", "null"),
        *("-", "****", "00000000", "N/A", "闽??????"),
    ],
)
def test_vendor_words_for_unread(text):
    assert normalise_plate(text) is None
    assert mask_plate(text) == ""


@pytest.mark.parametrize("text", ["闽A·12345", "闽a 12345", "闽Ａ１２３４５", " 闽A-123.45 "])
def test_one_normal_form(text):
    assert normalise_plate(text) == "闽A12345"


@pytest.mark.parametrize(
    ("plate", "shown"),
    [
        ("闽A12345", "闽A·12**5"),
        ("闽AD12345", "闽A D1**45"),
        ("闽A12345D", "闽A 12**5D"),
        ("闽A1234警", "闽A·12**警"),
        ("ABC123", "AB**23"),
        ("AB", "**"),
        ("A", "**"),
    ],
)
def test_mask_as_drawn(plate, shown):
    assert mask_plate(plate) == shown


@given(plates)
def test_mask_hides_two_and_only_two(plate):
    shown = mask_plate(plate)
    plain = re.sub(r"[· ]", "", shown)
    assert plain.count("*") == 2
    assert len(plain) == len(plate)
    assert all(seen in ("*", real) for seen, real in zip(plain, plate, strict=True))
    assert plain.index("**") == 4  # always the same place: two views tell no more than one


@given(st.text())
def test_mask_never_shows_a_whole_plate(text):
    shown = mask_plate(text)
    assert shown == "" or shown.count("**") == 1
    assert not is_valid_plate(shown.replace("*", ""))


@given(plates, plates)
def test_mask_of_a_run_on_text_shows_neither_plate(first, second):
    shown = mask_plate(first + second)
    assert first not in shown
    assert second not in shown
    assert mask_plate(second) not in shown


@given(plates)
def test_normal_form_is_stable(plate):
    assert normalise_plate(plate) == plate
    assert is_valid_plate(plate)


@given(plates, st.data())
def test_a_misread_character_is_still_found(plate, data):
    at = data.draw(st.integers(0, len(plate) - 1))
    other = data.draw(st.sampled_from(SERIAL))
    read = plate[:at] + other + plate[at + 1 :]
    assert set(near_keys(plate)) & set(near_keys(read))
    assert is_near(plate, read)
    assert len(near_keys(plate)) == len(plate)


@given(plates, plates)
def test_keys_agree_with_the_definition_of_near(first, second):
    assert bool(set(near_keys(first)) & set(near_keys(second))) == is_near(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("闽A0DQ81", "川AD00B1"), ("闽A8B1L2", "闽AB81I2"), ("闽AZ2S51", "闽A225SL")],
)
def test_confused_characters_do_not_count(first, second):
    assert is_near(first, second)


def test_far_plates_are_not_near():
    assert not is_near("闽A12345", "闽A12456")
    assert not is_near("闽A12345", "闽AD12345")


@pytest.mark.parametrize("pattern", ["闽A12345", "123", "闽A·12", "闽?12345", "闽*45", "a123"])
def test_search(pattern):
    assert matches_plate(pattern, "闽A12345")


@pytest.mark.parametrize("pattern", ["", "--", "124", "闽?2345", "粤A12345"])
def test_search_misses(pattern):
    assert not matches_plate(pattern, "闽A12345")
