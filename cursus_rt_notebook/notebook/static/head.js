// The head of the panel: where am I, how far, and what a screen reader hears of it.

import { cut, el, fill, glyph, plural } from "./dom.js";

const SEGMENTS = 60; // more would be too thin to tell anything

/** `title` and `progress` are the two lines; `heard` tells pauses and failures to who cannot see them. */
export function headline(app) {
  const name = el("b", { class: "crt-pipeline" });
  const run = link("crt-runid", () => app.openRun(null));
  const pill = el("span", { class: "crt-pill" });
  const segments = el("span", { class: "crt-segments", "aria-hidden": "true" });
  const sentence = el("span", {});
  const counts = el("span", { class: "crt-counts" });
  const past = el("span", { class: "crt-past" });
  const heard = el("div", { class: "crt-unseen", "aria-live": "assertive" });
  const shown = new Map();

  // Each piece is made anew only when what it says has changed: a button keeps its focus.
  const tell = (piece, said, ...children) => {
    const about = JSON.stringify(said);
    if (shown.get(piece) === about) return;
    shown.set(piece, about);
    fill(piece, ...children);
  };

  return {
    title: el("div", { class: "crt-where" }, name, run, pill),
    progress: el("div", { class: "crt-progress" }, segments, el("span", {}, sentence, counts), past),
    heard,
    update() {
      const now = app.run;
      tell(name, now.pipeline, cut(now.pipeline, 200));
      tell(run, now.run, `run ${now.run}`);
      run.title = `Run ${now.run}: timeline, findings, breakpoints, runs before`;
      tell(pill, now.pill, glyph(now.pill.look), cut(now.pill.text, 80));
      pill.className = `crt-pill crt-tone-${now.pill.look}`;
      tell(segments, now.steps.slice(0, SEGMENTS), now.steps.length > SEGMENTS ? null : now.steps.map(segment));
      tell(sentence, [now.done, now.facts], el("b", {}, now.done), " steps", now.facts.map((fact) => ` · ${fact}`));
      tell(counts, now.counts, countLinks(app, now.counts));
      tell(past, [app.at, app.live.run.pauses, now.ended], earlier(app), now.ended && app.at === null ? ENDED : null);
      past.hidden = app.at === null && !now.ended;
      tell(heard, [now.pause, now.pill], now.pause !== null || now.ended ? `${now.pill.text}. ${now.reason}` : "");
    },
  };
}

const ENDED = "Run the cell again for a new run: finished steps come from the cache.";

function link(classes, onclick) {
  return el("button", { type: "button", class: classes, onclick });
}

function segment(step) {
  const share = step.share === null ? {} : { "--share": `${Math.round(step.share * 100)}%` };
  return el("i", { class: `crt-segment crt-tone-${step.look}`, style: share, title: `${cut(step.name, 80)}: ${step.word}` });
}

function countLinks(app, counts) {
  return Object.entries(counts)
    .filter(([, count]) => count)
    .map(([noun, count]) => [
      " · ",
      el("button", { type: "button", class: "crt-link", onclick: () => app.openRun(`${noun}s`) }, plural(count, noun)),
    ]);
}

function earlier(app) {
  if (app.at === null) return null;
  return [
    `You are looking at pause ${app.at} of ${app.live.run.pauses}, as it was. `,
    el("button", { type: "button", class: "crt-link", onclick: () => app.return() }, "Return to now"),
  ];
}
