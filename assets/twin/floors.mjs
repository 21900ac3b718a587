// One building opened floor by floor: fetches its table, lifts its floors apart, frames it, and
// keeps what its floors say true while it is open.

import { closest } from "./camera.mjs";
import { FloorLabels } from "./floor-labels.mjs";
import {
  eyeOf, floorLayers, frontOutlines, heightOf, rowsInFront, steppedBack,
} from "./floor-layers.mjs";
import { getJson, getTable } from "./loading.mjs";

const OPEN_MS = 900;
const STAGGER_MS = 40;
const SLOW_FRAME_MS = 60;
const COUNT_MS = 10_000;
const PITCH = 60;
const OBLIQUE = 26;
/** Pixels beside the building for the names of its floors. */
const MARGIN = { side: 130, above: 64, below: 98 };
const NARROW_MARGIN = { side: 84, above: 56, below: 108 };

export class Floors {
  /** @param {import("./map.mjs").TwinMap} map with `api`, `words` and `tellsFlats` of its page */
  constructor(map) {
    this.map = map;
    this.table = null;
    this.id = null;
    this.apart = true;
    this.counts = null;
    this.fronts = [];
  }

  get words() {
    return this.map.words;
  }

  /**
   * Opens a building, or closes the open one.
   *
   * @param {string|null} id
   * @param {{fly?: boolean}} options whether the camera goes there
   */
  async show(id, { fly = true } = {}) {
    if (id === this.id) {
      // asked for again as a whole, from a list or a panel: framed again
      if (fly && this.table && this.map.view.selection?.layer === "buildings") this.#fly();
      return;
    }
    this.close();
    if (!id) return;
    this.id = id;
    const detail = this.map.tellsFlats?.() ? "&detail=1" : "";
    const url = `${this.map.api ?? ""}/api/v1/layers/floors?building=${encodeURIComponent(id)}${detail}`;
    let table = null;
    try {
      table = await getTable(url);
    } catch (error) {
      console.warn(error.message);
    }
    if (this.id !== id) return; // another was chosen meanwhile
    if (!table) {
      this.id = null;
      return;
    }
    this.table = table;
    this.map.tables.floors = table;
    this.labels = new FloorLabels(this.map.host, this);
    this.map.host.classList.add("floors-open");
    this.apart = true;
    if (fly) this.#fly();
    this.#see();
    this.#animate();
    this.#count();
    this.counting = setInterval(() => this.#count(), COUNT_MS);
    this.refresh();
  }

  close() {
    this.id = null;
    if (!this.table) return;
    clearInterval(this.counting);
    cancelAnimationFrame(this.frame);
    this.labels.destroy();
    this.table = this.counts = null;
    this.fronts = [];
    delete this.map.tables.floors;
    delete this.map.host.dataset.floors;
    this.map.host.classList.remove("floors-open");
    this.map.rebuild();
  }

  /** What was chosen elsewhere: a building stays open while it, or something of it, is chosen. */
  follow(selection) {
    if (!this.id) return;
    const { layer, id } = selection ?? {};
    const mine = (layer === "buildings" && id === this.id) ||
      (layer === "floors" && id.split("/")[0] === this.id) ||
      (layer === "entrances" && this.table?.meta.units.some((one) => one.door === id)) ||
      (layer === "devices" && this.table?.meta.devices.some((one) => one.id === id));
    if (mine) this.refresh();
    else this.close();
  }

  /** Lifts the floors apart or puts them together. */
  open(apart) {
    if (apart === this.apart) return;
    this.apart = apart;
    this.#animate();
    this.refresh();
  }

  /** One floor up or down from the chosen one. */
  step(by) {
    const { storeys, building } = this.table.meta;
    const from = this.#chosen.floor ?? (by > 0 ? 0 : storeys + 1);
    this.pick(`${building}/${Math.min(storeys, Math.max(1, from + by))}`);
  }

  pick(id) {
    this.map.onPick?.({ layer: "floors", id, name: "" });
  }

  pickDoor(id) {
    this.map.onPick?.({ layer: "entrances", id, name: "" });
  }

  get #chosen() {
    const { layer, id } = this.map.view.selection ?? {};
    if (layer === "entrances") return { door: id };
    if (layer !== "floors") return {};
    const [building, floor, unit] = id.split("/");
    return building === this.id ? { floor: Number(floor), unit } : {};
  }

  /** Height of a floor's underside as it stands now, metres. */
  heightOf(floor) {
    return heightOf(this.table.meta, floor, this.#openOf(floor));
  }

  // from the bottom, each floor a little later than the one below it
  #openOf(floor) {
    const { storeys } = this.table.meta;
    const delay = Math.min(STAGGER_MS, (OPEN_MS * 0.5) / storeys);
    const t = (this.progress * OPEN_MS - delay * (floor - 1)) / (OPEN_MS - delay * storeys);
    const eased = 1 - (1 - Math.min(1, Math.max(0, t))) ** 3;
    return this.apart ? eased : 1 - eased;
  }

