"""The live colours of marks: written to the GPU when something looks other than before."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_marks_are_written_when_they_look_other_than_before_and_only_then(run_js):
    told = run_js(
        """async () => {
          const { MarkColours } = await import("/assets/twin/marks.mjs");
          const { markStyle, THEMES } = await import("/assets/twin/style.mjs");
          const ids = ["e0", "e1", "e2"];
          const colours = new MarkColours({ layer: "entrances", length: 3, meta: { ids } });
          const writes = [];
          colours.buffer = { write: (bytes) => writes.push([...bytes]) };
          const row = (s, t) => ({ s, h: "heard", t });
          const rows = { e0: row("closed", 1), e1: row("open", 1), e2: row("closed", 1) };
          const expected = (theme) => ids.flatMap((id) => {
            const [colour, shape] = markStyle("entrances", rows[id]);
            return [...THEMES[theme].marks[colour], shape];
          });
          const steps = [];
          const step = (paint) => {
            paint();
            const before = writes.length;
            steps.push([colours.flush(), writes.length - before]);
          };
          const { dark, day } = THEMES;
          step(() => colours.paintAll(rows, dark.marks));
          const first = [writes.at(-1), expected("dark")];
          rows.e1 = row("open", 2);  // it only spoke again
          step(() => colours.paint(["e1", "nobody"], rows, dark.marks));
          rows.e0 = row("forced", 3);
          step(() => colours.paint(["e0", "e1"], rows, dark.marks));
          const second = [writes.at(-1), expected("dark")];
          step(() => colours.paintAll(rows, day.marks));
          return { steps, first, second, third: [writes.at(-1), expected("day")] };
        }"""
    )
    assert told["steps"] == [[True, 1], [False, 0], [True, 1], [True, 1]]
    for name in ("first", "second", "third"):
        found, expected = told[name]
        assert found == expected
