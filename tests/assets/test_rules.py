"""Rules of the screen: what a mark looks like, how a time reads, where a curve breaks."""

from __future__ import annotations

import re

import pytest

from dashboard.words import load_words

pytestmark = pytest.mark.browser


def call(run_js, module, name, *arguments):
    return run_js(
        """async ([module, name, args]) => {
          const found = await import(`/assets/twin/${module}.mjs`);
          return found[name](...args.map((a) => (a === null ? undefined : a)));
        }""",
        [module, name, list(arguments)],
    )


def test_bad_news_looks_unlike_everything_else(run_js):
    looks = {}
    for state in ("closed", "open", "held", "forced", "offline"):
        looks[state] = call(run_js, "style", "markStyle", "entrances", {"s": state, "h": "heard"})
    assert len({tuple(look) for look in looks.values()}) == 5
    # told apart without colour too
    assert len({shape for _, shape in looks.values()}) == 5
    assert looks["forced"][0] == "forced"


@pytest.mark.parametrize("layer", ["entrances", "gates", "plate_cameras", "devices"])
@pytest.mark.parametrize("state", ["ok", "closed", "open", "forced", "alarm", "fault"])
def test_silence_is_hatched_whatever_was_last_said(run_js, layer, state):
    silent = call(run_js, "style", "markStyle", layer, {"s": state, "h": "silent"})
    never = call(run_js, "style", "markStyle", layer, None)
    assert silent == never
    heard = call(run_js, "style", "markStyle", layer, {"s": "closed", "h": "heard"})
    assert silent != heard or layer not in ("entrances", "gates")
    assert silent[0] == "silent"


def test_unknown_state_of_a_door_is_never_drawn_as_shut(run_js):
    shut = call(run_js, "style", "markStyle", "entrances", {"s": "closed", "h": "heard"})
    for row in ({"s": "melted", "h": "heard"}, {"h": "heard"}, {"s": None, "h": "heard"}):
        assert call(run_js, "style", "markStyle", "entrances", row) != shut


def test_device_alarm_and_fault_differ(run_js):
    looks = [
        call(run_js, "style", "markStyle", "devices", {"s": state, "h": "heard"})
        for state in ("ok", "fault", "alarm", "offline")
    ]
    assert len({tuple(look) for look in looks}) == 4


@pytest.mark.parametrize("theme", ["dark", "day"])
def test_every_colour_that_a_mark_may_have_is_in_the_theme(run_js, theme):
    missing = run_js(
        """async (theme) => {
          const { THEMES, markStyle } = await import("/assets/twin/style.mjs");
          const states = ["ok", "fault", "alarm", "offline", "open", "closed", "held", "forced",
            "full", "unknown", undefined];
          const wanted = new Set();
          for (const layer of ["entrances", "gates", "plate_cameras", "devices", "services",
            "parking"]) {
            for (const s of states) {
              for (const h of ["heard", "late", "silent"]) {
                wanted.add(markStyle(layer, { s, h })[0]);
              }
            }
          }
          return [...wanted].filter((name) => THEMES[theme].marks[name]?.length !== 3);
        }""",
        theme,
    )
    assert missing == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "00:00"), (0, "00:00"), (59.9, "00:59"), (60, "01:00"), (3599, "59:59"),
        (3600, "1:00:00"), (86399, "23:59:59"), (86400, "1 天 0 时"), (90000, "1 天 1 时"),
    ],
)  # fmt: skip
def test_duration_reads_as_a_clock(run_js, seconds, text):
    said = run_js(
        """async (seconds) => {
          const { Words } = await import("/assets/twin/words.mjs");
          return new Words({ "span.days": "{d} 天 {h} 时" }, "zh", "Asia/Shanghai").span(seconds);
        }""",
        seconds,
    )
    assert said == text


def test_path_reads_ids_with_dots(run_js):
    layers = {"devices": {"A.1.2": {"t": 5, "s": "ok"}}, "counters": {"doors": {"total": 0}}}
    assert call(run_js, "panels", "readPath", layers, "counters.doors.total") == 0
    assert call(run_js, "panels", "readPath", layers, "devices.A.1.2|t") == 5
    assert call(run_js, "panels", "readPath", layers, "devices.none|t") is None
    assert call(run_js, "panels", "readPath", layers, "nothing.at.all") is None


def test_curve_breaks_where_nothing_is_known(run_js):
    words = {"lang": "zh-CN"}
    whole = call(run_js, "panels", "sparkSvg", [1, 2, 3, 4, 5], words)
    broken = run_js(
        """async (words) => {
          const { sparkSvg } = await import("/assets/twin/panels.mjs");
          return [sparkSvg([1, 2, null, 4, 5], words), sparkSvg([null, null], words),
            sparkSvg([0, 0, 0], words)];
        }""",
        words,
    )

    def line(svg):
        return re.search(r'class="line" d="([^"]*)"', svg).group(1)

    assert line(whole).count("M") == 1
    assert line(broken[0]).count("M") == 2
    assert line(broken[0]).count("L") == 2
    assert broken[1] == ""
    assert "NaN" not in whole + "".join(broken)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_and_ages_in_words(run_js, language):
    entries = load_words(language).entries
    found = run_js(
        """async ([entries, lang]) => {
          const { Words } = await import("/assets/twin/words.mjs");
          const words = new Words(entries, lang, "Asia/Shanghai");
          return {
            unknown: [null, undefined, "", NaN].map((v) => words.format(v)),
            zero: words.format(0), share: words.format(0.256, "share"),
            few: words.format(3, "people"), nobody: words.format(0, "people"),
            noon: words.time(Date.UTC(2026, 10, 23, 4) / 1000),
            ages: [words.ago(null, 100), words.ago(100, 100), words.ago(70, 100),
              words.ago(0, 7200), words.ago(200, 100)],
            gap: words.t("no.such.key"),
          };
        }""",
        [entries, language],
    )
    assert found["unknown"] == ["–"] * 4
    assert found["zero"] == "0"
    assert found["share"] == "26%"
    # so few could be told apart one by one
    assert found["few"] == entries["few"]
    assert found["nobody"] == "0"
    assert found["noon"] == "12:00:00"
    now = entries["ago.now"]
    assert found["ages"][0] == entries["ago.never"]
    assert found["ages"][1] == now
    assert found["ages"][2] == entries["ago.s"].replace("{n}", "30")
    assert found["ages"][3] == entries["ago.h"].replace("{n}", "2")
    assert found["ages"][4] == now
    assert found["gap"] == "no.such.key"
