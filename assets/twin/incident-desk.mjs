// The desk of incidents: the list in order of urgency, filters, and many taken in hand at once.

import { clockOf, compareIncidents, OPEN_STATES, severityMark } from "./incidents.mjs";
import { getJson } from "./loading.mjs";
import { tellLanguage } from "./words.mjs";

const LOAD_MS = 20_000;
const MOST_ROWS = 300; // what else there is, the line above says

export class IncidentDesk {
  /**
   * @param {HTMLElement} page
   * @param {import("./twin.mjs").Twin} twin
   */
  constructor(page, twin) {
    Object.assign(this, { page, twin });
    this.filter = unfiltered();
    this.own = new Set();
    this.chosen = null;
    this.marked = new Set();
    this.body = page.querySelector("[data-desk-rows]");
    page.addEventListener("click", this.#click);
    page.addEventListener("change", this.#change);
    page.addEventListener("keydown", this.#key);
    this.timer = setInterval(() => this.tick(), 1000);
    this.loading = setInterval(() => this.#load(), LOAD_MS);
    this.#load();
    const asked = new URLSearchParams(location.search).get("at")?.match(/^incidents\/(.+)$/)?.[1];
    if (asked) this.choose(asked);
  }

  destroy() {
    clearInterval(this.timer);
    clearInterval(this.loading);
    this.page.removeEventListener("click", this.#click);
    this.page.removeEventListener("change", this.#change);
    this.page.removeEventListener("keydown", this.#key);
  }

  get rows() {
    return Object.entries(this.twin.store.layers.incidents ?? {});
  }

  #fits([id, row]) {
    const { filter } = this;
    if (filter.shelved !== Boolean(row.hid)) return false;
    if (filter.state ? row.s !== filter.state : !OPEN_STATES.includes(row.s)) return false;
    if (filter.severity.size && !filter.severity.has(String(row.sev))) return false;
    if (filter.kind && row.k !== filter.kind) return false;
    if (filter.grid && row.a?.[1] !== filter.grid) return false;
    if (filter.mine && !this.own.has(id)) return false;
    if (filter.in_hand && !row.own) return false;
    return !filter.late || this.#isLate(row);
  }

  #isLate(row) {
    return row.late || this.twin.store.now() > clockOf(row).due;
  }

  /** Takes the rows as they are now. */
  refresh() {
    if (!this.body?.isConnected) return;
    const { words } = this.twin;
    const found = this.rows.filter((one) => this.#fits(one)).sort(compareIncidents);
    this.found = found;
    const shown = found.slice(0, MOST_ROWS);
    for (const id of this.marked) if (!found.some(([key]) => key === id)) this.marked.delete(id);
    const kept = new Map([...this.body.children].map((node) => [node.dataset.id, node]));
    const nodes = shown.map(([id, row]) => {
      const version = `${row.v}:${this.#isLate(row)}`;
      const old = kept.get(id);
      return old?.dataset.version === version ? old : this.#row(id, row, version);
    });
    if (!shown.length) nodes.push(this.#none());
    const focused = document.activeElement?.closest?.("tr")?.dataset.id;
    if (nodes.length !== this.body.children.length || nodes.some((node, k) => node !== this.body.children[k])) {
      this.body.replaceChildren(...nodes);
      if (focused) this.body.querySelector(`[data-id="${CSS.escape(focused)}"] .desk-what`)?.focus();
    }
    const open = this.rows.filter(([, row]) => OPEN_STATES.includes(row.s));
    const say = (name, value) => {
      const node = this.page.querySelector(name);
      if (node) node.textContent = value;
    };
    for (const level of [1, 2, 3, 4]) {
      say(`[data-desk-severity-n="${level}"]`, open.filter(([, row]) => row.sev === level && !row.hid).length);
    }
    say("[data-desk-n=mine]", open.filter(([id, row]) => this.own.has(id) && !row.hid).length);
    say("[data-desk-n=in_hand]", open.filter(([, row]) => row.own && !row.hid).length);
    say("[data-desk-n=late]", open.filter(([, row]) => !row.hid && this.#isLate(row)).length);
    say("[data-desk-n=shelved]", open.filter(([, row]) => row.hid).length);
    const signals = found.reduce((sum, [, row]) => sum + row.n, 0);
    say("[data-desk-shown]", words.t("desk.shown", { n: shown.length, of: open.length, signals }));
    this.#mark();
    this.tick();
    // whose they are the stream does not say
    const owned = open.filter(([, row]) => row.own).map(([id, row]) => `${id}:${row.v}`).join();
    if (owned !== this.owned) {
      this.owned = owned;
      this.#loadOwn();
    }
  }

  async #loadOwn() {
    try {
      const told = await getJson(`${this.twin.api}/api/v1/incidents?mine=true`);
      this.own = new Set(told.items.map((one) => one.id));
    } catch (error) {
      console.warn(error.message); // the list stays, and the next change asks again
      return;
    }
    this.refresh();
  }

  #row(id, row, version) {
    const { words, incidents } = this.twin;
    const tr = document.createElement("tr");
    Object.assign(tr.dataset, { id, version });
    const cell = (className, ...children) => {
      const td = document.createElement("td");
      td.className = className;
      td.append(...children);
      tr.append(td);
      return td;
    };
    const box = document.createElement("input");
    box.type = "checkbox";
    box.dataset.deskMark = id;
    box.checked = this.marked.has(id);
    box.disabled = row.s !== "new";
    box.setAttribute("aria-label", words.t("desk.mark", { id }));
    cell("desk-box", box);
    cell("desk-sev", severityMark(row.sev), words.t(`severity.${row.sev}`));
    const what = document.createElement("button");
    what.type = "button";
    what.className = "desk-what";
    what.dataset.deskOpen = id;
    what.textContent = incidents.title(row);
    const notes = [
      row.group ? words.t("incidents.grouped", { n: row.n }) : row.n > 1 ? `×${row.n}` : "",
      row.flap ? words.t("desk.flapping") : "",
      row.re ? words.t("incidents.reopened", { n: row.re }) : "",
      row.esc ? words.t("incidents.escalated", { to: words.t(`incident_ladder.${LADDER[row.esc] ?? "street_office"}`) }) : "",
    ].filter(Boolean);
    const under = document.createElement("span");
    under.className = "muted";
    under.textContent = [id, ...notes].join(" · ");
    cell("", what, under);
    const place = cell("desk-place", incidents.placeName(row));
    tellLanguage(place);
    const left = document.createElement("b");
    left.dataset.left = id;
    cell("desk-left", left);
    cell("desk-state", words.t(row.hid ? "desk.hidden" : row.paused ? "incidents.paused" : `incident_state.${row.s}`));
    const age = document.createElement("span");
    age.dataset.ago = String(row.t);
    cell("desk-age", age);
    return tr;
  }

  #none() {
    const tr = document.createElement("tr");
    const td = document.createElement("td");
    td.colSpan = 7;
    td.className = "note";
    td.textContent = this.twin.words.t("desk.none");
    tr.append(td);
    return tr;
  }

  #mark() {
    for (const tr of this.body.children) {
      const mine = tr.dataset.id === this.chosen;
      tr.classList.toggle("chosen", mine);
      tr.querySelector(".desk-what")?.setAttribute("aria-pressed", String(mine));
    }
    const button = this.page.querySelector("[data-desk-all]");
    const n = this.marked.size;
    button.disabled = !n;
    button.textContent = n ? this.twin.words.t("desk.take_n", { n }) : this.twin.words.t("desk.take_all");
  }

  /** Opens the card of one; its row need not be in the list. */
  choose(id) {
    this.chosen = id;
    this.twin.pick({ layer: "incidents", id });
    const address = new URL(location.href);
    address.searchParams.set("at", `incidents/${id}`);
    history.replaceState(history.state, "", address);
    if (this.body?.children.length) this.#mark();
  }

  tick() {
    // [data-left] and [data-ago] are counted by the page's own clocks
    this.twin.incidents?.tick();
    this.twin.panels?.tick();
    const card = this.page.querySelector(".card-incident");
    const row = card && this.twin.store.layers.incidents?.[card.dataset.detailId];
    if (!card) return;
    const now = this.twin.store.now();
    const bar = card.querySelector("[data-sla]");
    if (bar && row) {
      const { from, due } = clockOf(row);
      bar.style.width = `${(100 * Math.min(1, Math.max(0, (now - from) / Math.max(1, due - from)))).toFixed(1)}%`;
    }
    // the card stands while somebody reads it; that it is no longer what is, it says
    const old = card.querySelector(".incident-stale");
    if (old) old.hidden = !row || String(row.v) === card.dataset.version;
    for (const node of card.querySelectorAll("[data-elapsed]")) {
      node.textContent = this.twin.words.span(now - Number(node.dataset.elapsed));
    }
  }

  async #load() {
    const node = this.page.querySelector("[data-desk-load]");
    if (!node) return;
    const { words } = this.twin;
    try {
      const load = await getJson(`${this.twin.api}/api/v1/incidents/load`);
      node.dataset.loadState = load.state;
      node.textContent = words.t("desk.load", {
        state: words.t(`desk.load.${load.state}`), hour: words.format(load.hour_each), people: load.people,
        ten: load.ten_minutes, worst: load.worst_ten_minutes, share: words.format(load.flood_share, "share1"),
      });
    } catch {
      node.textContent = words.t("desk.load.lost");
    }
  }

  #change = (event) => {
    const { deskFilter, deskMark } = event.target.dataset ?? {};
    if (deskFilter) {
      this.filter[deskFilter] = event.target.value;
      this.refresh();
    } else if (deskMark) {
      if (event.target.checked) this.marked.add(deskMark);
      else this.marked.delete(deskMark);
      this.#mark();
    }
  };

  #click = (event) => {
    const node = event.target.closest("button");
    const row = event.target.closest("tr[data-id]");
    if (!node && row && !event.target.closest("input")) {
      this.choose(row.dataset.id);
      return;
    }
    const data = node?.dataset ?? {};
    if (data.deskOpen) this.choose(data.deskOpen);
    else if (data.deskSeverity) {
      const set = this.filter.severity;
      if (!set.delete(data.deskSeverity)) set.add(data.deskSeverity);
      node.setAttribute("aria-pressed", String(set.has(data.deskSeverity)));
      this.refresh();
    } else if (data.deskSwitch) {
      this.filter[data.deskSwitch] = !this.filter[data.deskSwitch];
      node.setAttribute("aria-pressed", String(this.filter[data.deskSwitch]));
      this.refresh();
    } else if (data.deskClear) this.#clear();
    else if (data.deskAll) this.#takeAll();
  };

  /** Up and down go through the list, space marks. */
  #key = (event) => {
    const what = event.target.closest?.(".desk-what");
    if (!what) return;
    const tr = what.closest("tr");
    const next = { ArrowDown: tr.nextElementSibling, ArrowUp: tr.previousElementSibling }[event.key];
    if (next) {
      next.querySelector(".desk-what")?.focus();
      event.preventDefault();
    }
  };

  #clear() {
    this.filter = unfiltered();
    for (const node of this.page.querySelectorAll("[data-desk-severity], [data-desk-switch]")) {
      node.setAttribute("aria-pressed", "false");
    }
    for (const node of this.page.querySelectorAll("[data-desk-filter]")) node.value = "";
    this.refresh();
  }

  /** Acknowledges all that are marked; says how many were taken by others meanwhile. */
  async #takeAll() {
    const { words, store, api } = this.twin;
    const said = this.page.querySelector("[data-desk-said]");
    const wanted = [...this.marked];
    let [done, stale, failed] = [0, 0, 0];
    this.page.querySelector("[data-desk-all]").disabled = true;
    for (const id of wanted) {
      const version = store.layers.incidents?.[id]?.v;
      try {
        const answer = await fetch(`${api}/api/v1/incidents/${encodeURIComponent(id)}`, {
          method: "POST", headers: { "content-type": "application/json" },
          body: JSON.stringify({ action: "acknowledge", version }),
        });
        if (answer.ok) done++;
        else if (answer.status === 409 || answer.status === 422) stale++;
        else failed++;
      } catch {
        failed++;
      }
      this.marked.delete(id);
    }
    said.textContent = words.t("desk.taken", { done, stale, failed });
    this.refresh();
  }
}

function unfiltered() {
  return {
    severity: new Set(), kind: "", grid: "", state: "", mine: false, in_hand: false, late: false, shelved: false,
  };
}

const LADDER = ["duty", "team_lead", "community_head", "street_office"];
