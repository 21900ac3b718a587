// Incidents on the page: the list, its counts, and the pins on the map with their clocks.

import { linkRow } from "./row-link.mjs";
import { tellLanguage } from "./words.mjs";

export const OPEN_STATES = ["new", "acknowledged", "in_progress"];
const MOST_PINS = 24;
const SVG = "http://www.w3.org/2000/svg";
const RING = 2 * Math.PI * 15;

/** Shapes by severity, told apart without colour: octagon, triangle, diamond, ring. */
const SHAPES = {
  1: "M13 4H23L32 13V23L23 32H13L4 23V13Z",
  2: "M18 4L33 31H3Z",
  3: "M18 3L33 18L18 33L3 18Z",
  4: "M18 5A13 13 0 1 0 18 31A13 13 0 1 0 18 5Z",
};
const SIGNS = { 1: "M18 10V20M18 25V26", 2: "M18 13V22M18 26V27" };

/** @param {object} row @returns {boolean} whether it is to be dealt with and not hidden */
export function isOpen(row) {
  return OPEN_STATES.includes(row.s) && !row.hid;
}

/** The clock that runs: until the first response, then until the end. @returns {{from: number, due: number}} */
export function clockOf(row) {
  return row.resp ? { from: row.since, due: row.due } : { from: row.since, due: row.due_r };
}

/** Worst first, then by the time that is left. */
export function compareIncidents([, a], [, b]) {
  return a.sev - b.sev || clockOf(a).due - clockOf(b).due || a.since - b.since;
}

/** Open incidents of the store, in the order in which they want a look. */
export function openIncidents(layers) {
  return Object.entries(layers.incidents ?? {}).filter(([, row]) => isOpen(row))
    .sort(compareIncidents);
}

/** The shape of a severity as an SVG, with the clock as a ring around it where one is given. */
export function severityMark(sev, { ring = null } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", ring === null ? "0 0 36 36" : "-6 -6 48 48");
  svg.setAttribute("class", `sev sev-${sev}`);
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", SHAPES[sev] ?? SHAPES[4]);
  shape.setAttribute("class", "sev-shape");
  svg.append(shape);
  if (SIGNS[sev]) {
    const sign = document.createElementNS(SVG, "path");
    sign.setAttribute("d", SIGNS[sev]);
    sign.setAttribute("class", "sev-sign");
    svg.append(sign);
  }
  if (ring !== null) svg.append(ringArc("sev-track", 1), ringArc("sev-ring", ring));
  return svg;
}

function ringArc(name, share) {
  const circle = document.createElementNS(SVG, "circle");
  for (const [key, value] of Object.entries({ cx: 18, cy: 18, r: 21, class: name })) {
    circle.setAttribute(key, String(value));
  }
  circle.setAttribute("transform", "rotate(-90 18 18)");
  circle.setAttribute("pathLength", String(RING));
  circle.setAttribute("stroke-dasharray", `${(RING * share).toFixed(1)} ${RING.toFixed(1)}`);
  return circle;
}

/** How much of the running clock is left, 0 to 1. */
export function shareLeft(row, now) {
  const { from, due } = clockOf(row);
  return Math.min(1, Math.max(0, (due - now) / Math.max(1, due - from)));
}

export class Incidents {
  /**
   * @param {HTMLElement} page
   * @param {{store: object, words: object, names: Function, map: object|null, host: HTMLElement,
   *   locate: (layer: string, id: string) => number[]|null, onGoto: (to: object) => void}} options
   */
  constructor(page, options) {
    Object.assign(this, options);
    this.page = page;
    this.pins = new Map();
    this.box = document.createElement("div");
    this.box.className = "labels incident-pins";
    if (this.map) this.host.append(this.box);
    this.timer = setInterval(() => this.tick(), 1000);
  }

  destroy() {
    clearInterval(this.timer);
    this.box.remove();
  }

  /** Takes the rows as they are now: after a snapshot or a patch that touched incidents. */
  refresh() {
    const open = openIncidents(this.store.layers);
    this.open = open;
    const counts = this.store.layers.counters?.incidents;
    for (const node of this.page.querySelectorAll("[data-severity]")) {
      const text = this.words.format(counts?.by?.[node.dataset.severity] ?? null);
      if (node.textContent !== text) node.textContent = text;
    }
    for (const list of this.page.querySelectorAll("[data-list=incidents]")) this.#list(list, open);
    this.page.classList.toggle("has-incidents", open.length > 0);
    this.#pin(open.slice(0, MOST_PINS));
    this.tick();
  }

  /** What an incident is called, in words. */
  title(row) {
    const key = `incident.${row.k}`;
    return this.words.has(key) ? this.words.t(key) : row.k;
  }

  /** Where it is, in words; of a discreet kind its area alone. */
  placeName(row) {
    const [layer, id] = row.l ? [row.l, row.i] : row.a ?? [];
    return layer ? this.names(layer, id) : this.words.t("incidents.somewhere");
  }

