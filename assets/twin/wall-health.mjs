// The wall watches itself: how fast it draws, what it holds, how old its data are. A slow machine is
// asked for less, in a fixed order, and for all of it again once it keeps up.

const LOOK_MS = 1000;
const SLOW_MS = 45; // a frame while something moves
const QUICK_MS = 24;
const SLOW_FOR = 3; // seconds of moving
const QUICK_FOR = 30;

/** What is left out, one after the other (design language, motion). */
export const LADDER = ["pixels", "labels", "trees", "trails", "rate", "calm"];

/**
 * Decides from frames alone: a step down after seconds of slow motion, a step up after many quick ones.
 * Still pictures tell nothing.
 */
export class Governor {
  constructor({ most = LADDER.length } = {}) {
    this.most = most;
    this.level = 0;
    this.slow = 0;
    this.quick = 0;
    this.wary = 1;
  }

  /** One second's mean frame, milliseconds, or null when nothing moved. @returns {number} level */
  take(frameMs) {
    if (frameMs === null) return this.level;
    if (frameMs > SLOW_MS) {
      this.quick = 0;
      if (++this.slow >= SLOW_FOR && this.level < this.most) {
        this.level++;
        this.slow = 0;
      }
    } else {
      this.slow = 0;
      this.quick = frameMs < QUICK_MS ? this.quick + 1 : 0;
      if (this.quick >= QUICK_FOR * this.wary && this.level > 0) {
        this.level--;
        this.quick = 0;
        this.wary = Math.min(8, this.wary * 2); // what had to go once comes back more slowly
      }
    }
    return this.level;
  }
}

export class Health {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.twin = wall.twin;
    this.began = performance.now();
    this.longMs = 0;
    const steady = new URLSearchParams(location.search).has("steady");
    this.governor = new Governor({ most: steady ? 0 : LADDER.length });
    this.level = 0;
    this.frames = 0;
    this.fps = null;
    this.timer = setInterval(() => this.tick(), LOOK_MS);
    try {
      this.observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) this.longMs += entry.duration;
      });
      this.observer.observe({ entryTypes: ["longtask"] });
    } catch {
      this.observer = null; // this browser does not tell
    }
  }

  destroy() {
    clearInterval(this.timer);
    this.observer?.disconnect();
  }

  tick() {
    const { map } = this.twin;
    if (!map || map.flat) return;
    const drawn = map.frames - this.frames;
    this.frames = map.frames;
    const moving = Boolean(map.camera.moving) && this.wasMoving;
    this.wasMoving = Boolean(map.camera.moving);
    const { every = 1 } = map.camera;
    if (moving) this.fps = drawn;
    const level = this.governor.take(moving ? LOOK_MS / Math.max(drawn * every, 0.5) : null);
    if (level !== this.level) this.apply(level);
  }

  /** Leaves out what the level says, and brings back the rest. */
  apply(level) {
    this.level = level;
    const { map, labels } = this.twin;
    const off = (name) => level > LADDER.indexOf(name);
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    map.pixelRatio = off("pixels") ? ratio * 0.7 : ratio;
    map.deckgl?.setProps({ useDevicePixels: map.pixelRatio });
    labels.shown = !off("labels");
    labels.schedule();
    if (off("trees")) map.view.hidden.add("trees");
    else map.view.hidden.delete("trees");
    map.view.plain = off("trails");
    map.camera.every = off("rate") ? 2 : 1;
    map.camera.calm = off("calm");
    map.rebuild();
    this.twin.host.dataset.degraded = this.degraded;
  }

  get degraded() {
    return this.level ? LADDER[this.level - 1] : "none";
  }

  /** What the server is told, and managers see. */
  figures() {
    const { twin, wall } = this;
    const heap = performance.memory?.usedJSHeapSize;
    const figures = {
      fps: this.fps ?? undefined,
      frame_ms: twin.map?.frameMs,
      heap_mb: heap && heap / 2 ** 20,
      age_s: twin.store?.at ? Math.max(0, twin.store.now() - twin.store.at) : undefined,
      long_ms: this.longMs,
      healed: twin.map?.healed,
      missed: twin.store?.missed,
      reloads: wall.care?.reloads ?? 0,
      width: innerWidth,
      height: innerHeight,
      uptime_s: (performance.now() - this.began) / 1000,
      mode: wall.mode,
      degraded: this.degraded,
      connection: twin.state ?? "opening",
    };
    this.longMs = 0;
    return figures;
  }
}
