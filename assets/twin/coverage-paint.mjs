// Buildings in the colours of coverage: bytes of our own, mixed over a moment, written to the GPU.

import { buildingColours } from "./scene.mjs";
import { mix } from "./style.mjs";

export const STATE = { now: 0, paper: 1, gap: 2, unknown: 3, aside: 4 };

// how a roof is dressed rides in the alpha byte (facade.mjs)
const PLAIN = 255;
const STRIPES = 254;
const HATCH = 253;
const MIX_MS = 400;

export const TINTS = {
  dark: { now: [63, 169, 155], paper: [58, 70, 83], gap: [226, 131, 198] },
  day: { now: [63, 169, 155], paper: [150, 163, 175], gap: [176, 48, 143] },
};

/** Colour and roof of a state on a wall of some colour, as four bytes. */
export function tint(base, state, theme) {
  const tints = TINTS[theme];
  if (state === STATE.now) return [...mix(base, tints.now, 0.52), PLAIN];
  if (state === STATE.paper) return [...mix(base, tints.paper, 0.55), STRIPES];
  if (state === STATE.gap) return [...mix(base, tints.gap, 0.72), PLAIN];
  return [...base, state === STATE.unknown ? HATCH : PLAIN];
}

let serial = 0;

/** The colours of the table of buildings while coverage is shown. */
export class BuildingPaint {
  /** @param {object} table the map's buildings @param {() => void} redraw asks for a frame */
  constructor(table, redraw) {
    this.table = table;
    this.redraw = redraw;
    this.serial = ++serial;
    this.bytes = new Uint8Array((table.columns.starts[table.length] ?? 0) * 4);
    this.buffer = null;
    this.walls = {};
    this.frame = 0;
  }

  /** Makes the GPU buffer on a (new) device. */
  attach(device, luma) {
    this.buffer = device.createBuffer({
      data: this.bytes,
      usage: luma.Buffer.VERTEX | luma.Buffer.COPY_DST,
    });
    return this.buffer;
  }

  /**
   * Goes over to other states.
   *
   * @param {Uint8Array} states one a row of the table
   * @param {"dark"|"day"} theme
   * @param {{paper?: boolean, atOnce?: boolean}} options `paper`: as it is on paper
   */
  show(states, theme, { paper = false, atOnce = false } = {}) {
    const starts = this.table.columns.starts;
    const walls = this.walls[theme] ??= buildingColours(this.table, theme);
    const wanted = new Uint8Array(this.bytes.length);
    for (let row = 0; row < this.table.length; row++) {
      let state = states[row] ?? STATE.aside;
      if (paper && state === STATE.paper) state = STATE.now;
      const first = starts[row] * 4;
      const look = tint([...walls.subarray(first, first + 3)], state, theme);
      for (let v = first; v < starts[row + 1] * 4; v += 4) wanted.set(look, v);
    }
    this.states = states;
    this.#mixTo(wanted, atOnce || !this.painted || matchMedia("(prefers-reduced-motion: reduce)").matches);
    this.painted = true;
  }

  #mixTo(wanted, atOnce) {
    cancelAnimationFrame(this.frame);
    const before = this.bytes.slice();
    const began = performance.now();
    const step = () => {
      const t = atOnce ? 1 : Math.min(1, (performance.now() - began) / MIX_MS);
      if (t === 1) this.bytes.set(wanted);
      else {
        for (let k = 0; k < wanted.length; k++) {
          // the roof's dress does not mix
          this.bytes[k] = k % 4 === 3 ? wanted[k] : before[k] + (wanted[k] - before[k]) * t;
        }
      }
      this.buffer?.write(this.bytes);
      this.redraw();
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    step();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.buffer = null;
  }
}
