// Starts the twin on whatever page is shown, and keeps one map for the life of the document.

import { decodeTable } from "./twin/columns.mjs";
import { toLngLat } from "./twin/camera.mjs";
import { FlatMap } from "./twin/flat.mjs";
import { hydrateIcons } from "./twin/icons.mjs";
import { Labels } from "./twin/labels.mjs";
import { TwinMap } from "./twin/map.mjs";
import { Panels } from "./twin/panels.mjs";
import { LiveStore } from "./twin/stream.mjs";
import { Words } from "./twin/words.mjs";

const TABLE_ORDER = [
  "buildings", "context", "entrances", "gates", "plate_cameras", "devices", "services", "parking",
  "trees", "labels", "roads",
];
const STOPS = {
  wall: { pitch: 54, bearing: -24 },
  wide: { pitch: 54, bearing: -22 },
  manage: { pitch: 50, bearing: -22 },
  demo: { pitch: 56, bearing: -24 },
  phone: { pitch: 50, bearing: -30 },
};
const SHADOW_MS = 20 * 60_000;
const LIFTS = { buildings: 18.4, services: 18.4, parking: 18.2 };

/** @type {Twin|null} the one that runs, whatever page shows it */
let running = null;
let startedFor = null;

/** Everything that belongs to one world in one document. */
class Twin {
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
    const bundle = this.#loadEngine();
    const sunned = this.#theme();
    const [about, words] = await Promise.all([
      getJson(`${api}/api/v1/community`), getJson(`/api/words/${place.lang}`),
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
      },
      patch: (layers, changed) => {
        this.map?.patchRows(layers, changed);
        this.panels?.patch(changed);
        this.host.dataset.patches = String(this.store.patches);
      },
      connection: (state) => this.#connection(state),
    });
    globalThis.twin = this;
    const tables = this.#loadTables();
    const streaming = this.store.start();
    const theme = await sunned;
    const ground = (await bundle) ? this.#getGround(theme) : null;
    if (this.stopped) return;
    this.#makeMap(theme);
    if (this.page) this.attach(this.page);
    else this.map.fit(guessedWindow(place));
    // a slow line shows what it has after a while, a fast one draws once
    const impatient = setTimeout(() => this.map.holdFrames(false), 2500);
    await Promise.all([tables, ground && this.#placeGround(theme, ground)]);
    clearTimeout(impatient);
    if (this.stopped) return;
    this.map.holdFrames(false);
    await streaming;
    if (this.stopped) return;
    this.progress.done();
    this.host.dataset.ready = "true";
    if (theme === "day") this.#loadShadows();
    this.sunTimer = setInterval(() => this.#followSun(), 60_000);
    this.driftTimer = setInterval(() => {
      if (this.place.name === "wall" && !this.map.flat && this.map.frameMs < 60) {
        this.map.camera.drift(performance.now());
      }
    }, 250);
  }

  /** @returns {Promise<boolean>} whether the 3D engine can be used */
  async #loadEngine() {
    if (!hasWebGL() || new URLSearchParams(location.search).has("flat")) return false;
    await loadScript(this.host.dataset.bundle);
    return true;
  }

  #makeMap(theme) {
    const options = {
      specs: this.about.layers.filter((spec) => spec.id in this.about.tables),
      origin: this.about.origin,
      extent: this.about.extent,
      outline: this.about.outline,
      stop: stopOf(this.place),
      theme,
      pixelScale: this.place.name === "wall" ? Math.max(1, innerHeight / 900) : 1,
      onPick: (picked) => this.pick(picked),
      onHover: (hover) => this.#tooltip(hover),
      onView: () => this.labels?.schedule(),
    };
    document.documentElement.dataset.theme = theme;
    if (globalThis.deck?.Deck && !new URLSearchParams(location.search).has("flat")) {
      this.map = new TwinMap(this.host, { ...options, deck: globalThis.deck, luma: globalThis.luma });
    } else {
      this.map = new FlatMap(this.host, options);
      this.noted = this.words.t("loading.flat");
      this.progress.note(this.noted);
    }
    this.map.holdFrames(true);
    this.labels = new Labels(this.host, this.map, { onPick: (picked) => this.pick(picked) });
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
      if (this.map) this.#place(table);
      else this.early.push(table);
    }));
  }

  #place(table) {
    for (const [row, id] of (table.meta.ids ?? []).entries()) {
      if (table.layer !== "labels") {
        this.index.set(`${table.layer}.${id}`, {
          name: table.meta.names?.[row] || id,
          kind: table.meta.kinds?.[table.columns.kinds?.[row]],
        });
      }
    }
    if (table.layer === "labels") this.labels.setTable(table);
    else this.map.setTable(table);
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
    this.map.setTheme(theme);
    if (this.host.dataset.ground !== theme) this.#loadGround(theme);
    this.panels?.refresh();
  }

  /** Binds to a page: the first one, or another after a client-side navigation. */
  attach(page) {
    this.page = page;
    this.place = placeOf(page);
    if (!this.map || !this.words) return; // `start` attaches it when it gets there
    this.panels?.destroy();
    const names = (layer, id) => {
      const name = this.index.get(`${layer}.${id}`)?.name;
      if (name && name !== id) return name;
      return `${names.what(layer, id)} ${id}`;
    };
    names.what = (layer, id) => {
      const kind = `kind.${this.index.get(`${layer}.${id}`)?.kind}`;
      return this.words.t(this.words.has(kind) ? kind : `one.${layer}`);
    };
    names.kind = (layer, id) => this.index.get(`${layer}.${id}`)?.kind ?? {
      entrances: "entrance", gates: "gate", plate_cameras: "plate_camera", parking: "parking",
      buildings: "building",
    }[layer] ?? "other";
    this.panels = new Panels(page, this.store, this.words, names, (to) => this.goTo(to));
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
    this.labels.measureAnew();
    this.fit();
    this.#connection(this.state ?? "opening");
  }

  fit() {
    if (!this.page || !this.map) return;
    this.map.stop = stopOf(this.place);
    this.map.fit(clearWindow(this.page));
    this.labels.schedule();
  }

  /** A feature was chosen on the map or in a list: shows its panel. */
  pick(picked) {
    this.picked = picked;
    const detail = picked
      ? { layer: picked.layer, id: picked.id }
      : { layer: null, id: null };
    this.map.select(picked ? { layer: picked.layer, id: picked.id } : null);
    this.page.classList.toggle("has-detail", Boolean(picked));
    dispatchEvent(new CustomEvent("twin:pick", {
      detail: { ...detail, api: this.api, lang: this.page.dataset.lang, t: Date.now() },
    }));
  }

  /** Flies to a feature and shows its panel. */
  goTo({ layer, id, name }) {
    const at = this.map.locate(layer, id);
    if (at && !this.map.flat) {
      const [longitude, latitude] = toLngLat(this.map.origin, at[0], at[1]);
      this.map.camera.hold();
      const facing = this.map.facing(layer, id);
      const turn = facing === null ? {} : { bearing: facing > 180 ? facing - 360 : facing };
      this.map.camera.fly(
        { longitude, latitude, zoom: LIFTS[layer] ?? 19.6, pitch: facing === null ? 55 : 36, ...turn },
        { byPerson: true });
    }
    this.pick({ layer, id, name });
  }

  home() {
    this.map.camera.heldUntil = 0;
    if (this.map.flat) this.map.fit(clearWindow(this.page));
    else this.map.camera.fly(this.map.camera.home, { byPerson: true });
    this.pick(null);
  }

  tool(name) {
    const { camera } = this.map;
    if (name === "home") this.home();
    else if (name === "close") this.pick(null);
    else if (name === "theme") {
      const next = this.map.view.theme === "dark" ? "day" : "dark";
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

  toggle(button) {
    const attribute = button.hasAttribute("aria-checked") ? "aria-checked" : "aria-pressed";
    const on = button.getAttribute(attribute) !== "true";
    button.setAttribute(attribute, String(on));
    this.map.show(button.dataset.layer, on);
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
    this.stopped = true; // a start that still waits for something goes no further
    clearInterval(this.sunTimer);
    clearInterval(this.driftTimer);
    this.resize?.disconnect();
    this.panels?.destroy();
    this.store?.stop();
    this.map?.destroy();
    this.host.replaceChildren();
    delete this.host.dataset.ready;
  }
}

class Progress {
  constructor(page, words) {
    this.node = page.querySelector("[data-loading]");
    this.words = words;
  }

  step(layer, n, of) {
    if (!this.node || !this.words) return;
    this.node.querySelector(".loading-bar i").style.width = `${(100 * n) / of}%`;
    this.node.querySelector(".loading-step").textContent =
      this.words.t("loading.step", { layer: this.words.t(`layer.${layer}`), n, of });
  }

  note(text) {
    if (this.node) this.node.querySelector(".loading-title").textContent = text;
    this.stay = true;
  }

  done() {
    if (!this.node) return;
    setTimeout(() => this.node.classList.add("done"), this.stay ? 4000 : 0);
  }
}

function stopOf({ name }) {
  if (innerWidth < 700) return STOPS.phone;
  if (name === "wall" && innerWidth / innerHeight > 2.6) return STOPS.wide;
  return STOPS[name] ?? STOPS.manage;
}

/** Which page an address shows, as far as it can be known before Dash has drawn it. */
function placeOf(page) {
  if (page) {
    const { page: name, api, lang } = page.dataset;
    return { name, api, lang };
  }
  const name = { "/wall": "wall", "/manage": "manage", "/demo": "demo" }[location.pathname];
  if (!name) return null;
  const asked = new URLSearchParams(location.search).get("lang");
  return { name, api: name === "demo" ? "/demo" : "", lang: asked === "en" ? "en" : "zh" };
}

/** Where panels will be, before they are there; the page's own measure follows. */
function guessedWindow({ name }) {
  if (innerWidth < 760) return { left: 0, right: 0, top: 64, bottom: innerHeight * 0.48 };
  if (name === "manage") return { left: 276, right: 398, top: 52, bottom: 88 };
  if (name === "demo") return { left: 0, right: 440, top: 64, bottom: 90 };
  const em = Math.min(60, Math.max(12, innerHeight * 0.02037));
  const wide = innerWidth / innerHeight > 2.6;
  return { left: em * (wide ? 41.3 : 20.4), right: em * (wide ? 42.3 : 21.6), top: em * 4, bottom: em * 9 };
}

/** How far panels reach into the picture from each side, in pixels. */
function clearWindow(page) {
  const padding = { left: 0, right: 0, top: 0, bottom: 0 };
  const [width, height] = [innerWidth, innerHeight];
  const box = (name) => {
    const node = page.querySelector(name);
    const rect = node?.getBoundingClientRect();
    return rect && rect.width && rect.height ? rect : null;
  };
  const [left, right, top, bottom] = [".rail-left", ".rail-right", ".top", ".bottom"].map(box);
  const full = (rect) => rect.width > width * 0.7;
  if (left && !full(left)) padding.left = left.right;
  if (right && !full(right)) padding.right = width - right.left;
  if (top) padding.top = top.bottom;
  if (bottom && bottom.top > height / 2) padding.bottom = height - bottom.top;
  if (right && full(right) && right.top > height * 0.25) padding.bottom = Math.max(padding.bottom, height - right.top);
  return padding;
}

async function getJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

async function getTable(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return decodeTable(await response.arrayBuffer());
}

const scripts = new Map();

/** Loads a script once, however often it is asked for; a failure may be tried again. */
function loadScript(src) {
  if (!scripts.has(src)) {
    scripts.set(src, new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = done;
      script.onerror = () => {
        scripts.delete(src);
        failed(new Error(`${src} did not load`));
      };
      document.head.append(script);
    }));
  }
  return scripts.get(src);
}

