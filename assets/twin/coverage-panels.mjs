// The cards of coverage: who is served now and on paper, why not, where the gaps are, who supplies.

import { icon } from "./icons.mjs";
import { tellLanguage } from "./words.mjs";

// what people ask for most comes first
const ORDER = [
  "canteen", "elderly_care", "health_station", "pharmacy", "childcare", "kindergarten", "school",
  "service_centre", "market", "culture", "sports", "shop", "convenience", "toilet", "police",
  "fire_station", "sos_pole", "waste_bin", "charging_pile", "mailbox",
];

/** A node with classes, children and attributes. */
export function el(tag, className = "", children = [], attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  const parts = [children].flat().filter((child) => child !== null && child !== undefined);
  node.append(...parts);
  // a name of a place is Chinese on whatever page, and says so
  if (parts.length === 1 && typeof parts[0] === "string") tellLanguage(node);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  return node;
}

/** A share in 0..1 as digits and a smaller per cent sign; an en dash where there is none. */
function percent(words, share, className) {
  if (share === null || share === undefined) return el("span", className, "–");
  return el("span", className, [words.decimal.format(share * 100), el("small", "", "%")]);
}

export class CoveragePanels {
  /** @param {HTMLElement} page @param {import("./words.mjs").Words} words */
  constructor(page, words, on) {
    this.page = page;
    this.words = words;
    this.on = on;
    // a rail of the wall holds so many
    this.most = page.dataset.page === "wall" ? 3 : Infinity;
  }

  /** A count with its unit: people, or buildings where nobody is counted. */
  count(n, unit) {
    return this.words.t(`coverage.n.${unit}`, { n: this.words.format(n) });
  }

