// Fills the places that the page marks with data-*: figures, ages, bars, lists. Touches only what
// changed; works out nothing that the server has worked out already.

import { hydrateIcons, icon } from "./icons.mjs";
import { linkRow } from "./row-link.mjs";
import { markStyle } from "./style.mjs";
import { tellLanguage } from "./words.mjs";

const ATTENTION_ROWS = 5;
const FEED_MS = 2000;
const DOOR_ORDER = ["closed", "open", "held", "forced", "offline"];
const METHOD_ORDER = ["face", "card", "code", "phone"];

/** Reads `layer.id.field`, or `layer.id|field` where the id itself has dots. */
export function readPath(layers, path) {
  const bar = path.indexOf("|");
  const field = bar < 0 ? path.slice(path.lastIndexOf(".") + 1) : path.slice(bar + 1);
  const head = bar < 0 ? path.slice(0, path.lastIndexOf(".")) : path.slice(0, bar);
  const dot = head.indexOf(".");
  const layer = head.slice(0, dot);
  return layers[layer]?.[head.slice(dot + 1)]?.[field];
}

/** Sets a text that changed; a Chinese name on an English page says so to screen readers. */
function setText(node, text) {
  if (node.textContent === text) return;
  node.textContent = text;
  tellLanguage(node);
}

/** What the mark in a panel looks like: the same rule as on the map. */
export function markClass(layer, row) {
  const [colour, shape] = markStyle(layer, row);
  return `mark mark-c-${colour} mark-s-${shape}`;
}

export function stateText(words, layer, row) {
  if (!row) return words.t("never_heard");
  if (row.h === "silent") return words.t("state.silent");
  if (layer === "services") return words.t(`service.${row.s ?? "unknown"}`);
  if (layer === "parking") return words.t("places.of", { n: words.format(row.cap) });
  return words.t(`state.${row.s ?? "unknown"}`);
}

export class Panels {
  /**
   * @param {HTMLElement} page
   * @param {import("./stream.mjs").LiveStore} store
   * @param {import("./words.mjs").Words} words
   * @param {(picked: object) => void} onGoto
   */
  constructor(page, store, words, names, onGoto) {
    this.page = page;
    this.store = store;
    this.words = words;
    this.names = names;
    this.onGoto = onGoto;
    this.scan();
    this.timer = setInterval(() => this.tick(), 1000);
    // new panels arrive from callbacks; find their places too
    this.observer = new MutationObserver(() => {
      this.scan();
      this.refresh();
    });
    for (const detail of page.querySelectorAll(".detail")) {
      this.observer.observe(detail, { childList: true });
    }
  }

  scan() {
    hydrateIcons(this.page);
    const all = (name) => [...this.page.querySelectorAll(`[data-${name}]`)];
    this.bound = all("bind");
    this.ages = all("age");
    this.marks = all("mark");
    this.states = all("state");
    this.values = all("values");
    this.tallies = all("tally-ids").map((node) => ({
      layer: node.dataset.tallyLayer,
      ids: JSON.parse(node.dataset.tallyIds),
      places: [...node.querySelectorAll("[data-tally]")],
    }));
  }

  /** Everything anew: after a snapshot, or when a panel came. */
  refresh() {
    const layers = this.#derived();
    for (const node of this.bound) {
      setText(node, this.words.format(readPath(layers, node.dataset.bind), node.dataset.format));
    }
    for (const node of this.marks) {
      const [layer, id] = split(node.dataset.mark);
      const name = markClass(layer, layers[layer]?.[id]);
      if (node.className !== name) node.className = name;
    }
    for (const node of this.states) {
      const [layer, id] = split(node.dataset.state);
      setText(node, stateText(this.words, layer, layers[layer]?.[id]));
    }
    for (const node of this.values) this.#values(node, layers);
    for (const tally of this.tallies) this.#tally(tally, layers);
    this.#bars(layers);
    this.#kinds(layers);
    this.#spark(layers);
    this.#hours(layers);
    this.#day(layers);
    this.#feed(layers);
    this.#attention(layers);
    this.#services(layers);
    this.tick();
  }

