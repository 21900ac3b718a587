// The live state in the browser: one snapshot, then patches; healed after any break.

import { applyPatch } from "./reduce.mjs";
import { openStream } from "./unpack.mjs";

const SILENCE_MS = 15_000;
const RETRY_MS = [500, 1000, 2000, 2000, 3000]; // a wall goes on within 5 s of the server

/**
 * Where messages come from: a SharedWorker that holds the browser's one connection, or, where there
 * is none, an EventSource of this page's own. Both give {type, data}.
 */
export function openSource(url, onMessage) {
  if (typeof SharedWorker === "function") {
    const worker = new SharedWorker(new URL("stream-worker.mjs", import.meta.url), {
      name: `twin ${url}`, type: "module",
    });
    worker.port.onmessage = (event) => onMessage(event.data);
    worker.port.start();
    worker.port.postMessage({ open: url });
    const bye = () => worker.port.postMessage({ close: true });
    globalThis.addEventListener("pagehide", bye);
    return {
      reopen: (last) => worker.port.postMessage({ reopen: url, last }),
      close: () => {
        globalThis.removeEventListener("pagehide", bye);
        bye();
        worker.port.close();
      },
    };
  }
  let source = null;
  const open = (last) => {
    source?.close();
    source = openStream(url, last, onMessage);
  };
  open("");
  return { reopen: open, close: () => source.close() };
}

export class LiveStore {
  /**
   * @param {string} api URL prefix of the world, "" or "/demo"
   * @param {object} on
   * @param {(layers: object) => void} on.snapshot
   * @param {(layers: object, changed: object) => void} on.patch
   * @param {(state: "live"|"lost") => void} on.connection
   */
  constructor(api, on) {
    this.base = `${api}/api/v1`;
    this.on = on;
    this.layers = {};
    this.epoch = null;
    this.seq = -1;
    this.at = 0;
    this.offset = 0;
    this.heard = performance.now();
    this.waiting = [];
    this.loading = null;
    this.tries = 0;
    this.patches = 0;
    this.missed = 0;
    /** @type {{at: number}|null} the past moment that is shown instead of the present */
    this.past = null;
    /** Rows of this page's own over those of the stream (story-overlay.mjs), or null. */
    this.overlay = null;
  }

  async start() {
    this.source = openSource(`${this.base}/stream`, (message) => this.#receive(message));
    this.watch = setInterval(() => this.#watchdog(), 1000);
    await this.#takeSnapshot();
  }

  stop() {
    clearInterval(this.watch);
    this.source?.close();
  }

  /** The moment that is shown, epoch seconds: the server's now, or one of the past. */
  now() {
    return this.past?.at ?? this.present();
  }

  /** Server time now, epoch seconds. */
  present() {
    return Date.now() / 1000 + this.offset;
  }

  /** Shows a past snapshot; from here on nothing live reaches the page. */
  showPast(snapshot) {
    this.past = { at: snapshot.at };
    this.waiting.length = 0;
    this.layers = snapshot.layers;
    this.on.snapshot(this.layers);
  }

  /** Lets the past go on by one patch. */
  playPast(patch) {
    if (!this.past) return;
    this.past.at = patch.at;
    const { layers, changed } = applyPatch(this.layers, patch);
    this.layers = layers;
    this.on.patch(layers, changed);
  }

  /** Back to the present, which is taken up anew; what came meanwhile was dropped. */
  live() {
    this.past = null;
    this.loading = null;
    return this.#takeSnapshot();
  }

  #receive({ type, data }) {
    this.heard = performance.now();
    if (this.past && (type === "patch" || type === "reset")) this.#connected();
    else if (type === "patch") {
      const patch = JSON.parse(data);
      if (this.loading) this.waiting.push(patch);
      else this.#apply(patch);
      this.#connected();
    } else if (type === "reset") this.#takeSnapshot();
    else if (type === "open" || type === "beat") this.#connected();
    else if (type === "error") {
      this.heard = -Infinity;
      this.on.connection("lost");
    }
  }

  #connected() {
    this.tries = 0;
    if (this.epoch !== null) this.on.connection("live");
  }

  #apply(patch) {
    if (patch.v !== 1) return;
    if (patch.epoch !== this.epoch || patch.seq > this.seq + 1) {
      this.missed++;
      this.#takeSnapshot();
      return;
    }
    if (patch.seq <= this.seq) return;
    this.seq = patch.seq;
    this.at = patch.at;
    this.patches++;
    this.overlay?.lift(this.layers);
    const { layers, changed } = applyPatch(this.layers, patch);
    this.layers = layers;
    this.overlay?.lay(this.layers);
    this.on.patch(layers, changed);
  }

  /** Takes the whole state; patches that come meanwhile wait and are applied after it. */
  #takeSnapshot() {
    if (!this.loading) {
      const mine = this.#fetchSnapshot().finally(() => {
        if (this.loading === mine) this.loading = null;
      });
      this.loading = mine;
    }
    return this.loading;
  }

  async #fetchSnapshot() {
    for (;;) {
      try {
        const response = await fetch(`${this.base}/snapshot`, { cache: "no-store" });
        if (!response.ok) throw new Error(`snapshot: ${response.status}`);
        const snapshot = await response.json();
        if (this.past) return;
        this.offset = snapshot.at - Date.now() / 1000;
        this.epoch = snapshot.epoch;
        this.seq = snapshot.seq;
        this.at = snapshot.at;
        this.layers = snapshot.layers;
        this.overlay?.lay(this.layers);
        this.on.snapshot(this.layers);
        this.on.connection("live");
        break;
      } catch {
        this.on.connection("lost");
        await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(this.tries++, 4)]));
      }
    }
    this.loading = null;
    const waiting = this.waiting.splice(0);
    for (const patch of waiting) if (patch.epoch === this.epoch) this.#apply(patch);
  }

  // EventSource gives up for good on an HTTP error; and a dead line may stay silent for ever
  #watchdog() {
    if (performance.now() - this.heard < SILENCE_MS) return;
    this.on.connection("lost");
    this.heard = performance.now() - SILENCE_MS + RETRY_MS[Math.min(this.tries++, 4)];
    this.source.reopen(this.epoch === null ? "" : `${this.epoch}-${this.seq}`);
    if (this.tries > 1) this.#askIfAllowed();
  }

  /** An EventSource does not tell why it failed: whose log-in has ended is led to another. */
  async #askIfAllowed() {
    const response = await fetch(`${this.base}/sun`, { cache: "no-store" }).catch(() => null);
    if (response?.status === 401) location.reload();
  }
}
