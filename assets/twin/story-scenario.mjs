// What a visitor tries: a timeline that the server worked out by the product's own rules, played over
// the common stream in this page alone.

import { hydrateIcons } from "./icons.mjs";
import { unpackStates } from "./story-gaps.mjs";
import { Overlay } from "./story-overlay.mjs";
import { el, setText } from "./story-view.mjs";

const ICONS = {
  sos: "sos_pole", fire_lane: "car", living_alone: "home", typhoon: "incident", canteen: "canteen",
};
const ZOOMS = { living_alone: 17.4, canteen: null, typhoon: 17.6 };
const TIMES = ["t", "since", "resp", "due", "due_r", "end"];

export class Scenario {
  /** @param {import("./story.mjs").Story} story */
  constructor(story) {
    this.story = story;
    this.running = false;
    this.told = null;
    this.walker = el("div", { className: "story-walker", hidden: true });
    story.twin.host.append(this.walker);
  }

  iconOf(name) {
    return ICONS[name] ?? "incident";
  }

  async start(name) {
    this.stop();
    const { story } = this;
    const { twin } = story;
    const mine = (this.asked = {});
    this.name = name;
    this.#frame(name);
    try {
      const response = await fetch(`${twin.api}/api/v1/scenarios/${name}`, { method: "POST" });
      if (!response.ok) throw new Error(`scenario: ${response.status}`);
      const told = await response.json();
      if (this.asked !== mine || story.gone) return;
      this.told = told;
    } catch (error) {
      console.warn(error.message);
      if (this.asked === mine) setText(this.waiting, story.view.t("try.failed"));
      return;
    }
    this.elapsed = 0;
    this.beat = -1;
    this.painted = -1;
    this.running = true;
    this.overlay = twin.store.overlay = new Overlay();
    this.waiting.remove();
    this.reframe();
    this.tick(0);
  }

  /** Everything as if nothing had been tried. */
  stop() {
    this.asked = null;
    this.running = false;
    this.told = null;
    this.walker.hidden = true;
    const { twin } = this.story;
    if (this.overlay) {
      const changed = this.overlay.touched;
      this.overlay.lift(twin.store.layers);
      if (twin.store.overlay === this.overlay) twin.store.overlay = null;
      this.overlay = null;
      twin.store.on.patch(twin.store.layers, changed);
    }
    twin.map?.setOverlay?.(null);
    this.story.gaps.hide();
  }

