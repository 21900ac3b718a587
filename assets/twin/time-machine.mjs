// The time machine: one handle for map, figures and incidents. The past comes from the server as a
// snapshot and patches; nothing live reaches the page until the present is taken up anew.

import { Compare } from "./compare.mjs";
import { severityMark } from "./incidents.mjs";
import { getJson } from "./loading.mjs";
import { Player, SPEEDS } from "./player.mjs";

const DAY_S = 86_400;
const STEP_S = 15;
const NEAR_S = 5; // so near to now, the handle means now
const CLOSE = 0.014; // glyphs nearer to each other than this share of the day would overlap
const REFRESH_MS = 60_000;

export class TimeMachine {
  /**
   * @param {HTMLElement} page
   * @param {import("./twin.mjs").Twin} twin
   */
  constructor(page, twin) {
    Object.assign(this, { page, twin, words: twin.words, store: twin.store });
    this.box = page.querySelector("[data-machine]");
    const part = (name) => this.box.querySelector(`[data-part=${name}]`);
    this.parts = Object.fromEntries(["flag", "clock", "bars", "play", "speed", "back", "forth",
      "said", "marks"].map((name) => [name, part(name)]));
    this.parts.range = this.#input(part("slide"), "label", {
      type: "range", min: "0", max: String(DAY_S), step: String(STEP_S),
    });
    this.parts.date = this.#input(part("day"), "dateLabel", { type: "date" });
    this.player = new Player(twin.api, this.store, {
      onTime: () => this.#draw(),
      onLive: () => this.live(),
      onError: (text) => this.#say(text),
    });
    this.frame = Object.assign(document.createElement("div"), { className: "replay-frame" });
    this.frame.append(Object.assign(document.createElement("span"), { className: "replay-note" }));
    page.append(this.frame);
    this.box.addEventListener("click", (event) => {
      const name = event.target.closest("[data-machine-do]")?.dataset.machineDo;
      if (name) this.act(name);
    });
    this.parts.range.addEventListener("input", () => this.#slide());
    this.parts.range.addEventListener("change", () => this.#settle());
    this.parts.date.addEventListener("change", () => this.#chooseDay(this.parts.date.value));
    this.compare = new Compare(page, twin);
    this.timer = setInterval(() => this.#tick(), 1000);
    this.#outline();
  }

  #input(place, label, fields) {
    const input = Object.assign(document.createElement("input"), fields);
    input.setAttribute("aria-label", this.box.dataset[label]);
    place.replaceChildren(input);
    return input;
  }

  destroy() {
    clearInterval(this.timer);
    this.player.stop();
    this.compare.destroy();
    this.frame.remove();
    document.body.classList.remove("replaying");
    this.words.past = false;
    if (this.store.past) this.store.live();
  }

  /** Whether the page shows the past. */
  get away() {
    return Boolean(this.store.past);
  }

  act(name) {
    if (name === "live") this.live();
    else if (name === "play") this.play();
    else if (name === "speed") this.faster();
    else if (name === "back") this.seek(this.store.now() - DAY_S);
    else if (name === "forth") this.seek(this.store.now() + DAY_S);
    else if (name === "previous") this.step(-1);
    else if (name === "next") this.step(1);
    else if (name === "compare") this.#compare();
  }

  /**
   * Shows a moment; one that is not over yet is the present.
   *
   * @param {number} at epoch seconds
   */
  async seek(at, { settle = true } = {}) {
    if (at > this.store.present() - NEAR_S) {
      this.live();
      return;
    }
    this.wanted = at;
    this.#draw();
    if (this.seeking) return;
    this.seeking = true;
    this.box.setAttribute("aria-busy", "true");
    try {
      // while one moment is fetched others may be wanted: only the last counts
      while (this.wanted !== null) {
        const next = this.wanted;
        await this.player.jump(next);
        if (this.wanted === next) this.wanted = null;
      }
      if (this.away) this.#enter(settle);
    } catch (error) {
      this.wanted = null;
      this.#say(error.said ?? this.words.t("machine.failed"));
    } finally {
      this.seeking = false;
      this.box.removeAttribute("aria-busy");
      this.#draw();
    }
  }

  /** Back to the present, which is taken up anew. */
  live() {
    this.wanted = null;
    if (!this.away) return;
    this.player.stop();
    this.words.past = false;
    this.twin.day = null;
    document.body.classList.remove("replaying");
    this.page.classList.remove("replay");
    this.store.live();
    if (this.compare.from) this.compare.show(null);
    this.#say("");
    this.#outline();
    this.twin.way.remember();
    this.#draw();
  }

  play() {
    if (this.player.playing) this.player.pause();
    else if (this.away) this.player.play();
    else this.seek(this.store.present() - 600).then(() => this.away && this.player.play());
    this.#draw();
  }

  faster() {
    const { speed } = this.player;
    this.player.setSpeed(SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]);
    this.#draw();
  }

  /** To the incident before or after the moment that is shown. */
  async step(way) {
    const from = this.store.now();
    const pick = (list) => (way > 0 ? list.find((one) => one.t > from + 1)
      : list.findLast((one) => one.t < from - 1));
    let { outline } = this;
    let found = outline && pick(outline.incidents);
    for (let days = 0; !found && outline && days < 7; days++) {
      const middle = (way > 0 ? outline.to : outline.from - DAY_S) + DAY_S / 2;
      if (middle - DAY_S > outline.now || middle + DAY_S < (outline.first ?? Infinity)) break;
      outline = await this.#fetch(this.words.isoDay(middle));
      found = pick(outline.incidents);
    }
    if (!found) {
      this.#say(this.words.t(way > 0 ? "machine.no_later" : "machine.no_earlier"));
      return;
    }
    await this.seek(Math.ceil(found.t) + 1);
    if (this.away) this.twin.goTo({ layer: "incidents", id: found.id });
  }

  /** What is shown becomes A; the handle, wherever it goes from here, is B. */
  #compare() {
    if (this.compare.from) this.compare.stop();
    else this.compare.start(this.away ? this.store.now() : this.store.present() - 30);
  }

  #enter(settle) {
    this.words.past = true;
    document.body.classList.add("replaying");
    this.page.classList.add("replay");
    const day = this.words.isoDay(this.store.now());
    const moved = day !== this.twin.day;
    this.twin.day = day;
    if (this.outline?.day !== day) this.#outline();
    if (!settle) return;
    if (this.compare.from) this.compare.show(this.store.now());
    this.twin.panels.refresh();
    this.twin.way.remember();
    // charts of the panel are of the day that is shown
    if (moved && this.twin.picked) this.twin.pick(this.twin.picked, { fly: false });
  }

  #slide() {
    if (!this.outline) return;
    this.seek(this.outline.from + Number(this.parts.range.value), { settle: false });
  }

  #settle() {
    if (this.away && !this.seeking) this.#enter(true);
    else if (this.away) this.twin.way.remember();
  }

  #chooseDay(day) {
    if (!day || !this.outline) return;
    const [y, m, d] = day.split("-").map(Number);
    const [y0, m0, d0] = this.words.isoDay(this.store.now()).split("-").map(Number);
    const days = Math.round((Date.UTC(y, m - 1, d) - Date.UTC(y0, m0 - 1, d0)) / 86_400_000);
    if (days) this.seek(this.store.now() + days * DAY_S);
  }

  async #outline() {
    try {
      this.outline = await this.#fetch(this.away ? this.words.isoDay(this.store.now()) : "");
      this.outlinedAt = performance.now();
      this.#bars();
      this.#draw();
    } catch (error) {
      console.warn(error.message);
    }
  }

  #fetch(day) {
    return getJson(`${this.twin.api}/api/v1/timeline${day ? `?day=${day}` : ""}`);
  }

  #tick() {
    if (!this.away && performance.now() - (this.outlinedAt ?? 0) > REFRESH_MS) this.#outline();
    this.#draw();
  }

  #say(text) {
    this.parts.said.textContent = text;
    clearTimeout(this.sayTimer);
    if (text) this.sayTimer = setTimeout(() => { this.parts.said.textContent = ""; }, 6000);
  }

  #bars() {
    const { bins, incidents, from, to, now } = this.outline;
    const top = Math.max(...bins, 1);
    const [w, h] = [960, 34];
    const step = w / bins.length;
    const ahead = Math.floor((now - from) / 900);
    this.parts.bars.innerHTML = `<svg viewBox="0 0 ${w} ${h}" preserveAspectRatio="none" aria-hidden="true">${
      bins.map((v, i) => {
        const height = i > ahead ? 3 : Math.max(1.5, (v / top) * (h - 2));
        return `<rect class="${i > ahead ? "future" : ""}" x="${(i * step + 1.2).toFixed(1)}" ` +
          `y="${(h - height).toFixed(1)}" width="${(step - 2.4).toFixed(1)}" height="${height.toFixed(1)}"/>`;
      }).join("")}</svg>`;
    const placed = [];
    const worst = [...incidents].sort((a, b) => a.sev - b.sev || b.t - a.t);
    this.parts.marks.replaceChildren(...worst.flatMap((one) => {
      const at = (one.t - from) / (to - from);
      if (placed.some((other) => Math.abs(other - at) < CLOSE)) return [];
      placed.push(at);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "machine-mark";
      button.style.left = `${(at * 100).toFixed(2)}%`;
      const key = `incident.${one.k}`;
      const name = this.words.has(key) ? this.words.t(key) : one.k;
      button.title = `${this.words.hm(one.t)} ${name}`;
      button.setAttribute("aria-label", button.title);
      button.append(severityMark(one.sev));
      button.addEventListener("click", async () => {
        await this.seek(Math.ceil(one.t) + 1);
        if (this.away) this.twin.goTo({ layer: "incidents", id: one.id });
      });
      return [button];
    }));
  }

  #draw() {
    const { parts, words, player } = this;
    const away = this.away || this.wanted !== null && this.wanted !== undefined;
    const at = this.wanted ?? this.store.now();
    this.box.classList.toggle("away", away);
    const clock = away ? words.t("machine.replay", { at: words.hm(at) }) : words.t("live");
    if (parts.clock.textContent !== clock) parts.clock.textContent = clock;
    parts.flag.title = away ? words.t("machine.to_live") : words.t("machine.is_live");
    parts.play.setAttribute("aria-pressed", String(player.playing));
    parts.play.dataset.player = player.playing ? "playing" : "paused";
    parts.play.title = words.t(player.playing ? "machine.pause" : "machine.play");
    parts.play.setAttribute("aria-label", parts.play.title);
    const speed = `${player.speed}×`;
    if (parts.speed.textContent !== speed) parts.speed.textContent = speed;
    const day = words.isoDay(at);
    if (document.activeElement !== parts.date && parts.date.value !== day) parts.date.value = day;
    parts.forth.disabled = !away || at + DAY_S > this.store.present();
    const { outline } = this;
    if (outline) {
      parts.date.max = words.isoDay(outline.now);
      if (outline.first) parts.date.min = words.isoDay(outline.first);
      parts.back.disabled = outline.first !== null && at - DAY_S < outline.first - 60;
      const second = Math.min(DAY_S, Math.max(0, at - outline.from));
      this.box.style.setProperty("--at", String(second / (outline.to - outline.from)));
      if (document.activeElement !== parts.range || !this.seeking) {
        parts.range.value = String(Math.round(second / STEP_S) * STEP_S);
      }
      parts.range.setAttribute("aria-valuetext", `${day} ${words.hm(at)}`);
    }
    const note = this.frame.firstElementChild;
    if (away) {
      const text = `${words.t("machine.frame", { day, at: words.time(at) })}${
        player.playing ? ` · ${speed}` : ""}`;
      if (note.textContent !== text) note.textContent = text;
    }
  }
}
