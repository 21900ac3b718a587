// One world in one document: its tables, its live state, its map and the panels around it.

import { Clusters } from "./clusters.mjs";
import { CoverageView } from "./coverage.mjs";
import { FlatMap } from "./flat.mjs";
import { Labels } from "./labels.mjs";
import { toOverlay } from "./overlays.mjs";
import { IncidentDesk } from "./incident-desk.mjs";
import { Incidents } from "./incidents.mjs";
import { LayerControls } from "./layer-controls.mjs";
import { getJson, getTable, hasWebGL, loadScript } from "./loading.mjs";
import { TwinMap } from "./map.mjs";
import { ModeBanner } from "./mode.mjs";
import { Panels } from "./panels.mjs";
import { clearWindow, guessedWindow, placeOf, stopOf } from "./places.mjs";
import { ResponseView } from "./response.mjs";
import { SearchBox } from "./search.mjs";
import { Story } from "./story.mjs";
import { LiveStore } from "./stream.mjs";
import { Takeover } from "./takeover.mjs";
import { TimeMachine } from "./time-machine.mjs";
import { SavedViews } from "./views.mjs";
import { Wayfinder } from "./wayfinding.mjs";
import { WallList } from "./wall-list.mjs";
import { Wall } from "./wall.mjs";
import { Words } from "./words.mjs";

const TABLE_ORDER = [
  "buildings", "context", "entrances", "gates", "plate_cameras", "devices", "services", "parking",
  "trees", "labels", "roads",
];
const SHADOW_MS = 20 * 60_000;

/** Everything that belongs to one world in one document. */
export class Twin {
  constructor(host, place) {
    this.host = host;
    this.place = place;
    this.api = place.api;
    this.about = null;
    this.early = [];
    this.progress = { step() {}, note() {}, done() {} };
  }

  /** Starts before Dash has drawn the page: what is slow to come is asked for at once. */
  async start() {
    const { api, place } = this;
    if (place.name === "wall") this.wall = new Wall(this);
    const bundle = place.office ? null : this.#loadEngine();
    const sunned = this.#theme();
    const [about, words] = await Promise.all([
      getJson(`${api}/api/v1/community`), getJson(`${api}/api/words/${place.lang}`),
    ]);
    if (this.stopped) return;
    this.about = about;
    this.words = new Words(words, place.lang, about.timezone);
    this.progress.words = this.words;
    this.index = new Map();
    this.store = new LiveStore(api, {
      snapshot: (layers) => {
        this.map?.setRows(layers);
        this.panels?.refresh();
        this.#alert();
      },
      patch: (layers, changed) => {
        this.map?.patchRows(layers, changed);
        this.panels?.patch(changed);
        if (changed.incidents || changed.counters?.includes?.("incidents")) this.#alert();
        this.coverage?.patch(changed);
        this.#regroup();
        this.host.dataset.patches = String(this.store.patches);
      },
      connection: (state) => this.#connection(state),
    });
    this.way = new Wayfinder(this);
    this.wall?.start();
    globalThis.twin = this;
    this.tables = this.#loadTables();
    this.streaming = this.store.start();
    if (place.office) {
      document.documentElement.dataset.theme = await sunned;
      await this.tables;
      this.beside = true;
      if (!this.stopped && this.page) this.attach(this.page);
      return;
    }
    await this.#startMap(bundle, sunned);
  }

