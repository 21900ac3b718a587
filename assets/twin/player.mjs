// Plays the past: a snapshot, then stretches of patches, fetched ahead of the moment that is shown.

export const SPEEDS = [1, 10, 60, 300, 600];

const PATCHES = 40; // of one stretch
const FRAMES = 4; // patches a second at most
const TICK_MS = 125;

export class Player {
  /**
   * @param {string} api URL prefix of the world
   * @param {import("./stream.mjs").LiveStore} store
   * @param {{onTime: () => void, onLive: () => void, onError: (text: string) => void}} on
   */
  constructor(api, store, on) {
    this.base = `${api}/api/v1`;
    Object.assign(this, { store, on });
    this.speed = 60;
    this.playing = false;
    this.turn = 0;
  }

  /** Shows a moment, epoch seconds. */
  async jump(at) {
    const turn = ++this.turn;
    const said = await this.#get(`snapshot?at=${encodeURIComponent(iso(at))}`);
    if (turn !== this.turn) return;
    this.store.showPast(said);
    this.#reset();
  }

  play() {
    if (!this.store.past) return;
    this.playing = true;
    this.#reset();
    this.timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  pause() {
    this.playing = false;
    clearInterval(this.timer);
    this.timer = null;
  }

  /** Ends everything, also what is still on its way. */
  stop() {
    this.turn++;
    this.pause();
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.playing) this.#reset();
  }

  #reset() {
    this.queue = [];
    this.asked = this.store.past.at; // up to here patches were asked for
    this.reached = this.asked; // and up to here they came
    this.mark = [performance.now(), this.asked];
    this.run = (this.run ?? 0) + 1;
    this.fetching = false;
  }

  #tick() {
    const [began, from] = this.mark;
    const wanted = from + ((performance.now() - began) / 1000) * this.speed;
    const at = Math.min(wanted, this.reached);
    if (wanted > this.reached + this.speed / 2) this.mark = [performance.now(), this.reached];
    while (this.queue.length && this.queue[0].at <= at + 0.002) {
      this.store.playPast(this.queue.shift());
    }
    this.store.past.at = Math.max(this.store.past.at, at);
    if (this.reached - at < (this.speed * PATCHES) / FRAMES / 2) this.#ahead();
    this.on.onTime();
    if (at > this.store.present() - 12) this.on.onLive();
  }

  async #ahead() {
    if (this.fetching) return;
    const { run, asked } = this;
    const step = Math.max(1, this.speed / FRAMES);
    const until = Math.min(asked + step * PATCHES, this.store.present() - 10);
    if (until <= asked + 0.5) {
      this.on.onLive();
      return;
    }
    this.fetching = true;
    try {
      const said = await this.#get(
        `replay?since=${encodeURIComponent(iso(asked))}&until=${encodeURIComponent(iso(until))}&step=${step}`,
      );
      if (run !== this.run) return;
      this.queue.push(...said.patches);
      this.asked = this.reached = said.to;
    } catch (error) {
      if (run !== this.run) return;
      this.pause();
      this.on.onError(error.said ?? error.message);
    } finally {
      if (run === this.run) this.fetching = false;
    }
  }

  async #get(path) {
    const response = await fetch(`${this.base}/${path}`, { cache: "no-store" });
    if (response.ok) return response.json();
    const error = new Error(`${path}: ${response.status}`);
    if (response.status === 422) error.said = (await response.json()).detail;
    throw error;
  }
}

function iso(at) {
  return new Date(Math.round(at * 1000)).toISOString();
}
