// Names of an opened building's floors and units, as buttons beside and above it; a bar to step by.

import { icon } from "./icons.mjs";
import { markStyle } from "./style.mjs";

const LEAST_PX = 19;
const LEAD_PX = 26;
const BAR_PX = 40; // above the words on where the ground comes from

export class FloorLabels {
  /**
   * @param {HTMLElement} host
   * @param {import("./floors.mjs").Floors} floors
   */
  constructor(host, floors) {
    this.floors = floors;
    this.words = floors.words;
    this.box = document.createElement("div");
    this.box.className = "floor-labels";
    const { meta } = floors.table;
    this.levels = meta.floors.map(({ floor }) => {
      const node = button("floor-label", this.words.t("floors.short", { n: floor }),
        () => floors.pick(`${meta.building}/${floor}`));
      node.dataset.floor = String(floor);
      this.box.append(node);
      return { floor, node };
    });
    this.pins = meta.units.filter((one) => one.unit && one.door).map((one) => {
      const node = button("floor-pin", "", () => floors.pickDoor(one.door));
      const mark = document.createElement("i");
      const name = document.createElement("b");
      name.textContent = this.words.t("floors.unit", { n: one.unit });
      const state = document.createElement("span");
      node.append(mark, name, state);
      this.box.append(node);
      return { ...one, node, mark, state };
    });
    this.bar = document.createElement("div");
    this.bar.className = "floor-bar";
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", this.words.t("floors.title"));
    this.whole = button("floor-tool", this.words.t("floors.whole"), () => floors.open(false));
    this.apart = button("floor-tool", this.words.t("floors.apart"), () => floors.open(true));
    this.down = button("floor-tool step", "", () => floors.step(-1), this.words.t("floors.down"));
    this.up = button("floor-tool step", "", () => floors.step(1), this.words.t("floors.up"));
    this.down.append(icon("back"));
    const forward = icon("back");
    forward.style.transform = "scaleX(-1)";
    this.up.append(forward);
    this.at = document.createElement("span");
    this.at.className = "floor-at";
    this.at.setAttribute("aria-live", "polite");
    const stepper = document.createElement("span");
    stepper.className = "floor-stepper";
    stepper.append(this.down, this.at, this.up);
    this.bar.append(this.whole, this.apart, stepper);
    this.box.append(this.bar);
    host.append(this.box);
  }

  /** What floors and doors say now. @param {object|null} counts of `/api/v1/floors/{id}` */
  refresh(rows, counts, chosen) {
    for (const { floor, node } of this.levels) {
      const state = this.#stateOf(floor, rows, counts);
      if (node.dataset.state !== state.name) {
        node.dataset.state = state.name;
        node.querySelector("i")?.remove();
        if (state.mark) {
          const mark = document.createElement("i");
          mark.className = state.mark;
          node.prepend(mark);
        }
      }
      const label = this.words.t("detail.floor", { n: floor });
      node.setAttribute("aria-label", state.text ? `${label} · ${state.text}` : label);
      node.title = state.text;
      node.classList.toggle("chosen", floor === chosen.floor);
      node.setAttribute("aria-pressed", String(floor === chosen.floor));
    }
    for (const pin of this.pins) {
      const row = rows.entrances?.[pin.door];
      const [colour, shape] = markStyle("entrances", row);
      pin.mark.className = `mark mark-c-${colour} mark-s-${shape}`;
      const silent = !row || row.h === "silent";
      const said = silent ? "offline" : row.s;
      pin.node.classList.toggle("quiet", said === "closed");
      pin.state.textContent = said === "closed" ? "" : this.words.t(`door.${said}`);
      pin.node.classList.toggle("chosen", chosen.door === pin.door || (chosen.unit ?? "") === pin.unit);
    }
    this.at.textContent = chosen.floor ? this.words.t("floors.short", { n: chosen.floor })
      : this.words.t("floors.all", { n: this.levels.length });
    this.whole.setAttribute("aria-pressed", String(!this.floors.apart));
    this.apart.setAttribute("aria-pressed", String(this.floors.apart));
    this.down.disabled = chosen.floor === 1;
    this.up.disabled = chosen.floor === this.levels.length;
  }

