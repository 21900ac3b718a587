// Far out, marks that would lie on top of each other become one badge: how many, and the worst of them.

import { markClass } from "./panels.mjs";

export const CLUSTER_ZOOM = 15.3;
const CELL_PX = 84;
const MOST = 160;
const LAYERS = ["entrances", "gates", "plate_cameras", "devices"];
const EARTH_M = 40.03e6;

/** How much a mark wants a look; the greater is kept when many become one. */
export function urgency(row) {
  if (row?.s === "alarm") return 5;
  if (row?.s === "forced") return 4;
  if (row?.s === "held") return 3;
  if (row?.s === "fault") return 2;
  if (!row || row.h === "silent" || row.s === "offline") return 1;
  return 0;
}

/**
 * Groups marks by a grid on the ground.
 *
 * @param {{layer: string, ids: string[], positions: Float32Array}[]} tables
 * @param {Record<string, Record<string, object>>} rows live rows by layer and id
 * @param {number} cell metres
 * @returns {{x: number, y: number, count: number, layer: string, id: string, row: object, worst: number}[]}
 */
export function clusterMarks(tables, rows, cell) {
  const cells = new Map();
  for (const { layer, ids, positions } of tables) {
    ids.forEach((id, k) => {
      const [x, y] = [positions[k * 3], positions[k * 3 + 1]];
      const key = `${Math.floor(x / cell)}:${Math.floor(y / cell)}`;
      const row = rows[layer]?.[id];
      const worst = urgency(row);
      const found = cells.get(key);
      if (!found) cells.set(key, { x, y, count: 1, layer, id, row, worst });
      else {
        found.count++;
        found.x += (x - found.x) / found.count;
        found.y += (y - found.y) / found.count;
        if (worst > found.worst) Object.assign(found, { layer, id, row, worst });
      }
    });
  }
  return [...cells.values()];
}

export class Clusters {
  /** @param {HTMLElement} host @param {import("./map.mjs").TwinMap} map */
  constructor(host, map, { words, onGoto }) {
    this.map = map;
    this.words = words;
    this.onGoto = onGoto;
    this.box = document.createElement("div");
    this.box.className = "labels clusters";
    host.append(this.box);
    this.found = [];
    this.on = false;
  }

  /** Follows the camera: which marks are one depends on the zoom, where they stand on the view. */
  follow() {
    const zoom = this.map.viewport?.zoom;
    if (zoom === undefined) return;
    const on = zoom < CLUSTER_ZOOM;
    const level = Math.round(zoom * 2) / 2;
    if (on !== this.on) {
      this.on = on;
      this.map.cluster(on);
      if (!on) this.box.replaceChildren();
    }
    if (!on) return;
    if (level !== this.level) {
      this.level = level;
      this.refresh();
    } else this.place();
  }

  /** Groups anew: another zoom, other states, other layers. */
  refresh() {
    if (!this.on) return;
    const { tables, rows, view, origin } = this.map;
    const shown = LAYERS.filter((name) => tables[name]?.length && !view.hidden.has(name));
    const perPixel = (EARTH_M * Math.cos((origin[1] * Math.PI) / 180)) / (512 * 2 ** this.level);
    this.found = clusterMarks(shown.map((layer) => ({
      layer, ids: tables[layer].meta.ids, positions: tables[layer].columns.positions,
    })), rows, CELL_PX * perPixel).sort((a, b) => b.worst - a.worst || b.count - a.count).slice(0, MOST);
    this.box.replaceChildren(...this.found.map((cluster) => this.#badge(cluster)));
    this.place();
  }

  #badge(cluster) {
    const node = document.createElement("button");
    node.type = "button";
    node.className = `cluster${cluster.worst ? " worst" : ""}`;
    const mark = document.createElement("i");
    mark.className = markClass(cluster.layer, cluster.row);
    const count = document.createElement("span");
    count.textContent = this.words.format(cluster.count);
    node.append(mark, count);
    node.setAttribute("aria-label", this.words.t("cluster.label", { n: cluster.count }));
    node.addEventListener("click", () => this.onGoto(cluster));
    cluster.node = node;
    return node;
  }

  place() {
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    for (const cluster of this.found) {
      const spot = this.map.project(cluster.x, cluster.y, 6);
      const out = !spot || spot[0] < 0 || spot[1] < 0 || spot[0] > width || spot[1] > height;
      cluster.node.hidden = out;
      if (!out) cluster.node.style.transform =
        `translate(${spot[0].toFixed(0)}px, ${spot[1].toFixed(0)}px) translate(-50%, -50%)`;
    }
  }
}
