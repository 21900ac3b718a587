// The settings page: tabs, the list of a topic with the form of one thing, undo at hand.

import { hydrateIcons } from "./icons.mjs";
import { severityMark } from "./incidents.mjs";
import { ask, button, make, table, Telling } from "./settings-dom.mjs";
import { SettingsForm } from "./settings-form.mjs";
import { drawHistory } from "./settings-history.mjs";
import { drawImport } from "./settings-import.mjs";

const SAID_MS = 15_000;
const FORMS = ["services", "rules", "coverage", "lists"];

export class Settings {
  /** @param {HTMLElement} page @param {import("./twin.mjs").Twin} twin */
  constructor(page, twin) {
    Object.assign(this, { page, twin, words: twin.words, tell: new Telling(twin) });
    this.host = page.querySelector("[data-settings]");
    this.filter = "";
    this.only = false;
    this.chosen = null;
    this.said = make("div", { className: "settings-said settings-done", role: "status" });
    this.body = make("div", { className: "settings-body" });
    this.host.replaceChildren(this.said, this.body);
    page.addEventListener("click", (event) => {
      const tab = event.target.closest?.("[data-settings-tab]");
      if (tab) this.open(tab.dataset.settingsTab);
    });
    page.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const tabs = [...page.querySelectorAll("[data-settings-tab]")];
      const at = tabs.indexOf(document.activeElement);
      if (!step || at < 0) return;
      const next = tabs[(at + step + tabs.length) % tabs.length];
      next.focus();
      this.open(next.dataset.settingsTab);
    });
    const asked = new URLSearchParams(location.hash.slice(1)).get("tab");
    this.open(page.querySelector(`[data-settings-tab="${CSS.escape(asked ?? "")}"]`) ? asked : "services");
  }

  async open(tab) {
    this.tab = tab;
    this.chosen = null;
    this.filter = "";
    this.said.replaceChildren();
    for (const node of this.page.querySelectorAll("[data-settings-tab]")) {
      const on = node.dataset.settingsTab === tab;
      node.setAttribute("aria-selected", String(on));
      node.tabIndex = on ? 0 : -1;
    }
    history.replaceState(history.state, "", `${location.pathname}${location.search}#tab=${tab}`);
    this.body.replaceChildren(make("p", { className: "note" }, this.words.t("settings.loading")));
    try {
      this.about ??= await ask(this.twin, "GET", "");
      this.mayEdit = this.about.may_edit;
      if (tab === "history") await drawHistory(this);
      else if (tab === "import") drawImport(this);
      else {
        await this.load();
        if (this.tab === tab) this.draw();
      }
      hydrateIcons(this.body);
    } catch (error) {
      this.body.replaceChildren(make("p", { className: "note" }, error.message), button(this.words.t("settings.again"), () => this.open(tab)));
    }
  }

  async load() {
    const told = await ask(this.twin, "GET", `/${this.tab}`);
    if (told.topic === this.tab) this.items = told.items.map((item) => ({ ...item, topic: this.tab }));
  }

  /** Takes a topic anew; returns one of its things. */
  async reload(key) {
    await this.load();
    this.#rows();
    return this.items.find((item) => item.key === key) ?? null;
  }

  draw() {
    const { words } = this;
    const search = make("input", {
      type: "search", className: "order-select", placeholder: words.t("settings.find"), ariaLabel: words.t("settings.find"), value: this.filter,
      on: { input: (event) => { this.filter = event.target.value; this.#rows(); } },
    });
    const only = make("button", {
      type: "button", className: "preset", ariaPressed: String(this.only),
      on: { click: () => { this.only = !this.only; only.setAttribute("aria-pressed", String(this.only)); this.#rows(); } },
    }, words.t("settings.only_edited"));
    const add = this.tab === "lists" && this.mayEdit
      ? button(words.t("settings.lists.new"), () => this.choose({ key: null, fields: this.#listFields(), values: {}, revision: 0, topic: "lists" }), { className: "action primary" }) : null;
    this.count = make("span", { className: "note" });
    this.list = make("div", { className: "settings-list" });
    this.side = make("div", { className: "settings-side" });
    this.body.replaceChildren(
      make("div", { className: "settings-bar" }, search, this.tab === "lists" ? null : only, this.count, add),
      make("p", { className: "note settings-about" }, words.t(`settings.about.${this.tab}`)),
      make("div", { className: "settings-pair" }, this.list, this.side));
    this.#rows();
  }

  #listFields() {
    return this.items[0]?.fields ?? [
      { name: "list", kind: "choice", required: true, values: ["watch", "exempt"], words: "settings.list" },
      { name: "plate", kind: "plate", required: true },
      { name: "why", kind: "text", required: true, most: 200 },
      { name: "until", kind: "moment" },
    ];
  }

  #fits(item) {
    if (this.only && this.tab !== "lists" && !Object.keys(item.edited).length) return false;
    const text = this.filter.trim().toLowerCase();
    if (!text) return true;
    const all = [item.key, this.tell.name(item), ...item.fields.map((field) => this.tell.value(item.values[field.name], field))];
    return all.join(" ").toLowerCase().includes(text);
  }

  #rows() {
    if (!this.list) return;
    const found = this.items.filter((item) => this.#fits(item));
    this.count.textContent = this.words.t("settings.count", { n: found.length, of: this.items.length });
    const groups = new Map();
    for (const item of found) {
      const group = this.tab === "services" ? "" : item.group;
      groups.set(group, [...(groups.get(group) ?? []), item]);
    }
    this.list.replaceChildren(...[...groups].map(([group, items]) => {
      const title = group ? make("h3", { className: "card-title" }, this.words.t(`settings.group.${this.tab}.${group}`)) : null;
      return make("section", { className: "card settings-card" }, title, this.#table(items));
    }));
    if (!found.length) this.list.replaceChildren(make("p", { className: "card note" }, this.words.t(this.items.length ? "settings.none_found" : `settings.none.${this.tab}`)));
    hydrateIcons(this.list);
  }

  #table(items) {
    const columns = { services: ["kind", "supplier", "hours", "capacity", "phone", "closed_until"], lists: ["why", "until"] }[this.tab];
    const { words, tell } = this;
    const head = this.tab === "rules" && items[0].key.startsWith("rule.")
      ? [words.t("settings.column.thing"), tell.field("severity"), tell.field("enabled"), words.t("settings.numbers")]
      : columns ? [words.t(this.tab === "lists" ? "settings.field.plate" : "settings.column.thing"), ...columns.map((name) => tell.field(name))]
        : [words.t("settings.column.thing"), words.t("settings.numbers")];
    return table(head, items.map((item) => this.#row(item, columns)), { className: `sheet-${this.tab}` });
  }

  #row(item, columns) {
    const { tell, words } = this;
    const known = new Map(item.fields.map((field) => [field.name, field]));
    const edited = (name) => this.tab !== "lists" && name in item.edited;
    const cell = (name) => make("td", { className: `${edited(name) ? "edited " : ""}${item.values[name] === null || item.values[name] === undefined ? "empty " : ""}cell-${name}` }, tell.value(item.values[name], known.get(name)));
    const numbers = () => make("td", { className: "settings-numbers" }, item.fields
      .filter((field) => !["enabled", "severity"].includes(field.name))
      .map((field) => make("span", { className: edited(field.name) ? "edited" : "" }, `${tell.field(field.name)} `, make("b", {}, tell.value(item.values[field.name], field)))));
    let cells;
    if (columns) cells = columns.map(cell);
    else if (item.key.startsWith("rule.")) {
      const severity = make("td", { className: `settings-severity ${edited("severity") ? "edited" : ""}` },
        severityMark(Number(item.values.severity)), words.t(`severity.${item.values.severity}`));
      cells = [severity, make("td", { className: edited("enabled") ? "edited" : "" }, words.t(item.values.enabled ? "settings.on" : "settings.off")), numbers()];
    } else cells = [numbers()];
    const open = make("button", { type: "button", className: "sheet-button", on: { click: () => this.choose(item) } },
      this.tab === "lists" ? make("span", { className: "settings-plate" }, item.values.plate) : tell.name(item));
    const row = make("tr", {
      className: this.chosen === item.key ? "chosen" : "", data: { key: item.key },
      on: { click: (event) => event.target.closest("button") || this.choose(item) },
    }, make("th", { scope: "row" }, open), cells);
    if (item.values.enabled === false) row.classList.add("resting");
    return row;
  }

  choose(item) {
    const before = this.chosen;
    this.chosen = item?.key ?? null;
    for (const row of this.list.querySelectorAll("tr[data-key]")) row.classList.toggle("chosen", row.dataset.key === this.chosen);
    this.side.replaceChildren();
    if (!item) {
      this.list.querySelector(`tr[data-key="${CSS.escape(before ?? "")}"] button`)?.focus();
      return;
    }
    this.form = new SettingsForm(this, item);
    this.side.replaceChildren(this.form.node);
    hydrateIcons(this.side);
    this.side.querySelector("input:not([disabled]), select:not([disabled]), button")?.focus({ preventScroll: true });
  }

  /** An edit was made: shows what holds now, and how to take it back. */
  async saved(number, key) {
    await this.load();
    this.#rows();
    const item = key && this.items.find((one) => one.key === key);
    this.choose(item || null);
    this.say(this.words.t("settings.saved", { n: number }), number);
  }

  say(text, number = null) {
    clearTimeout(this.timer);
    const undo = number && this.mayEdit ? button(this.words.t("settings.undo"), () => this.turn(number, "undo"), { className: "link" }) : null;
    this.said.replaceChildren(make("p", {}, text, undo ? " · " : "", undo));
    this.timer = setTimeout(() => this.said.replaceChildren(), SAID_MS);
  }

  async turn(number, action) {
    try {
      const told = await ask(this.twin, "POST", `/edits/${number}`, { json: { action } });
      const word = action === "undo" ? "settings.undone" : "settings.redone";
      if (FORMS.includes(this.tab)) {
        await this.load();
        this.#rows();
        this.choose(this.items.find((one) => one.key === told.changes[0]?.key) ?? null);
      } else if (this.tab === "history") await drawHistory(this);
      this.said.replaceChildren(make("p", {}, this.words.t(word, { n: number }), " · ",
        button(this.words.t(action === "undo" ? "settings.redo" : "settings.undo"), () => this.turn(number, action === "undo" ? "redo" : "undo"), { className: "link" })));
    } catch (error) {
      const lines = (error.body?.since ?? []).map((one) => make("li", {}, this.words.t("settings.conflict.line", {
        who: one.who, at: this.words.hm(one.at), field: this.tell.field(one.field), value: this.tell.value(one.new),
      })));
      const text = lines.length ? this.words.t("settings.undo.blocked") : error.message;
      this.said.replaceChildren(make("p", {}, text), make("ul", {}, lines));
    }
    this.said.scrollIntoView({ block: "nearest" });
  }
}

/** @param {() => import("./twin.mjs").Twin|null} running gives the twin of the page */
export function watchSettings(running) {
  let shown = null;
  const look = () => {
    const page = document.querySelector(".page-settings");
    const twin = running();
    if (!page || page === shown || !twin?.words || twin.page !== page) return;
    shown = page;
    new Settings(page, twin);
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  const timer = setInterval(() => {
    look();
    if (shown) clearInterval(timer);
  }, 200);
}
