// What was found in the run and its steps, the worst first.

import { colour, cut, el, svg } from "../dom.js";
import { keptFresh, keyed, retext } from "../live.js";

// Shape, colour, tone of each severity; the word stands beside it.
const SEVERITIES = {
  failed: ["M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6", "fail", "failed"],
  error: ["M-2.2 -5L2.2 -5L5 -2.2L5 2.2L2.2 5L-2.2 5L-5 2.2L-5 -2.2ZM0 -2.6L0 0.4M0 2.6L0 2.7", "fail", "failed"],
  warning: ["M0 -4.8L5.2 4.4L-5.2 4.4ZM0 -1.4L0 1M0 2.8L0 2.9", "pause", "paused"],
  info: ["M5 0C5 2.76 2.76 5 0 5C-2.76 5 -5 2.76 -5 0C-5 -2.76 -2.76 -5 0 -5C2.76 -5 5 -2.76 5 0ZM0 -0.4L0 2.6M0 -2.6L0 -2.5", "run", "running"],
};

/** Failed steps and findings: `{ element, update() }`. */
export function findingsList(app) {
  const told = el("p", { class: "crt-run-told", "aria-live": "polite" });
  const list = el("ul", { class: "crt-findings" });
  const element = el("div", {}, told, list);
  const show = keyed(list, (found) => JSON.stringify(found), (found) => findingItem(app, found));
  const update = keptFresh(app, element, "findings", (answer) => {
    retext(told, answer.told);
    show(answer.findings);
  });
  return { element, update };
}

function findingItem(app, found) {
  const [, , tone] = SEVERITIES[found.severity];
  const where = [found.step, found.port].filter(Boolean).map((name) => cut(name, 80)).join(".");
  const place = found.place && el("code", {}, found.place);
  const go = found.step && el("button", { type: "button", class: "crt-link", onclick: () => app.select(found.step, found.tab, { ...found.wanted, tab: found.tab }) }, where, place && [" · ", place]);
  return {
    element: el(
      "li",
      { class: `crt-tone-${tone}` },
      el("div", { class: "crt-finding-head" }, severitySign(found.severity), el("b", {}, found.word), go || place),
      el("div", { class: "crt-finding-said" }, found.message),
      found.fix && el("div", { class: "crt-finding-fix" }, found.fix),
    ),
    update() {},
  };
}

function severitySign(severity) {
  const [path, tone] = SEVERITIES[severity];
  return svg(
    "svg",
    { viewBox: "-6 -6 12 12", width: 13, height: 13, "aria-hidden": "true", class: "crt-glyph" },
    svg("path", { d: path, fill: "none", stroke: colour(tone), "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}
