// The line under a table: which rows are shown, the way to others, and the Python that gives the same.

import { el, fill, number, visible } from "../dom.js";
import { toClipboard, toNewCell } from "./send.js";

const TOLD_FOR = 8000; // milliseconds

/** The line. `go(row)` moves to the row at this place of the view, `page(by)` by so many screens. */
export function sheetFoot(name, { go, page }) {
  const shown = el("span", { class: "crt-sheet-shown" });
  const note = el("span", { class: "crt-sheet-note", hidden: true });
  const code = el("code", {});
  const field = el("input", {
    type: "text",
    inputmode: "numeric",
    id: `${name}-row`,
    class: "crt-code",
    size: "8",
    autocomplete: "off",
  });
  const label = el("label", { for: `${name}-row` });
  const told = el("span", { class: "crt-sheet-told", role: "status", "aria-live": "polite" });
  const heard = el("span", { class: "crt-unseen", role: "status", "aria-live": "polite" });
  let fading = 0;
  let line = "";
  let rows = 0;
  let asItIs = true;

  const say = (text) => {
    clearTimeout(fading);
    fill(told, text);
    told.title = told.textContent;
    fading = setTimeout(() => fill(told), TOLD_FOR);
  };
  const button = (text, title, act) =>
    el("button", { type: "button", class: "crt-sheet-step", title, "aria-label": title, onclick: act }, text);
  const pager = el(
    "span",
    { class: "crt-sheet-pager" },
    button("«", "First rows", () => go(0)),
    button("‹", "Rows before", () => page(-1)),
    button("›", "Rows after", () => page(1)),
    button("»", "Last rows", () => go(rows - 1)),
    label,
    field,
  );
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const asked = Number(field.value.replace(/[\s,_]/g, ""));
    if (!field.value.trim() || !Number.isInteger(asked)) return say("write a row's number");
    go(asked - (asItIs ? 0 : 1));
  });

  const element = el(
    "div",
    { class: "crt-sheet-foot" },
    shown,
    note,
    pager,
    el(
      "span",
      { class: "crt-sheet-python" },
      heard,
      told,
      code,
      el(
        "button",
        {
          type: "button",
          class: "crt-link",
          title: "Put this line into a new cell below",
          onclick: () => sendLine(element, line, say),
        },
        "Send to a cell",
      ),
      el(
        "button",
        { type: "button", class: "crt-link", title: "Copy this line", onclick: () => copyLine(line, say) },
        "Copy",
      ),
    ),
  );
  return {
    element,
    /** Tell what was done, for a while. */
    say,
    /** Tell who cannot see it what is shown already. */
    hear: (text) => fill(heard, text),
    /** Show which rows are in view: from `first` to before `last`. */
    update(store, first, last) {
      const filtered = store.query.where !== "";
      rows = store.matched ?? 0;
      asItIs = !filtered && store.query.sort.length === 0;
      const from = rows ? `rows ${number(first + 1)}–${number(Math.min(last, rows))}` : "no rows";
      const of = filtered
        ? ` · ${number(rows)} of ${number(store.total ?? 0)} match`
        : rows
          ? ` of ${number(rows)}`
          : "";
      put(shown, store.matched === null ? "" : from + of);
      put(label, asItIs ? "go to row" : "go to place");
      field.title = asItIs ? "The number at the left" : "1 is the first row as it is sorted and filtered now";
      note.hidden = !store.note;
      put(note, store.note);
      line = store.python;
      put(code, line);
      code.title = visible(line);
    },
  };
}

function put(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  fill(element, text);
}

async function sendLine(element, line, say) {
  if (await toNewCell(element, line)) say("sent: see below");
  else if (await toClipboard(line)) say("copied: paste it into a cell");
  else say("it could not be copied: select the line and copy it");
}

async function copyLine(line, say) {
  say((await toClipboard(line)) ? "copied" : "it could not be copied: select the line and copy it");
}