  #animate() {
    cancelAnimationFrame(this.frame);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ||
      this.map.frameMs > SLOW_FRAME_MS;
    const began = performance.now();
    const next = () => {
      this.progress = calm ? 1 : Math.min(1, (performance.now() - began) / OPEN_MS);
      this.map.rebuild();
      this.labels.place();
      if (this.progress < 1) this.frame = requestAnimationFrame(next);
      else this.map.host.dataset.floors = `${this.id} ${this.apart ? "apart" : "whole"}`;
    };
    next();
  }

  /** The long side seen at an angle, the doors' side first; the view with the fewest in the way. */
  #fly() {
    const { map } = this;
    const { meta } = this.table;
    const along = 90 - (meta.axis * 180) / Math.PI;
    const doors = map.tables.entrances;
    const outward = meta.units
      .map((one) => doors?.columns.bearings?.[doors.meta.ids.indexOf(one.door)])
      .find((bearing) => Number.isFinite(bearing));
    const sides = [along + 90, along - 90];
    if (outward !== undefined) {
      const off = (bearing) => Math.cos(((bearing - outward) * Math.PI) / 180);
      sides.sort((a, b) => off(a) - off(b)); // look against the way out
    } else sides.sort((a, b) => turnFrom(a, map.camera.view) - turnFrom(b, map.camera.view));
    const top = heightOf(meta, meta.storeys + 1) + 3;
    const points = this.#points(top);
    const { clientWidth: width, clientHeight: height } = map.host;
    const pad = map.camera.padding;
    const margin = width < 760 ? NARROW_MARGIN : MARGIN;
    const clear = {
      width: Math.max(140, width - pad.left - pad.right - margin.side),
      height: Math.max(140, height - pad.top - pad.bottom - margin.above - margin.below),
    };
    const stops = [sides[0] - OBLIQUE, sides[0] + OBLIQUE, sides[1] - OBLIQUE].map((bearing) =>
      closest(map.deck, points, {
        width, height, clear, pitch: PITCH, bearing: ((((bearing + 180) % 360) + 360) % 360) - 180,
      }));
    const hidden = stops.map((stop) => this.#frontsFrom(stop).length);
    const stop = stops[hidden.indexOf(Math.min(...hidden))];
    // the bar below takes more room than the doors' names above
    const seen = new map.deck.WebMercatorViewport({ width, height, fovy: 28, ...stop });
    [stop.longitude, stop.latitude] =
      seen.unproject([width / 2, height / 2 + (margin.below - margin.above) / 2]);
    map.camera.hold();
    map.camera.fly(stop, { byPerson: true });
  }

  #points(top) {
    const [lon, lat] = this.map.origin;
    const perDegree = 111194.9;
    return this.table.meta.corners.flatMap(([x, y]) => [this.table.meta.base_m, top].map((z) => [
      lon + x / (perDegree * Math.cos((lat * Math.PI) / 180)), lat + y / perDegree, z,
    ]));
  }

  #frontsFrom(view) {
    const eye = eyeOf(this.map.origin, view, this.map.host.clientHeight);
    return rowsInFront(this.map.tables.buildings, this.id, eye);
  }

  /** What stands in front, as the camera looks now; new layers only if it is something else. */
  #see() {
    const { view } = this.map.camera;
    if (!view || !this.table) return;
    this.seen = seenFrom(view);
    const fronts = this.#frontsFrom(view);
    if (fronts.join() === this.fronts.join()) return;
    this.fronts = fronts;
    this.map.rebuild();
  }

  async #count() {
    const { id } = this;
    try {
      const counts = await getJson(`${this.map.api ?? ""}/api/v1/floors/${encodeURIComponent(id)}`);
      if (this.id !== id) return;
      this.counts = counts;
      this.refresh();
    } catch {
      // the connection says so already
    }
  }

  /** New live rows, counts or choice. */
  refresh() {
    if (!this.table) return;
    this.labels.refresh(this.map.rows, this.counts, this.#chosen);
    this.labels.place();
    const doors = this.table.meta.units.map((one) => this.map.rows.entrances?.[one.door]?.s).join();
    if (doors !== this.doors) this.map.rebuild(); // their marks are ours to draw
    this.doors = doors;
  }

  /** The view changed or a frame was drawn. */
  place() {
    if (!this.table) return;
    const { view } = this.map.camera;
    if (view && this.seen !== seenFrom(view)) this.#see();
    this.labels.place();
  }

  /** What the map draws of it: see scene.mjs. */
  layers(kit, view, local, style) {
    const options = {
      table: this.table,
      theme: view.theme,
      selection: view.selection,
      openOf: (floor) => this.#openOf(floor),
      live: kit.rows,
      facade: kit.facade,
      marksExtension: kit.marksExtension,
    };
    return [
      frontOutlines(kit, kit.tables.buildings, this.fronts, local, style),
      ...floorLayers(kit, options, local, style),
    ];
  }

  /** The other buildings meanwhile: properties over those that scene.mjs gives them. */
  neighbours(kit, view, style, facade) {
    const key = `${this.id} ${view.theme} ${this.fronts.join()}`;
    if (this.steppedKey !== key) {
      this.steppedKey = key;
      this.stepped = steppedBack(kit.tables.buildings, kit.data(view.theme).buildings, this.id,
        this.fronts, view.theme, style.background);
    }
    return { data: this.stepped, facade: { ...facade, lit: facade.lit * 0.4 } };
  }

  destroy() {
    this.close();
  }
}

/** The same word for views from which the same buildings are in front, near enough. */
function seenFrom({ longitude, latitude, zoom, pitch, bearing }) {
  return [longitude * 4000, latitude * 4000, zoom * 8, pitch / 4, bearing / 4].map(Math.round).join();
}

function turnFrom(bearing, view) {
  return 1 - Math.cos(((bearing - (view?.bearing ?? 0)) * Math.PI) / 180);
}
