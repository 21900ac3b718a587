// What the grid calls by name, and the page's steps that Dash calls: the rest is twin/tables.mjs.
(() => {
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions =
    window.dashAgGridComponentFunctions || {});
  const words = () => globalThis.twin?.words;

  /** A count that is hidden for being small ("<5") stands below five and above none. */
  functions.tablesNumber = (value) => {
    if (value === null || value === undefined || value === "") return null;
    return typeof value === "string" ? Number(value.replace("<", "")) - 1 : value;
  };
  functions.tablesCompare = (a, b) => {
    const [one, other] = [a, b].map(functions.tablesNumber);
    // what is not known stands last going up
    if (one === null || other === null) return (one === null) - (other === null);
    return one - other;
  };
  functions.tablesFigure = (value) =>
    (value === null || value === undefined ? "–" : words()?.format(value) ?? String(value));
  functions.tablesAge = (value) =>
    (words() && globalThis.twin.store ? words().ago(value, globalThis.twin.store.now()) : "");

  const SHAPES = { ok: "closed", alarm: "forced", silent: "offline", unknown: "offline", full: "held" };
  components.TablesState = ({ data, value }) => {
    const { createElement } = window.React;
    const mark = SHAPES[data.mark] ?? data.mark;
    return createElement("span", { className: "tables-state" },
      createElement("i", { className: `mark mark-${mark}` }), value);
  };

  /** A name of a place is Chinese on whatever page, and says so. */
  components.TablesText = ({ value }) => window.React.createElement("span",
    /[\u3400-\u9fff]/.test(value ?? "") ? { lang: "zh-CN" } : null, value);

  const tabs = () => [...document.querySelectorAll("[data-table-layer]")];
  const press = (layer) => {
    for (const tab of tabs()) tab.setAttribute("aria-pressed", String(tab.dataset.tableLayer === layer));
  };
  document.addEventListener("click", (event) => {
    const layer = event.target.closest?.("[data-table-layer]")?.dataset.tableLayer;
    if (!layer) return;
    press(layer);
    window.dash_clientside.set_props("tables-layer", { data: layer });
  });

  let loading = null;
  const load = () => {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = "/_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js";
      script.onload = () => done(true);
      script.onerror = () => {
        loading = null;
        failed(new Error("the grid did not load"));
      };
      document.head.append(script);
    });
    return loading;
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.tables = {
    load,
    layer: (_, now) => {
      // the property comes a step after the address itself, and a first guess would be drawn
      const asked = new URLSearchParams(location.search).get("layer");
      const known = tabs().map((tab) => tab.dataset.tableLayer);
      const layer = known.includes(asked) ? asked : now ?? known[0] ?? null;
      press(layer);
      return layer === now ? window.dash_clientside.no_update : layer;
    },
    drawn: (frame) => {
      if (frame) import("/assets/twin/tables.mjs").then((module) => module.draw());
      return Date.now();
    },
  };
})();
