// Outline glyphs, 1.6 px stroke on a 24 grid. One list for the page and for the map.

export const ICONS = {
  logo: "M4 20V9.5L12 4l8 5.5V20M8.5 20v-5a3.5 3.5 0 0 1 7 0v5",
  building: "M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3M16.5 13h.01M16.5 17h.01",
  entrance: "M6 21V3h12v18M3.5 21h17M14.5 12h.01",
  gate: "M4 21V7M20 21V7M4 9h16M8 9v12M12 9v12M16 9v12M2.5 21h19",
  plate_camera: "M4 8h3l1.6-2.5h6.8L17 8h3v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  device: "M12 3a6 6 0 0 0-3.5 10.9V17h7v-3.1A6 6 0 0 0 12 3zM9.5 20.5h5",
  sos_pole: "M12 3a6 6 0 0 0-3.5 10.9V17h7v-3.1A6 6 0 0 0 12 3zM9.5 20.5h5M12 7v3.5M12 13h.01",
  waste_bin: "M5 7h14M9.5 7V4.5h5V7M6.5 7l1 13.5h9l1-13.5M10 11v6M14 11v6",
  charging_pile: "M5 21V4h9v17M3.5 21h12M8 8h3M14 11h2.5v6a1.7 1.7 0 0 0 3.5 0V9l-2.5-2.5M10 11l-1.5 3h2.5L9.5 17",
  mailbox: "M3.5 19V10a4 4 0 0 1 4-4h9a4 4 0 0 1 4 4v9zM11.5 19v-9a4 4 0 0 0-4-4M6 11h3M15 6V3.5h3",
  rodent_monitor: "M4 17c0-5 3.5-8 8-8 3 0 5 1 6.5 3l2 2.5c0 1.5-1 2.5-3 2.5H4zM4 17c-1.5 0-2-2-1-3M8.5 9.5a2.4 2.4 0 1 1 4-1.5M16.5 13.5h.01",
  camera: "M3.5 8.5l12-4 2 5.5-12 4zM8 13l1.5 4.5H14M4 20.5h9M17.2 8.6l2.8 3.2",
  wifi_ap: "M3 9.5a13 13 0 0 1 18 0M6 13a8.5 8.5 0 0 1 12 0M9 16.3a4.3 4.3 0 0 1 6 0M12 19.5h.01",
  smoke_alarm: "M12 3.5c1 3 4.5 4.5 4.5 9a4.5 4.5 0 0 1-9 0c0-2 1-3 1.5-4 .5 1.5 1.2 2 2 2.2C11 8 11 5.500 12 3.500z",
  water_meter: "M12 3.500c3.500 4.200 6 7.300 6 10.500a6 6 0 0 1-12 0c0-3.200 2.500-6.300 6-10.500z",
  electricity_meter: "M13 3L5.500 13.500H11L10 21l8-11h-5.500z",
  people: "M9 11.500a3.200 3.200 0 1 0 0-6.500 3.200 3.200 0 0 0 0 6.500zM3 20c0-3.500 2.700-6 6-6s6 2.500 6 6M15.500 5.400a3.200 3.200 0 0 1 0 6M17 14.400c2.400.7 4 2.900 4 5.600",
  incident: "M12 4l9 16H3zM12 10v4.500M12 17.300h.01",
  coverage: "M12 20S4 15 4 9.500A4.300 4.300 0 0 1 12 7.300 4.300 4.300 0 0 1 20 9.500C20 15 12 20 12 20zM9 11.500l2.200 2.200L15.200 9.800",
  service: "M4 20V8l8-4 8 4v12zM9 20v-6h6v6",
  service_centre: "M5 21V4h14v17M3 21h18M9 8h.01M12 8h.01M15 8h.01M9 12h.01M12 12h.01M15 12h.01M10 21v-4h4v4",
  canteen: "M3.500 12h17a8.500 6.500 0 0 1-5 6.500h-7a8.500 6.500 0 0 1-5-6.500zM9 9c-1-1.500 1-2 0-3.500M12.500 9c-1-1.500 1-2 0-3.500M16 9c-1-1.500 1-2 0-3.500",
  school: "M2.500 10L12 5l9.500 5L12 15zM6.500 12.500V17c3 2.500 8 2.500 11 0v-4.500M21.500 10v5",
  kindergarten: "M12 4l8 6v10H4V10zM9.500 15a2.500 2.500 0 0 0 5 0M9.500 12h.01M14.500 12h.01",
  childcare: "M12 8.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM12 8.500V15M7 11l5 1 5-1M9 20.500l3-5.500 3 5.500",
  elderly_care: "M9 7a2.300 2.300 0 1 0 0-4.500A2.300 2.300 0 0 0 9 7zM9 7v7h4l1.500 6.500M9 10h4M6 21l3-7M17 10v11M17 10a2 2 0 0 1 3.500 0",
  health_station: "M4 4.500h16v15H4zM12 8v8M8 12h8",
  pharmacy: "M7 3.500h10v4H7zM8 7.500L6 11v9.500h12V11l-2-3.500M12 12.500v5M9.500 15h5",
  fire_station: "M9.500 21V9.500a2.500 2.500 0 0 1 5 0V21zM12 7V4.500M12 4.500h5l1.500-1M9.500 13h5M8 6.500l2-1",
  culture: "M4 5.500c3-1 6-.5 8 1.500 2-2 5-2.500 8-1.500v13c-3-1-6-.5-8 1.500-2-2-5-2.500-8-1.500zM12 7v13",
  sports: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM3.500 12h17M12 3.500c3 3 3 14 0 17M12 3.500c-3 3-3 14 0 17",
  market: "M4 10l1.500-5.500h13L20 10M4 10a2.600 2.600 0 0 0 5.300 0 2.600 2.600 0 0 0 5.400 0A2.600 2.600 0 0 0 20 10M5.500 12.500V20h13v-7.500",
  shop: "M5.500 8h13l1 12.500h-15zM9 10.500V7a3 3 0 0 1 6 0v3.500",
  convenience: "M14.500 6.500a4 4 0 0 1 5 5l-2.500-1.200-1.800 1.800L16.500 14.500M14.500 6.500L4.500 16.500a2.100 2.100 0 0 0 3 3L16.500 10.500",
  police: "M12 3.500l7.500 2.500v6c0 4.500-3.500 7.500-7.500 9-4-1.500-7.500-4.500-7.500-9V6zM9 12l2.200 2.200L15.200 10",
  toilet: "M8 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM16 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 9v12M16 9l-2.500 7h5L16 9zM16 16v5M5.500 11.500L8 9l2.500 2.500",
  parking: "M5 3.500h14v17H5zM9.500 17V7.500h3.300a2.900 2.900 0 0 1 0 5.800H9.500",
  sensing: "M12 21V10M8 7.500a5.600 5.600 0 0 1 8 0M5 4.500a10 10 0 0 1 14 0M9 21h6M12 10h.01",
  other: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 12h.01",
  car: "M4 17v-4.500L6 7.500h12l2 5V17M3 17h18M6.500 17v2M17.500 17v2M7 13h.01M17 13h.01M5 12.500h14",
  home: "M4 11l8-7 8 7v9.500H4zM9.500 20.500v-6h5v6",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  compass: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM15.500 8.500l-2 5-5 2 2-5z",
  orders: "M6 5h12v15.5H6zM9 5V3.500h6V5M9 10.500l1.200 1.200 2.300-2.300M9 16h6M14.500 10.500h1",
  brief: "M6 3.500h8.500L18 7v13.500H6zM14.500 3.500V7H18M9 11h6M9 14h6M9 17h4",
  table: "M4 5.5h16v13h-16zM4 10h16M4 14.3h16M10 5.5v13",
  search: "M10.5 4.5a6 6 0 1 0 0 12a6 6 0 1 0 0 -12M15 15l5 5",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  pause: "M8.500 5.500v13M15.500 5.500v13",
  play: "M8 5l11 7-11 7z",
  language: "M4 6h9M8.500 4v2M11 6c-1 4-3.500 6.500-7 8M6 9c1 2.500 3.500 4.500 6 5.500M12.500 20L16.500 10l4 10M14 17h5",
  theme: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  play: "M7 4.500v15l12-7.500z",
  prev: "M18 5v14L9 12zM6 5v14",
  next: "M6 5v14l9-7zM18 5v14",
  phone: "M7.500 2.500h9v19h-9zM11 18.500h2",
  expand: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  turn_left: "M9 5L4 9l5 4M4 9h9a6 6 0 0 1 0 11H8",
  turn_right: "M15 5l5 4-5 4M20 9h-9a6 6 0 0 0 0 11h5",
  pause: "M8.500 5.500v13M15.500 5.500v13",
  history: "M4.500 12a7.500 7.500 0 1 0 2.300-5.400L4.500 9M4.500 4.500V9H9M12 8v4.300l3 1.700",
  pen: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  bookmark: "M7 4h10v16l-5-4-5 4z",
  settings: "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3.500v2.500M12 18v2.500M3.500 12H6M18 12h2.500M6 6l1.800 1.800M16.200 16.200L18 18M18 6l-1.800 1.800M7.800 16.200L6 18",
  layers: "M12 4l9 5-9 5-9-5zM3.500 13.500L12 18l8.500-4.500",
};

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @returns {SVGElement} decorative, so hidden from screen readers */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.other);
  svg.append(path);
  return svg;
}

/** Puts a glyph into every element that names one and has none yet. */
export function hydrateIcons(root) {
  for (const node of root.querySelectorAll("[data-icon]:not([data-iconed])")) {
    node.dataset.iconed = "";
    node.prepend(icon(node.dataset.icon));
  }
}
