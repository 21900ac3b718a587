// Words and numbers in the page's language.

/** Lets a Chinese name on an English page say so, to screen readers and to the choice of glyphs. */
export function tellLanguage(node) {
  if (document.documentElement.lang !== "en") return;
  if (/[\u3400-\u9fff]/.test(node.textContent)) node.lang = "zh-CN";
  else node.removeAttribute("lang");
}

export class Words {
  constructor(entries, lang, timeZone) {
    this.entries = entries;
    this.lang = lang === "zh" ? "zh-CN" : "en-GB";
    this.timeZone = timeZone;
    this.integer = new Intl.NumberFormat(this.lang, { maximumFractionDigits: 0 });
    this.decimal = new Intl.NumberFormat(this.lang, { maximumFractionDigits: 1 });
    this.clock = new Intl.DateTimeFormat(this.lang, {
      hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone,
    });
    this.minute = new Intl.DateTimeFormat(this.lang, {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone,
    });
    this.day = new Intl.DateTimeFormat(this.lang, {
      year: "numeric", month: "2-digit", day: "2-digit", weekday: "short", timeZone,
    });
    this.iso = new Intl.DateTimeFormat("sv-SE", {
      year: "numeric", month: "2-digit", day: "2-digit", timeZone,
    });
    /** Whether the page shows the past, where an age says nothing: moments are told by the clock. */
    this.past = false;
  }

  /** Text of a key; the key itself when the catalogue lacks it, so that a gap is seen. */
  t(key, values = {}) {
    const text = this.entries[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  /** The day of a moment, epoch seconds: 2026-11-28 周六, Sat, 28-11-2026. */
  date(seconds) {
    return this.day.format(seconds * 1000).replaceAll("/", "-").replace(/(\d)(?=\p{L})/u, "$1 ");
  }

  has(key) {
    return key in this.entries;
  }

  /** A measured value with its unit as people write it: °C for the UCUM code Cel. */
  measure(value, code) {
    const unit = code === "1" ? "" : this.entries[`ucum.${code}`] ?? code ?? "";
    return unit ? `${this.format(value)} ${unit}` : this.format(value);
  }

  /** Age of a moment in epoch seconds, in words. */
  ago(then, now) {
    if (then === null || then === undefined) return this.t("ago.never");
    if (this.past) {
      const [day, today] = [this.isoDay(then), this.isoDay(now)];
      return day === today ? this.time(then) : `${day.slice(5)} ${this.hm(then)}`;
    }
    const s = Math.max(0, Math.round(now - then));
    if (s < 2) return this.t("ago.now");
    if (s < 60) return this.t("ago.s", { n: s });
    if (s < 3600) return this.t("ago.m", { n: Math.floor(s / 60) });
    if (s < 86400) return this.t("ago.h", { n: Math.floor(s / 3600) });
    return this.t("ago.d", { n: Math.floor(s / 86400) });
  }

  /** How long something lasts: mm:ss, with hours above an hour; days and hours above a day. */
  span(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(s / 3600);
    if (hours >= 24) return this.t("span.days", { d: Math.floor(hours / 24), h: hours % 24 });
    if (hours) return `${hours}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
    return `${two(Math.floor(s / 60))}:${two(s % 60)}`;
  }

  /** A live value as text; null and undefined are an en dash, never a nought. */
  format(value, kind) {
    if (value === null || value === undefined || value === "" || Number.isNaN(value)) return "–";
    if (kind === "people" && value > 0 && value < 5) return this.t("few");
    if (kind === "published" && value < 5) return this.t("few");
    if (kind === "as_of") return this.t("as_of", { time: this.minute.format(value * 1000) });
    if (kind === "hour") {
      return [value, value + 3600].map((t) => this.minute.format(t * 1000)).join("–");
    }
    if (kind === "share") return `${this.integer.format(value * 100)}%`;
    if (kind === "signed") return `${value > 0 ? "+" : value < 0 ? "−" : "±"}${this.integer.format(Math.abs(value))}`;
    if (kind === "share1") return `${this.decimal.format(value * 100)}%`;
    if (typeof value === "number") {
      return (Number.isInteger(value) ? this.integer : this.decimal).format(value);
    }
    return String(value);
  }

  /** The day of a moment in epoch seconds, 2026-11-23. */
  isoDay(at) {
    return this.iso.format(at * 1000);
  }

  /** Hours and minutes of a moment in epoch seconds. */
  hm(at) {
    return this.time(at).slice(0, 5);
  }

  /** Clock time of a moment in epoch seconds, in the community's own zone. */
  time(at) {
    return this.clock.format(at * 1000);
  }
}
