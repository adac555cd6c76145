// The script of a step and its helpers: coloured, numbered, the line of the error marked; what changed since it ran.

import { cut, el, fill } from "../dom.js";
import { walksWith } from "../live.js";
import { askedWhen, coloured, copyButton, diffBlock, sentence, troubleNote } from "../say.js";
import { aboutLook } from "./ports.js";

const BLOCK = 100; // lines that are laid out together, once they come into sight

/** The tab: `{ element, update(look) }`. */
export function sourceTab(app, go) {
  const chips = el("div", { class: "crt-ports" });
  const bar = el("div", { class: "crt-source-bar" });
  const note = el("div", {});
  const body = el("div", {});
  const shown = { look: null, about: "", file: null, line: null, buttons: [], told: null, visits: 0 };

  const choose = (file) => {
    Object.assign(shown, { file, line: null });
    ask();
  };
  const show = (answer) => {
    const told = JSON.stringify([answer, shown.line]);
    if (told === shown.told) return;
    shown.told = told;
    showSourceFiles(chips, shown, answer, choose);
    const line = shown.line ?? answer.marks.find((mark) => mark.kind === "error")?.line ?? answer.marks[0]?.line ?? null;
    const path = el("code", { class: "crt-dim", title: answer.path }, cut(answer.path, 200));
    // A step that a stub stands in for may have no script.
    fill(bar, answer.path ? [path, copyButton("Copy path:line", () => `${answer.path}:${line ?? 1}`), openButton(answer)] : null);
    fill(note, answer.note.length ? el("div", { class: "crt-banner crt-tone-stale" }, sentence(answer.note, go)) : null, answer.diff.length ? diffBlock(answer.diff) : null);
    const code = codeBlock(answer.lines, answer.marks);
    fill(body, answer.lines.length ? code.element : null, answer.cut ? el("p", { class: "crt-dim" }, answer.cut) : null);
    if (line !== null) code.reach(line);
  };
  const clear = (why) => {
    shown.told = null;
    for (const part of [chips, bar, body]) fill(part);
    fill(note, why);
  };
  const refresh = askedWhen(app, "source", { show, clear, fail: (error) => clear(troubleNote(error)) });
  const ask = () => {
    const { look, file, line } = shown;
    refresh(JSON.stringify([aboutLook(look), file, line, shown.visits]), { step: look.step, at: look.at, file });
  };
  walksWith(chips, ["ArrowLeft", "ArrowRight"], () => shown.buttons);
  const element = el("div", {}, chips, bar, note, body);
  // The file may have been changed in an editor since: whoever comes back to it sees it as it is.
  for (const kind of ["pointerenter", "focusin"]) {
    element.addEventListener(kind, (event) => {
      if (!shown.look || element.contains(event.relatedTarget)) return;
      shown.visits += 1;
      ask();
    });
  }
  return {
    element,
    update(look) {
      shown.look = look;
      const about = JSON.stringify([look.step, look.at]);
      if (about !== shown.about) Object.assign(shown, { about, file: null, line: null });
      if (look.wanted?.file) {
        Object.assign(shown, { file: look.wanted.file, line: look.wanted.line });
        look.wanted = null;
      }
      ask();
    },
  };
}

/**
 * Code with line numbers: `lines` of pieces, `marks` of `{ line, kind, text }`, the first line's number. `reach(line)`
 * brings a line into sight without moving the page.
 */
export function codeBlock(lines, marks, first = 1) {
  const marked = new Map(marks.map((mark) => [mark.line, mark]));
  const rows = lines.map((pieces, index) => codeLine(pieces, first + index, marked.get(first + index)));
  const blocks = [];
  for (let at = 0; at < rows.length; at += BLOCK) {
    const part = rows.slice(at, at + BLOCK);
    blocks.push(el("div", { class: "crt-code-block", style: { "contain-intrinsic-size": `auto ${part.length * 18}px` } }, part));
  }
  const element = el("div", { class: "crt-code-lines", tabindex: "0", role: "region", "aria-label": "Source" }, blocks);
  return {
    element,
    reach(line) {
      const row = rows[line - first];
      if (row) element.scrollTop = row.offsetTop - element.offsetTop - element.clientHeight / 3;
    },
  };
}

function codeLine(pieces, number, mark) {
  return el(
    "div",
    { class: `crt-line${mark ? ` crt-mark-${mark.kind}` : ""}`, title: mark?.text },
    el("span", { class: "crt-line-number" }, String(number)),
    mark ? el("span", { class: "crt-unseen" }, mark.text) : null,
    el("span", { class: "crt-line-text" }, coloured(pieces)),
  );
}

function showSourceFiles(host, shown, answer, choose) {
  const focused = shown.buttons.indexOf(document.activeElement);
  shown.buttons = answer.files.map((file) => {
    const on = file.name === answer.file;
    return el(
      "button",
      { type: "button", class: "crt-chip", "aria-pressed": String(on), tabindex: on ? "0" : "-1", onclick: () => choose(file.name) },
      cut(file.name, 80),
      file.changed ? el("span", { class: "crt-was" }, " changed since it ran") : null,
    );
  });
  // One file, unchanged, needs no choice.
  host.hidden = shown.buttons.length < 2 && !answer.files[0]?.changed;
  fill(host, shown.buttons);
  shown.buttons[focused]?.focus();
}

/** A button that JupyterLab hears, where its server can reach the file; nothing elsewhere. */
export function openButton({ path, home }) {
  const below = serverPath(path) ?? serverPath(home);
  if (below === null) return null;
  const command = { commandlinkerCommand: "docmanager:open", commandlinkerArgs: JSON.stringify({ path: below }) };
  return el("button", { type: "button", class: "crt-button", dataset: command }, "Open in the editor");
}

/** A file's path as the server knows it, by where the page says that the server's files begin. */
function serverPath(path) {
  try {
    const root = JSON.parse(document.getElementById("jupyter-config-data").textContent).serverRoot.replace(/\/$/, "");
    return root && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
  } catch {
    return null;
  }
}