  #list(list, open) {
    const most = Number(list.dataset.most ?? 5);
    const shown = open.slice(0, most);
    const kept = new Map([...list.children].map((node) => [node.dataset.key, node]));
    const nodes = shown.map(([id, row]) => {
      const version = `${row.v}:${row.n}:${row.s}`;
      const old = kept.get(id);
      if (old?.dataset.version === version) return old;
      const node = this.#row(id, row);
      node.dataset.key = id;
      node.dataset.version = version;
      return node;
    });
    if (nodes.some((node, k) => list.children[k] !== node) || list.children.length !== nodes.length) {
      list.replaceChildren(...nodes);
    }
    const note = list.parentElement.querySelector(".note.empty");
    if (note) {
      const shelved = this.store.layers.counters?.incidents?.shelved ?? 0;
      const more = open.length - shown.length;
      const texts = [
        open.length ? null : this.words.t("incidents.none"),
        more > 0 ? this.words.t("incidents.more", { n: more }) : null,
        shelved ? this.words.t("incidents.shelved", { n: shelved }) : null,
      ].filter(Boolean);
      note.hidden = !texts.length;
      note.textContent = texts.join(" · ");
    }
  }

  #row(id, row) {
    const li = document.createElement("li");
    li.className = "incident-row";
    const main = document.createElement("div");
    main.className = "row-main";
    const title = document.createElement("p");
    title.className = "row-title";
    title.textContent = row.n > 1 ? `${this.title(row)} ×${row.n}` : this.title(row);
    const detail = document.createElement("p");
    detail.className = "row-detail";
    const place = document.createElement("span");
    place.textContent = this.placeName(row);
    tellLanguage(place);
    detail.append(place, ` · ${this.words.t(`incident_state.${row.s}`)}`);
    main.append(title, detail);
    const left = document.createElement("span");
    left.className = "elapsed";
    left.dataset.left = id;
    li.append(severityMark(row.sev), main, left);
    linkRow(li, [title.textContent, place.textContent],
      () => this.onGoto({ layer: "incidents", id, name: this.title(row) }));
    return li;
  }

  /** Where an incident stands on the map, metres, or null. */
  at(row) {
    return (row.l && this.locate(row.l, row.i)) || (row.a && this.locate(...row.a)) || null;
  }

  #pin(open) {
    if (!this.map) return;
    const wanted = new Set(open.map(([id]) => id));
    for (const [id, pin] of this.pins) {
      if (wanted.has(id)) continue;
      pin.node.remove();
      this.pins.delete(id);
    }
    for (const [id, row] of open) {
      const at = this.at(row);
      if (!at) continue;
      const old = this.pins.get(id);
      if (old?.version === row.v) {
        Object.assign(old, { at, row });
        continue;
      }
      old?.node.remove();
      const node = document.createElement("button");
      node.type = "button";
      node.className = `incident-pin pin-${row.sev}`;
      node.setAttribute("aria-label", `${this.title(row)} ${this.placeName(row)}`);
      node.append(severityMark(row.sev, { ring: shareLeft(row, this.store.now()) }));
      node.addEventListener("click", () => this.onGoto({ layer: "incidents", id }));
      this.box.append(node);
      this.pins.set(id, { node, at, row, version: row.v });
    }
    this.place();
    this.onPinned?.();
  }

  /** Puts the pins where the camera shows their places. */
  place() {
    if (!this.map) return;
    for (const { node, at } of this.pins.values()) {
      const spot = this.#spot(at);
      node.hidden = !spot;
      if (spot) node.style.transform = `translate(${spot[0].toFixed(0)}px, ${spot[1].toFixed(0)}px)`;
    }
  }

  #spot(at) {
    return this.map.project(at[0], at[1], (at[2] ?? 0) + 4);
  }

  /** Where the pins stand on the screen, for names to give way: left, top, right, bottom. */
  boxes() {
    const found = [];
    for (const pin of this.pins.values()) {
      const spot = this.#spot(pin.at);
      pin.size ||= pin.node.offsetWidth;
      const half = pin.size / 2 + 4;
      if (spot) found.push([spot[0] - half, spot[1] - 2 * half, spot[0] + half, spot[1] + half * 0.6]);
    }
    return found;
  }

  tick() {
    const now = this.store.now();
    for (const node of this.page.querySelectorAll("[data-incident-mark]:empty")) {
      node.append(severityMark(Number(node.dataset.incidentMark)));
    }
    const rows = this.store.layers.incidents ?? {};
    for (const node of this.page.querySelectorAll("[data-left]")) {
      const row = rows[node.dataset.left];
      if (!row?.since) continue;
      const { due } = clockOf(row);
      const late = now > due;
      const text = late ? `+${this.words.span(now - due)}` : this.words.span(due - now);
      if (node.textContent !== text) node.textContent = text;
      node.classList.toggle("overdue", late);
    }
    for (const { node, row } of this.pins.values()) {
      const share = RING * shareLeft(row, now);
      node.querySelector(".sev-ring")?.setAttribute("stroke-dasharray",
        `${share.toFixed(1)} ${RING.toFixed(1)}`);
    }
  }
}
