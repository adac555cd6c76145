// The cells in view: as many elements as fit, whose texts change while the table moves under them.

import { el } from "../dom.js";
import { ROW_HEIGHT } from "./places.js";
import { showValue } from "./text.js";

/** The rows in view. `draw(view, pick)` shows rows from `view.top`, columns from `view.left`, and what is picked. */
export function sheetCells(store, places, name) {
  const element = el("div", { class: "crt-sheet-rows", role: "rowgroup" });
  const rows = [];
  // What a narrow column cuts off is told where the pointer is.
  element.addEventListener("pointerover", (event) => {
    const cell = event.target.closest(".crt-sheet-cell");
    if (cell) cell.title = cell.scrollWidth > cell.clientWidth ? cell.textContent : "";
  });

  const draw = (view, pick) => {
    while (rows.length < view.rows) rows.push(newRow(element));
    while (rows.length > view.rows) rows.pop().element.remove();
    element.style.transform = `translateY(${view.top * ROW_HEIGHT - view.scrolled}px)`;
    rows.forEach((row, i) => drawRow(row, view.top + i, view, pick));
  };

  const drawRow = (row, number, view, pick) => {
    const there = number < store.matched;
    row.element.hidden = !there;
    if (!there) return;
    row.element.setAttribute("aria-rowindex", number + 2);
    row.element.classList.toggle("crt-sheet-odd", number % 2 === 1);
    // Where nothing is sorted or left out, a row's number is known before its cells are.
    const position = store.position(number) ?? (store.query.where || store.query.sort.length ? undefined : number);
    const shown = position === undefined ? "" : String(position);
    if (row.number !== shown) row.index.textContent = row.number = shown;
    while (row.cells.length < view.columns) row.cells.push(newCell(row.strip));
    while (row.cells.length > view.columns) row.cells.pop().element.remove();
    row.cells.forEach((cell, j) => drawCell(cell, number, view.left + j, pick));
  };

  const drawCell = (cell, row, column, pick) => {
    const value = store.cell(row, column);
    const length = value === null || value === undefined ? undefined : store.length(row, column);
    const about = store.columns.get(column);
    const width = places.width(column);
    if (cell.width !== width) cell.element.style.width = `${(cell.width = width)}px`;
    if (cell.value !== value || cell.length !== length || !cell.drawn) {
      showValue(cell.element, value, length);
      Object.assign(cell, { value, length, drawn: true });
    }
    const picked = isPicked(pick, row, column);
    const current = pick !== null && pick.row === row && pick.column === column;
    const looks = [
      "crt-sheet-cell",
      value === undefined && "crt-sheet-waits",
      about?.numeric && "crt-sheet-digits",
      picked && "crt-sheet-picked",
      current && "crt-sheet-here",
    ]
      .filter(Boolean)
      .join(" ");
    if (cell.looks !== looks) {
      cell.element.className = cell.looks = looks;
      cell.element.setAttribute("aria-selected", String(picked));
    }
    if (cell.column !== column) cell.element.setAttribute("aria-colindex", (cell.column = column) + 2);
    const id = current ? cellId(name, row, column) : "";
    if (cell.element.id !== id) current ? (cell.element.id = id) : cell.element.removeAttribute("id");
  };

  return { element, draw };
}

/** The id of the cell that the cursor is in. */
export function cellId(name, row, column) {
  return `${name}-${row}-${column}`;
}

/** The range from a pick's anchor to its cursor: rows and columns from the first to before the last. */
export function rangeOf(pick) {
  return {
    top: Math.max(0, Math.min(pick.row, pick.fromRow)),
    bottom: Math.max(pick.row, pick.fromRow) + 1,
    left: Math.min(pick.column, pick.fromColumn),
    right: Math.max(pick.column, pick.fromColumn) + 1,
  };
}

function isPicked(pick, row, column) {
  if (pick === null || pick.row < 0) return false;
  const range = rangeOf(pick);
  return row >= range.top && row < range.bottom && column >= range.left && column < range.right;
}

function newRow(parent) {
  const index = el("div", { class: "crt-sheet-index", role: "rowheader", "aria-colindex": 1 });
  const strip = el("div", { class: "crt-sheet-strip", role: "presentation" });
  const element = el("div", { class: "crt-sheet-row", role: "row" }, index, strip);
  parent.append(element);
  return { element, index, strip, cells: [], number: "" };
}

function newCell(parent) {
  const element = el("div", { class: "crt-sheet-cell", role: "gridcell" });
  parent.append(element);
  return { element, drawn: false };
}
