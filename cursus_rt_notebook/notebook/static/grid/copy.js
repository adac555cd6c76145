// Cells as text for the clipboard: tabs between columns, as spreadsheets take them.

import { plural } from "../dom.js";
import { rangeOf } from "./cells.js";
import { toClipboard } from "./send.js";

const COPIED = 50_000; // cells

/** Copy what is picked. Within the browser's copy event when all cells are here, else when they have come. */
export async function copyPicked(store, pick, event, say) {
  const whole = rangeOf(pick);
  const width = Math.min(whole.right - whole.left, COPIED);
  const range = {
    ...whole,
    right: whole.left + width,
    bottom: Math.min(whole.bottom, whole.top + Math.max(1, Math.floor(COPIED / width))),
  };
  const capped = range.bottom < whole.bottom || range.right < whole.right;
  const size = `${plural(range.bottom - range.top, "row")} × ${plural(range.right - range.left, "column")}`;
  const told = capped ? `copied the first ${size}: for more use the line of Python` : `copied ${size}`;
  event.preventDefault();
  if (store.holds(range)) {
    event.clipboardData.setData("text/plain", tabbed(rowsHere(store, range)));
    say(told);
    return;
  }
  try {
    const page = await store.read({
      start: range.top,
      rows: range.bottom - range.top,
      first_column: range.left,
      columns: range.right - range.left,
    });
    say((await toClipboard(tabbed(page.cells))) ? told : "the browser does not let this page copy");
  } catch (error) {
    say(error.message);
  }
}

function rowsHere(store, { top, bottom, left, right }) {
  const count = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
  return count(top, bottom).map((row) => count(left, right).map((column) => store.cell(row, column) ?? null));
}

function tabbed(rows) {
  return rows.map((row) => row.map(quoted).join("\t")).join("\n");
}

function quoted(value) {
  if (value === null) return "";
  return /[\t\n\r"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
