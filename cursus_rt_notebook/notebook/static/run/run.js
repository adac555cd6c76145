// The right side: the run as a whole.

import { cut, el, fill, glyph } from "../dom.js";
import { keptFresh, keyed, retext, walksWith } from "../live.js";
import { breakpointList } from "./breakpoints.js";
import { findingsList } from "./findings.js";
import { runsBefore } from "./runs.js";
import { stepsOverview } from "./overview.js";
import { timeline } from "./timeline.js";

const RUN_TABS = [
  ["timeline", "Timeline", (app) => runCourse(app)],
  ["findings", "Findings", (app) => findingsList(app)],
  ["breakpoints", "Breakpoints", (app) => breakpointList(app)],
  ["runs", "Runs", (app) => runsBefore(app)],
];

/** The run as a whole: `{ element, open(tab), update() }`; tabs are timeline, findings, breakpoints, runs. */
export function runView(app) {
  const title = { id: el("b", {}), reason: el("span", { class: "crt-run-reason" }) };
  const tabs = new Map(RUN_TABS.map(([name, label, make]) => [name, runTab(name, label, make(app), () => open(name, true))]));
  const list = el("div", { class: "crt-run-tabs", role: "tablist", "aria-label": "The run" }, [...tabs.values()].map((tab) => tab.button));
  const element = el(
    "div",
    { class: "crt-run" },
    el("div", { class: "crt-run-title" }, title.id, title.reason),
    list,
    [...tabs.values()].map((tab) => tab.panel),
  );
  let current = "timeline";

  const open = (name, focus = false) => {
    if (tabs.has(name)) current = name;
    for (const [key, tab] of tabs) tab.choose(key === current);
    if (focus) tabs.get(current).button.focus();
    update();
  };
  const update = () => {
    if (!app.run || element.hidden) return;
    retext(title.id, `Run ${app.run.run}`);
    retext(title.reason, cut(app.run.reason, 300));
    const live = (app.live ?? app).run;
    tabs.get("findings").count(app.run.counts.finding);
    tabs.get("breakpoints").count(live.breakpoints.length);
    tabs.get(current).part.update();
  };

  walksWith(list, ["ArrowLeft", "ArrowRight"], () => [...tabs.values()].map((tab) => tab.button));
  list.addEventListener("focusin", (event) => {
    const name = event.target.dataset.tab;
    if (name && name !== current) open(name);
  });
  for (const [key, tab] of tabs) tab.choose(key === current);
  return { element, open, update };
}

function runTab(name, label, part, press) {
  const id = `crt-${name}-${Math.random().toString(36).slice(2)}`;
  const badge = el("span", { class: "crt-badge", hidden: true });
  const button = el(
    "button",
    { type: "button", role: "tab", id, dataset: { tab: name }, "aria-controls": `${id}-panel`, onclick: press },
    label,
    badge,
  );
  const panel = el("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id }, part.element);
  return {
    button,
    panel,
    part,
    choose(on) {
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
    },
    count(number) {
      badge.hidden = !number;
      retext(badge, number);
    },
  };
}

/** How far the run is, then its timeline; before anything ran, what it is going to do. */
function runCourse(app) {
  const told = el("div", { class: "crt-run-told" });
  const running = el("ul", { class: "crt-run-now", "aria-label": "Running now" });
  const chart = timeline(app);
  const steps = stepsOverview(app);
  const element = el("div", {}, told, running, chart.element, steps.element);
  const showRunning = keyed(running, (step) => step.step, ({ step }) => runningStepRow(app, step));
  const show = (answer) => {
    retext(told, answer.told.join(" "));
    showRunning(answer.running);
  };
  const refresh = keptFresh(app, chart.element, "progress", show, { beats: true });
  return {
    element,
    update() {
      const begun = app.run.moving || app.run.steps.some((step) => step.status !== "waiting");
      for (const part of [told, running, chart.element]) part.hidden = !begun;
      steps.element.hidden = begun;
      if (begun) refresh();
      (begun ? chart : steps).update();
    },
  };
}

function runningStepRow(app, step) {
  const bar = el("i", {});
  const under = el("span", {});
  const seen = el("span", { class: "crt-run-seen" });
  const name = el("button", { type: "button", class: "crt-link", onclick: () => app.select(step) }, cut(step, 80));
  return {
    element: el("li", { class: "crt-tone-running" }, glyph("running", 11), name, under, el("span", { class: "crt-run-share", "aria-hidden": "true" }, bar), seen),
    update(running) {
      retext(under, running.under);
      retext(seen, running.seen);
      bar.parentElement.hidden = running.share === null;
      bar.style.width = `${Math.round((running.share ?? 0) * 100)}%`;
    },
  };
}
