// How a cell reads: a missing value, an empty text and the word "missing" are never mistaken for each other.

import { el, fill, number, visible } from "../dom.js";

/** A cell's text on one line; line ends and tabs as escapes, and in quotes what could be taken for something else. */
export function oneLine(text) {
  const line = visible(text).replace(/\n/g, "\\n").replace(/\t/g, "\\t");
  return text === "missing" || text.trim() !== text || text === "" ? `"${line}"` : line;
}

/** Show a value in a cell: undefined is on its way, null is missing, `length` that of a text that is cut. */
export function showValue(cell, value, length) {
  if (value === undefined) fill(cell);
  else if (value === null) fill(cell, el("em", {}, "missing"));
  else if (length === undefined) fill(cell, oneLine(value));
  else
    fill(
      cell,
      el("span", { class: "crt-sheet-cut" }, oneLine(beginning(value))),
      el("small", {}, `${number(length)} characters`),
    );
}

/** A column's name on one line; one that is empty or begins or ends with a blank stands in quotes. */
export function nameOf(column) {
  return oneLine(column.name.slice(0, 200));
}

function beginning(text) {
  return text.replace(/… \([\d,]+ characters\)$/, "…");
}
