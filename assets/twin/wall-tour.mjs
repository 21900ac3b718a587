// The tour: scenes one after another, each a camera stop with layers and a caption. It waits for
// incidents and for whoever holds the camera, and goes on afterwards. The leading tile runs it.

import { toLngLat } from "./camera.mjs";
import { getJson } from "./loading.mjs";

const FLY_MS = 1800;
const LOOK_MS = 400;
const AGAIN_MS = 60_000;
const SKIPS = 20;
/** How near each kind of thing is looked at. */
const NEAR = {
  gates: { zoom: 18.7, pitch: 57 }, parking: { zoom: 18.4, pitch: 52 },
  services: { zoom: 18.6, pitch: 56 }, buildings: { zoom: 18.5, pitch: 58 },
  incidents: { zoom: 18.5, pitch: 57 }, compounds: { pitch: 55 },
};

export class Tour {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.twin = wall.twin;
    this.scenes = [];
    this.turns = {};
    this.timer = setInterval(() => this.tick(), LOOK_MS);
    this.again = setInterval(() => this.load(), AGAIN_MS);
  }

  destroy() {
    clearInterval(this.timer);
    clearInterval(this.again);
  }

  /** The playlist, which may be edited while the wall runs. */
  async load() {
    try {
      const found = await getJson(`${this.twin.api}/api/v1/wall/playlist`);
      this.wall.modes.dimming = found.dimming;
      if (found.version === this.version) return;
      this.version = found.version;
      this.scenes = found.scenes;
      this.wall.caption.refresh();
    } catch {
      // the connection says so already; the scenes stay
    }
  }

  get state() {
    return this.wall.channel.state.tour ?? { on: false, paused: false, scene: null };
  }

  sceneOf(id) {
    return this.scenes.find((scene) => scene.id === id) ?? null;
  }

  get index() {
    return this.scenes.findIndex((scene) => scene.id === this.state.scene);
  }

  play() {
    if (this.state.on && this.state.paused) {
      // goes on with what is left of the scene
      this.#say({ paused: false, at: this.wall.clock.now() - (this.spent ?? 0) });
    } else if (!this.state.on) this.show(Math.max(0, this.index), 1);
  }

  pause() {
    if (!this.state.on || this.state.paused) return;
    this.spent = this.wall.clock.now() - this.state.at;
    this.#say({ paused: true });
  }

  toggle() {
    if (this.state.on && !this.state.paused) this.pause();
    else this.play();
  }

  /** Ends the tour; the whole community again. */
  stop() {
    if (!this.state.on) return;
    this.wall.channel.say({ tour: { on: false }, layers: "all", pick: null });
    this.wall.follow();
    this.wall.rest();
  }

  next() {
    this.show(this.index + 1, 1);
  }

  prev() {
    this.show(this.index - 1, -1);
  }

  goto(id) {
    const k = this.scenes.findIndex((scene) => scene.id === id);
    if (k >= 0) this.show(k, 1);
  }

  /** Shows a scene by its place in the list; one that has nothing to show is passed over. */
  show(k, step) {
    const n = this.scenes.length;
    if (!n || !this.wall.channel.leads || !this.twin.map) return;
    for (let tries = 0; tries < Math.min(n, SKIPS); tries++) {
      const scene = this.scenes[(((k + tries * step) % n) + n) % n];
      const found = this.#resolve(scene);
      if (!found) continue;
      this.#say({
        on: true, paused: false, scene: scene.id, name: found.name ?? "",
        at: this.wall.clock.now(), seconds: scene.seconds,
      }, { layers: scene.layers, pick: found.pick ?? null });
      this.spent = 0;
      this.twin.map.camera.heldUntil = 0;
      this.wall.follow();
      this.#fly(scene, found);
      return;
    }
  }

  #say(tour, more = {}) {
    this.wall.channel.say({ tour: { ...this.state, ...tour }, ...more });
    this.wall.caption.refresh();
  }

  #fly(scene, { stop, pick }) {
    const { map } = this.twin;
    if (map.flat) return;
    const own = Object.fromEntries(["zoom", "pitch", "bearing"]
      .filter((key) => scene[key] !== null && scene[key] !== undefined)
      .map((key) => [key, scene[key]]));
    if (pick) return; // a building that opens frames itself
    map.camera.fly({ ...stop, ...own }, {
      ms: FLY_MS, orbit: scene.orbit, orbitMs: Math.max(0, scene.seconds * 1000 - FLY_MS),
    });
  }

  /** Where a scene's camera goes and what it is called there, or null when there is nothing. */
  #resolve(scene) {
    const { twin } = this;
    const { map } = twin;
    const home = map.camera?.home;
    if (scene.stop === "overview") return { stop: home };
    if (scene.stop === "coverage") return { stop: { ...home, pitch: 53 } };
    if (scene.stop === "incidents") return this.#worst();
    if (scene.stop === "building") return this.#building();
    if (scene.stop.includes("/")) {
      const [layer, ...rest] = scene.stop.split("/");
      return this.#thing(layer, rest.join("/"));
    }
    if (scene.stop === "compounds") return this.#area();
    const ids = map.tables[scene.stop]?.meta.ids ?? [];
    if (!ids.length) return null;
    return this.#thing(scene.stop, ids[this.#turn(scene.id) % ids.length]);
  }

  #turn(id) {
    this.turns[id] = (this.turns[id] ?? -1) + 1;
    return this.turns[id];
  }

  #thing(layer, id) {
    const at = this.twin.map.locate(layer, id);
    if (!at) return null;
    const { x, y } = { x: at[0], y: at[1] };
    const [longitude, latitude] = toLngLat(this.twin.map.origin, x, y);
    const bearing = this.twin.map.camera?.home?.bearing ?? 0;
    return {
      stop: { bearing, ...(NEAR[layer] ?? NEAR.services), longitude, latitude },
      name: this.twin.names(layer, id),
    };
  }

  #area() {
    const { areas } = this.twin.about;
    const own = areas.filter((area) => area.layer === "compounds");
    const list = own.length ? own : areas;
    if (!list.length) return null;
    const area = list[this.#turn("compounds") % list.length];
    const stop = this.twin.way.stopFor(area.layer, area.id);
    const bearing = this.twin.map.camera?.home?.bearing ?? 0;
    return stop && { stop: { bearing, ...stop, ...NEAR.compounds }, name: area.name ?? area.id };
  }

  #worst() {
    const open = this.twin.incidents?.open ?? [];
    for (const [, row] of open) {
      const at = this.twin.incidents.at(row);
      if (!at) continue;
      const [longitude, latitude] = toLngLat(this.twin.map.origin, at[0], at[1]);
      const bearing = this.twin.map.camera?.home?.bearing ?? 0;
      const name = `${this.twin.incidents.title(row)} · ${this.twin.incidents.placeName(row)}`;
      return { stop: { bearing, ...NEAR.incidents, longitude, latitude }, name };
    }
    return null;
  }

  /** A house of middling height: neither a tower that fills the wall nor a hut. */
  #building() {
    const table = this.twin.map.tables.buildings;
    const homes = new Set(this.twin.map.tables.entrances?.meta.buildings ?? []);
    const heights = (table?.meta.ids ?? []).map((id, row) =>
      ({ id, height: table.columns.elevations[table.columns.starts[row]] }))
      .filter(({ id, height }) => height > 12 && height < 40 && (!homes.size || homes.has(id)));
    if (!heights.length) return null;
    const { id } = heights[(this.#turn("building") * 17) % heights.length];
    return { stop: null, name: this.twin.names("buildings", id), pick: { layer: "buildings", id } };
  }

  tick() {
    const { state } = this;
    const { page, channel, clock } = this.wall;
    if (!page || !state.on) return;
    const incident = page.classList.contains("taken-over");
    if (incident !== Boolean(this.interrupted)) {
      this.interrupted = incident;
      this.wall.caption.refresh();
      // what was shown is shown again once it is calm, and then the tour goes on
      if (!incident && channel.leads && !state.paused) this.show(this.index, 1);
    }
    if (!channel.leads || incident || state.paused || this.twin.map?.camera.held) return;
    if (!this.scenes.length) return;
    if (this.index < 0 || clock.now() - state.at > state.seconds * 1000) this.next();
  }
}
