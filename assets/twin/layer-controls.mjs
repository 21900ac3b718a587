// The layer card: presets, how clearly each layer is drawn, the sensing view.

export const PRESETS = {
  all: ["buildings", "entrances", "gates", "plate_cameras", "devices", "services", "parking"],
  doors: ["buildings", "entrances", "gates"],
  vehicles: ["buildings", "gates", "plate_cameras", "parking"],
  devices: ["buildings", "devices"],
  services: ["buildings", "services", "parking"],
};

export class LayerControls {
  /** @param {HTMLElement} page @param {import("./twin.mjs").Twin} twin */
  constructor(page, twin) {
    this.page = page;
    this.twin = twin;
    for (const place of page.querySelectorAll("[data-opacity]")) this.#slider(place);
    this.mark();
  }

  #slider(place) {
    if (place.firstChild) return;
    const layer = place.dataset.opacity;
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: "10", max: "100", step: "5", value: "100" });
    const { words } = this.twin;
    input.setAttribute("aria-label",
      words.t("layers.opacity", { layer: words.t(`layer.${layer}`) }));
    input.addEventListener("input", () => this.twin.map.setOpacity?.(layer, Number(input.value) / 100));
    place.append(input);
  }

  /** Shows the layers of a preset and no others. */
  choose(name) {
    const on = PRESETS[name];
    this.twin.showLayers(PRESETS.all.filter((layer) => !on.includes(layer)));
    this.twin.clusters?.refresh();
    this.mark();
    this.twin.way.remember();
  }

  /** Says which preset is shown, if one is. */
  mark() {
    const hidden = this.twin.map?.view?.hidden ?? new Set();
    const shown = PRESETS.all.filter((layer) => !hidden.has(layer)).join();
    for (const button of this.page.querySelectorAll("[data-preset]")) {
      button.setAttribute("aria-pressed", String(PRESETS[button.dataset.preset].join() === shown));
    }
  }

  /** Turns the sensing view on or off; the legend follows what is drawn. */
  sense(on) {
    this.twin.map.setSensing?.(on);
    this.page.classList.toggle("sensing-view", on);
    for (const button of this.page.querySelectorAll("[data-tool=sensing]")) {
      button.setAttribute("aria-pressed", String(on));
    }
  }
}
