"""The tour's file: each mistake is named with its scene, and never takes the tour away."""

import os

import pytest

from dashboard.wall.dimming import DimmingError, read_dimming
from dashboard.wall.playlist import DEFAULT_FILE, PlaylistError, PlaylistFile, load_playlist
from dashboard.words import load_words

GOOD = '[[scene]]\nid = "a"\nstop = "gates"\nseconds = 20\nzh = ["门"]\nen = ["Gates"]\n'


def _write(tmp_path, text):
    path = tmp_path / "tour.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_products_own_tour_is_right_and_its_figures_have_words():
    scenes = load_playlist(DEFAULT_FILE)
    assert {"overview", "gates", "incidents", "building"} <= {scene.stop for scene in scenes}
    for language in ("zh", "en"):
        entries = load_words(language).entries
        for scene in scenes:
            assert [f for f in scene.figures if f"tour.figure.{f}" not in entries] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scene = 1", "version = 1"),
        ("version = 1", r"\[\[scene\]\]"),
        ("version = 1\n" + GOOD + GOOD, "two scenes"),
        ("version = 1\n" + GOOD.replace("gates", "gate"), "scene 1 .a.: `stop` is 'gate'"),
        ("version = 1\n" + GOOD.replace("seconds = 20", "seconds = 2"), "5 to 600"),
        ("version = 1\n" + GOOD.replace("seconds = 20", "secnds = 20"), "did you mean 'seconds'"),
        ("version = 1\n" + GOOD.replace("seconds = 20", "seconds = nan"), "a number"),
        ("version = 1\n" + GOOD.replace('zh = ["门"]', "zh = []"), "`zh` is a title"),
        ("version = 1\n" + GOOD + 'layers = "some"\n', "`layers`"),
        ("version = 1\n" + GOOD + 'figures = ["<b>"]\n', "`figures`"),
        ("version = 1\n" + GOOD + "orbit = true\n", "`orbit`"),
        ("version = 1\n" + GOOD.replace("gates", "people/p1"), "LAYER/ID"),
        ("version = [", "not TOML"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_where(tmp_path, text, said):
    with pytest.raises(PlaylistError, match=said):
        load_playlist(_write(tmp_path, text))


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(PlaylistError, match=r"none\.toml"):
        PlaylistFile(tmp_path / "none.toml")


def test_a_change_is_taken_up_and_a_wrong_one_leaves_the_old(tmp_path):
    path = _write(tmp_path, "version = 1\n" + GOOD)
    file = PlaylistFile(path)
    before = file.describe()
    assert file.describe()["version"] == before["version"]
    path.write_text("version = 1\n" + GOOD.replace("20", "40"), encoding="utf-8")
    os.utime(path, (1, 1))
    changed = file.describe()
    assert changed["scenes"][0]["seconds"] == 40
    assert changed["version"] != before["version"]
    path.write_text("version = 1\n", encoding="utf-8")
    os.utime(path, (2, 2))
    broken = file.describe()
    assert broken["scenes"] == changed["scenes"]
    assert "[[scene]]" in broken["problem"]


@pytest.mark.parametrize(
    "text", ["22-6=40", "25:00-06:00=40", "22:30-06:00=0", "22:30-06:00=400", "x"]
)
def test_hours_of_dimming_in_another_form_are_refused(text):
    with pytest.raises(DimmingError, match="22:30-06:00=40"):
        read_dimming(text)


def test_hours_of_dimming():
    assert read_dimming("").describe() == {"start": 0, "end": 0, "light": 1.0}
    assert read_dimming(" 22:30 - 06:00 = 40 ").light == 0.4