  /** Draws the map; a page beside it goes without until somebody turns to the map. */
  async #startMap(bundle, sunned) {
    // asked for while the engine still loads
    const ground = canDraw() ? sunned.then((theme) => this.#getGround(theme)) : null;
    ground?.catch(() => {}); // awaited below
    const [theme, drawn] = await Promise.all([sunned, bundle]);
    if (this.stopped) return;
    this.#makeMap(theme);
    if (this.page) this.attach(this.page);
    else this.map.fit(guessedWindow(this.place, this.wall?.screen));
    // a slow line shows what it has after a while, a fast one draws once
    const impatient = setTimeout(() => this.map.holdFrames(false), 2500);
    await Promise.all([this.tables, drawn && ground && this.#placeGround(theme, ground)]);
    clearTimeout(impatient);
    if (this.stopped) return;
    this.map.holdFrames(false);
    await this.streaming;
    if (this.stopped) return;
    this.progress.done();
    this.drawn = true;
    this.fit(); // panels have their sizes by now
    this.way.restore();
    this.wall?.follow();
    this.host.dataset.ready = "true";
    if (theme === "day") this.#loadShadows();
    this.sunTimer = setInterval(() => this.#followSun(), 60_000);
    this.driftTimer = setInterval(() => {
      if (this.place.name === "wall" && !this.takeover?.shown && !this.map.flat && this.map.frameMs < 60) {
        this.map.camera.drift(performance.now());
      }
    }, 250);
  }

  /** @returns {Promise<boolean>} whether the 3D engine can be used */
  async #loadEngine() {
    if (!canDraw()) return false;
    await loadScript(this.host.dataset.bundle);
    return true;
  }

  #makeMap(theme) {
    const options = {
      specs: this.about.layers.filter((spec) => spec.id in this.about.tables),
      origin: this.about.origin,
      extent: this.about.extent,
      outline: this.about.outline,
      stop: stopOf(this.place, this.wall?.screen.wall),
      theme,
      pixelScale: this.wall?.pixelScale ?? 1,
      tile: this.wall?.screen.tiled ? this.wall.screen : null,
      makeCamera: this.wall && ((deck, apply) => this.wall.makeCamera(deck, apply)),
      onPick: (picked) => this.pick(picked),
      onHover: (hover) => this.#tooltip(hover),
      areas: this.about.areas,
      api: this.api,
      words: this.words,
      tellsFlats: () => this.place.name === "manage",
      onView: () => {
        this.labels?.schedule();
        this.clusters?.follow();
        this.machine?.compare.place();
        this.coverage?.schedule();
        this.incidents?.place();
        this.story?.onView();
        this.response?.place();
      },
      onMove: () => this.way.moved(),
      api: this.api,
      words: this.words,
      tellsFlats: () => this.place.name === "manage",
    };
    document.documentElement.dataset.theme = theme;
    if (globalThis.deck?.Deck && canDraw()) {
      this.map = new TwinMap(this.host, { ...options, deck: globalThis.deck, luma: globalThis.luma });
    } else {
      this.map = new FlatMap(this.host, options);
      this.noted = this.words.t("loading.flat");
      this.progress.note(this.noted);
    }
    this.map.holdFrames(true);
    this.labels = new Labels(this.host, this.map, {
      onPick: (picked) => this.pick(picked),
      avoid: () => this.incidents?.boxes() ?? [],
    });
    if (!this.map.flat) {
      this.clusters = new Clusters(this.host, this.map, {
        words: this.words,
        onGoto: (cluster) => (cluster.count === 1 ? this.goTo(cluster) : this.way.closer(cluster)),
      });
    }
    this.map.setRows(this.store.layers);
    for (const table of this.early.splice(0)) this.#place(table);
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(this.host);
    if (this.sun) this.map.setSun(this.sun);
  }

  async #loadTables() {
    const wanted = TABLE_ORDER.filter((name) => name in this.about.tables);
    let done = 0;
    await Promise.all(wanted.map(async (name) => {
      const table = await getTable(`${this.api}/api/v1/layers/${name}?v=${this.about.tables[name]}`);
      done++;
      this.stepped = [name, done, wanted.length];
      this.progress.step(...this.stepped);
      this.#name(table);
      if (this.map) this.#place(table);
      else this.early.push(table);
    }));
  }

