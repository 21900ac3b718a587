"""The browser's reducer and its live store, by the fixtures that the server's reducer passes."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "wire"
# a store whose network is this test's own
FAKE = """
  const { LiveStore } = await import("/assets/twin/stream.mjs");
  const snapshots = [];
  const connections = [];
  let listeners = {};
  globalThis.SharedWorker = undefined;
  globalThis.EventSource = class {
    constructor(url) { this.url = url; listeners = {}; }
    addEventListener(type, f) { listeners[type] = f; }
    close() {}
  };
  let answer = null;
  globalThis.fetch = async (url) => {
    snapshots.push(url);
    return { ok: true, json: async () => structuredClone(answer) };
  };
  const store = new LiveStore("", {
    snapshot() {}, patch() {}, connection: (state) => connections.push(state),
  });
  const send = (type, data) => listeners[type]({ data: JSON.stringify(data), lastEventId: "" });
  const settle = () => new Promise((done) => setTimeout(done, 5));
"""


def cases(name):
    found = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in found]


@pytest.mark.parametrize("case", cases("patches"))
def test_patches_lead_from_the_snapshot_to_what_is_expected(run_js, case):
    layers, untouched = run_js(
        """async ({ snapshot, patches }) => {
          const { applyPatch } = await import("/assets/twin/reduce.mjs");
          const sent = JSON.stringify(patches);
          // tables are written in place, rows never
          for (const rows of Object.values(snapshot.layers)) Object.values(rows).map(Object.freeze);
          let layers = snapshot.layers;
          for (const patch of patches) layers = applyPatch(layers, patch).layers;
          return [layers, JSON.stringify(patches) === sent];
        }""",
        case,
    )
    assert layers == case["expected"]["layers"]
    assert untouched, "it changed the patches"


@pytest.mark.parametrize("case", cases("sequence"))
def test_a_gap_makes_the_store_take_a_snapshot(run_js, case):
    layers, taken = run_js(
        f"""async ({{ snapshot, patches }}) => {{
          {FAKE}
          answer = snapshot;
          await store.start();
          for (const patch of patches) send("patch", patch);
          const layers = store.layers;
          await settle();
          store.stop();
          return [layers, snapshots.length];
        }}""",
        case,
    )
    if case["expected"] is None:
        assert taken == 2
    else:
        assert taken == 1
        assert layers == case["expected"]["layers"]


def test_untouched_rows_keep_their_identity_and_touched_ids_are_told(run_js):
    same, changed = run_js(
        """async () => {
          const { applyPatch } = await import("/assets/twin/reduce.mjs");
          const layers = { x: { 0: { s: "ok" }, 1: { s: "ok" } }, y: {} };
          const patch = { c: { x: { 0: { s: "fault" } } } };
          const { layers: next, changed } = applyPatch(layers, patch);
          const same = next.x[1] === layers.x[1] && next.y === layers.y;
          return [same, changed];
        }"""
    )
    assert same
    assert changed == {"x": ["0"]}


def test_reset_and_patches_that_come_meanwhile(run_js):
    layers, seq, taken = run_js(
        f"""async () => {{
          {FAKE}
          answer = {{ v: 1, epoch: "a", seq: 3, at: 1, layers: {{ x: {{ 0: {{ n: 1 }} }} }} }};
          await store.start();
          answer = {{ v: 1, epoch: "b", seq: 5, at: 2, layers: {{ x: {{ 0: {{ n: 5 }} }} }} }};
          send("reset", {{ v: 1, epoch: "b", seq: 5 }});
          // both wait for the snapshot; the first is in it already
          send("patch", {{ v: 1, epoch: "b", seq: 5, at: 2, c: {{ x: {{ 0: {{ n: 4 }} }} }} }});
          send("patch", {{ v: 1, epoch: "b", seq: 6, at: 2, c: {{ x: {{ 0: {{ n: 6 }} }} }} }});
          await settle();
          store.stop();
          return [store.layers, store.seq, snapshots.length];
        }}"""
    )
    assert layers == {"x": {"0": {"n": 6}}}
    assert seq == 6
    assert taken == 2


def test_packed_patches_are_taken_in_the_order_they_came(run_js):
    patches = [
        {"v": 1, "epoch": "a", "seq": n, "at": n, "c": {"x": {"0": {"n": n, "w": "一单元" * 400}}}}
        for n in (4, 5, 6)
    ]
    deflate = [zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS) for _ in patches]
    packed = [
        base64.b64encode(d.compress(json.dumps(p).encode()) + d.flush()).decode()
        for d, p in zip(deflate, patches, strict=True)
    ]
    layers, seqs, taken = run_js(
        f"""async ([patches, packed]) => {{
          {FAKE}
          answer = {{ v: 1, epoch: "a", seq: 3, at: 1, layers: {{ x: {{ 0: {{ n: 3 }} }} }} }};
          const seqs = [];
          store.on.patch = () => seqs.push(store.seq);
          await store.start();
          listeners.packed({{ data: packed[0], lastEventId: "" }});
          // a small one right behind a large one must not pass it
          listeners.patch({{ data: JSON.stringify(patches[1]), lastEventId: "" }});
          listeners.packed({{ data: packed[2], lastEventId: "" }});
          for (let i = 0; i < 100 && store.seq < 6; i++) await settle();
          store.stop();
          return [store.layers, seqs, snapshots.length];
        }}""",
        [patches, packed],
    )
    assert seqs == [4, 5, 6]
    assert taken == 1
    assert layers["x"]["0"] == {"n": 6, "w": "一单元" * 400}