  /** What a patch touched; figures are few, so only the lists are told apart. */
  patch(changed) {
    this.pending = { ...(this.pending ?? {}), ...changed };
    if (this.queued) return;
    this.queued = true;
    // the wall's figures need not move ten times a second
    setTimeout(() => {
      this.queued = false;
      this.pending = null;
      this.refresh();
    }, 250);
  }

  tick() {
    const now = this.store.now();
    const layers = this.#derived();
    for (const node of this.ages) {
      const then = readPath(layers, node.dataset.age);
      const text = node.querySelector(".age-text");
      setText(text, this.words.ago(then, now));
      const late = then === null || then === undefined || now - then > 180;
      node.classList.toggle("late", late);
    }
    for (const node of this.page.querySelectorAll("[data-clock]")) {
      setText(node.querySelector(".time"), this.words.time(now));
      setText(node.querySelector(".date"), this.words.date(now));
    }
    for (const node of this.page.querySelectorAll("[data-since]")) {
      setText(node, this.words.span(now - Number(node.dataset.since)));
    }
    for (const node of this.page.querySelectorAll("[data-ago]")) {
      setText(node, this.words.ago(Number(node.dataset.ago), now));
    }
  }

  // figures that sum rows the browser has anyway
  #derived() {
    const layers = this.store.layers;
    if (this.derivedFrom === layers) return this.derived;
    this.derivedFrom = layers;
    const parking = Object.values(layers.parking ?? {});
    const services = Object.values(layers.services ?? {});
    const known = parking.filter((row) => row.free !== null && row.free !== undefined);
    const times = [...known, ...services].map((row) => row.t).filter((t) => t);
    const places = {
      free: known.length ? known.reduce((sum, row) => sum + row.free, 0) : null,
      open: services.some((row) => row.s && row.s !== "unknown")
        ? services.filter((row) => row.s === "open" || row.s === "full").length : null,
      t: times.length ? Math.max(...times) : null,
    };
    this.derived = { ...layers, counters: { ...(layers.counters ?? {}), places } };
    return this.derived;
  }

  /** How many of the things of a panel are in which state; what was never heard counts as silent. */
  #tally({ layer, ids, places }, layers) {
    const count = {};
    for (const id of ids) {
      const row = layers[layer]?.[id];
      const silent = !row || row.h === "silent";
      const state = silent ? (layer === "devices" ? "silent" : "offline") : row.s;
      count[state] = (count[state] ?? 0) + 1;
    }
    for (const node of places) setText(node, this.words.format(count[node.dataset.tally] ?? 0));
  }

  #bars(layers) {
    const doors = layers.counters?.doors;
    if (!doors) return;
    for (const bar of this.page.querySelectorAll("[data-bar]")) {
      const isDoors = bar.dataset.bar === "doors";
      const order = isDoors ? DOOR_ORDER : METHOD_ORDER;
      const of = isDoors ? doors : doors.methods ?? {};
      if (bar.childElementCount !== order.length) {
        bar.replaceChildren(...order.map((name) => {
          const part = document.createElement("i");
          part.className = isDoors ? `part door-${name}` : `part method-${name}`;
          return part;
        }));
      }
      order.forEach((name, k) => {
        bar.children[k].style.flexGrow = String(of[name] ?? 0);
        bar.children[k].hidden = !of[name];
      });
    }
    const methods = doors.methods ?? {};
    const total = METHOD_ORDER.reduce((sum, name) => sum + (methods[name] ?? 0), 0);
    for (const node of this.page.querySelectorAll("[data-share]")) {
      const name = node.dataset.share.split(".")[1];
      setText(node, this.words.format(total ? (methods[name] ?? 0) / total : null, "share"));
    }
  }

  #kinds(layers) {
    const by = layers.counters?.kinds?.by;
    if (!by) return;
    for (const node of this.page.querySelectorAll("[data-kind]")) {
      setText(node, this.words.format(by[node.dataset.kind]?.[node.dataset.field] ?? 0));
    }
    for (const node of this.page.querySelectorAll("[data-kind-bar]")) {
      const { n = 0, silent = 0 } = by[node.dataset.kindBar] ?? {};
      node.style.setProperty("--silent", n ? `${(100 * silent) / n}%` : "0%");
    }
    for (const node of this.page.querySelectorAll("[data-kind-row]")) {
      node.hidden = !by[node.dataset.kindRow]?.n;
    }
  }

  #spark(layers) {
    for (const node of this.page.querySelectorAll("[data-spark]")) {
      const series = readPath(layers, node.dataset.spark);
      if (!series || node.dataset.drawn === series.join()) continue;
      node.dataset.drawn = series.join();
      node.innerHTML = sparkSvg(series, this.words);
    }
  }

  #hours(layers) {
    for (const node of this.page.querySelectorAll("[data-hours]")) {
      const hours = readPath(layers, node.dataset.hours);
      if (!hours || node.dataset.drawn === hours.join()) continue;
      node.dataset.drawn = hours.join();
      const now = hourNow(this.store.now(), this.words.timeZone);
      node.innerHTML = barsSvg(hours, now);
    }
  }

  #day(layers) {
    for (const node of this.page.querySelectorAll("[data-day]")) {
      const bins = readPath(layers, node.dataset.day);
      if (!bins || node.dataset.drawn === bins.join()) continue;
      node.dataset.drawn = bins.join();
      const hour = hourNow(this.store.now(), this.words.timeZone);
      node.innerHTML = daySvg(bins, hour);
    }
  }

  #feed(layers) {
    const list = this.page.querySelector("[data-list=feed]");
    // read from across a room: new rows at most once in so long
    const { past } = this.words;
    const turned = past || this.fedPast;
    if (!list || (!turned && performance.now() - (this.fedAt ?? -Infinity) < FEED_MS)) return;
    this.fedAt = performance.now();
    this.fedPast = past;
    const rows = Object.entries(layers.feed ?? {}).sort((a, b) => b[1].t - a[1].t);
    const most = Number(list.dataset.most ?? 8);
    // at most two new rows a time slide in; a fuller feed would only flicker
    // of another moment nothing that is shown stays
    const shown = turned ? [] : this.fed ?? [];
    const known = new Set(shown.map(([id]) => id));
    const fresh = rows.filter(([id, row]) => !known.has(id) && row.t > (shown[0]?.[1].t ?? -1));
    this.fed = [...fresh.slice(0, shown.length ? 2 : most), ...shown].slice(0, most);
    this.#rows(list, this.fed, ([, row]) => this.#feedRow(row));
  }

  // rows are kept by key, so that nothing flickers and focus stays where it is
  #rows(list, entries, make) {
    const kept = new Map([...list.children].map((node) => [node.dataset.key, node]));
    const nodes = entries.map((entry) => {
      const old = kept.get(entry[0]);
      if (old && old.dataset.version === String(entry[2] ?? "")) return old;
      const node = make(entry);
      node.dataset.key = entry[0];
      node.dataset.version = String(entry[2] ?? "");
      return node;
    });
    // what stays is not moved, so only what is new slides in
    const wanted = new Set(nodes);
    for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
    nodes.forEach((node, k) => {
      if (list.children[k] !== node) list.insertBefore(node, list.children[k] ?? null);
    });
  }

  #feedRow(row) {
    const { words } = this;
    const name = this.names(row.l, row.i);
    const d = row.d ?? {};
    const li = document.createElement("li");
    const glyph = { plate: "car", people: "people", alarm: "incident" }[row.k] ??
      this.names.kind(row.l, row.i);
    const main = document.createElement("div");
    main.className = "row-main";
    const title = document.createElement("p");
    title.className = "row-title";
    const detail = document.createElement("p");
    detail.className = "row-detail";
    const way = d.direction ? words.t(`direction.${d.direction}`) : "";
    if (row.k === "plate") {
      const who = [d.who && words.t(`who.${d.who}`), way].filter(Boolean).join(" · ");
      title.append(plateNode(d, words), ` ${who}`);
      setText(detail, name);
    } else if (row.k === "people") {
      setText(title, name);
      setText(detail, words.t("people.published", {
        hour: words.format(d.from, "hour"),
        in: words.format(d.in, "published"),
        out: words.format(d.out, "published"),
      }));
    } else if (row.k === "alarm") {
      setText(title, name);
      setText(detail, words.has(`alarm.${d.type}`) ? words.t(`alarm.${d.type}`) : d.type ?? "");
    } else if (row.k === "reading") {
      setText(title, name);
      setText(detail, valuesText(words, d.values, d.unit) || words.t("feed.reading"));
    } else {
      setText(title, name);
      setText(detail, words.has(`state.${d.state}`) ? words.t(`state.${d.state}`) : d.state ?? "");
    }
    main.append(title, detail);
    li.append(icon(glyph), main, ageNode(row.t));
    this.#link(li, row.l, row.i, name);
    return li;
  }

  #attention(layers) {
    const list = this.page.querySelector("[data-list=attention]");
    if (!list) return;
    const found = [];
    let silent = 0;
    for (const layer of ["entrances", "gates", "plate_cameras", "devices"]) {
      for (const [id, row] of Object.entries(layers[layer] ?? {})) {
        const rank = attentionRank(row);
        if (rank === null) continue;
        if (rank === 4) silent++;
        found.push({ layer, id, row, rank });
      }
    }
    found.sort((a, b) => a.rank - b.rank || (b.row.since ?? b.row.t ?? 0) - (a.row.since ?? a.row.t ?? 0));
    setText(this.page.querySelector("[data-attention]"), this.words.format(found.length));
    const most = Number(list.dataset.most ?? ATTENTION_ROWS);
    this.#rows(
      list,
      found.slice(0, most).map((f) => [`${f.layer}.${f.id}`, f, `${f.row.s}${f.row.h}${f.row.since}`]),
      ([, f]) => this.#attentionRow(f),
    );
    const note = list.parentElement.querySelector(".note.empty");
    if (note) {
      const hidden = Math.max(0, silent - found.slice(0, most).filter((f) => f.rank === 4).length);
      note.hidden = found.length > 0 && hidden === 0;
      setText(note, found.length === 0 ? this.words.t("attention.none")
        : this.words.t("attention.more", { n: hidden }));
    }
  }

  #attentionRow({ layer, id, row }) {
    const { words } = this;
    const name = this.names(layer, id);
    const li = document.createElement("li");
    const mark = document.createElement("i");
    mark.className = markClass(layer, row);
    const main = document.createElement("div");
    main.className = "row-main";
    const title = document.createElement("p");
    title.className = "row-title";
    const trouble = row.h === "silent" ? words.t("silent")
      : row.d && words.has(`alarm.${row.d}`) ? words.t(`alarm.${row.d}`)
        : stateText(words, layer, row);
    setText(title, `${this.names.what(layer, id)} · ${trouble}`);
    const detail = document.createElement("p");
    detail.className = "row-detail";
    setText(detail, name);
    main.append(title, detail);
    const since = document.createElement("span");
    since.className = "elapsed";
    const from = row.h === "silent" ? row.t : row.since ?? row.t;
    if (from) since.dataset.since = String(from);
    setText(since, from ? words.span(this.store.now() - from) : "—");
    li.append(mark, main, since);
    this.#link(li, layer, id, name);
    return li;
  }

  #services(layers) {
    const list = this.page.querySelector("[data-list=services]");
    if (!list) return;
    const rows = Object.entries(layers.services ?? {})
      .filter(([, row]) => row.s && row.s !== "unknown")
      .sort((a, b) => (b[1].used ?? -1) - (a[1].used ?? -1))
      .slice(0, Number(list.dataset.most ?? 4));
    this.#rows(list, rows.map(([id, row]) => [id, row, JSON.stringify([row.s, row.used])]), ([id, row]) => {
      const li = document.createElement("li");
      const name = this.names("services", id);
      const main = document.createElement("div");
      main.className = "row-main";
      const title = document.createElement("p");
      title.className = "row-title";
      setText(title, name);
      const detail = document.createElement("p");
      detail.className = "row-detail";
      const used = row.used === null || row.used === undefined || !row.cap ? ""
        : ` · ${this.words.format(row.used, "people")} / ${this.words.format(row.cap)}`;
      setText(detail, this.words.t(`service.${row.s}`) + used);
      main.append(title, detail);
      li.append(icon(this.names.kind("services", id)), main, ageNode(row.t));
      this.#link(li, "services", id, name);
      return li;
    });
  }

  #values(node, layers) {
    const [layer, id] = split(node.dataset.values);
    const row = layers[layer]?.[id] ?? {};
    const items = valueItems(this.words, layer, row);
    const key = JSON.stringify(items);
    if (node.dataset.drawn === key) return;
    node.dataset.drawn = key;
    node.replaceChildren(...items.map(([label, text]) => {
      const li = document.createElement("li");
      const name = document.createElement("span");
      setText(name, label);
      const value = document.createElement("b");
      setText(value, text);
      li.append(name, value);
      return li;
    }));
  }

  #link(li, layer, id, name) {
    const title = li.querySelector(".row-title")?.textContent;
    linkRow(li, [title, name], () => this.onGoto({ layer, id, name }));
  }

  destroy() {
    clearInterval(this.timer);
    this.observer.disconnect();
  }
}

