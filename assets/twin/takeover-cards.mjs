// What the wall says beside an incident that has taken it over: clock, progress, what is around.

import { icon } from "./icons.mjs";
import { OPEN_STATES, severityMark } from "./incidents.mjs";
import { ageNode, markClass, plateNode, stateText } from "./panels.mjs";
import { reckon } from "./response.mjs";
import { tellLanguage } from "./words.mjs";

const MOST_STEPS = 5;

/** An element with a class and children; text that is Chinese on an English page says so. */
export function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  if (!node.children.length && node.textContent) tellLanguage(node);
  return node;
}

function card(title, aside, ...children) {
  const head = el("header", "card-head", el("h2", "card-title", title), aside);
  return el("section", "card", head, ...children);
}

const RING = "http://www.w3.org/2000/svg";

/** The clock as a ring: what is left, clockwise, with a tick where somebody is expected. */
function ring(count) {
  const svg = document.createElementNS(RING, "svg");
  svg.setAttribute("viewBox", "0 0 172 172");
  svg.setAttribute("aria-hidden", "true");
  const circle = (name, share) => {
    const node = document.createElementNS(RING, "circle");
    const all = { class: name, cx: 86, cy: 86, r: 78, pathLength: 100,
      "stroke-dasharray": `${(100 * share).toFixed(2)} 100`, transform: "rotate(-90 86 86)" };
    for (const [key, value] of Object.entries(all)) node.setAttribute(key, String(value));
    svg.append(node);
  };
  circle("ring-track", 1);
  const share = Math.max(0, Math.min(1, count.left / count.limit));
  circle(count.left < 30 && count.left > 0 ? "ring-left ring-last" : "ring-left", share);
  if (count.arrives !== null && !count.there) {
    // of the arc that is left, this much will be left when they are there
    const at = Math.max(0, Math.min(1, count.early / count.limit)) * 2 * Math.PI;
    const tick = document.createElementNS(RING, "path");
    const spot = (r) => `${(86 + r * Math.sin(at)).toFixed(1)} ${(86 - r * Math.cos(at)).toFixed(1)}`;
    tick.setAttribute("class", "ring-tick");
    tick.setAttribute("d", `M${spot(68)}L${spot(86)}`);
    svg.append(tick);
  }
  return svg;
}

/** The clock's card; every figure reconciles with the others (DESIGN_LANGUAGE 5, SLA ring). */
export function clockCard(words, told, row, now) {
  const clock = (seconds) => clockText(words, seconds);
  const count = reckon(told, row, now);
  const name = (who) => words.t(`responder.${who}`);
  if (!count || count.limit === null) {
    const due = row.resp ? row.due : row.due_r;
    const left = due - now;
    return el("section", "card card-clock",
      el("div", "clock-text",
        el("p", "muted", words.t(row.resp ? "incidents.resolve" : "incidents.respond")),
        el("p", "clock-coming", el("b", left < 0 ? "late" : "", clock(Math.abs(left))),
          el("span", "", words.t(left < 0 ? "incidents.late" : "takeover.left")))));
  }
  const middle = el("div", "clock-middle",
    el("b", "", count.left < 0 ? `+${clock(-count.left)}` : clock(count.left)),
    el("span", "", words.t(count.there ? "response.was_left" : count.left < 0 ? "incidents.late" : "response.left")));
  const dial = el("div", "clock-ring", ring(count), middle);
  const lines = [el("p", "muted", words.t("response.limit", {
    limit: clock(count.limit), gone: clock(count.elapsed),
  }))];
  if (count.there) {
    lines.push(el("p", "clock-coming", el("b", "", words.t("response.there"))),
      el("p", "", words.t("response.there_at", { at: words.time(count.there) })));
  } else if (count.arrives === null) {
    lines.push(el("p", "clock-none", words.t(told.response ? "response.nobody" : "response.asking")));
  } else {
    const who = told.response.responder.who;
    lines.push(
      el("p", "clock-coming", el("b", count.early < 0 ? "late" : "", clock(count.coming)),
        el("span", "", words.t(count.sent ? "response.coming" : "response.if_now"))),
      el("p", "", `${name(who)} · ${words.t("response.expected", { at: words.time(count.arrives) })}`),
      el("p", "", words.t(count.early < 0 ? "response.too_late" : "response.early",
        { by: clock(Math.abs(count.early)) })),
    );
  }
  return el("section", "card card-clock", dial, el("div", "clock-text", ...lines));
}

/** m:ss, as the clock of an incident is read aloud. */
function clockText(words, seconds) {
  const text = words.span(Math.round(seconds));
  return /^0\d:/.test(text) ? text.slice(1) : text;
}