  #alert() {
    this.incidents?.refresh();
    this.desk?.refresh();
    this.mode?.refresh();
    this.response?.refresh();
    this.takeover?.refresh();
  }

  // states move often, badges once a second at most
  #regroup() {
    if (this.regrouping || !(this.clusters?.on || this.map?.view?.sensing)) return;
    this.regrouping = setTimeout(() => {
      this.regrouping = null;
      this.clusters.refresh();
      if (this.map.view.sensing) this.map.rebuild();
    }, 1000);
  }

  /** What things are called is known on pages without a map as well. */
  #name(table) {
    for (const [row, id] of (table.meta.ids ?? []).entries()) {
      if (table.layer !== "labels") {
        this.index.set(`${table.layer}.${id}`, {
          name: table.meta.names?.[row] || id,
          kind: table.meta.kinds?.[table.columns.kinds?.[row]],
        });
      }
    }
  }

  #place(table) {
    if (table.layer === "labels") this.labels.setTable(table);
    else this.map.setTable(table);
    if (table.layer === "buildings") this.coverage?.follow();
    this.panels?.refresh();
  }

  #getGround(theme) {
    return getTable(`${this.api}/api/v1/layers/ground?theme=${theme}&v=${this.about.ground[theme]}`);
  }

  async #placeGround(theme, coming) {
    const table = await coming;
    this.map.setTable(table);
    await Promise.all(Object.keys(table.meta.bounds).map(async (name) => {
      const blob = new Blob([table.columns[name]], { type: "image/webp" });
      const image = await createImageBitmap(blob);
      this.map.setPicture(name, theme, image, table.meta.bounds[name]);
    }));
    this.host.dataset.ground = theme;
  }

  async #loadGround(theme) {
    if (this.map.flat) return;
    await this.#placeGround(theme, this.#getGround(theme));
    if (theme === "day") await this.#loadShadows();
  }

  /** Shadows of the sun as it stands; asked again as it moves. */
  async #loadShadows() {
    if (this.map.flat || this.map.view.theme !== "day") return;
    this.shadowsAt = performance.now();
    const table = await getTable(`${this.api}/api/v1/layers/shadows`);
    if (!table.length) {
      this.map.setPicture("shadows", "day", null);
      return;
    }
    const image = await createImageBitmap(new Blob([table.columns.inner], { type: "image/webp" }),
      { premultiplyAlpha: "none" });
    this.map.setPicture("shadows", "day", image, table.meta.bounds.inner);
  }

  /** Dark by night and day by daylight, unless the person or the address says otherwise. */
  async #theme() {
    const asked = new URLSearchParams(location.search).get("theme");
    this.themeAsked = ["dark", "day"].includes(asked) ? asked : sessionTheme();
    this.sun = await getJson(`${this.api}/api/v1/sun`);
    return this.themeAsked ?? (this.sun.altitude > -1 ? "day" : "dark");
  }

  async #followSun() {
    try {
      this.sun = await getJson(`${this.api}/api/v1/sun`);
    } catch {
      return; // the connection says so already
    }
    this.map.setSun(this.sun);
    if (performance.now() - (this.shadowsAt ?? 0) > SHADOW_MS) this.#loadShadows();
    if (!this.themeAsked) this.setTheme(this.sun.altitude > -1 ? "day" : "dark");
  }

  setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    if (!this.map) return;
    this.map.setTheme(theme);
    this.coverage?.follow();
    if (this.host.dataset.ground !== theme) this.#loadGround(theme);
    this.panels?.refresh();
  }

  /** Binds to a page: the first one, or another after a client-side navigation. */
  attach(page) {
    this.page = page;
    this.place = placeOf(page);
    if (!this.words) return; // `start` attaches it when it gets there
    if (!this.map && !this.place.office) {
      if (!this.mapping && this.host.dataset.ready === undefined && this.beside) {
        this.mapping = this.#startMap(this.#loadEngine(), this.#theme());
        this.mapping.catch((error) => console.warn(error.message));
      }
      return; // attached when the map is there
    }
    this.beside = this.place.office;
    this.coverage?.destroy();
    this.coverage = this.place.name === "coverage" ? new CoverageView(page, this) : null;
    this.#describeHost();
    this.map?.holdFrames(this.beside);
    this.panels?.destroy();
    const areas = new Map(this.about.areas.map((area) => [`${area.layer}.${area.id}`, area.name]));
    const names = (layer, id) => {
      const name = this.index.get(`${layer}.${id}`)?.name ?? areas.get(`${layer}.${id}`);
      if (name && name !== id) return name;
      return `${names.what(layer, id)} ${id}`;
    };
    names.what = (layer, id) => {
      const kind = `kind.${this.index.get(`${layer}.${id}`)?.kind}`;
      return this.words.t(this.words.has(kind) ? kind : `one.${layer}`);
    };
    names.kind = (layer, id) => this.index.get(`${layer}.${id}`)?.kind ?? {
      entrances: "entrance", gates: "gate", plate_cameras: "plate_camera", parking: "parking",
      buildings: "building", grids: "layers", compounds: "layers",
    }[layer] ?? "other";
    this.names = names;
    this.panels = new Panels(page, this.store, this.words, names, (to) => this.goTo(to));
    this.machine?.destroy();
    this.#watch(page, names);
    this.views = page.querySelector(".card-views") ? new SavedViews(page, this) : null;
    this.machine = page.querySelector("[data-machine]") ? new TimeMachine(page, this) : null;
    this.wallList?.destroy();
    const walls = page.querySelector("[data-walls]");
    this.wallList = walls && new WallList(walls, this);
    this.controls = this.map && new LayerControls(page, this);
    this.search?.destroy();
    const box = page.querySelector("[data-find=box]");
    this.search = box && new SearchBox(box, {
      api: this.api, words: this.words, kindOf: names.kind, onGoto: (to) => this.goTo(to),
    });
    for (const node of page.querySelectorAll("[data-count]")) {
      node.textContent = this.words.format(this.about.counts[node.dataset.count] ?? 0);
    }
    // what this community lacks needs no card and no switch
    const has = (name) => (this.about.counts[name] ?? 0) > 0;
    for (const node of page.querySelectorAll("[data-layer]")) {
      node.closest("li, button").hidden = !has(node.dataset.layer);
    }
    const lacking = { doors: "entrances", vehicles: "plate_cameras", kinds: "devices" };
    for (const [card, layer] of Object.entries(lacking)) {
      const node = page.querySelector(`.card-${card}`);
      if (node) node.hidden = !has(layer);
    }
    const heard = ["entrances", "gates", "plate_cameras", "devices"].some(has);
    for (const node of page.querySelectorAll(".sensing, .card-attention, .card-feed, .timeline")) {
      node.hidden = !heard;
    }
    page.classList.toggle("mute", !heard);
    const places = page.querySelector(".card-places");
    if (places) places.hidden = !has("parking") && !has("services");
    const people = page.querySelector(".card-people");
    if (people) people.hidden = !this.about.residents;
    this.panels.refresh();
    this.labels?.measureAnew();
    if (this.place.name === "wall") this.wall?.attach(page);
    this.story?.destroy();
    this.story = this.place.name === "demo" && this.map ? new Story(page, this) : null;
    this.fit();
    if (this.drawn) this.way.restore();
    this.#connection(this.state ?? "opening");
  }

  /** Incidents in lists and on the map; the wall is taken over by the gravest. */
  #watch(page, names) {
    this.incidents?.destroy();
    this.takeover?.destroy();
    this.response?.destroy();
    this.takeover = null;
    this.response = this.map && !this.place.office ? new ResponseView(this) : null;
    this.incidents = new Incidents(page, {
      store: this.store, words: this.words, names, host: this.host,
      map: this.place.office || this.map?.flat ? null : this.map,
      locate: (layer, id) => this.way.spot(layer, id),
      onGoto: (to) => this.goTo(to),
      onPinned: () => this.labels?.schedule(),
    });
    this.mode?.destroy();
    this.mode = new ModeBanner(page, this);
    this.desk?.destroy();
    this.desk = this.place.name === "office-incidents" ? new IncidentDesk(page, this) : null;
    if (this.place.name === "wall" && this.map) {
      this.takeover = new Takeover(page, this, this.incidents);
    }
    this.#alert();
  }

  /** The map can have the focus and says how it is moved; what it shows is in lists as well. */
  #describeHost() {
    const { host } = this;
    host.tabIndex = this.place.office ? -1 : 0;
    host.setAttribute("role", "region");
    host.setAttribute("aria-label", this.words.t("map.label"));
  }

  fit() {
    if (!this.page || !this.map || this.place.office) return;
    this.map.stop = stopOf(this.place, this.wall?.screen.wall);
    const stay = Boolean(this.takeover?.shown);
    this.map.fit(clearWindow(this.page), { stay });
    if (stay) this.takeover.aim();
    this.story?.reframe();
    this.labels.schedule();
  }

  /**
   * A feature was chosen on the map or in a list: shows its panel; a building opens floor by floor.
   *
   * @param {{layer: string, id: string, name?: string}|null} picked
   * @param {{fly?: boolean}} options whether the camera goes to a building that opens
   */
  pick(picked, { fly = true } = {}) {
    this.picked = picked;
    const detail = picked
      ? { layer: picked.layer, id: picked.id }
      : { layer: null, id: null };
    if (this.map && !this.place.office) {
      this.map.select(picked ? { layer: picked.layer, id: picked.id } : null);
      this.way.remember({ step: true });
      this.#overlay();
    }
    if (!this.takeover?.shown) this.response?.show(picked?.layer === "incidents" ? picked.id : null);
    if (picked?.layer === "buildings") this.map?.openFloors?.(picked.id, { fly });
    if (picked?.layer === "floors") this.map?.openFloors?.(picked.id.split("/")[0], { fly });
    this.page.classList.toggle("has-detail", Boolean(picked));
    dispatchEvent(new CustomEvent("twin:pick", {
      detail: {
        ...detail, api: this.api, lang: this.page.dataset.lang, page: this.place.name,
        day: this.day, t: Date.now(),
      },
    }));
  }

  /** Lines over the ground: the way of a chosen vehicle, else the flow of people if asked for. */
  async #overlay() {
    const { picked } = this;
    const day = this.day ? `?day=${this.day}` : "";
    const wanted = picked?.layer === "vehicles" ? `vehicles/${encodeURIComponent(picked.id)}/trail`
      : this.flowing ? "people/flows" : null;
    if (wanted === this.overlaid) return;
    this.overlaid = wanted;
    let overlay = null;
    if (wanted) {
      try {
        overlay = toOverlay(await getJson(`${this.api}/api/v1/${wanted}${day}`));
      } catch (error) {
        console.warn(error.message);
      }
      if (wanted !== this.overlaid) return; // chosen anew meanwhile
    }
    this.map.setOverlay?.(overlay);
    const [from, to] = [overlay?.stops.at(0), overlay?.stops.at(-1)];
    if (overlay?.kind === "trail" && from && to) this.way.closer({ x: to[0], y: to[1] }, 18.2);
  }

  /** Shows or hides how people flow along the lanes. */
  flow(button) {
    this.flowing = !this.flowing;
    button?.setAttribute("aria-pressed", String(this.flowing));
    this.#overlay();
  }

  /** Flies to a feature and shows its panel. */
  goTo(to) {
    this.way.goTo(to);
  }

  home() {
    this.map.camera.heldUntil = 0;
    if (this.map.flat) this.map.fit(clearWindow(this.page));
    else this.map.camera.fly(this.map.camera.home, { byPerson: true });
    this.pick(null);
  }

  tool(name) {
    if (!this.map && name !== "theme") return;
    const { camera } = this.map ?? {};
    if (name === "home") this.home();
    else if (name === "close") this.pick(null);
    else if (name === "coverage") this.serve(!this.coverage);
    else if (name === "sensing") this.controls.sense(!this.map.view.sensing);
    else if (name === "theme") {
      const next = document.documentElement.dataset.theme === "dark" ? "day" : "dark";
      this.themeAsked = next;
      sessionStorage.setItem("twin-theme", next);
      this.setTheme(next);
    } else if (this.map.flat) {
      if (name === "in") this.map.zoomBy *= 1.4;
      if (name === "out") this.map.zoomBy /= 1.4;
      this.map.draw();
    } else {
      camera.hold();
      const view = camera.view;
      if (name === "in") camera.fly({ zoom: view.zoom + 0.7 }, { ms: 300, byPerson: true });
      if (name === "out") camera.fly({ zoom: view.zoom - 0.7 }, { ms: 300, byPerson: true });
      if (name === "north") camera.fly({ bearing: 0 }, { ms: 500, byPerson: true });
    }
  }

  /** The wall shows who is served, or what it showed before. */
  serve(on) {
    if (!this.map || this.place.name !== "wall" || on === Boolean(this.coverage)) return;
    this.coverage?.destroy();
    this.coverage = on ? new CoverageView(this.page, this) : null;
    if (on) this.pick(null);
    for (const button of this.page.querySelectorAll("[data-tool=coverage]")) {
      button.setAttribute("aria-pressed", String(on));
    }
    // other layers have stepped back, or are here again
    for (const button of this.page.querySelectorAll(".dock [data-layer]")) {
      button.setAttribute("aria-pressed", String(!this.map.view.hidden.has(button.dataset.layer)));
    }
    const subtitle = this.page.querySelector(".brand p");
    if (subtitle) subtitle.textContent = this.words.t(on ? "office.coverage" : "wall.subtitle");
    this.fit();
  }

  toggle(button) {
    const attribute = button.hasAttribute("aria-checked") ? "aria-checked" : "aria-pressed";
    const on = button.getAttribute(attribute) !== "true";
    button.setAttribute(attribute, String(on));
    this.map.show(button.dataset.layer, on);
    this.clusters?.refresh();
    this.controls.mark();
    this.way.remember();
  }

  /** Switches layers so that the ones named are off and the others on. */
  showLayers(off) {
    for (const button of this.page.querySelectorAll("[data-layer]")) {
      const attribute = button.hasAttribute("aria-checked") ? "aria-checked" : "aria-pressed";
      const on = !off.includes(button.dataset.layer);
      if ((button.getAttribute(attribute) === "true") !== on) {
        button.setAttribute(attribute, String(on));
        this.map.show(button.dataset.layer, on);
      }
    }
  }

  /** Copies the address of the present view. */
  async copyLink(button) {
    this.way.remember();
    await navigator.clipboard.writeText(location.href);
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = before;
    }, 1600);
  }

  #connection(state) {
    this.state = state;
    this.host.dataset.connection = state;
    const node = this.page?.querySelector("[data-connection]");
    if (!node || node.dataset.connection === state) return;
    node.dataset.connection = state;
    node.textContent = state === "lost" && this.store.at
      ? this.words.t("connection.lost", { at: this.words.time(this.store.at) })
      : this.words.t(`connection.${state === "lost" ? "opening" : state}`);
  }

  #tooltip(hover) {
    this.tip ??= Object.assign(document.createElement("div"), { className: "tooltip" });
    if (!this.tip.isConnected) this.host.append(this.tip);
    this.tip.hidden = !hover?.name;
    if (hover?.name) {
      this.tip.textContent = hover.name;
      this.tip.style.transform = `translate(${hover.x + 14}px, ${hover.y + 14}px)`;
    }
  }

  stop() {
    clearTimeout(this.regrouping);
    this.wall?.destroy();
    this.wallList?.destroy();
    this.mode?.destroy();
    this.desk?.destroy();
    this.incidents?.destroy();
    this.takeover?.destroy();
    this.response?.destroy();
    this.coverage?.destroy();
    this.machine?.destroy();
    this.story?.destroy();
    this.stopped = true; // a start that still waits for something goes no further
    clearInterval(this.sunTimer);
    clearInterval(this.driftTimer);
    this.resize?.disconnect();
    this.search?.destroy();
    this.way?.destroy();
    this.panels?.destroy();
    this.store?.stop();
    this.map?.destroy();
    this.host.replaceChildren();
    delete this.host.dataset.ready;
  }
}

/** Whether this browser is to draw in 3D. */
function canDraw() {
  return hasWebGL() && !new URLSearchParams(location.search).has("flat");
}

function sessionTheme() {
  return sessionStorage.getItem("twin-theme");
}
