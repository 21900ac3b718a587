// Shows on the map whom a walk reaches: buildings in the colours of coverage, as the server says.

import { BuildingPaint } from "./coverage-paint.mjs";

/** States of buildings as the answer packs them. @returns {Uint8Array} */
export function unpackStates(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

export class StoryGaps {
  /** @param {import("./twin.mjs").Twin} twin */
  constructor(twin) {
    this.twin = twin;
    this.on = false;
  }

  async toggle(coverage) {
    if (this.on) this.hide();
    else if (coverage) this.show(unpackStates(coverage.states));
  }

  /** @param {Uint8Array} states one a building */
  show(states) {
    const { map } = this.twin;
    const table = map?.tables?.buildings;
    if (!table || map.flat) return;
    this.paint ??= new BuildingPaint(table, () => map.redraw());
    if (!this.on) map.setPaint(this.paint);
    this.on = true;
    this.paint.show(states, document.documentElement.dataset.theme === "day" ? "day" : "dark");
  }

  hide() {
    if (!this.on) return;
    this.on = false;
    this.twin.map?.setPaint?.(null);
    this.paint?.destroy();
    this.paint = null;
  }
}