function split(path) {
  const dot = path.indexOf(".");
  return [path.slice(0, dot), path.slice(dot + 1)];
}

function attentionRank(row) {
  if (row.s === "alarm") return 0;
  if (row.s === "forced") return 1;
  if (row.h === "silent" || row.s === "offline") return 4;
  if (row.s === "held") return 2;
  if (row.s === "fault") return 3;
  return null;
}

export function ageNode(t) {
  const span = document.createElement("span");
  span.className = "age";
  const dot = document.createElement("i");
  dot.className = "dot";
  const text = document.createElement("span");
  text.className = "age-text";
  text.dataset.ago = String(t);
  span.append(dot, text);
  return span;
}

/** A plate drawn like a plate; already masked when it reaches the browser. */
export function plateNode(d, words) {
  const node = document.createElement("span");
  if (!d.plate) {
    node.className = "plate plate-unread";
    node.textContent = words.t("feed.unread");
  } else {
    node.className = `plate plate-${d.plate_class ?? "blue"}`;
    node.textContent = d.plate;
    node.lang = "zh-CN";
  }
  return node;
}

function valuesText(words, values, units) {
  return Object.entries(values ?? {}).slice(0, 2).map(([name, value]) => {
    const label = words.has(`quantity.${name}`) ? words.t(`quantity.${name}`) : name;
    return `${label} ${words.measure(value, units?.[name])}`;
  }).join(" · ");
}

