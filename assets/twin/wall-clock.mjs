// The server's clock in this browser: the offset of the sample that took the least time, on a clock
// that nobody sets back.

const FIRST = 8;
const AGAIN = 4;
const EVERY_MS = 60_000;

/**
 * @param {{sent: number, got: number, at: number}[]} samples own clock before and after, server's
 * @returns {{offset: number, error: number}|null} server minus own, and half the way there and back
 */
export function bestOffset(samples) {
  if (!samples.length) return null;
  const best = samples.reduce((a, b) => (b.got - b.sent < a.got - a.sent ? b : a));
  return { offset: best.at - (best.sent + best.got) / 2, error: (best.got - best.sent) / 2 };
}

export class ServerClock {
  /** @param {string} url @param {() => number} own milliseconds that only grow */
  constructor(url, own = () => performance.now()) {
    this.url = url;
    this.own = own;
    this.offset = Date.now() - own();
    this.error = Infinity;
    this.samples = 0;
  }

  /** Server time, epoch milliseconds. */
  now() {
    return this.own() + this.offset;
  }

  async start() {
    await this.sync(FIRST);
    this.timer = setInterval(() => this.sync(AGAIN), EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
  }

  /** Asks several times; keeps what is known where the server does not answer. */
  async sync(times) {
    const samples = [];
    for (let k = 0; k < times; k++) {
      try {
        const sent = this.own();
        const response = await fetch(this.url, { cache: "no-store" });
        if (!response.ok) break;
        const { at } = await response.json();
        samples.push({ sent, got: this.own(), at });
      } catch {
        break;
      }
    }
    const best = bestOffset(samples);
    if (!best) return;
    this.samples += samples.length;
    this.offset = best.offset;
    this.error = best.error;
  }
}
