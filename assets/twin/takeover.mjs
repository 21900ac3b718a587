// The wall when something grave happens: red bar, sound, big words, the camera flies there; calm again
// when it is taken in hand. It never takes the camera from a person who holds it.

import { frameSpot } from "./framing.mjs";
import { openIncidents, severityMark } from "./incidents.mjs";
import { ageNode } from "./panels.mjs";
import { besideCard, clockCard, deskStrip, el, fitRail, linkedCard, progressCard } from "./takeover-cards.mjs";

const TURN_MS = 12_000; // of several at once each is shown so long
const WAIT_MS = 120; // the camera waits so long for the way of those who come
const FLY_MS = 1600;
const ORBIT = 12;
const ORBIT_MS = 5000;
const LONGEST_S = 300; // once it is in hand, the wall waits so long for those who come
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
    this.flown = null;
    this.node = el("section", "takeover");
    this.node.setAttribute("role", "alert");
    this.node.setAttribute("aria-live", "assertive");
    this.rail = el("div", "takeover-rail");
    this.strip = el("div", "takeover-strip");
    this.parts = [this.node, this.rail, this.strip];
    for (const part of this.parts) part.hidden = true;
    page.append(...this.parts);
    if (twin.response) twin.response.onTold = () => this.#told();
    this.timer = setInterval(() => this.tick(), 1000);
  }

  destroy() {
    clearInterval(this.timer);
    clearTimeout(this.orbit);
    for (const part of this.parts) part.remove();
    this.sound?.close();
  }

  /** The gravest that nobody has taken in hand, else the one shown until somebody is there. */
  get grave() {
    const open = openIncidents(this.twin.store.layers).filter(([, row]) => row.sev === 1);
    const fresh = open.filter(([, row]) => row.s === "new");
    const waits = this.told?.response && !this.told.response.there;
    const still = ([id, row]) => id === this.shown && waits && this.twin.store.now() - row.since < LONGEST_S;
    return fresh.length ? fresh : open.filter(still);
  }

  refresh() {
    const grave = this.grave;
    const fresh = grave.filter(([id, row]) => row.s === "new" && !this.heard.has(`${id}:${row.re}`));
    for (const [id, row] of fresh) this.heard.add(`${id}:${row.re}`);
    if (fresh.length) this.#beep();
    if (!grave.length) {
      if (this.shown) this.#calm();
      return;
    }
    if (fresh.length) this.#show(fresh[0]);
    else if (!grave.some(([id]) => id === this.shown)) this.#show(grave[0]);
    else this.#fill();
  }

  #show([id, row]) {
    this.shown = id;
    this.since = performance.now();
    this.twin.serve(false);
    this.flown = null;
    performance.mark("takeover", { detail: id });
    this.page.classList.add("taken-over");
    for (const part of this.parts) part.hidden = false;
    this.#fill();
    const told = this.twin.response?.show(id) ?? null;
    const soon = new Promise((done) => setTimeout(done, WAIT_MS));
    Promise.race([told, soon]).then(() => this.#fly(id, row));
  }

  /** Goes there, unless a person holds the camera; once they let go, the next tick goes. */
  #fly(id, row) {
    const { map, response } = this.twin;
    const at = this.incidents.at(row);
    if (this.shown !== id || this.flown === id || !at || map.flat || map.camera.held) return;
    this.flown = id;
    const size = (node) => node.getBoundingClientRect();
    const padding = {
      left: 0, right: innerWidth - size(this.rail).left, top: size(this.node).bottom * 0.8,
      bottom: innerHeight - size(this.strip).top,
    };
    const narrow = innerWidth < innerHeight;
    map.pad(narrow ? { ...padding, right: 0, bottom: innerHeight - size(this.rail).top } : padding);
    const path = response?.id === id ? response.model?.path : null;
    const stop = frameSpot(map, [at, ...(path ?? []).toReversed()], map.camera.padding);
    map.camera.fly({ ...stop, bearing: stop.bearing - ORBIT }, { ms: FLY_MS });
    this.framed = Boolean(path);
    this.flewAt = performance.now();
    performance.mark("takeover-flight", { detail: id });
    clearTimeout(this.orbit);
    this.orbit = setTimeout(() => {
      const slow = map.frameMs > 60;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (this.shown === id) map.camera.fly(stop, { ms: slow || calm ? 1 : ORBIT_MS });
    }, FLY_MS + 100);
  }

  /** The way came after the camera had left: it is framed as well, while the flight is young. */
  #told() {
    this.#fill();
    const young = performance.now() - (this.flewAt ?? -Infinity) < FLY_MS;
    if (this.flown === this.shown && young && !this.framed && this.twin.response.model?.path) this.aim();
  }

  /** Goes there anew: the picture has another size than before, or was drawn only now. */
  aim() {
    const { row } = this;
    this.flown = null;
    if (row) this.#fly(this.shown, row);
  }

  get row() {
    return this.twin.store.layers.incidents?.[this.shown] ?? null;
  }

  get told() {
    const { response } = this.twin;
    return response?.id === this.shown ? response.told : null;
  }

  #fill() {
    const { row, told, twin } = this;
    if (!row) return;
    const { words } = twin;
    const count = this.grave.length;
    const place = this.incidents.placeName(row);
    const name = twin.page.querySelector("h1")?.textContent ?? "";
    const area = row.a && (row.a[0] !== row.l || row.a[1] !== row.i) ? twin.panels.names(...row.a) : null;
    const line = el("p", "", el("span", "", words.t("severity.1")), el("span", "", place),
      el("span", "", words.t("takeover.at", { at: words.time(row.since) })));
    const signal = ageNode(row.t);
    signal.prepend(el("span", "", words.t("response.signal")));
    line.append(signal);
    const crumbs = el("nav", "takeover-crumbs",
      ...[name, area, place].filter(Boolean).map((text) => el("span", "", text)));
    const more = count > 1 ? el("p", "muted", words.t("takeover.more", { n: count - 1 })) : null;
    const mark = el("div", "takeover-mark", severityMark(1));
    const head = el("div", "takeover-head", mark,
      el("div", "takeover-text", el("h2", "", this.incidents.title(row)), line, more));
    this.#swap(this.node, `${this.shown}:${row.s}:${count}:${place}`, () => [head, crumbs]);
    this.#swap(this.strip, `${this.shown}:${told?.v ?? 0}`, () => [deskStrip(words, told)].filter(Boolean));
    this.#cards();
  }

  #cards() {
    const { row, told, twin } = this;
    const { words } = twin;
    const { layers } = twin.store;
    const now = twin.store.now();
    const cards = [clockCard(words, told, row, now), progressCard(words, told, row, now),
      linkedCard(words, told, layers), besideCard(words, layers, this.shown),
      this.page.querySelector(".top .sensing")?.cloneNode(true)];
    this.rail.replaceChildren(...cards.filter(Boolean));
    fitRail(this.rail);
    twin.panels.tick();
  }

  /** Puts new children only where what they say changed: an alert is read aloud once, not each second. */
  #swap(node, key, make) {
    if (node.dataset.key === key) return;
    node.dataset.key = key;
    node.replaceChildren(...make());
  }

  tick() {
    if (!this.shown) return;
    const { row } = this;
    if (!row) return;
    this.#cards();
    if (this.flown !== this.shown) this.#fly(this.shown, row);
    const { grave } = this;
    if (grave.length > 1 && performance.now() - this.since > TURN_MS) {
      const k = grave.findIndex(([id]) => id === this.shown);
      this.#show(grave[(k + 1) % grave.length]);
    }
  }

  #calm() {
    this.shown = null;
    this.flown = null;
    clearTimeout(this.orbit);
    for (const part of this.parts) {
      part.hidden = true;
      delete part.dataset.key;
    }
    this.page.classList.remove("taken-over");
    this.twin.response?.show(this.twin.picked?.layer === "incidents" ? this.twin.picked.id : null);
    if (this.twin.map.camera?.held) return;
    this.twin.fit();
    this.twin.way.rest();
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
      performance.mark("takeover-sound");
    } catch {
      // no sound on this machine
    }
  }
}