export function valueItems(words, layer, row) {
  const items = [];
  if (layer === "parking") {
    items.push([words.t("quantity.free"), words.format(row.free)]);
  } else if (layer === "services" && row.used !== undefined && row.used !== null) {
    items.push([words.t("quantity.used"), words.format(row.used, "people")]);
  } else if (layer === "plate_cameras") {
    items.push([words.t("quantity.reads"), words.format(row.n)]);
  }
  for (const [name, value] of Object.entries(row.v ?? {})) {
    const label = words.has(`quantity.${name}`) ? words.t(`quantity.${name}`) : name;
    items.push([label, words.measure(value, row.u?.[name])]);
  }
  return items;
}

function hourNow(now, timeZone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone,
  }).format(now * 1000).split(":").map(Number);
  return parts[0] + parts[1] / 60;
}

/** A day's curve; a gap breaks the line, nothing is made up between. */
export function sparkSvg(series, words) {
  const [w, h, base] = [360, 74, 54];
  const known = series.filter((v) => v !== null && v !== undefined);
  if (!known.length) return "";
  const top = Math.max(...known) || 1;
  const low = Math.min(...known, top * 0.6);
  const x = (i) => (i / (series.length - 1)) * w;
  const y = (v) => base - 4 - ((v - low) / (top - low || 1)) * (base - 12);
  let path = "";
  let area = "";
  let pen = false;
  let last = null;
  series.forEach((v, i) => {
    if (v === null || v === undefined) {
      if (pen) area += `L${x(i - 1).toFixed(1)} ${base}Z`;
      pen = false;
      return;
    }
    const at = `${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
    path += `${pen ? "L" : "M"}${at}`;
    area += pen ? `L${at}` : `M${x(i).toFixed(1)} ${base}L${at}`;
    pen = true;
    last = [x(i), y(v)];
  });
  if (pen) area += `L${x(series.length - 1).toFixed(1)} ${base}Z`;
  const ticks = [0, 6, 12, 18].map((hour) =>
    `<text x="${((hour / 24) * w).toFixed(0)}" y="${h - 2}">${hour}${words.lang === "zh-CN" ? "时" : ":00"}</text>`);
  return `<svg viewBox="0 0 ${w} ${h}" role="img" aria-hidden="true"><path class="grid" d="M0 ${base}H${w}M0 ${base / 2}H${w}"/>` +
    `<path class="area" d="${area}"/><path class="line" d="${path}"/>` +
    `<circle class="now" cx="${last[0].toFixed(1)}" cy="${last[1].toFixed(1)}" r="4.5"/>${ticks.join("")}</svg>`;
}

function barsSvg(hours, now) {
  const [w, h, base] = [360, 96, 76];
  const top = Math.max(...hours, 1);
  const step = w / hours.length;
  const bars = hours.map((v, i) => {
    const height = (v / top) * (base - 6);
    return `<rect class="${i === Math.floor(now) ? "current" : i > now ? "future" : ""}" ` +
      `x="${(i * step + step * 0.18).toFixed(1)}" y="${(base - height).toFixed(1)}" ` +
      `width="${(step * 0.64).toFixed(1)}" height="${Math.max(height, i > now ? 0 : 1).toFixed(1)}"/>`;
  });
  const ticks = [0, 6, 12, 18].map((hour) =>
    `<text x="${(hour * step).toFixed(0)}" y="${h - 4}">${hour}</text>`);
  return `<svg viewBox="0 0 ${w} ${h}" aria-hidden="true">${bars.join("")}${ticks.join("")}</svg>`;
}

function daySvg(bins, hour) {
  const [w, h, base] = [960, 64, 42];
  const top = Math.max(...bins.map((v) => v ?? 0), 1);
  const step = w / bins.length;
  const at = hour * 4;
  const bars = bins.map((v, i) => {
    const future = i > at;
    const height = future ? 4 : Math.max(2, ((v ?? 0) / top) * (base - 10));
    return `<rect class="${future ? "future" : ""}" x="${(i * step + 1.5).toFixed(1)}" ` +
      `y="${(base - height).toFixed(1)}" width="${(step - 3).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  const x = (at * step).toFixed(1);
  const ticks = [0, 6, 12, 18, 24].map((t) => {
    const anchor = t === 0 ? "start" : t === 24 ? "end" : "middle";
    return `<text x="${(t * 4 * step).toFixed(0)}" y="${h - 3}" text-anchor="${anchor}">` +
      `${String(t).padStart(2, "0")}:00</text>`;
  });
  return `<svg viewBox="0 0 ${w} ${h}" aria-hidden="true">${bars.join("")}` +
    `<path class="handle" d="M${x} 4V${base}"/><circle class="handle-dot" cx="${x}" cy="6" r="6"/>` +
    `${ticks.join("")}</svg>`;
}
