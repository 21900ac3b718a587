// The wall heals itself: it keeps the last picture and says how old it is; what stays broken is loaded
// anew, never while the server cannot be reached, and less and less often.

const LOOK_MS = 1000;
const SAY_AFTER_MS = 2500;
const STUCK_MS = 90_000;
const SLOW_START_MS = 5 * 60_000; // a weak machine on a slow line is given time
const FIRST_WAIT_MS = 60_000;
const MOST_WAIT_MS = 30 * 60_000;
const KEY = "twin-wall-reloads";
const CALM_MS = 60 * 60_000;

/** How long to wait before the next reload: twice as long each time within an hour. */
export function waitFor(times) {
  return Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, times - 1));
}

export class Care {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.twin = wall.twin;
    this.errors = 0;
    this.brokenSince = null;
    this.node = document.createElement("section");
    this.node.className = "wall-lost";
    this.node.hidden = true;
    this.node.setAttribute("role", "status");
    document.body.append(this.node);
    this.timer = setInterval(() => this.tick(), LOOK_MS);
    this.onError = () => {
      this.errors++;
    };
    addEventListener("error", this.onError);
    addEventListener("unhandledrejection", this.onError);
  }

  destroy() {
    clearInterval(this.timer);
    removeEventListener("error", this.onError);
    removeEventListener("unhandledrejection", this.onError);
    this.node.remove();
  }

  get times() {
    try {
      const now = Date.now();
      return JSON.parse(sessionStorage.getItem(KEY) ?? "[]").filter((at) => now - at < CALM_MS);
    } catch {
      return [];
    }
  }

  get reloads() {
    return this.times.length;
  }

  tick() {
    this.#tellLost();
    const broken = this.#broken();
    if (!broken) {
      this.brokenSince = null;
      this.errors = 0;
      return;
    }
    this.brokenSince ??= performance.now();
    const patience = this.twin.drawn ? STUCK_MS : SLOW_START_MS;
    if (performance.now() - this.brokenSince > patience) this.reload(broken);
  }

  /** What is wrong and does not heal by itself, in a word; none while only the line is cut. */
  #broken() {
    const { twin } = this;
    if (!twin.drawn) return "never came up";
    if (!twin.map?.canvas?.isConnected && !twin.map?.flat) return "no canvas";
    if (!document.getElementById("twin-page")) return "no page";
    if (this.errors > 20) return "errors";
    const quiet = performance.now() - twin.store.heard > STUCK_MS;
    return quiet ? "stream" : null;
  }

  /** The last picture stays; a banner says of when it is. */
  #tellLost() {
    const { twin } = this;
    const lost = twin.state === "lost" && twin.store?.at;
    if (!lost) {
      this.lostSince = null;
      this.node.hidden = true;
      delete document.documentElement.dataset.lost;
      return;
    }
    this.lostSince ??= performance.now();
    if (performance.now() - this.lostSince < SAY_AFTER_MS) return;
    document.documentElement.dataset.lost = "";
    const { words, store } = twin;
    const title = document.createElement("b");
    title.textContent = words.t("wall.lost", { at: words.time(store.at) });
    const text = document.createElement("span");
    const ago = words.t("wall.lost.ago", { ago: words.ago(store.at, store.now()) });
    text.textContent = `${ago} · ${words.t("wall.retry")}`;
    const hatch = document.createElement("i");
    hatch.className = "hatch";
    this.node.replaceChildren(hatch, title, text);
    this.node.hidden = false;
  }

  /** The server runs other files than this page: taken up once, quietly. */
  follow(assets) {
    this.assets ??= assets;
    if (assets !== this.assets) this.reload("new assets", { quiet: true });
  }

  /** Loads the page anew if the server is there and it was not done too often. */
  async reload(why, { quiet = false } = {}) {
    if (this.reloading) return;
    const { times } = this;
    const last = times.at(-1) ?? 0;
    // other files are taken up at once, but not again and again
    const due = quiet && times.length < 4 ? 5000 : waitFor(times.length);
    if (times.length && Date.now() - last < due) return;
    this.reloading = true;
    try {
      const response = await fetch(location.href, { cache: "no-store" });
      if (!response.ok) throw new Error(String(response.status));
      sessionStorage.setItem(KEY, JSON.stringify([...times, Date.now()].slice(-50)));
      console.warn(`wall: loading anew (${why})`);
      location.reload();
    } catch {
      this.reloading = false; // the picture that is there beats an error page
    }
  }
}
