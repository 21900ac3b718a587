// What the story says: the card of a stop with its figures, the bar of stops, the menu of free roam.

import { hydrateIcons } from "./icons.mjs";
import { readPath } from "./panels.mjs";

const SHARES = { now: "now", paper: "paper", gap: "gap" };

/** An element with a class, attributes and children; a text is a text. */
export function el(tag, { data, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (tag === "button") node.type = "button";
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  for (const [key, value] of Object.entries(data ?? {})) node.dataset[key] = value;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export class StoryView {
  /** @param {HTMLElement} page @param {import("./story.mjs").Story} story */
  constructor(page, story) {
    this.page = page;
    this.story = story;
    this.card = page.querySelector("[data-story=card]");
    this.nav = page.querySelector("[data-story=nav]");
    this.noticeNode = page.querySelector("[data-story=notice]");
  }

  get words() {
    return this.story.twin.words;
  }

  t(key, values) {
    return this.words.t(`story.${key}`, values);
  }

  #do(what, label, { icon, className = "", arg, wide } = {}) {
    return el("button", {
      className: `story-button ${className}`,
      "aria-label": wide ? label : undefined,
      title: wide ? label : undefined,
      data: { storyDo: what, ...(icon ? { icon } : {}), ...(arg === undefined ? {} : { storyArg: arg }) },
    }, wide ? null : el("span", {}, label));
  }

  /** The frame, once: the handle, the body, the bar. */
  build() {
    const handle = this.#do("sheet", this.t("sheet"), { className: "story-handle", wide: true });
    handle.setAttribute("aria-expanded", "false");
    this.head = el("div", { className: "story-head" });
    this.body = el("div", {
      className: "story-body", tabIndex: 0, role: "group", "aria-label": this.t("card"),
    });
    this.live = el("div", { className: "find-status", "aria-live": "polite" });
    this.card.replaceChildren(handle, this.head, this.body, this.live);
    this.dots = el("ol", { className: "story-dots" });
    this.story.stops.forEach((stop, k) => {
      const name = this.t(`stop.${stop.key}.name`);
      const dot = el("button", {
        className: "story-dot", "aria-label": name, data: { storyDo: "stop", storyArg: k },
      }, el("i", {}, el("b")), el("span", {}, name));
      this.dots.append(el("li", {}, dot));
    });
    // on a phone the stops are too close for a finger: there they only tell how far it is
    this.pips = el("p", { className: "story-pips", "aria-hidden": "true" },
      ...this.story.stops.map(() => el("i", {}, el("b"))));
    this.left = el("div", { className: "story-left" });
    this.right = el("div", { className: "story-right" });
    this.nav.replaceChildren(this.left, this.dots, this.pips, this.right);
    this.render();
  }

  render() {
    if (!this.body) return;
    const { story } = this;
    const stop = story.mode === "stop" ? story.stop : null;
    if (stop) this.#stop(stop);
    else if (story.mode === "roam") this.#roam();
    this.renderNav();
    this.figures();
    this.tick();
  }

  #headline(title, text) {
    const heading = el("h2", { className: "headline" }, title);
    const prose = el("p", { className: "prose" }, text);
    const said = `${title} ${text}`;
    if (this.live.textContent !== said) this.live.textContent = said;
    return [heading, prose];
  }

  #head(left) {
    this.clock = el("span", { className: "story-clock" });
    this.head.replaceChildren(
      el("span", { className: "story-count" }, left), this.clock,
      el("span", { className: "story-mark" }, this.t("mark")),
    );
  }

  #stop(stop) {
    const { story } = this;
    this.#head(this.t("of", { n: story.index + 1, of: story.stops.length }));
    this.slots = stop.figures.map((figure) => this.#slot(figure));
    this.bar = stop.figures.some((figure) => figure.bind === "coverage") ? this.#bar() : null;
    const parts = [
      ...this.#headline(this.t(`stop.${stop.key}.title`), this.t(`stop.${stop.key}.text`)),
      el("div", { className: "story-figures" }, ...this.slots.map((slot) => slot.node)),
      this.bar?.node,
    ];
    if (stop.action === "gaps") {
      const on = story.gaps.on;
      parts.push(this.#do("gaps", this.t(on ? "gaps.on" : `stop.${stop.key}.action`), {
        icon: "coverage", className: "story-action",
      }));
      if (on) parts.push(el("p", { className: "story-legend" }, this.t("gaps.legend")));
    } else if (story.told.scenarios.includes(stop.action)) {
      parts.push(this.#do("try", this.t(`stop.${stop.key}.action`), {
        icon: "sos_pole", className: "story-action", arg: stop.action,
      }));
    }
    this.body.replaceChildren(...parts.filter(Boolean));
    hydrateIcons(this.card);
  }

  #roam() {
    const { story } = this;
    this.slots = [];
    this.bar = null;
    this.#head(this.t("menu"));
    const tries = story.told.scenarios.map((name) =>
      this.#do("try", this.t(`try.${name}`), {
        icon: this.story.scenario.iconOf(name), className: "story-try", arg: name,
      }));
    this.body.replaceChildren(
      ...this.#headline(this.t("roam.title"), this.t("roam.text")),
      ...(tries.length ? [
        el("h3", { className: "story-subtitle" }, this.t("try")),
        el("div", { className: "story-tries" }, ...tries),
      ] : []),
    );
    hydrateIcons(this.card);
  }

  renderNav() {
    if (!this.nav || !this.dots) return;
    const { story } = this;
    const stop = story.mode === "stop" ? story.stop : null;
    [...this.dots.children].forEach((li, k) => {
      const dot = li.firstChild;
      for (const node of [dot, this.pips.children[k]]) {
        node.classList.toggle("seen", k < story.index || !stop);
        node.classList.toggle("here", Boolean(stop) && k === story.index);
      }
      if (stop && k === story.index) dot.setAttribute("aria-current", "step");
      else dot.removeAttribute("aria-current");
    });
    const key = `${story.mode}.${story.index}.${story.playing}`;
    if (this.navKey === key) return;
    this.navKey = key;
    const focused = document.activeElement?.dataset?.storyDo;
    if (story.mode === "roam") {
      this.left.replaceChildren(this.#do("prev", this.t("prev"), { icon: "back", className: "glass prev" }));
      this.right.replaceChildren(this.#do("start", this.t("start"), { className: "primary" }));
    } else if (story.mode === "scenario") {
      this.left.replaceChildren(this.#do("leave", this.t("leave"), { icon: "back", className: "glass prev" }));
      this.right.replaceChildren(this.#do("roam", this.t("menu"), { className: "glass" }));
    } else {
      const last = story.index === story.stops.length - 1;
      const prev = this.#do("prev", this.t("prev"), { icon: "back", className: "glass prev" });
      prev.disabled = story.index === 0;
      const after = story.stops[story.index + 1];
      const long = last ? this.t("finish") : this.t("next_to", { name: this.t(`stop.${after.key}.name`) });
      const next = this.#do("next", last ? this.t("finish") : this.t("next"), { className: "primary next" });
      next.firstChild.className = "short";
      next.append(el("span", { className: "long" }, long));
      next.dataset.iconAfter = "";
      const pause = story.playing
        ? this.#do("pause", this.t("pause"), { icon: "pause", className: "glass square", wide: true })
        : this.#do("play", this.t("play"), { icon: "play", className: "glass square", wide: true });
      const roam = this.#do("roam", this.t("menu"), { className: "glass roam" });
      this.left.replaceChildren(prev);
      this.right.replaceChildren(roam, pause, next);
    }
    hydrateIcons(this.nav);
    if (["pause", "play"].includes(focused)) this.right.querySelector("[data-story-do=pause], [data-story-do=play]")?.focus();
    else if (focused) this.nav.querySelector(`[data-story-do=${focused}]:not(:disabled)`)?.focus();
  }

  #slot(figure) {
    const number = el("b", { className: "story-number" }, "–");
    const unit = el("span", { className: "story-unit" });
    const source = this.t(`source.${figure.source}`);
    const age = el("span", { className: "age", title: this.t("source", { source }) },
      el("i", { className: "dot" }), el("span", {}, el("span", { className: "age-text" }, "–"), ` · ${source}`));
    const label = el("p", { className: "label-text" });
    const node = el("div", { className: "story-figure" }, label,
      el("p", { className: "story-value" }, number, unit), age);
    return { figure, node, label, number, unit, age };
  }

  #bar() {
    const parts = ["now", "paper", "gap"].map((name) => el("i", { className: `part cover-${name}` }));
    const now = el("span", {});
    const gap = el("span", { className: "muted" });
    const node = el("div", { className: "story-cover" },
      el("p", {}, now, gap), el("div", { className: "bar", "aria-hidden": "true" }, ...parts),
      el("p", { className: "story-source" }, this.t("elders")));
    return { node, parts, now, gap };
  }

  /** Fills the figures from the live state as it is now. */
  figures() {
    const { store } = this.story.twin;
    for (const slot of this.slots ?? []) {
      const { value, of, t, label, unit } = this.#read(slot.figure, store.layers);
      const form = slot.figure.form === "round" ? "int" : slot.figure.form;
      const said = typeof value === "string" ? value
        : this.words.format(slot.figure.form === "round" && value != null ? Math.round(value) : value, form);
      const plate = slot.figure.bind === "plate";
      setText(slot.label, label ?? this.t(`figure.${slot.figure.label}`));
      setText(slot.number, plate && !value ? this.t("plate.wait") : said);
      slot.number.classList.toggle("plate", plate && Boolean(value));
      slot.number.classList.toggle("story-wait", plate && !value);
      const word = unit ?? (slot.figure.unit ? this.t(`unit.${slot.figure.unit}`) : "");
      setText(slot.unit, of == null ? word : `/ ${this.words.format(of)} ${word}`);
      setText(slot.age.querySelector(".age-text"), this.words.ago(t, store.now()));
      slot.age.classList.toggle("late", t == null || store.now() - t > 180);
    }
    if (this.bar) this.#fillBar();
  }

  #read(figure, layers) {
    const { story } = this;
    const [kind, key] = figure.bind.split("/");
    if (kind === "coverage") {
      const row = story.coverage?.kinds?.find((one) => one.kind === "canteen");
      return {
        value: row?.now ?? null, t: story.coverage?.t,
        label: this.t("figure.walk", { m: row?.radius_m ?? "–" }),
      };
    }
    if (kind === "plate") {
      for (const row of Object.values(layers.feed ?? {})) {
        if (row.k === "plate" && row.d?.plate && row.t > (this.plate?.t ?? 0)) {
          this.plate = { text: row.d.plate, kind: row.d.plate_class ?? "blue", t: row.t };
        }
      }
      return { value: this.plate?.text ?? null, t: this.plate?.t, unit: "" };
    }
    if (kind === "kind") {
      const row = layers.counters?.kinds?.by?.[key];
      return { value: row ? row.n - row.silent : null, of: row?.n, t: layers.counters?.kinds?.t };
    }
    if (kind === "level") {
      const row = layers.devices?.[key];
      return { value: row?.v?.level ?? null, t: row?.t };
    }
    return {
      value: readPath(layers, figure.bind),
      of: figure.of ? readPath(layers, figure.of) : null,
      t: figure.age ? readPath(layers, figure.age) : null,
    };
  }

  #fillBar() {
    const row = this.story.coverage?.kinds?.find((one) => one.kind === "canteen");
    if (!row) return;
    const shares = { now: row.now, paper: Math.max(0, row.paper - row.now), gap: Math.max(0, 1 - row.paper) };
    this.bar.parts.forEach((part, k) => {
      const share = shares[Object.keys(SHARES)[k]];
      part.style.flexGrow = String(share);
      part.hidden = share <= 0;
    });
    setText(this.bar.now, this.t("now", { n: this.words.format(row.now, "share") }));
    setText(this.bar.gap, this.t("paper", { n: this.words.format(row.paper, "share") }));
  }

  /** What moves with time: the clock of the story, the fill of the present dot, ages. */
  tick() {
    const { story } = this;
    if (!this.dots) return;
    if (performance.now() - (this.filledAt ?? -Infinity) > 900) {
      this.filledAt = performance.now();
      this.figures();
    }
    if (story.mode !== "stop" || !this.clock) return;
    const width = `${Math.min(100, (100 * story.elapsed) / story.stop.seconds).toFixed(1)}%`;
    for (const list of [this.dots, this.pips]) {
      const fill = list.children[story.index]?.querySelector("b");
      if (fill) fill.style.width = width;
    }
    const s = Math.max(0, Math.round(story.left));
    setText(this.clock, !story.playing ? this.t("paused")
      : s < 60 ? this.t("left_s", { s }) : this.t("left", { m: Math.floor(s / 60), s: s % 60 }));
  }

  /** Tells that the story begins anew in so many seconds; null takes it back. */
  notice(seconds) {
    const node = this.noticeNode;
    if (seconds === null) {
      node.hidden = true;
      return;
    }
    if (node.hidden) {
      node.hidden = false;
      this.noticeText = el("span", {});
      node.replaceChildren(this.noticeText, el("button", { className: "story-button primary" }, this.t("stay")));
    }
    setText(this.noticeText, this.t("idle", { s: seconds }));
  }
}

export function setText(node, text) {
  const said = String(text ?? "");
  if (node.textContent !== said) node.textContent = said;
}
