// The tables page: rows that follow the stream, a row and the map lead to each other, files.

import { stateText, valueItems } from "./panels.mjs";

const GRID = "tables-grid";
const CALM_MS = 2000;
const FEW = 5;

/** The live columns of a wire row, as dashboard/tables/rows.py makes them. */
export function liveValues(words, layer, row) {
  const known = row ?? {};
  if (layer === "parking") {
    return { free: known.free ?? null, capacity: known.cap ?? null, heard: known.t ?? null };
  }
  const values = {
    mark: !row || row.h === "silent" ? "silent" : row.s ?? "unknown",
    state: stateText(words, layer, row),
    heard: known.t ?? null,
  };
  if (layer === "services") {
    const { used = null } = known;
    return { ...values, used: used > 0 && used < FEW ? `<${FEW}` : used };
  }
  if (layer === "plate_cameras") return { ...values, reads: known.n ?? null };
  values.since = known.since ?? null;
  if (layer === "devices") {
    values.values = valueItems(words, layer, known).map((item) => item.join(" ")).join("; ");
  }
  return values;
}

class Table {
  constructor(holder, api, { store, words }) {
    Object.assign(this, { holder, api, store, words });
    this.page = document.getElementById("twin-page");
    this.layer = holder.dataset.tablesLayer;
    this.seen = new Map();
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const quick = document.getElementById("tables-quick");
    quick.addEventListener("input", () => this.#search(quick.value), { signal });
    this.page.addEventListener("click", (event) => {
      const form = event.target.closest?.("[data-export]")?.dataset.export;
      if (form) this.#export(form);
    }, { signal });
    api.addEventListener("rowClicked", ({ data }) => {
      if (!String(getSelection())) this.#open(data.id); // marking a text is no wish to leave
    });
    api.addEventListener("cellKeyDown", ({ data, event }) => {
      if (event.key === "Enter") this.#open(data.id);
    });
    api.addEventListener("modelUpdated", () => this.#count());
    this.#search(quick.value);
    this.tick();
    this.#select();
    this.#count();
    this.timer = setInterval(() => this.tick(), CALM_MS);
  }

  destroy() {
    clearInterval(this.timer);
    this.listeners.abort();
  }

  #search(text) {
    this.notice = null;
    this.api.setGridOption("quickFilterText", text);
  }

  /** Puts in what changed since; ages of the rows in sight move on. */
  tick() {
    if (!this.holder.isConnected || this.api.isDestroyed?.()) {
      this.destroy();
      return;
    }
    const rows = this.store.layers[this.layer] ?? {};
    const update = [];
    this.api.forEachNode(({ data }) => {
      const row = rows[data.id];
      if (!row || this.seen.get(data.id) === row) return;
      this.seen.set(data.id, row);
      const values = liveValues(this.words, this.layer, row);
      values.capacity ??= data.capacity;
      update.push({ ...data, ...values });
    });
    if (update.length) this.api.applyTransaction({ update });
    const ages = ["heard", "since"].filter((name) => this.api.getColumn(name));
    if (ages.length) this.api.refreshCells({ columns: ages, force: true });
  }

  #count() {
    let all = 0;
    this.api.forEachNode(() => all++);
    this.#say(this.notice ?? this.words.t("tables.count", {
      shown: this.words.format(this.api.getDisplayedRowCount()), all: this.words.format(all),
    }));
  }

  #say(text) {
    this.page.querySelector(".tables-count").textContent = text;
  }

  #place(id = null) {
    const asked = new URLSearchParams(location.search);
    asked.set("layer", this.layer);
    if (id) asked.set("id", id);
    else asked.delete("id");
    return `${location.pathname}?${asked}`;
  }

  /** The row that the address names, in sight and chosen. */
  #select() {
    const asked = new URLSearchParams(location.search);
    const id = asked.get("layer") === this.layer ? asked.get("id") : null;
    if (!id) {
      history.replaceState(history.state, "", this.#place());
      return;
    }
    const node = this.api.getRowNode(id);
    if (!node) {
      this.notice = this.words.t("tables.gone", { id });
      this.#count();
      return;
    }
    // through Dash, whose grid would put its own choice back
    window.dash_clientside.set_props(GRID, { selectedRows: { ids: [id] } });
    this.api.ensureNodeVisible(node, "middle");
  }

  /** To the thing on the map; the way back leads to its row. */
  #open(id) {
    history.replaceState(history.state, "", this.#place(id));
    const lang = this.page.dataset.lang === "en" ? "&lang=en" : "";
    const at = `${encodeURIComponent(this.layer)}/${encodeURIComponent(id)}`;
    history.pushState({}, "", `/manage?at=${at}${lang}`);
    // as Dash's own links tell its pages that the address changed
    dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  /** The rows that are shown, in their order, as a file from the server. */
  async #export(form) {
    const ids = [];
    this.api.forEachNodeAfterFilterAndSort((node) => ids.push(node.data.id));
    const lang = this.page.dataset.lang;
    try {
      const response = await fetch(
        `${this.page.dataset.api}/api/v1/tables/${this.layer}.${form}?lang=${lang}`,
        { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ids }) },
      );
      if (!response.ok) throw new Error(String(response.status));
      const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition"))?.[1];
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = name ?? `${this.layer}.${form}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch {
      this.#say(this.words.t("tables.failed"));
    }
  }
}

let shown = null;
let turn = 0;

/** Follows the grid that Dash has just put on the page. */
export async function draw() {
  const mine = ++turn;
  const api = await window.dash_ag_grid.getApiAsync(GRID);
  while (!globalThis.twin?.words || !globalThis.twin.store) {
    await new Promise((done) => setTimeout(done, 100));
  }
  const holder = document.querySelector("[data-tables-layer]");
  if (mine !== turn || !holder) return;
  shown?.destroy();
  shown = new Table(holder, api, globalThis.twin);
}
