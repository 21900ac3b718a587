// Who is served now, on the one map: asks the server, paints the buildings, sets the pins, and
// tries out what would change if a facility opened, moved or closed.

import { toLngLat } from "./camera.mjs";
import { circleAreas, deviceAreas } from "./coverage-areas.mjs";
import { BuildingPaint } from "./coverage-paint.mjs";
import { CoveragePanels, el } from "./coverage-panels.mjs";
import { CoveragePins } from "./coverage-pins.mjs";

// incidents, doors and devices are another matter; a gap's diamond is not to be taken for theirs
const HIDDEN = ["entrances", "gates", "plate_cameras", "devices", "services", "parking"];
const REFRESH_MS = 200;
// a wall that shows another moment goes back to now by itself
const BACK_MS = 180_000;
const NO_EDITS = { added: {}, moved: {}, working: {}, locked: {}, at: null };

export class CoverageView {
  /** @param {HTMLElement} page @param {import("./twin.mjs").Twin} twin */
  constructor(page, twin) {
    this.page = page;
    this.twin = twin;
    this.map = twin.map;
    this.words = twin.words;
    this.url = `${twin.api}/api/v1/coverage`;
    const asked = new URLSearchParams(location.search);
    this.asked = {
      service: asked.get("service") ?? "canteen", profile: asked.get("profile") ?? "adult",
      group: asked.get("group") ?? "", tier: asked.get("tier") ?? "", at: "",
    };
    this.wall = page.dataset.page === "wall";
    this.circles = this.wall; // a wall has nobody to ask for them
    this.edits = structuredClone(NO_EDITS);
    this.sites = [];
    this.panels = new CoveragePanels(page, this.words);
    this.pins = new CoveragePins(twin.host, this.map, {
      choose: (pin) => this.#choose(pin),
      drag: (pin, lonLat, done) => this.#drag(pin, lonLat, done),
      act: (pin) => (pin.kind === "gate" ? this.#toggleGate(pin.id) : this.#toggleWorking(pin.id)),
    });
    this.#take();
    page.classList.add("cov-on");
    document.body.classList.add("cov-shown"); // incidents step back: their diamonds are not gaps
    page.addEventListener("click", this.#onClick);
    page.addEventListener("change", this.#onChange);
    if (!this.wall) this.saved();
    this.refresh();
  }

  /** Takes the map over: other layers step back, clicks are its own. */
  #take() {
    const { map, twin } = this;
    this.hidden = new Set(map.view?.hidden);
    for (const layer of HIDDEN) map.show(layer, false);
    twin.labels.shown = false;
    twin.labels.schedule();
    twin.clusters?.refresh();
    map.select?.(null);
    this.onPick = map.onPick;
    map.onPick = () => {
      this.chosen = null;
      this.#draw();
    };
  }

  get edited() {
    const { added, moved, working, locked, at } = this.edits;
    return Boolean(at) || [added, moved, working, locked].some((part) => Object.keys(part).length);
  }

  /** What the stream brought. */
  patch(changed) {
    if (this.device && this.#concerns(changed.devices)) this.#askDevices().catch((error) => console.warn(error.message));
    if (!changed.coverage || this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.refresh();
    }, REFRESH_MS);
  }

  /** Asks anew; while an answer is on its way one more wish is kept, the newest. */
  async refresh() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      const answer = this.edited ? await this.#imagine() : await this.#ask();
      if (this.gone) return;
      this.failed = null;
      this.data = answer;
      this.session = answer.session ?? this.session;
      this.#draw();
    } catch (error) {
      this.failed = error.message;
      console.warn(error.message);
      // a question that has no answer says why; silence is the server's
      const empty = !this.twin.about.counts.services && !this.twin.about.counts.devices;
      const said = empty ? this.words.t("coverage.no_services")
        : this.words.t("coverage.failed", { why: error.message });
      this.#say(said);
      const foot = this.page.querySelector("[data-cov=foot]");
      if (foot && !this.data) foot.textContent = said;
    } finally {
      this.asking = false;
      if (this.again && !this.gone) {
        this.again = false;
        this.refresh();
      }
    }
  }

