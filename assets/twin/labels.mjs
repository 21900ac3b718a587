// Names on the map as HTML: sharp type at any size, read by screen readers, never on top of another.

import { icon } from "./icons.mjs";

const MOST = { compound: 24, service: 8, road: 6, building: 24 };
const BUILDING_ZOOM = 18.6;

export class Labels {
  /** @param {HTMLElement} host @param {import("./map.mjs").TwinMap} map */
  constructor(host, map, { onPick, avoid } = {}) {
    this.map = map;
    this.avoid = avoid;
    this.box = document.createElement("div");
    this.box.className = "labels";
    host.append(this.box);
    this.items = [];
    this.onPick = onPick;
    this.pending = false;
    this.shown = true;
    this.without = null;
  }

  setTable(table) {
    const { texts, kinds, ids } = table.meta;
    const { positions, ranks, bearings } = table.columns;
    this.box.replaceChildren();
    this.items = texts.map((text, i) => ({
      text, kind: kinds[i], id: ids[i], rank: ranks[i], bearing: bearings[i],
      at: [positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]],
      node: null,
    }));
    this.items.sort((a, b) => a.rank - b.rank);
    this.schedule();
  }

  /** Forgets how large the labels are: the page's own type may have come. */
  measureAnew() {
    for (const item of this.items) item.size = null;
    this.schedule();
  }

  /** Places the labels once, before the next paint, however often it is asked. */
  schedule() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.place();
    });
  }

  #node(item) {
    if (item.node) return item.node;
    const pin = item.rank === 1;
    const node = document.createElement(pin ? "button" : "span");
    node.className = `label label-${["compound", "pin", "road", "building"][item.rank]}`;
    node.lang = "zh-CN";
    if (item.rank === 2 && /^[\x20-\u024f]+$/.test(item.text)) node.classList.add("label-latin");
    if (pin) {
      node.type = "button";
      node.append(icon(item.kind), document.createTextNode(item.text));
      const stem = document.createElement("i");
      stem.className = "stem";
      node.append(stem);
      node.addEventListener("click", () => this.onPick?.({ layer: "services", id: item.id, name: item.text }));
    } else node.textContent = item.text;
    this.box.append(node);
    item.node = node;
    return node;
  }

  place() {
    const zoom = this.map.viewport?.zoom ?? 0;
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    const pad = this.map.camera.padding;
    // whatever asks for attention comes first: names give way to the pins of incidents
    const taken = this.avoid?.() ?? [];
    const count = [0, 0, 0, 0];
    for (const item of this.items) {
      let spot = null;
      const limit = Object.values(MOST)[item.rank];
      const wanted = this.shown && item.id !== this.without && count[item.rank] < limit &&
        (item.rank !== 3 || zoom >= BUILDING_ZOOM) && (item.rank !== 1 || zoom > 14.5);
      if (wanted) spot = this.map.project(...item.at);
      if (spot && (spot[0] < pad.left || spot[0] > width - pad.right ||
          spot[1] < pad.top + 8 || spot[1] > height - pad.bottom + 8)) spot = null;
      if (!spot) {
        if (item.node) item.node.hidden = true;
        continue;
      }
      const node = this.#node(item);
      node.hidden = false;
      item.size ??= [node.offsetWidth, node.offsetHeight];
      const [w, h] = item.size;
      const turn = item.rank === 2 ? this.#streetAngle(item) : 0;
      const [sin, cos] = [Math.sin, Math.cos].map((f) => Math.abs(f((turn * Math.PI) / 180)));
      const [wide, tall] = [w * cos + h * sin, w * sin + h * cos];
      // a longer leader first, then no label
      const leads = item.rank === 1 ? [26, 46, 68, 90] : item.rank === 0 ? [0, 14, 34, 56, -34] : [0, 14];
      let placed = null;
      for (const lead of leads) {
        const foot = item.rank === 2 ? spot[1] + tall / 2 : spot[1] - lead;
        const box = [spot[0] - wide / 2 - 6, foot - tall - 3, spot[0] + wide / 2 + 6, foot + 3];
        if (!taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) {
          placed = { box, lead };
          break;
        }
      }
      if (!placed) {
        node.hidden = true;
        continue;
      }
      taken.push(placed.box);
      count[item.rank]++;
      const y = item.rank === 2 ? spot[1] - h / 2 : spot[1] - placed.lead - h;
      node.style.transform = `translate(${(spot[0] - w / 2).toFixed(1)}px, ${y.toFixed(1)}px) rotate(${turn.toFixed(1)}deg)`;
      if (item.rank === 1) node.style.setProperty("--lead", `${placed.lead}px`);
    }
  }

  /** Angle on the screen of a street's own direction, kept upright. */
  #streetAngle(item) {
    const a = (item.bearing * Math.PI) / 180;
    const from = this.map.project(...item.at);
    const to = this.map.project(item.at[0] + Math.sin(a) * 20, item.at[1] + Math.cos(a) * 20, item.at[2]);
    if (!from || !to) return 0;
    let angle = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
    if (angle > 90) angle -= 180;
    if (angle < -90) angle += 180;
    return angle;
  }
}