  /** Fills a place; what looks the same stays, so that focus and scrolling do. */
  #fill(name, nodes) {
    const place = this.page.querySelector(`[data-cov="${name}"]`);
    if (!place) return;
    while (place.childElementCount > nodes.length) place.lastElementChild.remove();
    nodes.forEach((node, k) => {
      const old = place.children[k];
      if (!old) place.append(node);
      else if (old.outerHTML !== node.outerHTML) {
        const focused = old === document.activeElement;
        old.replaceWith(node);
        if (focused) node.focus();
      }
    });
  }

  show(data, { paper }) {
    this.#cards(data, paper);
    this.#moment(data);
    this.#why(data);
    this.#gaps(data);
    this.#demand(data);
    this.#suppliers(data);
    this.#tiers(data);
    this.#compare(data);
    for (const node of this.page.querySelectorAll("[data-cov-radius]")) {
      node.textContent = this.words.t(node.dataset.covRadius, {
        n: this.words.format(data.radius_m), share: this.words.format(data.straight, "share"),
      });
    }
    const foot = this.page.querySelector("[data-cov=foot]");
    const of = data.kinds.find((row) => row.kind === data.service)?.of;
    const said = this.words.t("coverage.foot", {
      n: this.count(of, data.unit), version: data.rules.version,
    });
    if (foot && foot.dataset.said !== `${said}${data.t}`) {
      foot.dataset.said = `${said}${data.t}`;
      foot.replaceChildren(said, " ", el("span", "age", [
        el("i", "dot"), el("span", "age-text", "", { "data-ago": String(data.t) }),
      ]));
    }
  }

  #cards(data, paper) {
    const { words } = this;
    const rank = (row) => (ORDER.indexOf(row.kind) + ORDER.length + 1) % (ORDER.length + 1);
    const kinds = data.kinds.toSorted((a, b) => rank(a) - rank(b));
    const chosenAt = kinds.findIndex((row) => row.kind === data.service);
    if (chosenAt >= this.most) kinds.unshift(...kinds.splice(chosenAt, 1));
    this.#fill("cards", kinds.slice(0, this.most).map((row) => {
      const chosen = row.kind === data.service;
      const [now, all] = [row.now ?? 0, row.paper ?? 0];
      const bar = el("div", "cov-bar", [
        el("i", "cov-now", [], { style: `flex-grow:${now}` }),
        el("i", "cov-paper", [], { style: `flex-grow:${Math.max(0, all - now)}` }),
        el("i", "cov-gap", [], { style: `flex-grow:${Math.max(0, 1 - all)}` }),
      ], { "aria-hidden": "true" });
      const figure = (share, name, large) => el("div", `cov-figure${large ? " large" : ""}`, [
        percent(words, share, "cov-number"), el("span", "cov-name", name),
      ]);
      // a bare 0 % at night would read as a gap: it says that all are closed, and until when
      const shut = row.shut && row.now === 0 && !paper;
      const reached = shut
        ? el("div", "cov-figure large shut", [
          el("span", "cov-number", words.t("coverage.shut")),
          el("span", "cov-name", row.next ? words.t("coverage.opens", { at: this.#clock(row.next, data) }) : this.#reached(data)),
        ])
        : figure(row.now, this.#reached(data), !paper);
      const who = words.t(`coverage.group.${row.group}`);
      return el("button", `card cov-card${chosen ? " chosen" : ""}`, [
        el("span", "cov-head", [
          el("span", "cov-title", [icon(row.kind), words.t(`kind.${row.kind}`)]),
          el("span", "cov-walk", words.t("coverage.walk", { who, n: words.format(row.radius_m) })),
        ]),
        el("span", "cov-figures", [
          reached, figure(row.paper, words.t("coverage.paper"), paper),
        ]),
        row.now === null ? el("span", "note", words.t("coverage.nobody")) : bar,
        el("span", "cov-tails", [
          el("span", "", words.t("coverage.gap.n", { n: this.count(row.gap, row.unit) })),
          el("span", "", words.t("coverage.lost.n", { n: this.count(row.lost, row.unit) })),
        ]),
      ], { type: "button", "data-cov-kind": row.kind, "aria-pressed": String(chosen) });
    }));
  }

  /** What the share is of: reachable now, or at the moment that is looked at. */
  #reached(data) {
    return data.at ? this.words.t("coverage.then", { at: this.#clock(data.at, data) }) : this.words.t("coverage.now");
  }

  /** Other moments to look at, and the way back from one. */
  #moment(data) {
    const { words } = this;
    const row = data.kinds.find((each) => each.kind === data.service);
    const button = (text, at) => el("button", "action", [icon("history"), text], { type: "button", "data-cov-at": at });
    const at = data.at && this.#clock(data.at, data);
    this.#fill("moment", data.at ? [
      el("p", "note", words.t("coverage.moment.then", { at })),
      button(words.t("coverage.moment.back"), ""),
    ] : [
      ...(row?.shut && row.next ? [
        button(words.t("coverage.moment.next", { at: this.#clock(row.next, data) }), String(row.next)),
      ] : []),
      button(words.t("coverage.at.today", { time: "10:00" }), "10:00"),
    ]);
  }

  #why(data) {
    const { words } = this;
    const rows = data.why.slice(0, 5).map((why) => {
      const detail = why.reason === "gate"
        ? data.shut.slice(0, 3).join(" · ")
        : why.next ? words.t("coverage.opens", { at: this.#clock(why.next, data) }) : "";
      return el("li", "", [
        el("div", "row-main", [
          el("p", "row-title", words.t(`coverage.why.${why.reason}`, { name: why.name })),
          el("p", "row-detail", detail),
        ]),
        el("b", "cov-count", this.count(why.people, data.unit)),
      ]);
    });
    this.#fill("why", rows.length ? [el("ul", "rows", rows)]
      : [el("p", "note", words.t("coverage.why.none"))]);
  }

  #clock(at, data) {
    const day = (t) => this.words.day.format(t * 1000);
    const time = this.words.time(at).slice(0, 5);
    return day(at) === day(data.t) ? time
      : `${new Intl.DateTimeFormat(this.words.lang, { weekday: "short", timeZone: this.words.timeZone }).format(at * 1000)} ${time}`;
  }

  #gaps(data) {
    const { words } = this;
    const most = Math.max(1, ...data.gaps.map((gap) => Number(gap.people) || 0));
    const rows = data.gaps.slice(0, 8).map((gap, k) => el("li", "", [
      el("button", "cov-gap-row", [
        el("span", "cov-rank", String(k + 1)),
        el("span", "cov-gap-name", gap.name),
        el("span", "cov-gap-bar", [
          el("i", "cov-gap", [], { style: `width:${(100 * (Number(gap.gap) || 0)) / most}%` }),
          el("i", "cov-paper", [], { style: `width:${(100 * (Number(gap.lost) || 0)) / most}%` }),
        ]),
        el("b", "cov-count", this.count(gap.people, data.unit)),
      ], { type: "button", "data-cov-gap": gap.area,
        title: words.t("coverage.gap.of", { n: words.format(gap.of), lost: words.format(gap.lost) }) }),
    ]));
    this.#fill("gaps", rows.length ? [el("ol", "cov-gaps", rows)]
      : [el("p", "note", words.t("coverage.gaps.none"))]);
  }

  /** Orders by grid beside people who are not served: what is asked for and not there comes first. */
  #demand(data) {
    const { words } = this;
    const { areas, kinds } = data.demand;
    const rows = areas.slice(0, 6).map((each) => el("tr", each.without ? "without" : "", [
      el("th", "", each.name, { scope: "row" }),
      el("td", "", el("b", "", words.format(each.asked))),
      el("td", "", words.format(each.open)),
      el("td", "", each.rated ? words.format(each.satisfied, "share") : "–"),
      el("td", "", words.format(each.unserved)),
    ]));
    this.#fill("demand", rows.length ? [
      el("p", "row-detail", words.t("coverage.demand.kinds", {
        kinds: kinds.length ? kinds.map((kind) => words.t(`order.${kind}`)).join(" · ") : words.t("coverage.demand.all"),
      })),
      el("table", "cov-demand", [
        el("thead", "", el("tr", "", [el("th"), ...["asked", "open", "satisfied", "unserved"].map((name) =>
          el("th", "", words.t(`coverage.demand.head.${name}`), { scope: "col" }))])),
        el("tbody", "", rows),
      ]),
    ] : [el("p", "note", words.t("coverage.demand.none"))]);
  }

  #suppliers(data) {
    const { words } = this;
    const shut = data.kinds.find((row) => row.kind === data.service)?.shut;
    const rows = data.suppliers.map((each) => {
      const name = words.has(`supplier_kind.${each.supplier}`)
        ? words.t(`supplier_kind.${each.supplier}`) : words.t("coverage.supplier.unknown");
      return el("li", "cov-supplier", [
        el("span", "name", [name, " ", el("span", "muted", `× ${words.format(each.n)}`)]),
        el("span", "cov-share", el("i", "", [], { style: `width:${100 * (each.share ?? 0)}%` })),
        el("b", "", shut && !each.share ? words.t("coverage.shut") : words.format(each.share, "share")),
        el("span", "cov-work", [
          words.t("coverage.supplier.open", { n: words.format(each.open) }), " · ",
          each.rated ? words.t("coverage.supplier.satisfied", {
            share: words.format(each.satisfied, "share"), n: words.format(each.rated),
          }) : words.t("coverage.supplier.unrated"),
        ]),
        each.all ? el("span", "cov-flag", words.t("coverage.supplier.all")) : null,
      ]);
    });
    this.#fill("suppliers", rows.length ? [el("ul", "cov-suppliers", rows)]
      : [el("p", "note", words.t("coverage.supplier.none"))]);
  }

  #tiers(data) {
    const { words } = this;
    const found = [];
    let tier = null;
    for (const row of data.tiers) {
      if (row.tier !== tier) {
        tier = row.tier;
        found.push(el("tr", "cov-tier", el("th", "",
          words.t("coverage.tier.head", { tier: words.t(`coverage.tier.${tier}`), n: words.format(row.reach_m) }),
          { colspan: "3", scope: "rowgroup" })));
      }
      found.push(el("tr", "", [
        el("th", "", words.t(`coverage.item.${row.id}`), { scope: "row" }),
        el("td", "", row.n ? words.format(row.now, "share") : el("span", "muted", words.t("coverage.tier.absent"))),
        el("td", "muted", row.n ? words.format(row.paper, "share") : ""),
      ]));
    }
    this.#fill("tiers", [el("table", "cov-tiers", [
      el("thead", "", el("tr", "", [el("th"), el("th", "", words.t("coverage.now.short"), { scope: "col" }),
        el("th", "", words.t("coverage.paper.short"), { scope: "col" })])),
      el("tbody", "", found),
    ])]);
  }

  /** Before and after of a scenario, side by side. */
  #compare(data) {
    const { words } = this;
    const rows = (data.compare ?? []).slice(0, 5).map((each) => el("tr", "", [
      el("th", "", words.t(`kind.${each.kind}`), { scope: "row" }),
      el("td", "", words.format(each.before.now, "share1")),
      el("td", "cov-arrow", "→"),
      el("td", "", el("b", "", words.format(each.after.now, "share1"))),
      el("td", "muted", words.t("coverage.compare.gap", {
        before: words.format(each.before.gap), after: words.format(each.after.gap),
      })),
      el("td", "muted", words.t("coverage.compare.buildings", {
        gained: words.format(each.gained), lost: words.format(each.lost),
      })),
    ]));
    this.#fill("compare", rows.length ? [el("table", "cov-compare", el("tbody", "", rows))] : []);
  }
}
