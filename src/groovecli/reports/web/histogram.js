"use strict";
// Histograms: the bar under the mouse, or the one that arrows lead to, is said below.
for (const chart of groove.all(".histogram svg[role=listbox]")) {
  const bars = groove.all("[role=option]", chart);
  const said = document.getElementById(chart.getAttribute("aria-describedby"));
  const atFirst = said.textContent;
  let at = -1;

  const point = (place) => {
    if (place === at) return;
    if (at >= 0) bars[at].setAttribute("aria-selected", "false");
    at = place;
    if (at < 0) chart.removeAttribute("aria-activedescendant");
    else {
      bars[at].setAttribute("aria-selected", "true");
      chart.setAttribute("aria-activedescendant", bars[at].id);
    }
    said.textContent = at < 0 ? atFirst : bars[at].getAttribute("aria-label");
  };
  for (const bar of bars) bar.querySelector("title").remove(); // said below instead

  chart.addEventListener("pointermove", (event) => {
    const bar = event.target.closest("[role=option]");
    if (bar) point(bars.indexOf(bar));
  });
  chart.addEventListener("pointerleave", () => { if (document.activeElement !== chart) point(-1); });
  chart.addEventListener("focus", () => { if (at < 0) point(0); });
  chart.addEventListener("blur", () => point(-1));
  chart.addEventListener("keydown", (event) => {
    const last = bars.length - 1;
    const place = { ArrowLeft: Math.max(at - 1, 0), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last,
      ArrowRight: Math.min(at + 1, last), ArrowDown: Math.min(at + 1, last) }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    point(place);
  });
}