  async #ask() {
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    const rev = this.twin.store.layers.coverage?.[this.asked.service]?.rev;
    if (rev !== undefined) query.set("rev", rev);
    return read(await fetch(`${this.url}?${query}`, { cache: "no-store" }));
  }

  async #imagine() {
    return read(await fetch(`${this.url}/scenario`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...this.asked, at: undefined, session: this.session ?? "", edits: this.edits }),
    }));
  }

  #draw() {
    const { data } = this;
    if (!data) return;
    this.panels.show(data, { paper: this.paper });
    this.#paint();
    this.#setAreas();
    this.#setPins();
    this.#mark();
    this.twin.host.dataset.coverage = `${data.service} ${data.rev}`;
  }

  /** Colours of the buildings; called again by a new table or theme. */
  #paint() {
    const table = this.map.tables?.buildings;
    if (!table || !this.data || !this.map.setPaint) return;
    if (this.painter?.table !== table) {
      this.painter?.destroy();
      this.painter = new BuildingPaint(table, () => this.map.redraw());
      this.map.setPaint(this.painter);
    }
    const { theme } = this.map.view;
    const key = `${this.data.states}${theme}${this.paper}`;
    if (this.painted === key && this.painter.painted) return;
    this.painted = key;
    const states = Uint8Array.from(atob(this.data.states), (c) => c.charCodeAt(0));
    this.painter.show(states, theme, { paper: this.paper, atOnce: Boolean(this.pins.held) });
  }

  /** The map has new tables or another theme. */
  follow() {
    this.#draw();
  }

  /** Flat areas: what devices see, and circles as the crow flies. */
  #setAreas() {
    const { theme } = this.map.view;
    const spots = this.circles ? this.data.services.map((each) => each.at) : [];
    const key = JSON.stringify([theme, spots, this.data.radius_m, this.device, this.told?.t, this.told?.kind]);
    if (this.areas === key) return;
    this.areas = key;
    const areas = [
      ...(this.told && this.told.kind === this.device ? deviceAreas(this.told, theme) : []),
      ...circleAreas(spots, this.data.radius_m, theme),
    ];
    this.map.setPatches?.(areas.length ? areas : null);
  }

  #setPins() {
    const { data, words } = this;
    const gaps = data.gaps.filter((gap) => gap.gap > 0).toSorted((a, b) => b.gap - a.gap).slice(0, 5).map((gap) => ({
      key: `gap:${gap.area}`, kind: "gap", area: gap.area, at: gap.at, icon: null, title: gap.name,
      text: words.t("coverage.gap.n", { n: this.panels.count(gap.gap, data.unit) }), classes: "",
      movable: false, chosen: false, action: null,
    }));
    const services = data.services.slice(0, 60).map((each) => {
      const added = each.id in this.edits.added;
      const few = data.services.length <= 12;
      return {
        key: `service:${each.id}`, kind: "service", id: each.id, at: [...each.at, 2],
        icon: each.state === "open" ? data.service : "close",
        title: added ? words.t("coverage.added") : few ? each.name : "",
        text: few || this.chosen === each.id ? words.t(`coverage.state.${each.state}`) : "",
        classes: `${each.state}${added || each.id in this.edits.moved || each.id in this.edits.working ? " edited" : ""}`,
        movable: !this.wall && (each.layer === "services" || added), chosen: this.chosen === each.id,
        action: words.t(added ? "coverage.remove" : each.state === "closed" ? "coverage.reopen" : "coverage.close"),
      };
    });
    const sites = this.sites.map((site, k) => ({
      key: `site:${k}`, kind: "site", site, at: [...site.at, 1], icon: "plus", title: words.t("coverage.site.add"),
      text: words.t("coverage.site.gain", { n: this.panels.count(site.people, data.unit) }), classes: "",
      movable: false, chosen: false, action: null,
    }));
    const gates = data.gates
      .filter((gate) => this.gates || gate.shut || gate.id in this.edits.locked)
      .map((gate) => ({
        key: `gate:${gate.id}`, kind: "gate", id: gate.id, at: [...gate.at, 2],
        icon: gate.shut ? "close" : "gate",
        title: gate.shut || this.chosen === gate.id ? gate.name : "",
        text: gate.shut || this.chosen === gate.id ? words.t(`coverage.gate.${gate.shut ? "shut" : "open"}`) : "",
        classes: `${gate.shut ? "closed" : "open"}${gate.id in this.edits.locked ? " edited" : ""}`,
        movable: false, chosen: !this.wall && this.chosen === gate.id,
        action: words.t(gate.shut ? "coverage.gate.unlock" : "coverage.gate.lock"),
      }));
    const asked = this.demand ? data.demand.areas.filter((each) => each.open).map((each) => ({
      key: `ask:${each.grid}`, kind: "ask", at: each.at, icon: "layers", title: each.name,
      text: words.t("coverage.demand.open", { n: words.format(each.open) }),
      classes: each.without ? "without" : "", movable: false, chosen: false, action: null,
    })) : [];
    const spots = this.demand ? data.demand.spots.map((each) => {
      const chosen = this.chosen === `spot:${each.id}`;
      return {
        key: `spot:${each.id}`, kind: "spot", at: each.at, icon: null,
        title: chosen ? each.kinds.map((kind) => words.t(`order.${kind}`)).join(" · ") : "",
        text: chosen || each.n > 1 ? words.format(each.n) : "", classes: "", movable: false, chosen, action: null,
      };
    }) : [];
    this.pins.show([...sites, ...services.filter((pin) => pin.chosen), ...gates.filter((pin) => pin.chosen || pin.classes.startsWith("closed")),
      ...asked, ...spots, ...gaps, ...services.filter((pin) => !pin.chosen),
      ...gates.filter((pin) => !pin.chosen && pin.classes.startsWith("open"))]);
  }

  #choose(pin) {
    if (pin.kind === "ask" || (this.wall && pin.kind !== "gap")) return;
    if (pin.kind === "gap") this.fly(pin.area);
    else if (pin.kind === "spot") {
      this.chosen = this.chosen === pin.key ? null : pin.key;
      this.#draw();
    }
    else if (pin.kind === "site") this.add([pin.site.lon, pin.site.lat]);
    else {
      this.chosen = this.chosen === pin.id ? null : pin.id;
      this.#draw();
    }
  }

  #drag(pin, lonLat, done) {
    const spot = lonLat.map((v) => Math.round(v * 1e7) / 1e7);
    if (pin.id in this.edits.added) this.edits.added[pin.id].at = spot;
    else this.edits.moved[pin.id] = spot;
    if (done) this.sites = [];
    this.refresh();
  }

  #toggleWorking(id) {
    if (id in this.edits.added) {
      delete this.edits.added[id];
      this.chosen = null;
    } else if (id in this.edits.working) delete this.edits.working[id];
    else this.edits.working[id] = this.data.services.find((each) => each.id === id)?.state === "closed";
    this.sites = [];
    this.refresh();
  }

  /** Locks a gate, or opens one that is shut; a second time takes it back. */
  #toggleGate(id) {
    if (id in this.edits.locked) delete this.edits.locked[id];
    else this.edits.locked[id] = !this.data.gates.find((each) => each.id === id)?.shut;
    this.sites = [];
    this.refresh();
  }

  /** One more facility of the kind that is shown. */
  add(lonLat) {
    let n = 1;
    while (`new-${n}` in this.edits.added) n++;
    this.edits.added[`new-${n}`] = { kind: this.asked.service, at: lonLat };
    this.chosen = `new-${n}`;
    this.sites = [];
    return this.refresh();
  }

  /** Flies to an area with a gap. */
  fly(area) {
    const gap = this.data.gaps.find((each) => each.area === area);
    if (!gap || this.map.flat) return;
    const [longitude, latitude] = toLngLat(this.map.origin, gap.at[0], gap.at[1]);
    this.map.camera.hold();
    this.map.camera.fly({ longitude, latitude, zoom: 17.9, pitch: 53 }, { byPerson: true });
  }

  async findSites() {
    this.#say(this.words.t("coverage.sites.asking"));
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    if (this.edited && this.session) query.set("session", this.session);
    const found = await read(await fetch(`${this.url}/sites?${query}&count=3`));
    this.sites = found.sites;
    this.#say(found.sites.length ? this.words.t("coverage.sites.found", {
      n: found.sites.length, people: this.panels.count(found.together, found.unit),
    }) : this.words.t("coverage.sites.none"));
    this.#draw();
  }

  /** What a kind of device sees or reaches, and its blind spots; none takes them away. */
  async #devices(kind) {
    this.device = kind || null;
    this.told = null;
    this.#say("");
    if (kind) await this.#askDevices();
    this.#draw();
  }

  /** Whether a device of the kind that is drawn has changed, once a second at most. */
  #concerns(ids) {
    if (!ids || performance.now() - (this.toldAt ?? 0) < 1000) return false;
    const kind = (id) => this.twin.index.get(`devices.${id}`)?.kind;
    return [...ids].some((id) => kind(id) === this.device);
  }

  /** Asks anew, as devices fall silent and speak again; at most one question at a time. */
  async #askDevices() {
    if (this.askingDevices) return;
    this.askingDevices = true;
    this.toldAt = performance.now();
    const { device: kind, words } = this;
    try {
      const told = await read(await fetch(`${this.url}/devices?kind=${kind}`));
      if (this.gone || kind !== this.device) return;
      if (this.told?.kind === kind && this.told.silent === told.silent && this.told.share === told.share) return;
      this.told = told;
      this.#draw();
      this.#say(words.t(`coverage.devices.said.${told.reach}`, {
        what: words.t(`coverage.devices.${kind}`), share: words.format(told.share, "share"), n: words.format(told.n),
        silent: words.format(told.silent), assumed: words.format(told.assumed), m: words.format(told.reach_m),
      }));
    } finally {
      this.askingDevices = false;
    }
  }

  #say(text) {
    const node = this.page.querySelector("[data-cov=said]");
    if (node) node.textContent = text;
  }

  /** Says in the controls what is chosen. */
  #mark() {
    for (const button of this.page.querySelectorAll("[data-cov-set]")) {
      const [name, value] = button.dataset.covSet.split("=");
      const is = name === "mode" ? (this.paper ? "paper" : "now") : this.asked[name];
      button.setAttribute("aria-pressed", String(is === value));
    }
    for (const select of this.page.querySelectorAll("select[data-cov-pick]")) {
      const name = select.dataset.covPick;
      if (name === "group") {
        for (const option of select.options) {
          option.hidden = Boolean(option.value) && !this.data.groups.includes(option.value);
        }
      }
      if (name === "at") {
        const { at } = this.edits;
        const same = (option) => option.value && Date.parse(today(option.value, this.twin)) === Date.parse(at);
        select.value = at ? [...select.options].find(same)?.value ?? "" : "";
      } else if (name in this.asked && select.value !== this.asked[name]) select.value = this.asked[name];
    }
    const pack = this.page.querySelector("[data-cov-pack]");
    const printed = { ...this.asked, at: this.edits.at };
    const query = new URLSearchParams(Object.entries(printed).filter(([, value]) => value));
    if (pack) pack.href = `${this.url}/pack.pdf?${query}&lang=${this.page.dataset.lang}`;
    this.page.classList.toggle("cov-edited", this.edited);
    this.page.classList.toggle("cov-paper-view", Boolean(this.paper));
  }

  #onClick = (event) => {
    const node = event.target.closest("[data-cov-kind], [data-cov-gap], [data-cov-set], [data-cov-do], [data-cov-open], [data-cov-drop], [data-cov-at]");
    if (!node) return;
    const { covKind, covGap, covSet, covDo, covOpen, covDrop, covAt } = node.dataset;
    if (covAt !== undefined) {
      this.#lookAt(covAt);
      return;
    }
    if (covKind) {
      this.asked.service = covKind;
      this.chosen = null;
      this.sites = [];
      this.#remember();
      this.refresh();
    } else if (covGap) this.fly(covGap);
    else if (covSet) {
      const [name, value] = covSet.split("=");
      if (name === "mode") this.paper = value === "paper";
      else this.asked[name] = value;
      if (name === "mode") this.#draw();
      else this.refresh();
    } else if (covOpen) this.open(covOpen);
    else if (covDrop) this.#keep("DELETE", covDrop);
    else this.#do(covDo, node);
  };

  /** Another moment: "10:00" of today, epoch seconds, or nothing for now. */
  #lookAt(moment) {
    const at = !moment ? null
      : moment.includes(":") ? today(moment, this.twin) : new Date(Number(moment) * 1000).toISOString();
    this.sites = [];
    clearTimeout(this.back);
    if (this.wall) {
      this.asked.at = at ?? "";
      if (at) this.back = setTimeout(() => this.#lookAt(""), BACK_MS);
    } else this.edits.at = at;
    this.refresh();
  }

  #do(name, node) {
    if (!this.data) return; // nothing to try out yet
    if (name === "add") {
      const { viewport, camera } = this.map;
      const pad = camera.padding;
      const middle = [
        (pad.left + innerWidth - pad.right) / 2, (pad.top + innerHeight - pad.bottom) / 2,
      ];
      this.add(viewport ? viewport.unproject(middle) : this.map.origin);
      this.#say(this.words.t("coverage.add.said"));
    } else if (name === "sites") this.findSites().catch((error) => console.warn(error.message));
    else if (name === "reset") {
      this.edits = structuredClone(NO_EDITS);
      this.sites = [];
      this.chosen = null;
      const at = this.page.querySelector("select[data-cov-pick=at]");
      if (at) at.value = "";
      this.#say("");
      this.refresh();
    } else if (name === "gates" || name === "circles" || name === "demand") {
      this[name] = !this[name];
      for (const other of this.page.querySelectorAll(`[data-cov-do=${name}]`)) {
        other.setAttribute("aria-pressed", String(this[name]));
      }
      if (name === "circles" && this.circles && this.data) {
        this.#say(this.words.t("coverage.circles.said", {
          n: this.words.format(this.data.radius_m), share: this.words.format(this.data.straight, "share"),
          paper: this.words.format(this.data.kinds.find((row) => row.kind === this.data.service)?.paper, "share"),
        }));
      }
      this.#draw();
    } else if (name === "save") {
      const field = this.page.querySelector("[data-cov=name] input");
      if (field.value.trim()) this.#keep("PUT", field.value.trim());
      else field.focus();
    }
  }

  #onChange = (event) => {
    const select = event.target.closest("select[data-cov-pick]");
    if (!select) return;
    const name = select.dataset.covPick;
    if (name === "devices") {
      this.#devices(select.value).catch((error) => console.warn(error.message));
      return;
    }
    if (name === "at") {
      this.#lookAt(select.value);
      return;
    }
    this.asked[name] = select.value;
    this.sites = [];
    this.refresh();
  };

  #remember() {
    if (this.wall) return;
    const query = new URLSearchParams(location.search);
    query.set("service", this.asked.service);
    history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
  }

  /** Lists the scenarios that are kept. */
  async saved(told) {
    const place = this.page.querySelector("[data-cov=saved]");
    if (!place) return;
    try {
      this.kept = told ?? await read(await fetch(`${this.url}/scenarios`, { cache: "no-store" }));
    } catch (error) {
      console.warn(error.message);
      return;
    }
    place.replaceChildren(...Object.entries(this.kept).map(([name, each]) => el("li", "", [
      el("button", "row-button", [el("span", "name", name), el("span", "muted", this.words.t(`kind.${each.service}`))],
        { type: "button", "data-cov-open": name }),
      el("button", "cov-drop", "×", {
        type: "button", "data-cov-drop": name, "aria-label": this.words.t("coverage.saved.delete", { name }),
      }),
    ])));
    place.parentElement.hidden = !Object.keys(this.kept).length;
  }

  open(name) {
    const kept = this.kept[name];
    if (!kept) return;
    this.edits = { ...structuredClone(NO_EDITS), ...structuredClone(kept.edits) };
    for (const key of ["service", "profile", "group", "tier"]) this.asked[key] = kept[key] || (key === "profile" ? "adult" : "");
    this.sites = [];
    this.chosen = null;
    this.refresh();
  }

  async #keep(method, name) {
    try {
      const body = method === "PUT" ? JSON.stringify({ ...this.asked, edits: this.edits }) : undefined;
      const told = await read(await fetch(`${this.url}/scenarios/${encodeURIComponent(name)}`, {
        method, body, headers: { "content-type": "application/json" },
      }));
      await this.saved(told);
      if (method === "PUT") this.#say(this.words.t("coverage.saved.said", { name }));
    } catch (error) {
      this.#say(error.message);
    }
  }

  schedule() {
    this.pins.schedule();
  }

  /** Gives the map back as it was. */
  destroy() {
    this.gone = true;
    clearTimeout(this.waiting);
    clearTimeout(this.back);
    this.page.classList.remove("cov-on");
    document.body.classList.remove("cov-shown");
    this.page.removeEventListener("click", this.#onClick);
    this.page.removeEventListener("change", this.#onChange);
    this.pins.destroy();
    this.painter?.destroy();
    const { map, twin } = this;
    map.setPaint?.(null);
    map.setPatches?.(null);
    map.onPick = this.onPick;
    for (const layer of HIDDEN) map.show(layer, !this.hidden.has(layer));
    twin.labels.shown = true;
    twin.labels.schedule();
    delete twin.host.dataset.coverage;
  }
}

/** An answer's JSON; what went wrong in the server's own words. */
async function read(response) {
  const told = await response.json();
  if (!response.ok) throw new Error(told.detail ?? `${response.status}`);
  return told;
}

/** Today at a time of the community's clock, ISO 8601. */
function today(time, twin) {
  const { timeZone } = twin.words;
  const now = new Date(twin.store.now() * 1000);
  const day = new Intl.DateTimeFormat("en-CA", { timeZone }).format(now);
  const offset = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(now).find((part) => part.type === "timeZoneName").value.replace("GMT", "");
  return `${day}T${time}:00${offset || "+00:00"}`;
}
