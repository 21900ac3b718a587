// Finding one's way: fly to a thing, up one level, and an address that leads back to the same view.

import { toLngLat } from "./camera.mjs";
import { readPlace, writePlace } from "./deeplink.mjs";

const LIFTS = { buildings: 18.8, floors: 19.3, services: 18.4, parking: 18.2 };
const DOOR_ZOOM = 19.6;
const SETTLED_MS = 700;
const WIDTH_M = 40.03e6; // around the equator, as deck.gl has it

const PAN_PX = 120;
const KEYS = {
  ArrowLeft: { pan: [-1, 0] }, ArrowRight: { pan: [1, 0] },
  ArrowUp: { pan: [0, 1] }, ArrowDown: { pan: [0, -1] },
  "+": { zoom: 0.7 }, "=": { zoom: 0.7 }, "-": { zoom: -0.7 },
  "[": { bearing: -15 }, "]": { bearing: 15 }, PageUp: { pitch: -8 }, PageDown: { pitch: 8 },
};

/** @param {number} metres to be seen @param {number} pixels they may take @param {number} latitude */
export function zoomFor(metres, pixels, latitude) {
  const perPixel = (metres * 1.25) / Math.max(120, pixels);
  return Math.log2((WIDTH_M * Math.cos((latitude * Math.PI) / 180)) / (512 * perPixel));
}

export class Wayfinder {
  /** @param {import("./twin.mjs").Twin} twin */
  constructor(twin) {
    this.twin = twin;
    this.onPopState = () => this.restore();
    addEventListener("popstate", this.onPopState);
  }

  destroy() {
    removeEventListener("popstate", this.onPopState);
    clearTimeout(this.timer);
  }

  /** A wall's address stays as it was typed: nobody copies it, and it must not grow a history. */
  get kept() {
    const { place, story, picked } = this.twin;
    if (place.name === "demo") return !story || story.mode === "roam" || Boolean(picked);
    return place.name === "manage";
  }

  /** Where a thing stands, x, y, z in metres, or null; an area by its middle. */
  spot(layer, id) {
    const { map, about } = this.twin;
    const area = about.areas.find((one) => one.layer === layer && one.id === id);
    if (!area) return map?.locate(layer, id) ?? null;
    const points = area.rings.flat();
    return [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length);
  }

  /** Where a camera must go to show a thing, or null where that is unknown. */
  stopFor(layer, id) {
    const { map, about } = this.twin;
    const area = about.areas.find((one) => one.layer === layer && one.id === id);
    if (area) {
      const points = area.rings.flat();
      const [west, south, east, north] = [0, 1, 0, 1].map((axis, k) =>
        (k < 2 ? Math.min : Math.max)(...points.map((p) => p[axis])));
      const [longitude, latitude] = toLngLat(map.origin, (west + east) / 2, (south + north) / 2);
      const { left, right, top, bottom } = map.camera.padding;
      const clear = Math.min(innerWidth - left - right, (innerHeight - top - bottom) * 1.3);
      const zoom = zoomFor(Math.max(east - west, north - south), clear, latitude);
      return { longitude, latitude, zoom: Math.min(18.8, zoom), pitch: 50 };
    }
    if (layer === "incidents") {
      const row = this.twin.store.layers.incidents?.[id];
      const at = row && this.twin.incidents.at(row);
      if (!at) return null;
      const [longitude, latitude] = toLngLat(map.origin, at[0], at[1]);
      return { longitude, latitude, zoom: 18.5, pitch: 57 };
    }
    const building = layer === "floors" ? id.split("/")[0] : null;
    const at = building ? map.locate("buildings", building) : map.locate(layer, id);
    if (!at) return null;
    const [longitude, latitude] = toLngLat(map.origin, at[0], at[1]);
    const facing = map.facing?.(layer, id) ?? null;
    const turn = facing === null ? {} : { bearing: facing > 180 ? facing - 360 : facing };
    return {
      longitude, latitude, zoom: LIFTS[layer] ?? DOOR_ZOOM, pitch: facing === null ? 55 : 36, ...turn,
    };
  }

  /** Flies to a thing and shows its panel. */
  goTo({ layer, id, name }, { atOnce = false } = {}) {
    const { map } = this.twin;
    // a building that opens frames itself
    const opens = ["buildings", "floors"].includes(layer);
    const stop = opens ? null : this.stopFor(layer, id);
    if (stop && !map.flat) {
      map.camera.hold();
      if (atOnce) map.camera.jump(stop);
      else map.camera.fly(stop, { byPerson: true });
    }
    this.twin.pick({ layer, id, name });
  }

