// Small makers of what the settings show: nodes, tables, requests.

import { tellLanguage } from "./words.mjs";

/** @returns {HTMLElement} with properties, data attributes and children */
export function make(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("aria") || name === "role") {
      node.setAttribute(name === "role" ? name : `aria-${name.slice(4).toLowerCase()}`, String(value));
    } else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else node[name] = value;
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  // a Chinese name on an English page says so to screen readers
  if (!node.children.length && node.textContent) tellLanguage(node);
  return node;
}

export function button(text, act, given = {}) {
  return make("button", { type: "button", className: "action", ...given, on: { click: act } }, text);
}

/** A table that scrolls by itself; rows are lists of texts and nodes. */
export function table(head, rows, given = {}) {
  return make("div", { className: "sheet-box", tabIndex: 0, ...given.box },
    make("table", { className: `sheet ${given.className ?? ""}` },
      make("thead", {}, make("tr", {}, head.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, rows)));
}

export class Refused extends Error {
  constructor(status, body, text) {
    super(text);
    Object.assign(this, { status, body });
  }
}

/** Asks the settings' API. */
export async function ask(twin, method, path, { json, body, revision } = {}) {
  const headers = {};
  if (json) headers["content-type"] = "application/json";
  if (body) headers["content-type"] = "application/octet-stream";
  if (revision !== undefined) headers["if-match"] = `"${revision}"`;
  let response;
  try {
    response = await fetch(`${twin.api}/api/v1/settings${path}`, {
      method, headers, cache: "no-store", body: json ? JSON.stringify(json) : body,
    });
  } catch {
    throw new Refused(0, {}, twin.words.t("settings.failed"));
  }
  const told = await response.json().catch(() => ({}));
  if (response.ok) return told;
  const known = { 401: "settings.no_right", 403: "settings.no_right", 413: "settings.too_long" }[response.status];
  const text = known ? twin.words.t(known)
    : response.status >= 500 || !told.error ? twin.words.t("settings.failed") : told.error;
  throw new Refused(response.status, told, text);
}

/** Takes a file of the API to the disk. */
export async function save(twin, path, name, body) {
  const response = await fetch(`${twin.api}/api/v1/settings${path}`, {
    method: body ? "POST" : "GET", cache: "no-store", body,
    headers: body ? { "content-type": "application/octet-stream" } : {},
  });
  if (!response.ok) throw new Refused(response.status, {}, twin.words.t("settings.failed"));
  const told = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const url = URL.createObjectURL(await response.blob());
  const link = make("a", { href: url, download: told ?? name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What values, fields and things are called. */
export class Telling {
  constructor(twin) {
    this.twin = twin;
    this.words = twin.words;
  }

  field(name) {
    const key = `settings.field.${name}`;
    return this.words.has(key) ? this.words.t(key) : name;
  }

  name(item) {
    const { words } = this;
    const name = item.name ?? item.key;
    if (name.startsWith("@")) return words.has(name.slice(1)) ? words.t(name.slice(1)) : name.slice(1);
    if (item.topic === "coverage" || item.about?.[words.lang.slice(0, 2)]) {
      const key = `settings.coverage.${item.key}`;
      if (words.has(key)) return words.t(key);
      return item.about?.[words.lang.slice(0, 2)] ?? name;
    }
    if (item.topic === "rules") return this.rule(item);
    return name;
  }

  rule(item) {
    const key = `settings.rule.${item.key.replace(/^rule\./, "")}`;
    if (this.words.has(key)) return this.words.t(key);
    const kind = `incident.${item.about?.kind}`;
    return this.words.has(kind) ? this.words.t(kind) : item.name;
  }

  value(value, field = {}) {
    const { words } = this;
    if (value === null || value === undefined || value === "") return "–";
    if (typeof value === "boolean") return words.t(value ? "settings.yes" : "settings.no");
    if (field.words && words.has(`${field.words}.${value}`)) return words.t(`${field.words}.${value}`);
    if (field.kind === "moment" || /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return String(value).slice(0, 16).replace("T", " ");
    if (value === 0 && field.name === "over_s") return words.t("settings.never");
    if (field.unit === "s" && typeof value === "number") return this.long(value);
    if (typeof value === "number") return `${new Intl.NumberFormat(words.lang, { maximumFractionDigits: 4 }).format(value)}${field.unit ? ` ${field.unit}` : ""}`;
    return String(value);
  }

  /** Seconds as people say them. */
  long(seconds) {
    const { words } = this;
    for (const [unit, size] of [["d", 86_400], ["h", 3600], ["m", 60]]) {
      if (seconds >= size && seconds % size === 0) return words.t(`settings.long.${unit}`, { n: seconds / size });
    }
    return words.t("settings.long.s", { n: seconds });
  }

  when(at) {
    return `${this.words.isoDay(at)} ${this.words.hm(at)}`;
  }

  fault(fault) {
    const key = `settings.fault.${fault.why}`;
    return this.words.has(key) ? this.words.t(key, fault.told) : fault.error;
  }
}