  /** Worst first: an alarm on the floor, then silence; meters are counted, devices are in the rows. */
  #stateOf(floor, rows, counts) {
    const here = this.floors.table.meta.devices.filter((one) => one.floor === floor)
      .map((one) => rows.devices?.[one.id]);
    const meters = Object.values(counts?.floors?.[floor - 1]?.meters ?? {});
    const sum = (name) => meters.reduce((total, one) => total + one[name], 0);
    const alarms = sum("alarm") + here.filter((row) => row?.s === "alarm" && row.h !== "silent").length;
    const silent = sum("silent") + here.filter((row) => !row || row.h === "silent").length;
    if (alarms) {
      return { name: "alarm", mark: "mark mark-c-forced mark-s-4",
        text: this.words.t("floors.alarms", { n: alarms }) };
    }
    if (silent) {
      return { name: "silent", mark: "mark mark-c-silent mark-s-7",
        text: this.words.t("floors.silent", { n: silent }) };
    }
    return { name: "", mark: "", text: "" };
  }

  /** Puts everything where the camera now shows it. */
  place() {
    const { map, table } = this.floors;
    const { meta } = table;
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    const pad = map.camera.padding;
    let last = Infinity;
    const chosen = this.levels.find(({ node }) => node.classList.contains("chosen"));
    const spots = this.levels.map(({ floor }) => {
      const z = this.floors.heightOf(floor) + 1.4;
      const corners = meta.corners.map(([x, y]) => map.project(x, y, z)).filter(Boolean);
      return corners.length
        ? corners.reduce((left, spot) => (spot[0] < left[0] ? spot : left)) : null;
    });
    const held = chosen && spots[this.levels.indexOf(chosen)];
    this.levels.forEach(({ node }, k) => {
      const spot = spots[k];
      const fits = spot && spot[0] > pad.left + 30 && spot[0] < width - pad.right &&
        spot[1] > pad.top && spot[1] < height - pad.bottom;
      const free = node === chosen?.node ||
        (fits && last - spot[1] >= LEAST_PX && (!held || Math.abs(held[1] - spot[1]) >= LEAST_PX));
      node.hidden = !fits || !free;
      if (node.hidden) return;
      last = node === chosen?.node ? last : spot[1];
      node.style.transform =
        `translate(${(spot[0] - 16).toFixed(1)}px, ${spot[1].toFixed(1)}px) translate(-100%, -50%)`;
    });
    const top = this.floors.heightOf(meta.storeys + 1) + 2.4;
    const taken = [];
    for (const pin of this.pins) {
      const spot = map.project(...pin.at, top);
      pin.node.hidden = !spot || spot[0] < pad.left || spot[0] > width - pad.right ||
        spot[1] < pad.top || spot[1] > height - pad.bottom;
      if (pin.node.hidden) continue;
      const [w, h] = [pin.node.offsetWidth, pin.node.offsetHeight];
      let lead = LEAD_PX;
      const boxOf = () => [spot[0] - w / 2 - 4, spot[1] - lead - h - 3, spot[0] + w / 2 + 4, spot[1] - lead + 3];
      const hits = (box) => taken.some((t) =>
        box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
      while (hits(boxOf()) && lead < 140) lead += 12;
      taken.push(boxOf());
      pin.node.style.setProperty("--lead", `${lead}px`);
      pin.node.style.transform =
        `translate(${(spot[0] - w / 2).toFixed(1)}px, ${(spot[1] - lead - h).toFixed(1)}px)`;
    }
    const middle = (pad.left + width - pad.right) / 2;
    this.bar.style.transform =
      `translate(${middle.toFixed(0)}px, ${(height - pad.bottom - BAR_PX).toFixed(0)}px) translate(-50%, -100%)`;
  }

  destroy() {
    this.box.remove();
  }
}

function button(className, text, onClick, label = "") {
  const node = document.createElement("button");
  node.type = "button";
  node.className = className;
  node.textContent = text;
  if (label) {
    node.setAttribute("aria-label", label);
    node.title = label;
  }
  node.addEventListener("click", (event) => {
    event.stopPropagation();
    onClick();
  });
  return node;
}
