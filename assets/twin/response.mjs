// Who comes to an incident: asks the server, draws the way on the map and says it beside it.

import { icon } from "./icons.mjs";
import { getJson } from "./loading.mjs";
import { severityMark } from "./incidents.mjs";
import { BEAM_M, PULSE_S, walk } from "./response-layers.mjs";
import { tellLanguage } from "./words.mjs";

const AGAIN_MS = 20_000; // gates may stand otherwise by then
const PULSE_MS = 80;
const SMOOTH_MS = 30; // a slower picture stays still

/** When somebody is there, and how that stands to the limit. Numbers reconcile: limit - elapsed = left. */
export function reckon(told, row, now) {
  const response = told?.response;
  const ended = row?.end ?? told?.end ?? null;
  if (!response) return null;
  const travel = response.responder?.travel_s ?? null;
  const began = response.began ?? told.since;
  const there = response.there ?? null;
  const leaves = response.sent ?? now;
  const arrives = there ?? (travel === null ? null : Math.max(leaves + travel, response.sent ? now : 0));
  const limit = response.limit_s;
  return {
    limit, began, there, travel, arrives, ended,
    elapsed: Math.max(0, (there ?? now) - began),
    left: limit === null ? null : began + limit - (there ?? now),
    sent: response.sent ?? null,
    coming: arrives === null ? null : Math.max(0, arrives - now),
    early: limit === null || arrives === null ? null : began + limit - arrives,
  };
}

export class ResponseView {
  /** @param {import("./twin.mjs").Twin} twin */
  constructor(twin) {
    this.twin = twin;
    this.id = null;
    this.told = null;
    this.box = document.createElement("div");
    this.box.className = "labels response-labels";
    twin.host.append(this.box);
    this.timer = setInterval(() => this.tick(), 1000);
  }

  destroy() {
    clearInterval(this.timer);
    clearInterval(this.pulsing);
    this.box.remove();
    this.twin.map?.setResponse?.(null);
  }

  /** Shows an incident, or none. @returns {Promise<object|null>} what the server told of it */
  async show(id) {
    if (id === this.id) return this.told;
    this.id = id;
    this.told = null;
    this.#draw();
    return id ? this.#ask() : null;
  }

  /** The rows changed: asks again where this incident's did. */
  refresh() {
    const row = this.twin.store.layers.incidents?.[this.id];
    if (this.id && row && row.v !== this.version) this.#ask();
  }

