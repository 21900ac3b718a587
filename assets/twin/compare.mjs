// Two moments side by side: what changed, as counts, as a list and as rings on the map.

import { getJson } from "./loading.mjs";
import { tellLanguage } from "./words.mjs";

const SHOWN = 60;
const RINGS = 80;

export class Compare {
  /** @param {HTMLElement} page @param {import("./twin.mjs").Twin} twin */
  constructor(page, twin) {
    Object.assign(this, { page, twin, words: twin.words });
    this.rings = [];
    this.box = Object.assign(document.createElement("section"), { className: "card compare" });
    this.box.hidden = true;
    page.append(this.box);
    this.layer = Object.assign(document.createElement("div"), { className: "labels compare-rings" });
    twin.host.append(this.layer);
  }

  /** Moment A, epoch seconds; null while nothing is compared. */
  start(at) {
    this.from = at;
    this.show(at);
  }

  stop() {
    this.from = null;
    this.box.hidden = true;
    this.rings = [];
    this.layer.replaceChildren();
  }

  destroy() {
    this.stop();
    this.box.remove();
    this.layer.remove();
  }

  /** Compares A with another moment; null is now. */
  async show(at) {
    const { from, words } = this;
    if (!from) return;
    this.box.hidden = false;
    if (at === from) {
      this.#fill(words.t("compare.choose", { at: words.hm(from) }), []);
      return;
    }
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const iso = (s) => encodeURIComponent(new Date(Math.round(s * 1000)).toISOString());
    let told;
    try {
      told = await getJson(`${this.twin.api}/api/v1/compare?a=${iso(from)}${at ? `&b=${iso(at)}` : ""}`);
    } catch {
      if (turn === this.turn) this.#fill(words.t("machine.failed"), []);
      return;
    }
    if (turn !== this.turn || !this.from) return;
    const [a, b] = [words.hm(from), at ? words.hm(at) : words.t("compare.now")];
    this.#fill(`${a} → ${b}`, [this.#counts(told.counts, a, b), ...this.#list(told)]);
    this.#ring(told.changed);
  }

  #fill(title, children) {
    const head = document.createElement("header");
    head.className = "card-head";
    const name = document.createElement("h2");
    name.className = "card-title";
    name.textContent = `${this.words.t("compare.title")} · ${title}`;
    const close = Object.assign(document.createElement("button"), {
      type: "button", className: "preset", textContent: this.words.t("compare.end"),
    });
    close.addEventListener("click", () => this.stop());
    head.append(name, close);
    this.box.replaceChildren(head, ...children);
  }

  #counts(counts, a, b) {
    const table = document.createElement("table");
    table.className = "compare-counts";
    const row = (cells, tag = "td") => {
      const tr = document.createElement("tr");
      cells.forEach((text, k) => {
        const cell = document.createElement(k ? tag : "th");
        cell.textContent = text;
        tr.append(cell);
      });
      return tr;
    };
    table.append(row(["", a, b, "±"], "th"), ...counts.map((one) => {
      const known = one.a !== null && one.b !== null;
      const d = known ? one.b - one.a : null;
      return row([
        this.words.t(`compare.${one.of}.${one.name}`), this.words.format(one.a),
        this.words.format(one.b), d === null ? "–" : d > 0 ? `+${d}` : String(d),
      ]);
    }));
    return table;
  }

  #list({ changed, more }) {
    const { words, twin } = this;
    const list = document.createElement("ul");
    list.className = "rows compare-list";
    const state = (layer, s) => {
      if (s === null) return words.t("compare.absent");
      const key = layer === "incidents" ? `incident_state.${s}`
        : layer === "services" ? `service.${s}` : `state.${s}`;
      return words.has(key) ? words.t(key) : s;
    };
    for (const { layer, id, a, b } of changed.slice(0, SHOWN)) {
      const li = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "row-button";
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = layer === "incidents" ? `${words.t("machine.incident")} ${id}`
        : twin.panels.names(layer, id);
      tellLanguage(name);
      const told = document.createElement("span");
      told.className = "state";
      told.textContent = `${state(layer, a)} → ${state(layer, b)}`;
      button.append(name, told);
      button.addEventListener("click", () => twin.goTo({ layer, id }));
      li.append(button);
      list.append(li);
    }
    const rest = Math.max(0, changed.length - SHOWN) + more;
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = changed.length === 0 ? words.t("compare.same")
      : rest ? words.t("compare.more", { n: rest }) : "";
    return [list, note];
  }

  #ring(changed) {
    const { map } = this.twin;
    this.rings = map && !map.flat ? changed.slice(0, RINGS).flatMap(({ layer, id }) => {
      const at = this.twin.way.spot(layer, id);
      return at ? [{ at, node: Object.assign(document.createElement("i"), { className: "compare-ring" }) }] : [];
    }) : [];
    this.layer.replaceChildren(...this.rings.map((ring) => ring.node));
    this.place();
  }

  /** Puts the rings where the camera shows their places. */
  place() {
    for (const { at, node } of this.rings) {
      const spot = this.twin.map.project(at[0], at[1], (at[2] ?? 0) + 2);
      node.hidden = !spot;
      if (spot) node.style.transform = `translate(${spot[0].toFixed(0)}px, ${spot[1].toFixed(0)}px)`;
    }
  }
}
