// Why the inputs of a step are fed by what feeds them: each in a line, and what was weighed for it.

import { cut, el, fill } from "../dom.js";
import { askedWhen, sentence, troubleNote } from "../say.js";

/** The part of the tab *Explain*: `{ element, update(look) }`; it brings the inputs that `look.wanted` names into sight. */
export function wiringPart(app, go) {
  const element = el("section", { class: "crt-wiring", "aria-label": "What feeds the inputs" });
  const shown = { step: null, lines: new Map() };
  const show = ({ inputs, more, step }) => {
    shown.step = step;
    shown.lines = new Map(inputs.map((input) => [input.port, wiredLine(input, go)]));
    fill(element, inputs.length ? [el("h4", {}, "What feeds its inputs"), el("ul", {}, [...shown.lines.values()]), more] : null);
  };
  const clear = (note) => {
    shown.step = null;
    shown.lines = new Map();
    fill(element, note);
  };
  const refresh = askedWhen(app, "wiring", { show, clear, fail: (error) => clear(troubleNote(error)) });
  const bring = (look) => {
    const { wanted } = look;
    if (wanted?.tab !== "explain" || !wanted.ports || shown.step !== look.step) return;
    look.wanted = null;
    for (const [port, line] of shown.lines) openLine(line, wanted.ports.includes(port));
    const first = wanted.ports.map((port) => shown.lines.get(port)).find(Boolean);
    first?.scrollIntoView({ block: "nearest" });
    first?.querySelector("summary, button")?.focus({ preventScroll: true });
  };
  return {
    element,
    async update(look) {
      await refresh(JSON.stringify(look.step), { step: look.step });
      bring(look);
    },
  };
}

function wiredLine(input, go) {
  const line = el(
    "li",
    {},
    el("code", { class: "crt-wired-name", title: cut(input.port, 500) }, input.name),
    " ← ",
    sentence(input.fed, go),
    input.score ? el("b", { class: "crt-wired-score", title: "What the wiring rule gave it, of 1" }, ` ${input.score}`) : null,
    el("span", { class: "crt-dim" }, ` ${cut(input.why, 600)}`),
  );
  if (input.weighed.length || input.more) line.append(weighedFold(input));
  return line;
}

function weighedFold({ weighed, more }) {
  const heads = ["score", "output", "outcome", "made of"].map((name) => el("th", { scope: "col" }, name));
  return el(
    "details",
    { class: "crt-fold" },
    el("summary", {}, "What was weighed"),
    weighed.length ? el("table", { class: "crt-plain" }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, weighed.map(weighedRow))) : null,
    more ? el("p", { class: "crt-dim" }, more) : null,
  );
}

function weighedRow({ score, name, made, outcome, chosen }) {
  return el(
    "tr",
    { "aria-selected": chosen ? "true" : null },
    el("td", { class: "crt-num" }, score),
    el("td", {}, el("code", {}, endsOfWords(name))),
    el("td", {}, outcome),
    el("td", {}, made.split(/ (?=[+-] )/).flatMap((part, i) => [i ? " " : "", el("span", { class: "crt-wired-part" }, part)])),
  );
}

/** A name that may go on in another line after a point or an underscore, before it does inside a word. */
function endsOfWords(name) {
  return name.split(/(?<=[._])/).flatMap((part, i) => [i ? el("wbr") : "", part]);
}

function openLine(line, here) {
  line.classList.toggle("crt-wired-here", here);
  const fold = line.querySelector("details");
  if (fold && here) fold.open = true;
}
