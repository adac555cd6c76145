// Before the first step: what the run is going to do, and every step with its script and ports.

import { cut, el, fill } from "../dom.js";
import { keptFresh, retext } from "../live.js";

/** The pipeline's steps as it describes them: `{ element, update() }`. */
export function stepsOverview(app) {
  const told = el("p", { class: "crt-run-told" });
  const body = el("tbody", {});
  const head = ["step", "script", "reads", "writes", "took"].map((name) => el("th", { scope: "col" }, name));
  const table = el("table", { class: "crt-run-table" }, el("thead", {}, el("tr", {}, head)), body);
  const element = el("div", {}, told, el("div", { class: "crt-run-scroll", tabindex: "0", role: "region", "aria-label": "Steps" }, table));
  let before = null;
  const update = keptFresh(
    app,
    element,
    "overview",
    (answer) => {
      retext(told, answer.told.join(" "));
      // What the steps are does not change while the run lives.
      const steps = JSON.stringify(answer.steps);
      if (steps !== before) fill(body, answer.steps.map((step) => overviewRow(app, step)));
      before = steps;
    },
    { args: () => ({}) },
  );
  return { element, update };
}

function overviewRow(app, step) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("button", { type: "button", class: "crt-link", onclick: () => app.select(step.step) }, cut(step.step, 80))),
    el("td", {}, el("code", {}, step.script)),
    el("td", {}, step.reads.map((read) => overviewPort(read.port, `← ${cut(read.from, 80)}`))),
    el("td", {}, step.writes.map((write) => overviewPort(write.port, write.channels.map((one) => cut(one, 40)).join(" · ")))),
    el("td", { class: "crt-num" }, step.took),
  );
}

function overviewPort(port, more) {
  return el("div", {}, el("b", {}, cut(port, 80)), more && el("span", {}, ` ${more}`));
}
