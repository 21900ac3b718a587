// The visitors' story: stops that play by themselves or by hand, then free roam; starts anew when
// nobody is there. `?pace=20` lets time go twenty times as fast (docs/demo.md).

import { getJson } from "./loading.mjs";
import { StoryCamera } from "./story-camera.mjs";
import { StoryGaps } from "./story-gaps.mjs";
import { StoryPin } from "./story-pin.mjs";
import { Scenario } from "./story-scenario.mjs";
import { Sheet } from "./story-sheet.mjs";
import { StoryView } from "./story-view.mjs";

const TICK_MS = 200;
const MOST_PACE = 100;
const COVERAGE_MS = 60_000;

/** How fast time goes, as the address asks. */
function readPace() {
  const asked = Number(new URLSearchParams(location.search).get("pace"));
  return asked > 0 ? Math.min(MOST_PACE, asked) : 1;
}

export class Story {
  /** @param {HTMLElement} page @param {import("./twin.mjs").Twin} twin */
  constructor(page, twin) {
    this.page = page;
    this.twin = twin;
    this.pace = readPace();
    this.mode = "loading";
    this.index = 0;
    this.elapsed = 0;
    this.playing = true;
    this.quiet = 0;
    this.view = new StoryView(page, this);
    this.camera = new StoryCamera(twin);
    this.pin = new StoryPin(twin);
    this.gaps = new StoryGaps(twin);
    this.scenario = new Scenario(this);
    this.sheet = new Sheet(page.querySelector(".rail-right"), () => this.reframe());
    this.last = performance.now();
    this.timer = setInterval(() => this.#tick(), TICK_MS);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
      addEventListener(kind, () => this.#awake(), { passive: true, capture: true, signal });
    }
    for (const kind of ["pointerdown", "wheel"]) {
      // who takes the map in hand wants to look around: the story waits
      twin.host.addEventListener(kind, () => this.pause(), { passive: true, signal });
    }
    page.addEventListener("click", (event) => this.#click(event), { signal });
    addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#load();
  }

  async #load() {
    for (let wait = 1000; !this.gone; wait = Math.min(15_000, wait * 2)) {
      try {
        this.told = await getJson(`${this.twin.api}/api/v1/story`);
        break;
      } catch (error) {
        console.warn(error.message);
        await new Promise((done) => setTimeout(done, wait));
      }
    }
    if (this.gone) return;
    this.view.build();
    if (this.twin.drawn) this.begin();
    this.#askCoverage();
    this.coverageTimer = setInterval(() => this.#askCoverage(), COVERAGE_MS);
  }

  get stops() {
    return this.told?.stops ?? [];
  }

  get stop() {
    return this.mode === "stop" || this.mode === "scenario" ? this.stops[this.index] : null;
  }

  /** The map is there: the story begins. */
  begin() {
    if (!this.told || this.mode !== "loading") return;
    // an address that leads somewhere, or a hand that was quicker, is not taken back
    const said = new URLSearchParams(location.hash.slice(1));
    const led = Boolean(this.twin.picked) || said.has("at") || said.has("cam");
    const stop = this.stops.findIndex(({ key }) => key === said.get("stop"));
    this.goTo(Math.max(0, stop), { play: !led, keep: led });
  }

  /** The address leads back to the stop, in the other language as well. */
  #remember() {
    const hash = this.mode === "stop" ? `#stop=${this.stop.key}` : "";
    history.replaceState(history.state, "", location.pathname + location.search + hash);
  }

  /** Goes to a stop; `play` says whether it then goes on by itself. */
  goTo(index, { play = this.playing, keep = false } = {}) {
    if (!this.told) return;
    this.scenario.stop();
    this.gaps.hide();
    if (this.twin.picked && !keep) this.twin.pick(null);
    this.index = Math.max(0, Math.min(this.stops.length - 1, index));
    this.elapsed = 0;
    this.playing = play;
    this.mode = "stop";
    this.page.dataset.story = this.stop.key;
    this.pin.show(this.stop, { select: !keep });
    this.view.render();
    if (keep) return;
    this.#remember();
    this.reframe({ fly: true });
  }

  next() {
    if (this.mode !== "stop") this.goTo(this.index);
    else if (this.index < this.stops.length - 1) this.goTo(this.index + 1);
    else this.roam();
  }

  previous() {
    this.goTo(this.mode === "stop" ? this.index - 1 : this.stops.length - 1);
  }

  pause() {
    if (!this.playing || this.mode !== "stop") return;
    this.playing = false;
    this.view.renderNav();
  }

  play() {
    this.playing = true;
    if (this.mode === "stop") {
      this.view.renderNav();
      this.reframe({ fly: true });
    } else this.goTo(this.mode === "roam" ? 0 : this.index, { play: true });
  }

  /** Free: everything can be touched, the menu leads back. */
  roam() {
    this.scenario.stop();
    this.gaps.hide();
    this.mode = "roam";
    this.playing = false;
    this.page.dataset.story = "roam";
    this.pin.show(null);
    this.#remember();
    this.view.render();
    this.camera.home({ pace: this.pace });
  }

  /** Starts what a visitor may try; only here, in this browser. */
  async try(name) {
    this.gaps.hide();
    if (this.twin.picked) this.twin.pick(null);
    this.playing = false;
    if (this.mode !== "scenario") this.before = this.mode;
    this.mode = "scenario";
    this.page.dataset.story = `scenario-${name}`;
    this.pin.show(null);
    await this.scenario.start(name);
  }

  /** Ends what was tried, and goes back to where it was started. */
  leaveScenario() {
    this.scenario.stop();
    if (this.before === "stop") this.goTo(this.index, { play: false });
    else this.roam();
  }

  /** Shows the present stop in the part of the picture that is clear now. */
  reframe({ fly = false } = {}) {
    if (this.mode === "stop" && !this.twin.picked) this.camera.show(this.stop, { fly, pace: this.pace });
    else if (this.mode === "scenario") this.scenario.reframe();
  }

  async #askCoverage() {
    try {
      this.coverage = await getJson(`${this.twin.api}/api/v1/coverage?service=canteen`);
      this.view.figures();
    } catch {
      this.coverage = null; // a community without a canteen
    }
  }