/** What was done, the newest last, and what comes next. */
export function progressCard(words, told, row, now) {
  const steps = (told?.timeline ?? []).filter((step) => step.action !== "again" && step.action !== "clock");
  const lines = steps.slice(-MOST_STEPS).map((step) => {
    const key = step.data?.step ? `incident_step.${step.data.step}` : `incident_action.${step.action}`;
    const text = step.action === "open" ? words.t("response.raised", { what: words.t(`incident.${row.k}`) })
      : step.data?.how === "skipped" ? `${words.t(key)} · ${words.t("incident_how.skipped")}` : words.t(key);
    return el("li", "done", el("i", "step-dot"), el("time", "", words.time(step.at)), el("span", "", text));
  });
  const count = reckon(told, row, now);
  if (count && !count.there && count.arrives !== null) {
    lines.push(el("li", "", el("i", "step-dot"),
      el("time", "", words.t("response.about", { at: words.time(count.arrives) })),
      el("span", "", words.t("response.arrive"))));
  } else if (row.s === "new") {
    lines.push(el("li", "", el("i", "step-dot"),
      el("time", "", words.t("response.by", { at: words.time(row.due_r) })),
      el("span", "", words.t("incident_action.acknowledge"))));
  }
  return card(words.t("incidents.timeline"), ageNode(steps.at(-1)?.at ?? row.t), el("ul", "progress", ...lines));
}

/** Doors, cameras and plates nearby, with their states and ages, and people as counts. */
export function linkedCard(words, told, layers) {
  const response = told?.response;
  if (!response?.linked) return null;
  const { doors, cameras, reads } = response.linked;
  const live = (thing) => layers[thing.layer]?.[thing.id] ?? thing;
  const thing = (one, glyph, spare) => {
    const row = live(one);
    const mark = glyph ? icon(glyph) : el("i", markClass(one.layer, row));
    const item = el("li", "", mark,
      el("div", "row-main", el("p", "row-title", one.name), el("p", "row-detail", stateText(words, one.layer, row))),
      age(row));
    if (spare) item.dataset.spare = String(spare);
    return item;
  };
  const rows = [
    ...doors.slice(0, 3).map((one, k) => thing(one, null, [0, 3, 1][k])),
    ...cameras.slice(0, 2).map((one, k) => thing(one, "camera", [0, 2][k])),
    ...reads.slice(0, 1).map((read) => el("li", "", icon("car"),
      el("div", "row-main", el("p", "row-title", plateNode(read, words))), ageNode(read.t))),
  ];
  if (!rows.length) rows.push(el("li", "note", words.t("response.nothing", { m: response.radius_m })));
  const { people } = response;
  if (people) {
    rows.push(el("li", "people-row", icon("people"), el("div", "row-main",
      el("p", "row-title", words.t("response.people", {
        homes: show(words, people.households), people: show(words, people.residents),
      })),
      el("p", "row-detail", words.t("response.people_of", { m: people.area_m, n: people.buildings })))));
  }
  return card(words.t("response.linked"), el("span", "muted", words.t("response.radius", { m: response.radius_m })),
    el("ul", "rows", ...rows));
}

function show(words, count) {
  return typeof count === "string" ? count : words.format(count);
}

function age(row) {
  const node = ageNode(row.t);
  if (row.h !== "heard") node.classList.add("late");
  return node;
}

/** Leaves out the rows that can be spared, one by one, until a rail shows all of its cards. */
export function fitRail(rail) {
  const spare = [...rail.querySelectorAll("[data-spare]")]
    .sort((a, b) => Number(a.dataset.spare) - Number(b.dataset.spare));
  for (const row of spare) {
    if (rail.scrollHeight <= rail.clientHeight) return;
    row.remove();
  }
}

/** What else waits, by severity. */
export function besideCard(words, layers, id) {
  const open = Object.entries(layers.incidents ?? {})
    .filter(([key, row]) => key !== id && OPEN_STATES.includes(row.s) && !row.hid);
  const shelved = layers.counters?.incidents?.shelved ?? 0;
  const parts = [1, 2, 3, 4].map((sev) => el("span", "beside-one", severityMark(sev),
    el("b", "", String(open.filter(([, row]) => row.sev === sev).length))));
  return el("section", "card card-beside", el("span", "muted", words.t("response.beside")),
    el("b", "beside-n", String(open.length)), ...parts,
    shelved ? el("span", "muted", words.t("incidents.shelved", { n: shelved })) : null);
}

/** The checklist as those at the duty desk work through it; the wall itself has no buttons. */
export function deskStrip(words, told) {
  const steps = told?.checklist ?? [];
  if (!steps.length) return null;
  const done = steps.filter((step) => step.how === "done").length;
  return el("div", "desk-strip",
    el("span", "desk-title", `${words.t("response.desk")} ${done}/${steps.length}`),
    ...steps.map((step) => el("span", `chip desk-step ${step.how}`,
      words.t(`incident_step.${step.step}`) + (step.how === "skipped" ? ` · ${words.t("incident_how.skipped")}` : ""))));
}