  async #ask() {
    const { id, twin } = this;
    this.asked = performance.now();
    this.version = twin.store.layers.incidents?.[id]?.v;
    let told = null;
    try {
      told = await getJson(`${twin.api}/api/v1/incidents/${encodeURIComponent(id)}`);
    } catch (error) {
      console.warn(error.message); // what is known already stays
    }
    if (id !== this.id || !told) return this.told;
    this.told = told;
    this.#draw();
    this.onTold?.(told);
    return told;
  }

  get row() {
    return this.twin.store.layers.incidents?.[this.id] ?? this.told;
  }

  tick() {
    if (!this.id) return;
    if (performance.now() - this.asked > AGAIN_MS) this.#ask();
    this.#draw();
  }

  #draw() {
    const { twin, told, row } = this;
    const response = told?.response;
    if (!response?.at || row?.end) {
      this.box.replaceChildren();
      this.model = null;
      this.#pulse(false);
      twin.map?.setResponse?.(null);
      return;
    }
    const now = twin.store.now();
    const count = reckon(told, row, now);
    const path = response.responder && !response.there ? response.responder.path : null;
    const walked = response.sent && path ? (now - response.sent) * response.responder.speed_mps : 0;
    const share = count.limit === null || count.there ? null : Math.max(0, Math.min(1, count.left / count.limit));
    this.model = {
      at: response.at, severity: row.sev, area: response.area_m, share, path,
      walked: Math.max(0, walked),
    };
    this.#labels(response, path);
    twin.map?.setResponse?.(this.model, this.pulse ?? null);
    this.#pulse(row.sev === 1);
  }

  /** Rings that spread, for the most urgent; a slow or calm machine shows two that stand still. */
  #pulse(on) {
    const { map } = this.twin;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || (map?.frameMs ?? 0) > SMOOTH_MS;
    if (!on || calm || document.hidden) {
      clearInterval(this.pulsing);
      this.pulsing = null;
      const wanted = on ? PULSE_S + 1 : null;
      if (wanted !== (this.pulse ?? null)) {
        this.pulse = wanted;
        map?.setResponse?.(this.model, this.pulse);
      }
      return;
    }
    this.pulsing ??= setInterval(() => {
      this.pulse = (performance.now() / 1000) % PULSE_S;
      map?.setResponse?.(this.model, this.pulse);
    }, PULSE_MS);
  }

  #labels(response, path) {
    const { words } = this.twin;
    const { row } = this;
    const wanted = [{
      key: "what", at: [...this.model.at.slice(0, 2), row.sev === 1 ? BEAM_M : 8], sev: row.sev,
      bold: this.twin.incidents.title(row), text: "",
    }];
    if (path) {
      const { who, name } = response.responder;
      const [spot, rest] = walk(path, this.model.walked);
      const text = words.t("response.rest", { m: words.format(Math.round(rest)) });
      wanted.push({ key: "who", at: spot, glyph: RESPONDER_ICONS[who] ?? "people",
        bold: words.t(`responder.${who}`), text: who === "guard" || who === "grid_worker"
          ? `${name} · ${text}` : text });
    }
    for (const camera of (response.linked?.cameras ?? []).slice(0, 2)) {
      const at = this.twin.way.spot(camera.layer, camera.id);
      if (at) wanted.push({ key: camera.id, at, glyph: "camera", text: camera.name });
    }
    const key = JSON.stringify(wanted.map(({ key: k, bold, text }) => [k, bold, text]));
    if (key !== this.drawn || !this.box.children.length) {
      this.drawn = key;
      this.box.replaceChildren(...wanted.map((label) => {
        const node = document.createElement("div");
        node.className = ["who", "what"].includes(label.key)
          ? `response-label response-${label.key}` : "response-label";
        if (label.sev) node.classList.add(`response-sev-${label.sev}`);
        node.append(label.sev ? severityMark(label.sev) : icon(label.glyph));
        if (label.bold) node.append(Object.assign(document.createElement("b"), { textContent: label.bold }));
        if (label.text) {
          const text = Object.assign(document.createElement("span"), { textContent: label.text });
          tellLanguage(text);
          node.append(text);
        }
        return node;
      }));
    }
    this.spots = wanted.map(({ at }) => at);
    this.place();
  }

  /** Puts the labels where the camera shows their places; one that would cover another steps aside. */
  place() {
    const { map } = this.twin;
    if (!map || map.flat || !this.spots) return;
    const taken = [];
    [...this.box.children].forEach((node, k) => {
      const at = this.spots[k];
      const spot = at && map.project(at[0], at[1], (at[2] ?? 0) + 3);
      node.hidden = !spot;
      if (!spot) return;
      const { offsetWidth: w, offsetHeight: h } = node;
      const x = spot[0] - w / 2;
      const above = spot[1] - h - (k ? 18 : 2);
      const free = (y) => !taken.some(([a, b, c, d]) => x < a + c && x + w > a && y < b + d && y + h > b);
      // what happened stays over its beam; the others step up or down to where there is room
      const y = [above, above - h - 8, spot[1] + 24, above - 2 * h - 16].find(free);
      node.hidden = y === undefined;
      if (node.hidden) return;
      taken.push([x, y, w, h]);
      node.style.transform = `translate(${x.toFixed(0)}px, ${y.toFixed(0)}px)`;
    });
  }
}

export const RESPONDER_ICONS = {
  fire_station: "fire_station", guard: "gate", clinic: "health_station",
  grid_worker: "service_centre", police: "police",
};