  #tick() {
    const now = performance.now();
    const dt = Math.min(1, (now - this.last) / 1000) * this.pace;
    this.last = now;
    if (document.hidden || !this.told) return;
    if (this.mode === "loading") {
      if (this.twin.drawn) this.begin();
      return;
    }
    this.view.tick();
    if (this.mode === "scenario") this.scenario.tick(dt);
    if (this.playing && this.mode === "stop") {
      this.elapsed += dt;
      if (this.elapsed >= this.stop.seconds) this.next();
      return;
    }
    // a story that plays needs nobody; anything else was somebody's wish
    this.quiet += dt;
    const left = this.told.idle_s - this.quiet;
    if (this.mode === "scenario" && this.scenario.running) this.quiet = Math.min(this.quiet, this.told.idle_s / 2);
    if (left <= 0) {
      this.#awake();
      this.goTo(0, { play: true });
    } else this.view.notice(left <= this.told.notice_s ? Math.ceil(left) : null);
  }

  #awake() {
    this.quiet = 0;
    this.view.notice(null);
  }

  /** Seconds until the story ends, all stops after this one included. */
  get left() {
    return this.stops.slice(this.index).reduce((sum, stop) => sum + stop.seconds, 0) - this.elapsed;
  }

  #click(event) {
    const node = event.target.closest("[data-story-do]");
    if (!node) return;
    const { storyDo: what, storyArg: arg } = node.dataset;
    if (what === "next") this.next();
    else if (what === "prev") this.previous();
    else if (what === "pause") this.pause();
    else if (what === "play") this.play();
    else if (what === "roam") this.roam();
    else if (what === "stop") this.goTo(Number(arg), { play: false });
    else if (what === "start") this.goTo(0, { play: true });
    else if (what === "gaps") {
      this.pause();
      this.gaps.toggle(this.coverage).then(() => this.view.render());
    } else if (what === "try") this.try(arg);
    else if (what === "leave") this.leaveScenario();
    else if (what === "sheet") this.sheet.toggle();
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], #twin-map")) return;
    if (event.key === "ArrowRight") this.next();
    else if (event.key === "ArrowLeft") this.previous();
    else if (event.key === " " && !event.target.closest?.("button, a, summary")) {
      if (this.playing) this.pause();
      else this.play();
    } else if (event.key === "Home") this.goTo(0);
    else return;
    event.preventDefault();
  }

  /** A frame was drawn or the view moved. */
  onView() {
    this.pin.place();
    this.scenario.place();
  }

  destroy() {
    this.gone = true;
    clearInterval(this.timer);
    clearInterval(this.coverageTimer);
    this.listeners.abort();
    this.scenario.destroy();
    this.gaps.hide();
    this.pin.destroy();
    this.sheet.destroy();
  }
}
