// What dims, hides and changes the wall's light: day and night with a cross-fade, hours of dimming,
// pixel shift, blank, visitors present, and tools that come when somebody is there.

const FADE_MS = 1200;
const IDLE_MS = 5000;
const SHIFT_MS = 4 * 60_000;
const SHIFTS = [[0, 0], [2, 1], [3, -1], [1, -3], [-2, -2], [-3, 1], [-1, 3], [1, 2]];

/** Whether a minute of the day lies in hours that may go over midnight. */
export function within(minute, start, end) {
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end;
}

export class Modes {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.twin = wall.twin;
    this.dimming = null;
    this.dim = layer("wall-dim");
    this.black = layer("wall-black");
    this.timer = setInterval(() => this.tick(), 5000);
    this.wake = () => this.#stir();
    for (const name of ["pointermove", "pointerdown", "keydown"]) {
      addEventListener(name, this.wake, { passive: true });
    }
    this.awake = () => this.keepAwake();
    document.addEventListener("visibilitychange", this.awake);
    this.#fadeThemes();
    this.#stir();
    this.keepAwake();
  }

  destroy() {
    clearInterval(this.timer);
    clearTimeout(this.idle);
    for (const name of ["pointermove", "pointerdown", "keydown"]) removeEventListener(name, this.wake);
    document.removeEventListener("visibilitychange", this.awake);
    this.dim.remove();
    this.black.remove();
    this.lock?.release?.().catch(() => {});
    delete document.documentElement.dataset.idle;
  }

  /** Keeps the screen from going to sleep where the browser can. */
  async keepAwake() {
    if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      // the machine saves power, or the page is not secure: the system's own settings count
    }
  }

  #stir() {
    const root = document.documentElement;
    delete root.dataset.idle;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      root.dataset.idle = "";
    }, IDLE_MS);
  }

  /** Takes what the channel says: blank, visitors, mute, theme. */
  follow(state) {
    const { twin } = this;
    const page = this.wall.page;
    twin.muted = Boolean(state.mute);
    document.documentElement.classList.toggle("wall-blank", Boolean(state.blank));
    document.documentElement.classList.toggle("wall-visitors", Boolean(state.visitors));
    page?.querySelector("[data-wall-tool=visitors]")
      ?.setAttribute("aria-pressed", String(Boolean(state.visitors)));
    const theme = state.theme ?? "auto";
    if (theme === this.themeSaid || !twin.map) return;
    const first = this.themeSaid === undefined;
    this.themeSaid = theme;
    if (first && theme === "auto") return; // the address, or the sun, has said already
    twin.themeAsked = theme === "auto" ? null : theme;
    twin.setTheme(twin.themeAsked ?? (twin.sun?.altitude > -1 ? "day" : "dark"));
  }

  tick() {
    this.#dimNow();
    this.#shift();
    if (this.themeWaits && !this.wall.incident) {
      const theme = this.themeWaits;
      this.themeWaits = null;
      this.twin.setTheme(theme);
    }
  }

  #dimNow() {
    const { start = 0, end = 0, light = 1 } = this.dimming ?? {};
    const parts = new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: this.twin.about.timezone,
    }).format(this.wall.clock.now()).split(":").map(Number);
    // something grave is shown in full light
    const dark = start !== end && within(parts[0] * 60 + parts[1], start, end) && !this.wall.incident;
    this.dim.style.opacity = String(dark ? 1 - light : 0);
  }

  /** Panels wander by a few pixels, on all tiles alike, so that nothing burns in. */
  #shift() {
    const k = Math.floor(this.wall.clock.now() / SHIFT_MS) % SHIFTS.length;
    const unit = this.wall.screen.base / 22;
    const [x, y] = SHIFTS[k].map((v) => Math.round(v * unit));
    const root = document.documentElement.style;
    root.setProperty("--shift-x", `${x}px`);
    root.setProperty("--shift-y", `${y}px`);
  }

  /** Themes cross-fade: the old picture lies over the new one and goes; never during an incident. */
  #fadeThemes() {
    const { twin } = this;
    const change = Object.getPrototypeOf(twin).setTheme.bind(twin);
    twin.setTheme = async (theme) => {
      if (!twin.map || theme === document.documentElement.dataset.theme) return change(theme);
      if (this.wall.incident) {
        this.themeWaits = theme;
        return undefined;
      }
      const old = this.#copy();
      change(theme);
      if (!old) return undefined;
      // not before the new ground is there
      for (let k = 0; k < 100 && twin.host.dataset.ground !== theme; k++) {
        await new Promise((done) => setTimeout(done, 60));
      }
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      old.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE_MS, easing: "ease-in-out", fill: "forwards" });
      setTimeout(() => old.remove(), FADE_MS + 100);
      return undefined;
    };
  }

  #copy() {
    const { map } = this.twin;
    const canvas = map?.canvas;
    if (!canvas?.width || map.flat) return null;
    const copy = document.createElement("canvas");
    Object.assign(copy, { width: canvas.width, height: canvas.height, className: "twin-canvas wall-old" });
    // drawn in the same task, as the browser keeps no drawing beyond it
    map.deckgl?.redraw("copy");
    copy.getContext("2d").drawImage(canvas, 0, 0);
    canvas.after(copy);
    return copy;
  }
}

function layer(className) {
  const node = document.createElement("div");
  node.className = className;
  document.body.append(node);
  return node;
}
