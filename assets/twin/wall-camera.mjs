// The camera of a wall: every move is (from, to, when, how long), reckoned for the same instant of the
// server's clock on every tile. The leading tile makes the moves, the others follow.

import { Camera } from "./camera.mjs";

const LEAD_MS = 140; // so that a move reaches every tile before it starts
const SWING = 6;
const SWING_MS = 24 * 40_000; // a degree in 40 s, six degrees either way
const KEYS = ["longitude", "latitude", "zoom", "pitch", "bearing"];

export const smooth = (t) => (t < 0.5 ? 4 * t * t * t : 1 - (-2 * t + 2) ** 3 / 2);

/** The shorter way round. */
export function turnTo(from, to) {
  return from + ((((to - from) % 360) + 540) % 360) - 180;
}

/** The swing of an idle wall, degrees, after so many milliseconds: at a steady pace to and fro. */
export function swing(ms) {
  const phase = ((ms / SWING_MS) % 1 + 1) % 1;
  return SWING * (phase < 0.25 ? 4 * phase : phase < 0.75 ? 2 - 4 * phase : 4 * phase - 4);
}

/** Where a move has the camera at an instant. @returns {{view: object, over: boolean}} */
export function viewAt(move, at) {
  const since = at - move.at;
  const t = move.ms > 0 ? Math.min(1, Math.max(0, since / move.ms)) : since >= 0 ? 1 : 0;
  const s = move.ease === "linear" ? t : smooth(t);
  const view = {};
  for (const key of KEYS) {
    const to = key === "bearing" ? turnTo(move.from.bearing, move.to.bearing) : move.to[key];
    view[key] = move.from[key] + (to - move.from[key]) * s;
  }
  const after = since - move.ms;
  if (move.orbit && move.orbit_ms && after > 0) {
    const u = Math.min(1, after / move.orbit_ms);
    view.bearing += move.orbit * (u < 0.1 ? 5 * u * u : u > 0.9 ? 0.9 - 5 * (1 - u) ** 2 : u - 0.05) / 0.9;
  }
  const orbiting = move.orbit && after < move.orbit_ms;
  if (move.drift && after > 0) view.bearing += swing(after);
  return { view, over: t >= 1 && !orbiting && !move.drift };
}

export class WallCamera extends Camera {
  /**
   * @param {any} deck
   * @param {(view: object) => void} apply
   * @param {{now: () => number, tiled: boolean, leads: () => boolean, busy: () => boolean,
   *   say: (move: object) => void}} wall `busy` while the camera shows something on purpose
   */
  constructor(deck, apply, wall) {
    super(deck, apply);
    this.wall = wall;
    this.move = null;
    this.every = 1; // each so many frames are drawn
    this.machineUntil = 0;
    this.still = false;
    this.tick = this.tick.bind(this);
  }

  /** What flies until then is the machine's own doing, though it says that a person asked. */
  byMachine(ms = 4000) {
    this.machineUntil = performance.now() + ms;
  }

  hold(byHand = false) {
    if (!byHand && performance.now() < this.machineUntil) return;
    super.hold();
    if (!this.wall.tiled && byHand) this.move = null;
  }

  get mayMove() {
    return !this.wall.tiled || this.wall.leads();
  }

  get moving() {
    return Boolean(this.move) && !this.move.drift && !viewAt(this.move, this.wall.now()).over;
  }

  /** A new layout frames the community anew, unless the camera is away for a reason. */
  jump(stop) {
    if (this.view && this.wall.busy()) {
      this.apply(this.withPadding(this.view));
      return;
    }
    if (!this.view || !this.wall.tiled) {
      this.move = null;
      this.view = { ...this.view, ...stop };
      this.apply(this.withPadding(this.view));
      if (!this.mayMove || !this.wall.tiled) return;
    }
    if (this.mayMove) this.#begin(stop, { ms: 0 });
  }

  fly(stop, { ms = 1100, byPerson = false, orbit = 0, orbitMs = 0 } = {}) {
    const machine = !byPerson || performance.now() < this.machineUntil;
    if (machine && (this.held || !this.mayMove)) return false;
    const reduced = this.calm || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#begin(stop, reduced ? { ms: 0 } : { ms, orbit, orbit_ms: orbitMs });
    if (reduced) this.onCut?.();
    return true;
  }

  /** Swings an idle wall; the leader alone says so, and the swing starts from where it stands. */
  drift() {
    if (this.held || this.still || this.calm || !this.home || !this.view || !this.mayMove) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if (this.move && (this.move.drift || this.moving)) return;
    this.#begin(this.view, { ms: 0, drift: true });
  }

  #begin(stop, more) {
    const whole = (view) => Object.fromEntries(KEYS.map((key) => [key, view[key]]));
    const from = whole(this.view ?? stop);
    const move = {
      from, to: whole({ ...from, ...stop }), at: this.wall.now() + (this.wall.tiled ? LEAD_MS : 0),
      ease: "smooth", orbit: 0, orbit_ms: 0, drift: false, ...more,
    };
    this.adopt(move);
    if (this.wall.tiled) this.wall.say(move);
  }

  /** Takes a move over, from here or from the leader. */
  adopt(move) {
    if (!move || (this.move && move.at < this.move.at)) return;
    this.move = move;
    if (!this.running) {
      this.running = true;
      this.count = 0;
      this.tick();
    }
  }

  tick() {
    if (!this.move) {
      this.running = false;
      return;
    }
    const { view, over } = viewAt(this.move, this.wall.now());
    const resting = this.move.drift && this.view &&
      Math.abs(view.bearing - this.view.bearing) < 0.004 && view.zoom === this.view.zoom;
    if (over || (this.count++ % this.every === 0 && !resting)) {
      this.view = view;
      this.apply(this.withPadding(view));
    }
    if (over) {
      this.running = false;
      this.onCut?.();
      return;
    }
    requestAnimationFrame(this.tick);
  }
}
