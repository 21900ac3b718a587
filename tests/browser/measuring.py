"""What is cut off, covered or too small on a page, at the sizes of walls, a desk and a phone."""

from __future__ import annotations

from tests.browser.seeing import rest
from tests.watched import WatchedPage

SIZES = {"wall": (1920, 1080), "two walls": (3840, 1080), "desk": (1440, 900), "phone": (390, 844)}
FINGER_PX = 48
POINTER_PX = 24
MEASURE = """(least) => {
  const wrong = [];
  const page = document.getElementById("twin-page");
  const say = (what, node, more = "") => {
    const name = `${node.tagName.toLowerCase()}.${[...node.classList].join(".")}`;
    wrong.push(`${what}: ${name} ${more} ${JSON.stringify((node.textContent || "").slice(0, 40))}`);
  };
  const seen = (node) => {
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" &&
      Number(style.opacity) > 0.05 && node.checkVisibility();
  };
  const quiet = ".js-plotly-plot, svg, [aria-hidden=true], .tooltip, ._dash-loading, .ag-root";
  const nodes = [...page.querySelectorAll("*")].filter((n) => !n.closest(quiet) && seen(n));

  const over = document.scrollingElement.scrollWidth - innerWidth;
  if (over > 0) wrong.push(`the page is ${over} px wider than the screen`);
  for (const node of nodes) {
    const style = getComputedStyle(node);
    const scrolls = /auto|scroll/.test(style.overflowX);
    const text = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (style.display === "inline") continue;
    const wide = node.scrollWidth - node.clientWidth;
    const whole = node.matches(".dock, .card, .chip, .top, .map-tools");
    if (wide > 1 && !scrolls && style.textOverflow !== "ellipsis" &&
      (style.overflowX !== "visible" || text || whole)) say(`${wide} px cut off at the side`, node);
    const high = node.scrollHeight - node.clientHeight;
    const clips = /hidden|clip/.test(style.overflowY) && style.webkitLineClamp === "none";
    const meant = style.textOverflow === "ellipsis";
    if (high > 2 && clips && !meant) say(`${high} px cut off below`, node);
  }

  // what is drawn of a panel: itself, within whatever scrolls it
  const drawn = (node) => {
    let { left, right, top, bottom } = node.getBoundingClientRect();
    for (let up = node.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflow === "visible") continue;
      const box = up.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, right, top, bottom };
  };
  // a phone's pages scroll under bars that stay
  const stays = (node) => {
    for (let up = node; up && up !== page; up = up.parentElement) {
      if (getComputedStyle(up).position === "fixed") return true;
    }
    return false;
  };
  const flows = page.scrollHeight > page.clientHeight + 1 && innerWidth <= 760;
  const panels = nodes.filter((n) =>
    n.matches(".card, .top > *, .map-tools, .dock, .provenance, .find, .office-title, .door-card"));
  for (const [k, one] of panels.entries()) {
    for (const two of panels.slice(k + 1)) {
      if (one.contains(two) || two.contains(one)) continue;
      if (flows && stays(one) !== stays(two)) continue;
      const [a, b] = [drawn(one), drawn(two)];
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (width > 1 && height > 1) {
        say(`overlap of ${Math.round(width)} by ${Math.round(height)} px`, one,
          `and .${[...two.classList].join(".")}`);
      }
    }
  }

  const targets = "button, a[href], select, summary, input, [role=switch], [role=slider], " +
    "[role=option], [role=tab]";
  for (const node of nodes.filter((n) => n.matches(targets))) {
    const way = node.matches("input") ? node.closest("label") ?? node.parentElement : node;
    const box = way.getBoundingClientRect();
    const inline = node.matches("p a") && getComputedStyle(node).display === "inline";
    const [width, height] = [box.width, box.height].map(Math.round);
    if (!inline && Math.min(width, height) < least) say(`target of ${width} by ${height} px`, node);
  }
  return [...new Set(wrong)];
}"""


def measure(page: WatchedPage, size: str) -> list[str]:
    """Return what is wrong with a page at a size."""
    width, height = SIZES[size]
    page.page.set_viewport_size({"width": width, "height": height})
    rest(page)
    found = page.run(MEASURE, FINGER_PX if size == "phone" else POINTER_PX)
    return [f"{size}: {one}" for one in found]
