// A failed step: the error in a card, then the stack, the source and the variables of the chosen frame.

import { cut, el, fill } from "../dom.js";
import { walksWith } from "../live.js";
import { askedWhen, copyButton, sentence, troubleNote } from "../say.js";
import { aboutLook } from "./ports.js";
import { codeBlock, openButton } from "./source.js";

/** The tab: `{ element, update(look) }`. */
export function variablesTab(app, go) {
  const element = el("div", {});
  const shown = { rerun: null };
  const show = (answer) => {
    shown.rerun = null;
    fill(element, answer ? failureParts(app, go, answer, shown) : el("p", {}, "The step did not fail."));
    tellRerun(app, shown);
  };
  const clear = (note) => fill(element, note);
  const refresh = askedWhen(app, "failure", { show, clear, fail: (error) => clear(troubleNote(error)) });
  return {
    element,
    update(look) {
      refresh(aboutLook(look), { step: look.step, at: look.at });
      tellRerun(app, shown);
    },
  };
}

function tellRerun(app, { rerun }) {
  const step = app.run.steps.find((one) => one.name === app.selected);
  rerun?.setAttribute("aria-disabled", String(app.at !== null || !step?.can.rerun));
}

function failureParts(app, go, failure, shown) {
  const [innermost] = failure.frames;
  const rerun = el("button", { type: "button", class: "crt-button", title: "Run the step again (key e)", onclick: () => app.press("rerun") }, "Rerun step");
  shown.rerun = rerun;
  const source = innermost && { tab: "source", file: innermost.file, line: innermost.line };
  const card = el(
    "div",
    { class: "crt-error-card" },
    el("div", { class: "crt-error-title" }, el("b", {}, failure.title), " ", el("code", {}, failure.message)),
    failure.advice.map((one) => el("div", {}, sentence(one, go))),
    failure.recommended.length ? el("ol", { class: "crt-recommended" }, failure.recommended.map((one) => el("li", {}, sentence(one, go)))) : null,
    el(
      "div",
      { class: "crt-actions" },
      source && el("button", { type: "button", class: "crt-button crt-primary", onclick: () => go(source) }, `Show ${cut(innermost.place, 60)}`),
      rerun,
      copyButton("Copy for a colleague", () => failure.copy, { title: "Error, frames, versions and step as text; secrets are masked" }),
      innermost && openButton({ path: innermost.file, home: innermost.home }),
    ),
  );
  return [card, failure.frames.length || failure.library ? stackParts(failure) : null, moreParts(failure)];
}

function stackParts(failure) {
  const code = el("div", { class: "crt-frame-code" });
  const variables = el("div", {});
  const buttons = [];
  const choose = (frame) => {
    for (const one of buttons) {
      one.element.setAttribute("aria-pressed", String(one.frame === frame));
      one.element.tabIndex = one.frame === frame ? 0 : -1;
    }
    fill(code, frameSource(frame));
    fill(variables, frameVariables(frame));
  };
  const stack = el("div", { class: "crt-stack", role: "group", "aria-label": "Stack" }, el("b", {}, "Stack"));
  for (const frame of failure.frames) stack.append(frameButton(frame, buttons, choose));
  if (failure.library) stack.append(libraryFrames(failure.library, buttons, choose));
  walksWith(stack, ["ArrowUp", "ArrowDown"], () => buttons.map((one) => one.element).filter((one) => one.offsetParent));
  choose(failure.frames[0] ?? failure.library.frames[0]);
  return [el("div", { class: "crt-split" }, stack, code), variables];
}

function frameButton(frame, buttons, choose) {
  const element = el("button", { type: "button", class: "crt-frame", title: cut(frame.file, 500), onclick: () => choose(frame) }, el("b", {}, cut(frame.function, 60)), el("span", {}, cut(frame.place, 60)));
  buttons.push({ frame, element });
  return element;
}

/** Frames that are not the user's, folded into one line. */
function libraryFrames(library, buttons, choose) {
  const frames = library.frames.map((frame) => frameButton(frame, buttons, choose));
  return el("details", {}, el("summary", {}, library.label), frames);
}

function frameSource(frame) {
  if (!frame.source.length) return el("p", { class: "crt-dim" }, cut(`${frame.file}:${frame.line}`, 300));
  const [first] = frame.source;
  return codeBlock(frame.source.map((line) => line.pieces), [{ line: frame.line, kind: "error", text: "the error is here" }], first.line).element;
}

function frameVariables(frame) {
  if (!frame.variables.length) return el("p", { class: "crt-dim" }, "No variables of this frame were kept.");
  return el(
    "table",
    { class: "crt-plain crt-variables" },
    el("caption", { class: "crt-unseen" }, `Variables in ${cut(frame.function, 80)}`),
    el("tbody", {}, frame.variables.map(variableRow)),
  );
}

function variableRow(variable) {
  const columns = variable.columns.length
    ? el("details", {}, el("summary", {}, `${variable.shape}: `, cut(variable.columns.slice(0, 6).join(", "), 120)), el("code", {}, `${variable.columns.join(", ")} ${variable.more}`))
    : null;
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("code", {}, cut(variable.name, 80))),
    el("td", { class: "crt-dim" }, cut(variable.type, 80)),
    el("td", {}, columns ?? el("code", {}, variable.value)),
  );
}

function moreParts(failure) {
  const fold = (title, text) => (text.trim() ? el("details", { class: "crt-fold" }, el("summary", {}, title), el("pre", { class: "crt-text", tabindex: "0" }, text)) : null);
  return [fold("End of the log", failure.log), fold("The whole traceback", failure.traceback)];
}