function hasWebGL() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

function sessionTheme() {
  return sessionStorage.getItem("twin-theme");
}

async function run(place) {
  const host = document.getElementById("twin-map");
  for (let wait = 500; ; wait = Math.min(8000, wait * 2)) {
    const mine = new Twin(host, place);
    running = mine;
    if (startedFor) showOn(startedFor);
    try {
      await mine.start();
      return;
    } catch (error) {
      console.warn(error.message);
      await new Promise((done) => setTimeout(done, wait));
      if (running !== mine) return;
      mine.stop();
    }
  }
}

function showOn(page) {
  running.progress = new Progress(page, running.words ?? null);
  if (running.noted) running.progress.note(running.noted);
  if (running.stepped) running.progress.step(...running.stepped);
  running.attach(page);
  if (running.host.dataset.ready) running.progress.done();
}

/** Looks at what page Dash shows now and starts, moves or stops the twin. */
function follow() {
  const page = document.getElementById("twin-page");
  if (!page || page === startedFor) return;
  startedFor = page;
  document.documentElement.lang = page.lang;
  document.title = page.querySelector("h1")?.textContent ?? "";
  document.body.dataset.page = page.dataset.page;
  hydrateIcons(page);
  if (page.dataset.api === undefined) {
    running?.stop();
    running = null;
  } else if (running && running.api === page.dataset.api && running.place.lang === page.dataset.lang) {
    showOn(page);
  } else {
    running?.stop();
    run(placeOf(page));
  }
}

const first = placeOf(null);
if (first) run(first);

document.addEventListener("click", (event) => {
  const node = event.target.closest?.("[data-tool], [data-layer], [data-goto-id]");
  if (!node || !running?.map) return;
  if (node.dataset.tool) running.tool(node.dataset.tool);
  else if (node.dataset.gotoId) running.goTo({ layer: node.dataset.gotoLayer, id: node.dataset.gotoId });
  else running.toggle(node);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running?.map) {
    if (running.picked) running.pick(null);
    else running.home();
  }
});
new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
follow();
