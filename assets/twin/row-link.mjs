// A row of a list that leads somewhere: all of it for a pointer, one button over it for keys.

/** @param {HTMLElement} li @param {string[]} names what it is, for a screen reader */
export function linkRow(li, names, go) {
  li.classList.add("row-link");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "row-open";
  button.setAttribute("aria-label", [...new Set(names)].filter(Boolean).join(" · "));
  li.append(button);
  li.addEventListener("click", go);
}
