// The search box: asks the server as somebody types, and flies to what was chosen.

import { icon } from "./icons.mjs";

const WAIT_MS = 120;
const MOST = 8;

export class SearchBox {
  /**
   * @param {HTMLElement} root the element that holds the input and the list
   * @param {{api: string, words: import("./words.mjs").Words, kindOf: (layer: string, id: string) => string,
   *   onGoto: (to: {layer: string, id: string, name: string}) => void}} options
   */
  constructor(root, options) {
    Object.assign(this, options);
    this.root = root;
    this.#build();
    this.hits = [];
    this.active = -1;
    this.asked = 0;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.input.addEventListener("input", () => this.#schedule(), { signal });
    this.input.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.input.addEventListener("focus", () => this.#open(this.hits.length > 0), { signal });
    root.addEventListener("focusout", (event) => {
      if (!root.contains(event.relatedTarget)) this.#open(false);
    }, { signal });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.input.focus();
      this.input.select();
    }, { signal });
  }

  /** A combobox as WAI-ARIA has it: the input keeps the focus, the list shows what is meant. */
  #build() {
    const { words } = this;
    const field = document.createElement("div");
    field.className = "find-field";
    this.input = document.createElement("input");
    Object.assign(this.input, {
      type: "search", placeholder: words.t("find.placeholder"), autocomplete: "off", maxLength: 64,
    });
    const states = {
      role: "combobox", "aria-expanded": "false", "aria-controls": "find-list",
      "aria-autocomplete": "list", "aria-label": words.t("find.placeholder"), spellcheck: "false",
    };
    for (const [name, value] of Object.entries(states)) this.input.setAttribute(name, value);
    const key = document.createElement("kbd");
    key.textContent = "/";
    key.setAttribute("aria-hidden", "true");
    field.append(icon("search"), this.input, key);
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: "find-list", className: "find-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", words.t("find.results"));
    this.status = document.createElement("p");
    this.status.className = "find-status";
    this.status.setAttribute("role", "status");
    this.why = document.createElement("input");
    Object.assign(this.why, { type: "text", className: "find-why", maxLength: 100, hidden: true });
    this.why.placeholder = words.t("find.why");
    this.why.setAttribute("aria-label", words.t("find.why"));
    this.why.addEventListener("change", () => this.#ask());
    this.trace = document.createElement("p");
    Object.assign(this.trace, { className: "find-trace", hidden: true });
    this.trace.textContent = words.t("find.trace");
    this.root.replaceChildren(field, this.why, this.trace, this.list, this.status);
  }

  destroy() {
    this.listeners.abort();
    clearTimeout(this.timer);
  }

  #schedule() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), WAIT_MS);
  }

  /** Plates that were found, as rows like any other; only with a reason there are any. */
  #vehicles(plates) {
    return (plates?.hits ?? []).map((hit) => ({
      layer: "vehicles", id: hit.vehicle, name: hit.plate, what: "", match: hit.match,
    }));
  }

  /** What might be a plate is looked up for those who say why; the search is written down. */
  #askWhy(on) {
    this.why.hidden = !on && !this.why.value;
    this.why.parentElement.querySelector(".find-trace").hidden = this.why.hidden;
  }

  async #ask() {
    const text = this.input.value.trim();
    const turn = ++this.asked;
    if (!text) {
      this.why.value = "";
      this.#askWhy(false);
      this.#show([]);
      this.#say("");
      return;
    }
    let found;
    try {
      const response = await fetch(
        `${this.api}/api/v1/search?q=${encodeURIComponent(text)}&limit=${MOST}` +
        `&reason=${encodeURIComponent(this.why.value.trim())}`);
      if (!response.ok) throw new Error(String(response.status));
      found = await response.json();
    } catch {
      this.#say(this.words.t("find.failed"));
      return;
    }
    if (turn !== this.asked) return; // an answer to what nobody asks any more
    this.#show([...this.#vehicles(found.plates), ...found.hits]);
    this.#askWhy(found.plates?.refused === "reason_missing");
    this.#say(found.hits.length ? this.words.t("find.count", { n: found.hits.length })
      : this.words.t("find.none"));
  }

  #say(text) {
    this.status.textContent = text;
  }

  #show(hits) {
    this.hits = hits;
    this.active = hits.length ? 0 : -1;
    this.list.replaceChildren(...hits.map((hit, k) => {
      const option = document.createElement("li");
      option.id = `find-${k}`;
      option.setAttribute("role", "option");
      const kind = this.words.has(`one.${hit.layer}`) ? this.words.t(`one.${hit.layer}`) : "";
      const what = hit.what && this.words.has(`kind.${hit.what}`) ? this.words.t(`kind.${hit.what}`) : kind;
      const name = document.createElement("span");
      name.className = "name";
      name.lang = "zh-CN";
      name.textContent = hit.name || hit.id;
      const note = document.createElement("span");
      note.className = "muted";
      note.textContent = hit.match === "near" ? `${what} · ${this.words.t("find.near")}` : what;
      option.append(icon(this.kindOf(hit.layer, hit.id)), name, note);
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => this.#choose(k));
      return option;
    }));
    this.#open(hits.length > 0);
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((option, k) => {
      option.setAttribute("aria-selected", String(k === this.active));
      if (k === this.active) option.scrollIntoView({ block: "nearest" });
    });
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `find-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #open(on) {
    this.list.hidden = !on;
    this.input.setAttribute("aria-expanded", String(on));
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.hits.length) {
      event.preventDefault();
      this.#open(true);
      this.active = (this.active + step + this.hits.length) % this.hits.length;
      this.#mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.active >= 0) this.#choose(this.active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.list.hidden) this.input.blur();
      this.#open(false);
    }
  }

  #choose(k) {
    const { layer, id, name } = this.hits[k];
    this.#open(false);
    this.onGoto({ layer, id, name });
  }
}
