// The timeline: a bar for each step, the memory of all below, one axis in seconds.

import { cut, el, fill, glyph, svg, visible } from "../dom.js";
import { keptFresh, keyed, retext, walksWith } from "../live.js";

const GROW_EVERY = 200; // milliseconds between two looks at the bars of running steps
const SHORT = 18; // characters of a name that is never cut
const TAIL = 14; // characters that are never cut at the end of a longer one
const PLOT_HEIGHT = 100; // of the memory's drawing, in its own units

/** The timeline: `{ element, update() }`. */
export function timeline(app) {
  const chart = { answer: null, shown: 0, rows: new Map(), element: el("div", { class: "crt-tl" }) };
  const list = el("div", { class: "crt-tl-rows", role: "list", "aria-label": "Steps in the order in which they began" });
  const lines = el("div", { class: "crt-tl-lines", "aria-hidden": "true" });
  const foot = el("div", { class: "crt-tl-foot" });
  const note = el("div", { class: "crt-tl-note" });
  const memory = memoryPlot();
  const axis = el("div", { class: "crt-tl-axis", "aria-hidden": "true" });
  fill(foot, memory.element, axis);
  fill(chart.element, el("div", { class: "crt-tl-scroll" }, el("div", { class: "crt-tl-sheet" }, lines, list, foot)), note);

  const showRows = keyed(list, (row) => row.step, (row) => timelineRow(app, chart, row));
  const show = (answer) => {
    Object.assign(chart, { answer, shown: performance.now() });
    showRows(answer.rows);
    memory.show(answer);
    showTimeAxis(answer, axis, lines);
    retext(note, answer.note);
    markTimelineRow(app, chart);
  };
  const refresh = keptFresh(app, chart.element, "timeline", show, { beats: true });
  walksWith(list, ["ArrowUp", "ArrowDown"], () => [...list.children].map((row) => row.firstChild));
  growBars(app, chart, refresh);
  return {
    element: chart.element,
    update() {
      refresh();
      markTimelineRow(app, chart);
    },
  };
}

function timelineRow(app, chart, { step }) {
  const sign = el("span", { class: "crt-tl-sign" });
  const name = el("span", { class: "crt-tl-name", title: cut(step, 500) }, sign, nameParts(cut(step, 200)));
  const earlier = el("span", {});
  const bar = el("span", { class: "crt-tl-bar" });
  const text = el("span", { class: "crt-tl-text" });
  const track = el("span", { class: "crt-tl-track" }, earlier, bar, text);
  const button = el("button", { type: "button", class: "crt-tl-row", tabindex: "-1", onclick: () => app.select(step) }, name, track);
  let before = "";
  chart.rows.set(step, { button, track, row: null });
  return {
    element: el("div", { role: "listitem" }, button),
    update(row) {
      chart.rows.get(step).row = row;
      placeBar(track, row.start, row.end, chart.answer.span);
      retext(text, row.text);
      showTried(earlier, row.tried ?? [], chart.answer.span);
      const seen = JSON.stringify([row.look, row.thin, row.title]);
      if (seen === before) return;
      before = seen;
      fill(sign, glyph(row.look, 10));
      const kind = row.start === null ? " crt-tl-later" : row.thin ? " crt-tl-thin" : "";
      button.className = `crt-tl-row crt-tone-${row.look} crt-tl-${row.look}${kind}`;
      button.title = visible(cut(row.title, 500));
      button.setAttribute("aria-label", visible(`${cut(step, 200)}: ${cut(row.title, 500)}`));
    },
  };
}

/** A name in two parts: names that begin alike are told apart by their ends, which stay where the beginning is cut. */
function nameParts(name) {
  const at = Math.max(name.lastIndexOf("_"), name.length - TAIL);
  const parts = name.length > SHORT ? [name.slice(0, at), name.slice(at)] : [name, ""];
  return parts.map((part, i) => el("span", { class: i ? "crt-tl-tail" : "crt-tl-lead" }, part));
}

/** The attempts before the newest, in the same row. */
function showTried(host, tried, span) {
  const told = JSON.stringify([tried, span]);
  if (host.dataset.told === told) return;
  host.dataset.told = told;
  fill(host, tried.map(({ start, end, look }) => {
    const bar = el("span", { class: `crt-tl-bar crt-tl-tried crt-tone-${look === "failed" ? "failed" : look === "done" ? "done" : "waiting"}` });
    placeBar(bar, start, end, span);
    return bar;
  }));
}

function placeBar(track, start, end, span) {
  track.style.setProperty("--from", String((start ?? 0) / span));
  track.style.setProperty("--to", String(Math.min((end ?? 0) / span, 1)));
}

/** Let the bars of running steps grow between two answers; nothing else moves. */
function growBars(app, chart, refresh) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const timer = setInterval(() => {
    const { answer } = chart;
    if (!answer?.moving || app.at !== null || still.matches || !app.live?.run.moving) return;
    const more = (performance.now() - chart.shown) / 1000;
    for (const { row, track } of chart.rows.values()) {
      if (row?.running) placeBar(track, row.start, row.end + more, answer.span);
    }
    // Beyond the axis only a new answer knows how to go on.
    if (answer.now + more > answer.span) refresh();
  }, GROW_EVERY);
  app.signal.addEventListener("abort", () => clearInterval(timer));
}

function markTimelineRow(app, chart) {
  const stop = chart.rows.has(app.selected) ? app.selected : chart.answer?.rows[0]?.step;
  for (const [step, { button }] of chart.rows) {
    // One row is reached by Tab, the others from there by arrows.
    button.tabIndex = step === stop ? 0 : -1;
    if (step === app.selected) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function memoryPlot() {
  const peak = el("span", { class: "crt-tl-peak" });
  const line = svg("path", { class: "crt-tl-curve" });
  const area = svg("path", { class: "crt-tl-area" });
  const plot = svg("svg", { viewBox: `0 0 1000 ${PLOT_HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, area, line);
  const track = el("span", { class: "crt-tl-track" }, plot, peak);
  const element = el("div", { class: "crt-tl-memory", role: "img" }, el("span", { class: "crt-tl-name" }, "memory"), track);
  return {
    element,
    show({ memory, span }) {
      element.hidden = !memory;
      if (!memory) return;
      const points = memory.points.map(([at, bytes]) => [(at / span) * 1000, PLOT_HEIGHT - (bytes / memory.peak.bytes) * (PLOT_HEIGHT - 12)]);
      const path = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
      line.setAttribute("d", `M${path}`);
      area.setAttribute("d", `M${points[0][0].toFixed(1)} ${PLOT_HEIGHT}L${path}L${points.at(-1)[0].toFixed(1)} ${PLOT_HEIGHT}Z`);
      peak.style.setProperty("--at", String(memory.peak.at / span));
      retext(peak, memory.peak.text);
      element.setAttribute("aria-label", memory.peak.title);
    },
  };
}

function showTimeAxis({ ticks, span, standstills }, axis, lines) {
  const told = JSON.stringify([ticks, span, standstills]);
  if (axis.dataset.told === told) return;
  axis.dataset.told = told;
  const at = (moment) => ({ "--at": String(moment / span) });
  fill(axis, el("span", {}), el("span", { class: "crt-tl-track" }, ticks.map((tick) => el("i", { style: at(tick.at) }, tick.text))));
  const drawn = [ticks.map((tick) => el("i", { style: at(tick.at) })), standstills.map((still) => el("i", { class: "crt-tl-still", style: at(still.at) }))];
  fill(lines, el("span", {}), el("span", { class: "crt-tl-track" }, drawn));
}
