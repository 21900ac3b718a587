// The wall when something grave happens: red bar, sound, big words, the camera flies there; calm again
// when it is taken in hand. It never takes the camera from a person who holds it.

import { clockOf, openIncidents, severityMark, shareLeft } from "./incidents.mjs";

const TURN_MS = 12_000; // of several at once each is shown so long
const STOP = { zoom: 18.5, pitch: 57, bearing: 38 };
const BEEPS = [0, 0.35, 0.7];

export class Takeover {
  /**
   * @param {HTMLElement} page
   * @param {import("./twin.mjs").Twin} twin
   * @param {import("./incidents.mjs").Incidents} incidents
   */
  constructor(page, twin, incidents) {
    Object.assign(this, { page, twin, incidents });
    this.heard = new Set();
    this.shown = null;
    this.node = document.createElement("section");
    this.node.className = "takeover";
    this.node.hidden = true;
    this.node.setAttribute("role", "alert");
    this.node.setAttribute("aria-live", "assertive");
    page.append(this.node);
    this.timer = setInterval(() => this.tick(), 1000);
  }

  destroy() {
    clearInterval(this.timer);
    this.node.remove();
    this.sound?.close();
  }

  /** The gravest that nobody has taken in hand yet. */
  get grave() {
    return openIncidents(this.twin.store.layers).filter(([, row]) => row.sev === 1 && row.s === "new");
  }

  refresh() {
    const grave = this.grave;
    const fresh = grave.filter(([id]) => !this.heard.has(id));
    for (const [id] of fresh) this.heard.add(id);
    if (fresh.length) this.#beep();
    if (!grave.length) {
      if (this.shown) this.#calm();
      return;
    }
    const still = grave.find(([id]) => id === this.shown);
    if (fresh.length) this.#show(fresh[0], grave.length);
    else if (!still) this.#show(grave[0], grave.length);
    else this.#fill(still, grave.length);
  }

  #show(found, count) {
    const [id, row] = found;
    this.shown = id;
    this.since = performance.now();
    this.twin.serve(false);
    this.page.classList.add("taken-over");
    this.node.hidden = false;
    this.#fill(found, count);
    const at = this.incidents.at(row);
    if (at) this.twin.way.approach(at, STOP);
  }

  #fill([id, row], count) {
    const { words } = this.twin;
    const mark = document.createElement("div");
    mark.className = "takeover-mark";
    mark.append(severityMark(1));
    const text = document.createElement("div");
    text.className = "takeover-text";
    const title = document.createElement("h2");
    title.textContent = this.incidents.title(row);
    const line = document.createElement("p");
    const place = document.createElement("span");
    place.textContent = this.incidents.placeName(row);
    if (/[\u3400-\u9fff]/.test(place.textContent)) place.lang = "zh-CN";
    const at = words.t("takeover.at", { at: words.time(row.since) });
    line.append(`${words.t("severity.1")} · `, place, ` · ${at}`);
    const more = document.createElement("p");
    more.className = "muted";
    more.textContent = count > 1 ? words.t("takeover.more", { n: count - 1 }) : "";
    text.append(title, line, more);
    const ring = document.createElement("div");
    ring.className = "takeover-ring";
    const clock = document.createElement("b");
    clock.dataset.left = id;
    const label = document.createElement("span");
    label.className = "takeover-label";
    ring.append(severityRing(shareLeft(row, this.twin.store.now())), clock, label);
    this.node.replaceChildren(mark, text, ring);
    this.tick();
  }

  tick() {
    if (!this.shown) return;
    const row = this.twin.store.layers.incidents?.[this.shown];
    if (!row) return;
    const now = this.twin.store.now();
    const { due } = clockOf(row);
    const clock = this.node.querySelector("[data-left]");
    if (clock) clock.textContent = now > due ? `+${this.twin.words.span(now - due)}` : this.twin.words.span(due - now);
    const label = this.node.querySelector(".takeover-label");
    if (label) label.textContent = this.twin.words.t(now > due ? "incidents.late" : "takeover.left");
    this.node.querySelector(".ring-left")?.setAttribute("stroke-dasharray",
      `${(100 * shareLeft(row, now)).toFixed(1)} 100`);
    const grave = this.grave;
    if (grave.length > 1 && performance.now() - this.since > TURN_MS) {
      const k = grave.findIndex(([id]) => id === this.shown);
      this.#show(grave[(k + 1) % grave.length], grave.length);
    }
  }

  #calm() {
    this.shown = null;
    this.node.hidden = true;
    this.page.classList.remove("taken-over");
    if (!this.twin.map.camera?.held) this.twin.way.rest();
  }

  /** Three short tones; a browser that wants a touch first stays silent, and the picture says it. */
  #beep() {
    if (this.twin.muted || new URLSearchParams(location.search).has("mute")) return;
    try {
      this.sound ??= new AudioContext();
      const start = this.sound.currentTime + 0.02;
      for (const beep of BEEPS) {
        const tone = this.sound.createOscillator();
        const gain = this.sound.createGain();
        tone.frequency.value = 880;
        gain.gain.setValueAtTime(0.0001, start + beep);
        gain.gain.exponentialRampToValueAtTime(0.3, start + beep + 0.02);
        gain.gain.exponentialRampToValueAtTime(0.0001, start + beep + 0.25);
        tone.connect(gain).connect(this.sound.destination);
        tone.start(start + beep);
        tone.stop(start + beep + 0.3);
      }
      this.beeped = (this.beeped ?? 0) + 1;
    } catch {
      // no sound on this machine
    }
  }
}

function severityRing(share) {
  const holder = document.createElement("div");
  holder.innerHTML = '<svg viewBox="0 0 120 120" aria-hidden="true">' +
    '<circle class="ring-track" cx="60" cy="60" r="52"/>' +
    `<circle class="ring-left" cx="60" cy="60" r="52" pathLength="100" stroke-dasharray="${(100 * share).toFixed(1)} 100" transform="rotate(-90 60 60)"/></svg>`;
  return holder.firstChild;
}
