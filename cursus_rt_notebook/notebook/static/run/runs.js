// The runs of this pipeline in this workspace, and what became of their steps.

import { cut, el, fill, glyph, plural } from "../dom.js";
import { keptFresh, keyed, retext } from "../live.js";

const RUNS_AGE = 30_000; // milliseconds after which "2 min ago" is told anew
// The reader's own clock and zone, in an order that sorts.
const RUNS_CLOCK = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" });

/** The runs, newest first, each with its steps on a click: `{ element, update() }`. */
export function runsBefore(app) {
  const list = el("ul", { class: "crt-runs" });
  const more = el("p", { class: "crt-run-told" });
  const none = el("p", { class: "crt-run-told", hidden: true }, "This pipeline has not run in this workspace yet.");
  const element = el("div", {}, none, list, more);
  const show = keyed(list, (run) => run.run, (run) => runItem(app, run));
  const update = keptFresh(
    app,
    element,
    "runs",
    (answer) => {
      show(answer.runs);
      none.hidden = answer.runs.length > 0;
      retext(more, answer.more ? `and ${plural(answer.more, "earlier run")}` : "");
    },
    { every: 5000, args: () => ({}) },
  );
  const timer = setInterval(update, RUNS_AGE);
  app.signal.addEventListener("abort", () => clearInterval(timer));
  return { element, update };
}

function runItem(app, { run, started }) {
  const cells = { ago: el("span", { class: "crt-runs-ago" }), ended: el("span", { class: "crt-runs-ended" }), took: el("span", { class: "crt-num" }), steps: el("span", {}) };
  const mark = el("span", { class: "crt-badge", hidden: true }, "this run");
  const detail = el("div", { class: "crt-runs-steps", hidden: true });
  const when = el("span", { class: "crt-runs-when" }, RUNS_CLOCK.format(new Date(started * 1000)), " ", cells.ago);
  const button = el(
    "button",
    { type: "button", "aria-expanded": "false", title: `run ${cut(run, 80)}`, onclick: () => toggle() },
    when,
    cells.ended,
    cells.took,
    cells.steps,
    mark,
  );
  const toggle = async () => {
    detail.hidden = !detail.hidden;
    button.setAttribute("aria-expanded", String(!detail.hidden));
    if (!detail.hidden) await showRunSteps(app, run, detail);
  };
  let before = "";
  return {
    element: el("li", {}, button, detail),
    update(record) {
      retext(cells.ago, record.ago);
      retext(cells.took, record.took);
      retext(cells.steps, record.steps);
      mark.hidden = !record.this;
      const told = `${record.word} ${record.steps}`;
      if (told === before) return;
      before = told;
      fill(cells.ended, glyph(record.look, 11), " ", record.word);
      // A run that goes on has new steps to tell of.
      if (!detail.hidden) showRunSteps(app, run, detail);
    },
  };
}

async function showRunSteps(app, run, detail) {
  try {
    const { attempts } = await app.ask("run_steps", { run });
    const head = ["step", "ended", "time", "memory", "attempt"].map((name) => el("th", { scope: "col" }, name));
    const table = el("table", { class: "crt-run-table" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, attempts.map((one) => attemptRow(app, one))));
    fill(detail, attempts.length ? table : "No step ended in this run.");
  } catch (error) {
    fill(detail, error.message);
  }
}

function attemptRow(app, attempt) {
  const known = app.run.steps.some((step) => step.name === attempt.step);
  const name = cut(attempt.step, 80);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, known ? el("button", { type: "button", class: "crt-link", onclick: () => app.select(attempt.step) }, name) : name),
    el("td", {}, glyph(attempt.look, 11), ` ${attempt.word}`, attempt.why && ` · ${attempt.why}`),
    el("td", { class: "crt-num" }, attempt.seconds),
    el("td", { class: "crt-num" }, attempt.memory),
    el("td", { class: "crt-num" }, attempt.attempt),
  );
}
