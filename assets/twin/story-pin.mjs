// The pin of the present stop: its glyph and name over its place, clear of the map's own labels.

import { icon } from "./icons.mjs";

const LEAD_PX = 44;

export class StoryPin {
  /** @param {import("./twin.mjs").Twin} twin */
  constructor(twin) {
    this.twin = twin;
    this.node = document.createElement("div");
    this.node.className = "story-pin";
    this.node.hidden = true;
    twin.host.append(this.node);
  }

  show(stop, { select = true } = {}) {
    this.at = stop?.layer ? this.twin.map?.locate(stop.layer, stop.id) : null;
    if (this.twin.labels) {
      this.twin.labels.without = this.at ? stop.id : null;
      this.twin.labels.schedule();
    }
    if (select) this.twin.map?.select?.(this.at ? { layer: stop.layer, id: stop.id } : null);
    if (this.at) {
      const name = document.createElement("span");
      name.textContent = this.twin.words.t(`story.stop.${stop.key}.name`);
      const stem = document.createElement("i");
      stem.className = "stem";
      this.node.replaceChildren(icon(stop.icon), name, stem);
      this.lift = stop.layer === "services" ? 11 : stop.layer === "entrances" ? 3 : 5;
    }
    this.place();
  }

  place() {
    const spot = this.at && this.twin.map.project?.(this.at[0], this.at[1], this.lift);
    this.node.hidden = !spot;
    if (!spot) return;
    const { offsetWidth: w, offsetHeight: h } = this.node;
    this.node.style.transform =
      `translate(${(spot[0] - w / 2).toFixed(1)}px, ${(spot[1] - h - LEAD_PX).toFixed(1)}px)`;
  }

  destroy() {
    this.node.remove();
  }
}
