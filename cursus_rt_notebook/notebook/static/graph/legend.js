// What the shapes mean, at the foot of the graph: the usual ones, and whatever else is there now.

import { colour, el, fill, glyph, svg } from "../dom.js";

const STEP_BASICS = ["done", "cached", "paused", "waiting"];
const STEP_OTHERS = ["running", "failed", "skipped", "stale"];
const DATA_WORDS = { done: "written", cached: "cached", waiting: "not there yet", stale: "may be different now", skipped: "not written" };
const PENCIL_PATH = "M-3.8 3.8L-3.2 1.2L2 -4L4 -2L-1.2 3.2Z";
const LOST_PATH = "M0 -4.8L5.2 4.4L-5.2 4.4ZM0 -1.4L0 1M0 2.8L0 2.9";

const STUB_PATH = "M-5 -3.6L5 -3.6L5 3.6L-5 3.6Z";

/** The legend: `update(looks, { data, edited, stubs, lost, checks })` with the looks that occur. */
export function graphLegend() {
  const element = el("div", { class: "crt-legend" });
  let told = "";
  return {
    element,
    update(looks, { data = false, edited = false, stubs = false, lost = false, checks = false } = {}) {
      const shown = data ? Object.keys(DATA_WORDS).filter((look) => looks.has(look)) : stepLooks(looks);
      const now = JSON.stringify([shown, data, edited, stubs, lost, checks]);
      if (now === told) return;
      told = now;
      fill(
        element,
        shown.map((look) => legendItem(glyph(look), data ? DATA_WORDS[look] : look)),
        data ? null : legendItem(glyph("breakpoint"), "breakpoint"),
        edited ? legendItem(outlineSign(PENCIL_PATH), "data replaced") : null,
        stubs ? legendItem(outlineSign(STUB_PATH, { stroke: colour("wait"), "stroke-dasharray": "2.4 1.6" }), "stub: does not run") : null,
        lost || checks ? legendItem(outlineSign(LOST_PATH), [lost && "rows lost", checks && "check failed"].filter(Boolean).join(", ")) : null,
      );
    },
  };
}

function stepLooks(looks) {
  return [...STEP_BASICS, ...STEP_OTHERS.filter((look) => looks.has(look))];
}

function legendItem(sign, word) {
  return el("span", {}, sign, word);
}

function outlineSign(d, more = {}) {
  const path = svg("path", { d, fill: "none", stroke: colour("pause"), "stroke-width": 1.3, ...more });
  return svg("svg", { viewBox: "-6 -6 12 12", width: 12, height: 12, "aria-hidden": "true", class: "crt-glyph" }, path);
}
