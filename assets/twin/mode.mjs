// The mode of the whole community on every screen: a frame, a tint, a banner with what it watches.

import { icon } from "./icons.mjs";
import { getJson } from "./loading.mjs";

const AGAIN_MS = 30_000;

export class ModeBanner {
  /**
   * @param {HTMLElement} page
   * @param {import("./twin.mjs").Twin} twin
   */
  constructor(page, twin) {
    Object.assign(this, { page, twin });
    this.node = document.createElement("aside");
    this.node.className = "mode-banner";
    this.node.setAttribute("role", "status");
    this.node.hidden = true;
    document.body.append(this.node);
    page.addEventListener("click", this.#click);
    this.timer = setInterval(() => {
      if (this.kind) this.#ask();
    }, AGAIN_MS);
    if (page.querySelector("[data-mode-set]")) this.#ask();
  }

  destroy() {
    clearInterval(this.timer);
    this.page.removeEventListener("click", this.#click);
    this.node.remove();
    delete document.documentElement.dataset.mode;
  }

  /** Takes the mode that the stream tells. */
  refresh() {
    const mode = this.twin.store.layers.counters?.incidents?.mode ?? null;
    const key = JSON.stringify(mode);
    if (key === this.key) return;
    this.key = key;
    this.kind = mode?.k ?? null;
    this.until = mode?.until ?? null;
    if (this.kind) document.documentElement.dataset.mode = this.kind;
    else delete document.documentElement.dataset.mode;
    this.watch = null;
    this.#draw();
    if (this.kind || this.page.querySelector("[data-mode-set]")) this.#ask();
  }

  async #ask() {
    try {
      const told = await getJson(`${this.twin.api}/api/v1/mode`);
      this.version = told.version;
      this.watch = told.mode === this.kind ? told.watch : null;
    } catch (error) {
      console.warn(error.message); // the banner says the mode, the stream told it
    }
    this.#draw();
  }

  #draw() {
    const { words } = this.twin;
    for (const button of this.page.querySelectorAll("[data-mode-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.modeSet === (this.kind ?? "none")));
    }
    this.node.hidden = !this.kind;
    if (!this.kind) return;
    const title = document.createElement("b");
    title.textContent = words.t("mode.on", { mode: words.t(`mode.${this.kind}`) });
    const until = document.createElement("span");
    until.textContent = words.t("mode.until", { at: words.time(this.until).slice(0, 5) });
    const watch = document.createElement("span");
    watch.className = "mode-watch";
    watch.textContent = this.#facts().join(" · ");
    this.node.replaceChildren(icon(`mode_${this.kind}`), title, until, watch);
  }

  #facts() {
    const { watch } = this;
    const { words } = this.twin;
    if (!watch) return [];
    const count = (value) => (typeof value === "string" ? value : words.format(value));
    return [
      watch.shelters ? words.t("mode.watch.shelters", { open: watch.shelters_open, n: watch.shelters }) : null,
      watch.places ? words.t("mode.watch.places", { n: count(watch.places) }) : null,
      watch.buildings ? words.t("mode.watch.buildings", { n: watch.buildings }) : null,
      watch.over_60 !== null && watch.buildings ? words.t("mode.watch.over_60", { n: count(watch.over_60) }) : null,
      watch.devices ? words.t("mode.watch.silent", { n: watch.silent, of: watch.devices }) : null,
      words.t("mode.watch.incidents", { n: watch.incidents }),
    ].filter(Boolean);
  }

  #click = async (event) => {
    const wanted = event.target.closest("[data-mode-set]")?.dataset.modeSet;
    if (!wanted) return;
    const { words, api } = this.twin;
    const said = this.page.querySelector("[data-mode-said]");
    const field = this.page.querySelector(".mode-desk input.incident-text, .mode-desk .incident-text input");
    const reason = field?.value.trim() ?? "";
    if (!reason) {
      said.textContent = words.t("mode.reason.needed");
      field?.focus();
      return;
    }
    const for_s = Number(this.page.querySelector("[data-mode-for]").value);
    try {
      const response = await fetch(`${api}/api/v1/mode`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ mode: wanted === "none" ? null : wanted, reason, version: this.version,
          ...(wanted === "none" ? {} : { for_s }) }),
      });
      const body = await response.json();
      said.textContent = response.ok ? words.t("mode.done")
        : response.status === 409 ? words.t("mode.stale") : body.error ?? words.t("incidents.failed");
      if (response.ok) this.version = body.version;
      else this.#ask();
    } catch {
      said.textContent = words.t("incidents.failed");
    }
  };
}
