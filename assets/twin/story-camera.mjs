// Where the camera goes at each stop: the subject in the clear part of the picture, seen from the
// side where the fewest buildings stand in front of it.

import { toLngLat } from "./camera.mjs";

const FLY_MS = 2400;
const TURNS = [0, -32, 32, -64, 64, 180];
const BLOCK_M = 160;
const DESIGN_PX = 900;

export class StoryCamera {
  /** @param {import("./twin.mjs").Twin} twin */
  constructor(twin) {
    this.twin = twin;
    this.bearings = new Map();
  }

  /** Shows a stop; flies there or cuts. */
  show(stop, { fly = false, pace = 1 } = {}) {
    const { map } = this.twin;
    if (!map || map.flat || !map.camera?.home) return;
    if (!stop.layer) {
      this.#go({ ...map.camera.home }, fly, pace);
      return;
    }
    const at = map.locate(stop.layer, stop.id);
    if (!at) return;
    const [longitude, latitude] = toLngLat(map.origin, at[0], at[1]);
    this.#go({
      longitude, latitude, zoom: this.#zoom(stop.zoom), pitch: stop.pitch,
      bearing: this.#bearing(stop, at),
    }, fly, pace);
  }

  /** Goes to a spot in metres. */
  spot([x, y], { zoom = 18.5, pitch = 57, bearing = 38, pace = 1 } = {}) {
    const { map } = this.twin;
    if (!map || map.flat) return;
    const [longitude, latitude] = toLngLat(map.origin, x, y);
    this.#go({ longitude, latitude, zoom: this.#zoom(zoom), pitch, bearing }, true, pace);
  }

  home({ pace = 1 } = {}) {
    const { map } = this.twin;
    if (map && !map.flat && map.camera.home) this.#go({ ...map.camera.home }, true, pace);
  }

  #go(view, fly, pace) {
    const { camera } = this.twin.map;
    if (fly) camera.fly(view, { ms: FLY_MS / pace, byPerson: true });
    else camera.jump(view);
    camera.heldUntil = 0;
  }

  /** The design's zoom is of a screen 900 high; a phone's window shows less, so it stands back. */
  #zoom(zoom) {
    const { padding } = this.twin.map.camera;
    const clear = Math.max(200, innerHeight - padding.top - padding.bottom);
    const wide = Math.max(200, innerWidth - padding.left - padding.right);
    const share = Math.min(clear / (DESIGN_PX * 0.85), wide / 980);
    return zoom + Math.max(-1.1, Math.min(1, Math.log2(share)));
  }

  /** The bearing asked for, or another one from which the subject is seen better. */
  #bearing(stop, at) {
    const key = `${stop.layer}.${stop.id}`;
    if (this.bearings.has(key)) return this.bearings.get(key);
    const facing = this.twin.map.facing?.(stop.layer, stop.id);
    const wish = facing === null || facing === undefined ? stop.bearing : facing;
    const turns = facing === null || facing === undefined ? TURNS : [0, -24, 24, -48, 48];
    let best = null;
    for (const turn of turns) {
      const bearing = wrap(wish + turn);
      const hidden = this.#hidden(at, bearing, stop.pitch);
      if (!best || hidden < best.hidden - 0.05) best = { bearing, hidden };
    }
    this.bearings.set(key, best.bearing);
    return best.bearing;
  }

  /** How much stands between a spot and the camera: the sum of what rises above the line of sight. */
  #hidden([x, y], bearing, pitch) {
    const buildings = this.#blocks();
    const a = (bearing * Math.PI) / 180;
    const [dx, dy] = [-Math.sin(a), -Math.cos(a)]; // from the spot towards the camera
    const rise = 1 / Math.tan((pitch * Math.PI) / 180);
    let sum = 0;
    for (const block of buildings) {
      const [bx, by] = [block.x - x, block.y - y];
      const along = bx * dx + by * dy;
      if (along < 3 || along > BLOCK_M) continue;
      const aside = Math.abs(bx * dy - by * dx);
      if (aside > block.r * 0.9 + 3) continue;
      const over = block.h - Math.max(0, along - block.r) * rise;
      if (over > 0) sum += Math.min(1, over / 12);
    }
    return sum;
  }

  #blocks() {
    const table = this.twin.map.tables.buildings;
    if (!table) return [];
    if (this.blocksOf === table) return this.blocks;
    this.blocksOf = table;
    const { positions: p, starts, elevations } = table.columns;
    this.blocks = Array.from({ length: table.length }, (_, row) => {
      let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let v = starts[row]; v < starts[row + 1]; v++) {
        west = Math.min(west, p[v * 3]);
        east = Math.max(east, p[v * 3]);
        south = Math.min(south, p[v * 3 + 1]);
        north = Math.max(north, p[v * 3 + 1]);
      }
      return {
        x: (west + east) / 2, y: (south + north) / 2, r: Math.hypot(east - west, north - south) / 2.6,
        h: elevations[starts[row]],
      };
    });
    return this.blocks;
  }
}

const wrap = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;