  /** Nearer to a spot of the ground, x and y in metres: two steps, or to a zoom. */
  closer({ x, y }, zoom = this.twin.map.camera.view.zoom + 2) {
    const { map } = this.twin;
    const [longitude, latitude] = toLngLat(map.origin, x, y);
    map.camera.hold();
    map.camera.fly({ longitude, latitude, zoom }, { byPerson: true });
  }

  /** Flies to a spot in metres unless a person holds the camera; for the machine's own wishes. */
  approach([x, y], stop) {
    const { map } = this.twin;
    if (map.flat) return;
    const [longitude, latitude] = toLngLat(map.origin, x, y);
    map.camera.fly({ longitude, latitude, ...stop }, { ms: 1600 });
  }

  /** Back to the overview, unless a person holds the camera. */
  rest() {
    const { map } = this.twin;
    if (!map.flat && map.camera.home) map.camera.fly(map.camera.home, { ms: 1800 });
  }

  /** Moves the camera by a key while the map has the focus. @returns {boolean} whether it is one */
  key(name) {
    const { map } = this.twin;
    const move = KEYS[name];
    if (!move || map.flat) return false;
    const { view } = map.camera;
    const [right, up] = move.pan ?? [0, 0];
    const turn = (view.bearing * Math.PI) / 180;
    const step = (WIDTH_M / (512 * 2 ** view.zoom)) * PAN_PX;
    const [longitude, latitude] = toLngLat([view.longitude, view.latitude],
      step * (right * Math.cos(turn) + up * Math.sin(turn)),
      step * (up * Math.cos(turn) - right * Math.sin(turn)));
    map.camera.hold();
    map.camera.fly({
      longitude,
      latitude,
      zoom: Math.min(22, Math.max(12, view.zoom + (move.zoom ?? 0))),
      pitch: Math.min(80, Math.max(0, view.pitch + (move.pitch ?? 0))),
      bearing: view.bearing + (move.bearing ?? 0),
    }, { ms: 180, byPerson: true });
    return true;
  }

  /** Up one level of the way that the panel shows; from the top, home. */
  up() {
    if (!this.twin.page) return;
    const crumbs = [...this.twin.page.querySelectorAll(".crumbs button.crumb")];
    const parent = this.twin.picked && crumbs.at(-1);
    if (parent?.dataset.gotoId) {
      this.goTo({ layer: parent.dataset.gotoLayer, id: parent.dataset.gotoId });
    } else this.twin.home();
  }

  get place() {
    const { picked, map, day } = this.twin;
    return {
      at: picked ? { layer: picked.layer, id: picked.id } : null,
      camera: map?.camera?.view ?? null,
      off: [...(map?.view?.hidden ?? [])],
      day: day ?? null,
      t: this.twin.store.past?.at ?? null,
    };
  }

  /** Puts the present view into the address; a new choice is a new step of the browser's history. */
  remember({ step = false } = {}) {
    clearTimeout(this.timer);
    if (!this.kept || this.restoring || !this.restored) return;
    const hash = writePlace(this.place);
    if (hash === location.hash) return;
    const address = location.pathname + location.search + hash;
    // Dash keeps its own state object there; it is handed on
    if (step) history.pushState(history.state, "", address);
    else history.replaceState(history.state, "", address);
  }

  /** The view moved: remembered once it rests. */
  moved() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.remember(), SETTLED_MS);
  }

  /** Shows what the address says. @returns {boolean} whether it says anything */
  restore() {
    const { twin } = this;
    if (!twin.map || !twin.page || twin.place.office) return false;
    const place = readPlace(location.hash, location.search);
    this.restoring = this.restored = true;
    if (place.t && twin.machine) twin.machine.seek(place.t);
    else if (twin.machine?.away) twin.machine.live();
    if (!place.t) twin.day = place.day;
    if (place.off) twin.showLayers(place.off);
    if (place.camera && !twin.map.flat) {
      twin.map.camera.hold();
      twin.map.camera.jump(place.camera);
    }
    const same = twin.picked?.layer === place.at?.layer && twin.picked?.id === place.at?.id;
    if (place.at && !same) {
      if (place.camera) twin.pick(place.at, { fly: false });
      else this.goTo(place.at, { atOnce: true });
    } else if (!place.at && twin.picked) twin.pick(null);
    this.restoring = false;
    return Boolean(place.at || place.camera || place.off);
  }
}
