// The wall's own channel: what all its tiles show, kept by the server; commands of remotes; heartbeats.

import { openSource } from "./stream.mjs";

const SILENCE_MS = 15_000;
const BEAT_MS = 5_000;

export class WallChannel {
  /**
   * @param {string} api @param {import("./wall-screen.mjs").readScreen} screen
   * @param {{said: (state: object, more: object) => void, figures: () => object}} on
   */
  constructor(api, screen, on) {
    this.base = `${api}/api/v1/walls/${screen.name}`;
    Object.assign(this, { screen, on });
    this.state = {};
    this.epoch = null;
    this.seq = -1;
    this.leader = screen.tiled ? null : "";
    this.heard = performance.now();
    this.waiting = {};
    // what this screen said and has not heard back: an older state does not undo it
    this.unheard = [];
  }

  start() {
    this.source = openSource(`${this.base}/stream`, (message) => this.#receive(message));
    this.watch = setInterval(() => this.#watchdog(), 3000);
    this.beats = setInterval(() => this.beat(), BEAT_MS);
    this.beat();
  }

  stop() {
    clearInterval(this.watch);
    clearInterval(this.beats);
    this.source?.close();
  }

  /** Whether this screen makes the moves: the only one does, or the first tile that lives. */
  get leads() {
    return !this.screen.tiled || this.leader === this.screen.tile;
  }

  #receive({ type, data }) {
    this.heard = performance.now();
    if (type === "error") this.heard = -Infinity;
    if (type !== "said") return;
    const said = JSON.parse(data);
    if (said.epoch === this.epoch && said.seq <= this.seq) return;
    const restarted = this.epoch !== null && said.epoch !== this.epoch;
    Object.assign(this, { epoch: said.epoch, seq: said.seq });
    if (restarted) this.unheard = this.unheard.filter(({ seq }) => seq === null);
    if (this.screen.tiled && said.leader) this.leader = said.leader;
    if (restarted && !Object.keys(said.state).length) {
      // the server forgot what this wall shows; whoever leads tells it again
      if (this.leads) this.say(Object.fromEntries(this.#mine()));
      this.beat();
      return;
    }
    const before = this.state;
    this.unheard = this.unheard.filter(({ seq }) => seq === null || seq > said.seq);
    this.state = Object.assign({}, said.state, ...this.unheard.map(({ change }) => change), this.waiting);
    this.on.said(this.state, { before, restarted, assets: said.assets });
  }

  #mine() {
    return Object.entries(this.state).filter(([name, value]) => name !== "command" && value !== null);
  }

  /** Tells all tiles; several wishes before the last one left are one. */
  say(change) {
    this.state = { ...this.state, ...change };
    Object.assign(this.waiting, change);
    if (this.sending) return;
    this.sending = true;
    queueMicrotask(async () => {
      while (Object.keys(this.waiting).length) {
        const one = { change: this.waiting, seq: null };
        this.waiting = {};
        this.unheard.push(one);
        one.seq = (await this.#post("say", JSON.stringify(one.change)))?.seq ?? -1;
        this.unheard = this.unheard.filter(({ seq }) => seq === null || seq > this.seq);
      }
      this.sending = false;
    });
  }

  async beat() {
    const answer = await this.#post("beat",
      JSON.stringify({ tile: this.screen.tile, ...this.on.figures() }));
    if (!answer) return;
    if (this.screen.tiled) this.leader = answer.leader;
    this.on.beat?.(answer);
  }

  async #post(name, body) {
    try {
      const response = await fetch(`${this.base}/${name}`, {
        method: "POST", body, headers: { "content-type": "application/json" },
      });
      return response.ok ? await response.json() : null;
    } catch {
      return null; // the stream says so already
    }
  }

  #watchdog() {
    if (performance.now() - this.heard < SILENCE_MS) return;
    this.heard = performance.now() - SILENCE_MS + 4000;
    this.source.reopen("");
  }
}