  #frame(name) {
    const { view } = this.story;
    view.slots = [];
    view.bar = null;
    this.clock = el("span", { className: "story-clock" });
    view.clock = null;
    view.head.replaceChildren(
      el("span", { className: "story-count", data: { mark: view.t("mark_short") } }, view.t("only_you")), this.clock,
      el("span", { className: "story-mark" }, view.t("mark")),
    );
    this.list = el("ol", { className: "story-said" });
    this.waiting = el("p", { className: "note" }, view.t("try.wait"));
    this.again = el("button", {
      className: "story-button story-again", hidden: true, data: { storyDo: "try", storyArg: name },
    }, el("span", {}, view.t("try.again")));
    this.leave = el("button", {
      className: "story-button", data: { storyDo: "leave" },
    }, el("span", {}, view.t("leave")));
    view.body.replaceChildren(
      el("h2", { className: "headline" }, view.t(`try.${name}`)),
      this.waiting, this.list,
      el("div", { className: "story-ends" }, this.again, this.leave),
    );
    hydrateIcons(view.card);
    view.renderNav();
  }

  /** Moves the play on by so many seconds. */
  tick(dt) {
    if (!this.running) return;
    const { told } = this;
    this.elapsed += dt;
    while (told.beats[this.beat + 1] && told.beats[this.beat + 1].at <= this.elapsed) {
      this.#take(told.beats[++this.beat]);
    }
    const paint = told.paint.findLastIndex((one) => one.at <= this.elapsed);
    if (paint >= 0 && paint !== this.painted) {
      this.painted = paint;
      this.story.gaps.show(unpackStates(told.paint[paint].states));
    }
    setText(this.clock, this.story.twin.words.span(this.world));
    this.#walk();
    if (this.elapsed >= told.seconds && this.again.hidden) {
      this.again.hidden = false;
      this.ended = true;
      this.running = false;
    }
  }

  /** The moment of the world that is shown, seconds from the start: time runs unevenly in a play. */
  get world() {
    const { beats } = this.told;
    const [from, to] = [beats[this.beat] ?? beats[0], beats[this.beat + 1]];
    if (!to) return from.world;
    const share = Math.min(1, Math.max(0, (this.elapsed - from.at) / Math.max(0.1, to.at - from.at)));
    return from.world + share * (to.world - from.world);
  }

  #take(beat) {
    const { story } = this;
    const { store } = story.twin;
    // rows tell moments of the rehearsal; here they are told as moments of this clock
    const shift = store.now() - beat.t;
    const added = {};
    for (const [layer, rows] of Object.entries(beat.patch.a)) {
      added[layer] = {};
      for (const [id, row] of Object.entries(rows)) {
        added[layer][id] = { ...row };
        for (const name of TIMES) {
          if (typeof row[name] === "number") added[layer][id][name] = row[name] + shift;
        }
      }
    }
    this.overlay.lift(store.layers);
    this.overlay.put(added);
    this.overlay.lay(store.layers);
    store.layers = { ...store.layers };
    store.on.patch(store.layers, this.overlay.touched);
    const text = story.view.t(`say.${beat.word}`, beat.values);
    for (const li of this.list.children) li.classList.remove("now");
    const li = el("li", { className: "now" },
      el("span", { className: "story-at" }, story.twin.words.span(beat.world)), el("p", {}, text));
    this.list.prepend(li);
    story.view.live.textContent = text;
  }

  /** The way of whoever is sent: what is walked whole, what is left faint. */
  #walk() {
    const { walk } = this.told;
    const { map } = this.story.twin;
    if (!walk || this.elapsed < walk.from || !map?.setOverlay) return;
    const share = Math.min(1, (this.elapsed - walk.from) / (walk.to - walk.from));
    const [done, left, at] = cut(walk.points, share);
    this.walkerAt = at;
    if (this.drawnAt && performance.now() - this.drawnAt < 240 && share < 1) {
      this.place();
      return;
    }
    if (this.drawnShare === share && this.drawnFor === walk) return;
    this.drawnAt = performance.now();
    this.drawnShare = share;
    this.drawnFor = walk;
    map.setOverlay({
      kind: "trail",
      lines: [{ points: left, weight: 0.35 }, { points: done, weight: 1 }].filter((l) => l.points.length > 1),
      stops: [walk.points.at(-1)],
    });
    if (this.walker.hidden) {
      this.walker.replaceChildren(el("i", {}), el("span", {}, this.story.view.t(`who.${walk.who}`)));
      this.walker.hidden = false;
    }
    this.place();
  }

  /** Puts the walker where the camera shows them. */
  place() {
    if (this.walker.hidden || !this.walkerAt) return;
    const spot = this.story.twin.map?.project?.(this.walkerAt[0], this.walkerAt[1], 1);
    this.walker.style.visibility = spot ? "" : "hidden";
    if (spot) this.walker.style.transform = `translate(${spot[0].toFixed(1)}px, ${spot[1].toFixed(1)}px)`;
  }

  /** Shows the subject, and the way to it where there is one. */
  reframe() {
    const { told, story } = this;
    if (!told) return;
    if (told.name in ZOOMS && !ZOOMS[told.name]) {
      story.camera.home({ pace: story.pace });
      return;
    }
    const at = story.twin.way.spot(told.subject.layer, told.subject.id);
    if (!at) {
      story.camera.home({ pace: story.pace });
      return;
    }
    let [x, y] = at;
    let zoom = ZOOMS[told.name] ?? 18.6;
    if (told.walk) {
      const [fx, fy] = told.walk.points[0];
      zoom = Math.min(zoom, 18.9 - Math.log2(Math.max(1, Math.hypot(fx - x, fy - y) / 75)));
      [x, y] = [(x + fx) / 2, (y + fy) / 2];
    }
    story.camera.spot([x, y], { zoom, pace: story.pace });
  }

  destroy() {
    this.stop();
    this.walker.remove();
  }
}

/** A line cut at a share of its length: what is before, what is after, and where. */
export function cut(points, share) {
  const lengths = points.slice(1).map(([x, y], k) => Math.hypot(x - points[k][0], y - points[k][1]));
  let rest = share * lengths.reduce((sum, length) => sum + length, 0);
  for (let k = 0; k < lengths.length; k++) {
    if (rest <= lengths[k] || k === lengths.length - 1) {
      const part = lengths[k] ? Math.min(1, rest / lengths[k]) : 0;
      const at = [0, 1].map((axis) => points[k][axis] + part * (points[k + 1][axis] - points[k][axis]));
      return [[...points.slice(0, k + 1), at], [at, ...points.slice(k + 1)], at];
    }
    rest -= lengths[k];
  }
  return [points, [points.at(-1)], points.at(-1)];
}
