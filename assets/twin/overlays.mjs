// Lines drawn over the ground when asked for: where a vehicle was read, how people flow.

/**
 * @typedef {{points: number[][], weight: number}} Line x, y in metres and a weight from 0 to 1
 * @typedef {{kind: "trail"|"flow", lines: Line[], stops: number[][]}} Overlay
 */

/** What the server tells of a trail or of flows, as lines with weights. @returns {Overlay} */
export function toOverlay(told) {
  if (told.lanes) {
    const counts = told.lanes.map((lane) => [lane.in, lane.out]
      .reduce((sum, n) => sum + (typeof n === "number" ? n : 0), 0)); // "<5" draws nothing
    const most = Math.max(1, ...counts);
    const lines = told.lanes.map((lane, k) => ({ points: lane.path, weight: counts[k] / most }));
    return { kind: "flow", lines: lines.filter((line) => line.weight > 0), stops: [] };
  }
  const n = Math.max(1, told.lines.length);
  return {
    kind: "trail",
    lines: told.lines.map((points, k) => ({ points, weight: 0.35 + (0.65 * (k + 1)) / n })),
    stops: told.stops.map(({ x, y }) => [x, y]),
  };
}

/** Layers of an overlay: a trail grows clearer towards its end, a flow wider with its count. */
export function overlayLayers(kit, overlay, style, local) {
  const accent = style.marks.accent;
  const trail = overlay.kind === "trail";
  const onTop = { ...local, parameters: { depthCompare: "always" } };
  const widthOf = (line) => (trail ? 1.6 : 0.8 + 3.4 * line.weight);
  const path = (line) => line.points.map(([x, y]) => [x, y, 0.5]);
  return [
    new kit.deck.PathLayer({
      id: "overlay-casing",
      data: overlay.lines,
      getPath: path,
      getColor: [...style.background, 170],
      getWidth: (line) => widthOf(line) + 1.6,
      widthMinPixels: 4,
      capRounded: true,
      jointRounded: true,
      ...onTop,
    }),
    new kit.deck.PathLayer({
      id: "overlay-lines",
      data: overlay.lines,
      getPath: path,
      getColor: (line) => [...accent, 60 + Math.round(190 * line.weight ** 2)],
      getWidth: widthOf,
      widthMinPixels: 2,
      capRounded: true,
      jointRounded: true,
      ...onTop,
    }),
    new kit.deck.ScatterplotLayer({
      id: "overlay-stops",
      data: overlay.stops ?? [],
      getPosition: ([x, y]) => [x, y, 0.6],
      getRadius: 2.3,
      radiusMinPixels: 4,
      radiusMaxPixels: 12,
      getFillColor: [...accent, 255],
      stroked: true,
      getLineColor: [...style.background, 255],
      lineWidthUnits: "pixels",
      getLineWidth: 2,
      ...onTop,
    }),
  ];
}
