// What a step took: figures, memory over time, its part of the run, and the attempts before.

import { cut, el, fill, glyph, svg } from "../dom.js";
import { keptFresh } from "../live.js";
import { sentence } from "../say.js";

const WIDE = 600; // of the drawing, in its own units
const HIGH = 80;

/** The tab: `{ element, update(look) }`. */
export function resourcesTab(app, go) {
  const element = el("div", {});
  const shown = { look: null, subject: "" };
  const take = (answer) => {
    fill(
      element,
      answer.nothing ? el("p", {}, sentence(answer.nothing, go)) : null,
      answer.figures.length ? el("dl", { class: "crt-figures" }, answer.figures.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))) : null,
      answer.curve ? memoryCurve(answer.curve) : null,
      answer.timeline ? runStrip(answer.timeline) : null,
      answer.attempts.length ? pastAttempts(answer.attempts) : null,
    );
  };
  const refresh = keptFresh(app, element, "resources", take, { args: () => ({ step: shown.look.step, at: shown.look.at }) });
  return {
    element,
    update(look) {
      shown.look = look;
      const subject = JSON.stringify([look.step, look.at]);
      // Another step's figures must not stand under this one's name.
      if (subject !== shown.subject) fill(element);
      shown.subject = subject;
      refresh();
    },
  };
}

function memoryCurve(curve) {
  const points = curve.points.map(([x, y]) => `${x * WIDE} ${HIGH - y * (HIGH - 4)}`);
  const line = `M${points.join("L")}`;
  return el(
    "figure",
    { class: "crt-curve", role: "img", "aria-label": curve.label },
    el("figcaption", {}, "Memory over time", el("span", {}, `peak ${curve.top}`)),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("path", { d: `${line}L${points.at(-1).split(" ")[0]} ${HIGH}L${points[0].split(" ")[0]} ${HIGH}Z`, class: "crt-curve-area" }),
      svg("path", { d: line, class: "crt-curve-line" }),
    ),
    el("div", { class: "crt-axis", "aria-hidden": "true" }, el("span", {}, "0 s"), el("span", {}, curve.end)),
  );
}

function runStrip(strip) {
  const bars = strip.bars.map((bar) =>
    el("i", { class: `crt-tone-${bar.look}${bar.here ? " crt-here" : ""}`, style: { left: `${bar.start * 100}%`, width: `${bar.share * 100}%` } }),
  );
  return el(
    "figure",
    { class: "crt-strip", role: "img", "aria-label": `Its part of the run: ${strip.label}` },
    el("figcaption", {}, "Its part of the run", el("span", {}, strip.label)),
    el("div", { class: "crt-strip-bars", "aria-hidden": "true" }, bars),
    el("div", { class: "crt-axis", "aria-hidden": "true" }, el("span", {}, "0 s"), el("span", {}, strip.end)),
  );
}

function pastAttempts(attempts) {
  const head = ["run", "attempt", "ended", "time", "memory", "at"].map((text) => el("th", { scope: "col" }, text));
  return el(
    "div",
    { class: "crt-scroll", tabindex: "0", role: "region", "aria-label": "Attempts in this workspace" },
    el("table", { class: "crt-plain" }, el("caption", {}, "Attempts in this workspace, newest first"), el("thead", {}, el("tr", {}, head)), el("tbody", {}, attempts.map(pastAttempt))),
  );
}

function pastAttempt(attempt) {
  return el(
    "tr",
    {},
    el("td", {}, attempt.here ? el("b", {}, "this run") : cut(attempt.run, 60)),
    el("td", { class: "crt-num" }, attempt.attempt),
    el("td", {}, el("span", { class: "crt-held" }, glyph(attempt.look, 11), ` ${cut(attempt.ended, 60)}`)),
    el("td", { class: "crt-num" }, attempt.seconds),
    el("td", { class: "crt-num" }, attempt.memory),
    el("td", { class: "crt-num" }, attempt.at),
  );
}
