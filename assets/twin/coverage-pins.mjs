// Pins of coverage over the map: gaps by size, services open or closed, places for one more. A
// service can be dragged, which asks what that would change.

import { icon } from "./icons.mjs";
import { tellLanguage } from "./words.mjs";

const LEADS = [26, 46, 68, 90];

export class CoveragePins {
  /**
   * @param {HTMLElement} host
   * @param {import("./map.mjs").TwinMap} map
   * @param {object} on
   * @param {(pin: object) => void} on.choose a pin was clicked
   * @param {(pin: object, lonLat: number[], done: boolean) => void} on.drag
   */
  constructor(host, map, on) {
    this.map = map;
    this.on = on;
    this.box = document.createElement("div");
    this.box.className = "labels coverage-pins";
    host.append(this.box);
    this.pins = new Map();
    this.order = [];
  }

  /**
   * Shows these pins; those that were there keep their node.
   *
   * @param {{key: string, kind: string, at: number[], icon: string|null, title: string,
   *   text: string, classes: string, movable: boolean, chosen: boolean, action: string|null}[]} pins
   */
  show(pins) {
    const kept = new Map();
    for (const pin of pins) {
      const old = this.pins.get(pin.key);
      const item = old ?? { node: this.#node(pin.key) };
      const said = JSON.stringify([pin.title, pin.text, pin.classes, pin.icon, pin.chosen, pin.action]);
      // what is in the hand stays where the hand is
      Object.assign(item, pin, item === this.held ? { at: item.at } : {});
      if (item.said !== said) {
        item.said = said;
        this.#fill(item);
        item.size = null;
      }
      kept.set(pin.key, item);
    }
    for (const [key, item] of this.pins) if (!kept.has(key)) item.node.remove();
    this.pins = kept;
    this.order = [...kept.values()];
    this.schedule();
  }

  #node(key) {
    const node = document.createElement("div");
    node.className = "cov-pin";
    node.dataset.key = key;
    node.addEventListener("pointerdown", (event) => this.#grab(event, this.pins.get(key)));
    this.box.append(node);
    return node;
  }

  #fill(item) {
    const { node } = item;
    node.className = `cov-pin cov-pin-${item.kind} ${item.classes}${item.chosen ? " chosen" : ""}`;
    const main = document.createElement("button");
    main.type = "button";
    main.className = "cov-pin-main";
    const mark = document.createElement("i");
    mark.className = "cov-pin-mark";
    if (item.icon) mark.append(icon(item.icon));
    const title = document.createElement("b");
    title.textContent = item.title;
    tellLanguage(title);
    const text = document.createElement("span");
    text.textContent = item.text;
    main.append(mark, title, text);
    main.addEventListener("click", () => {
      if (!this.dragged) this.on.choose(item);
    });
    const stem = document.createElement("i");
    stem.className = "stem";
    node.replaceChildren(main, stem);
    if (item.action && item.chosen) {
      const act = document.createElement("button");
      act.type = "button";
      act.className = "cov-pin-act";
      act.textContent = item.action;
      act.addEventListener("pointerdown", (event) => event.stopPropagation());
      act.addEventListener("click", () => this.on.act(item));
      main.after(act);
    }
  }

  #grab(event, item) {
    if (!item?.movable || event.button) return;
    const from = [event.clientX, event.clientY];
    const spot = this.map.project(...item.at);
    if (!spot) return;
    this.dragged = false;
    const { node } = item;
    const move = (moved) => {
      const [dx, dy] = [moved.clientX - from[0], moved.clientY - from[1]];
      if (!this.dragged && Math.hypot(dx, dy) < 5) return;
      if (!this.dragged) {
        this.dragged = true;
        this.held = item;
        node.classList.add("held");
        node.setPointerCapture(event.pointerId);
      }
      const lonLat = this.map.viewport.unproject([spot[0] + dx, spot[1] + dy]);
      item.at = [...this.toMetres(lonLat), item.at[2] ?? 0];
      this.schedule();
      this.on.drag(item, lonLat, false);
    };
    const end = (ended) => {
      node.removeEventListener("pointermove", move);
      node.removeEventListener("pointerup", end);
      node.removeEventListener("pointercancel", end);
      node.classList.remove("held");
      if (this.dragged) {
        const { clientX, clientY } = ended;
        const lonLat = this.map.viewport.unproject(
          [spot[0] + clientX - from[0], spot[1] + clientY - from[1]]);
        this.on.drag(item, lonLat, true);
        setTimeout(() => { // after the click that ends a drag
          this.dragged = false;
          this.held = null;
        });
      }
    };
    node.addEventListener("pointermove", move);
    node.addEventListener("pointerup", end);
    node.addEventListener("pointercancel", end);
  }

  /** Metres from the origin of longitude and latitude. */
  toMetres([lon, lat]) {
    const [lon0, lat0] = this.map.origin;
    const per = 111194.9;
    return [(lon - lon0) * per * Math.cos((lat0 * Math.PI) / 180), (lat - lat0) * per];
  }

  schedule() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.place();
    });
  }

  place() {
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    const pad = this.map.camera?.padding ?? { left: 0, right: 0, top: 0, bottom: 0 };
    const taken = [];
    for (const item of this.order) {
      const spot = this.map.project(...item.at);
      const { node } = item;
      const out = !spot || spot[0] < pad.left || spot[0] > width - pad.right ||
        spot[1] < pad.top + 20 || spot[1] > height - pad.bottom + 8;
      node.hidden = out && item !== this.held;
      if (node.hidden || !spot) continue;
      node.classList.remove("tight");
      item.size ??= [node.offsetWidth, node.offsetHeight];
      const [w, h] = item.size;
      let placed = this.#find(spot, w, h, taken, [pad.left, width - pad.right]);
      if (!placed && item !== this.held) {
        // its shape stays, its words do not
        node.classList.add("tight");
        placed = this.#find(spot, 30, h, taken, [pad.left, width - pad.right]);
        if (!placed) {
          node.hidden = true;
          continue;
        }
      }
      placed ??= { lead: LEADS[0], box: null, x: spot[0] };
      if (placed.box) taken.push(placed.box);
      const wide = node.classList.contains("tight") ? 30 : w;
      node.style.transform =
        `translate(${(placed.x - wide / 2).toFixed(1)}px, ${(spot[1] - placed.lead - h).toFixed(1)}px)`;
      node.style.setProperty("--lead", `${placed.lead}px`);
      node.style.setProperty("--foot", `${(spot[0] - placed.x + wide / 2).toFixed(1)}px`);
    }
  }

  #find(spot, w, h, taken, [left, right]) {
    const x = Math.min(Math.max(spot[0], left + w / 2 + 4), right - w / 2 - 4);
    for (const lead of LEADS) {
      const foot = spot[1] - lead;
      const box = [x - w / 2 - 5, foot - h - 3, x + w / 2 + 5, foot + 3];
      if (!taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) {
        return { box, lead, x };
      }
    }
    return null;
  }

  destroy() {
    this.box.remove();
  }
}
