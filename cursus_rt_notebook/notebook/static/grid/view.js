// What of a table is in view: scrolling, drawing, and where things lie on the screen.

import { el } from "../dom.js";
import { cellId } from "./cells.js";
import { fittingWidth, HEAD_HEIGHT, ROW_HEIGHT, rowPlaces, textMeasure } from "./places.js";

const ROWS_IN_VIEW = 13;
const INDEX_DIGIT = 8;
const WHOLE_WIDTH = 2000;

/**
 * The scrolled part of a table. The pane with heads and cells stays where it is while the area below it is scrolled, so
 * that nothing is ever seen that was not drawn. `parts` are the heads and the cells; `ondraw(seen)` hears what is in view.
 */
export class TableView {
  top = 0; // pixels of rows above those in view; more than the scroll bar has where there are many
  left = 0;
  pick = null;
  #store;
  #places;
  #parts;
  #name;
  #ondraw;
  #measure = null;
  #fitted = null;
  #drawnTop = 0;

  constructor(store, places, name, parts, ondraw) {
    this.#store = store;
    this.#places = places;
    this.#name = name;
    this.#parts = parts;
    this.#ondraw = ondraw;
    this.pane = el("div", { class: "crt-sheet-pane", role: "presentation" }, parts.head.element, parts.cells.element);
    this.room = el("div", { class: "crt-sheet-room", role: "presentation" }, this.pane);
    this.element = el(
      "div",
      { class: "crt-sheet", role: "grid", tabindex: "0", "aria-multiselectable": "true" },
      this.room,
    );
    this.element.addEventListener("scroll", () => this.#scrolled());
    this.element.addEventListener("wheel", (event) => this.#rolled(event), { passive: false });
    // Taken out of the page or hidden, an element forgets how far it was scrolled.
    this.watch = new ResizeObserver(() => this.layOut());
    this.watch.observe(this.element);
  }

  get seen() {
    return this.element.clientHeight > 0;
  }

  get size() {
    return { rows: this.#store.matched ?? 0, columns: this.#store.columnCount ?? 0 };
  }

  /** How many rows are in view whole. */
  get screen() {
    return Math.max(1, Math.floor(this.#height / ROW_HEIGHT));
  }

  /** The first cell in view, as a place for the cursor. */
  get corner() {
    const [row, column] = [Math.ceil(this.top / ROW_HEIGHT), this.#places.at(this.left)];
    return { row, column, fromRow: row, fromColumn: column };
  }

  get #height() {
    return Math.max(0, this.element.clientHeight - HEAD_HEIGHT);
  }

  get #width() {
    return Math.max(0, this.element.clientWidth - this.#index);
  }

  get #index() {
    return Math.max(44, String(this.#store.total ?? 0).length * INDEX_DIGIT + 20);
  }

  get #rows() {
    return rowPlaces(this.size.rows * ROW_HEIGHT, this.#height);
  }

  /** Fit the scrolled area to the table, and show the same part of it. */
  layOut() {
    if (!this.seen) return;
    this.#places.count = this.size.columns;
    this.room.style.width = `${this.#index + this.#places.total}px`;
    this.room.style.height = `${HEAD_HEIGHT + this.#rows.tall}px`;
    this.element.style.setProperty("--crt-sheet-index", `${this.#index}px`);
    this.#fitHeight();
    this.pane.style.width = `${this.element.clientWidth}px`;
    this.pane.style.height = `${this.element.clientHeight}px`;
    this.element.setAttribute("aria-rowcount", this.#store.matched === null ? -1 : this.size.rows + 1);
    this.element.setAttribute("aria-colcount", this.size.columns + 1);
    this.scrollTo(this.top, this.left);
  }

  /** A table of few rows is no taller than these. A filter changes nothing: what is below must not jump. */
  #fitHeight() {
    const { total } = this.#store;
    if (this.#fitted === total) return;
    this.#fitted = total;
    const rows = Math.max(2, Math.min(total ?? ROWS_IN_VIEW, ROWS_IN_VIEW));
    const bar = this.element.offsetHeight - this.element.clientHeight;
    this.element.style.height = `${HEAD_HEIGHT + rows * ROW_HEIGHT + bar}px`;
  }

  /** Draw what is in view. */
  draw() {
    if (!this.seen) return;
    const places = this.#places;
    const left = places.at(this.left);
    const right = places.count ? places.at(this.left + this.#width) + 1 : 0;
    const top = Math.floor(this.top / ROW_HEIGHT);
    const view = {
      top,
      left,
      right,
      bottom: Math.max(
        top,
        Math.min(Math.ceil((this.top + this.#height) / ROW_HEIGHT), this.#store.matched ?? Infinity),
      ),
      rows: Math.ceil(this.#height / ROW_HEIGHT) + 1,
      columns: right - left,
      scrolled: this.top,
      down: this.top >= this.#drawnTop,
    };
    this.#drawnTop = this.top;
    this.element.style.setProperty("--crt-sheet-shift", `${places.count ? places.offset(left) - this.left : 0}px`);
    this.#store.look(view);
    this.#parts.head.draw(view, this.pick);
    this.#parts.cells.draw(view, this.pick);
    this.#tellCursor(view);
    this.#ondraw({ ...view, whole: Math.floor((this.top + this.#height) / ROW_HEIGHT) });
  }

  #tellCursor({ top, bottom, left, right }) {
    const { pick, element } = this;
    const seen =
      pick && (pick.row === -1 || (pick.row >= top && pick.row < bottom)) && pick.column >= left && pick.column < right;
    if (seen) element.setAttribute("aria-activedescendant", cellId(this.#name, pick.row, pick.column));
    else element.removeAttribute("aria-activedescendant");
  }

  #scrolled() {
    if (!this.seen) return;
    const rows = this.#rows;
    // What was set is read back rounded, and must not move the rows.
    if (Math.abs(this.element.scrollTop - rows.toScroll(this.top)) >= 1) this.top = rows.toRows(this.element.scrollTop);
    if (Math.abs(this.element.scrollLeft - this.left) >= 1) this.left = this.element.scrollLeft;
    this.draw();
  }

  /** A step of the wheel is a few rows also where the scroll bar stands for more pixels than it has. */
  #rolled(event) {
    const rows = this.#rows;
    if (rows.exact || event.ctrlKey || event.shiftKey || !event.deltaY) return;
    const unit = [1, ROW_HEIGHT, this.#height][event.deltaMode];
    const to = Math.max(0, Math.min(rows.most, this.top + event.deltaY * unit));
    if (to === this.top) return;
    event.preventDefault();
    this.scrollTo(to, this.left + event.deltaX * unit);
  }

  scrollTo(top, left) {
    const rows = this.#rows;
    this.top = Math.max(0, Math.min(top, rows.most));
    this.left = Math.max(0, Math.min(left, this.#places.total - this.#width));
    this.element.scrollTop = rows.toScroll(this.top);
    this.element.scrollLeft = this.left;
    this.draw();
  }

  scrollBy(screens) {
    this.scrollTo(this.top + screens * this.screen * ROW_HEIGHT, this.left);
  }

  /** Put the cursor into a row and the row at the top. */
  go(row) {
    const { rows, columns } = this.size;
    if (!rows || !columns) return;
    const to = Math.max(0, Math.min(row, rows - 1));
    const column = this.pick?.column ?? 0;
    this.pick = { row: to, column, fromRow: to, fromColumn: column };
    this.scrollTo(to * ROW_HEIGHT, this.left);
  }

  /** Move the cursor, and with `follow` the table as little as it takes to see it. */
  show(pick, follow = true) {
    this.pick = pick;
    if (!follow) return this.draw();
    const y = pick.row * ROW_HEIGHT;
    const [from, to] = [
      this.#places.offset(pick.column),
      this.#places.offset(pick.column) + this.#places.width(pick.column),
    ];
    this.scrollTo(
      pick.row < 0 ? this.top : nearest(this.top, this.#height, y, y + ROW_HEIGHT),
      nearest(this.left, this.#width, from, to),
    );
  }

  /** The cell at a point (row -1 is the heads), or null beside the table; while `dragging`, the nearest one. */
  place(event, dragging = false) {
    const box = this.element.getBoundingClientRect();
    const [x, y] = [
      event.clientX - box.left - this.element.clientLeft,
      event.clientY - box.top - this.element.clientTop,
    ];
    const { rows, columns } = this.size;
    const [across, down] = [this.left + x - this.#index, this.top + y - HEAD_HEIGHT];
    const column = this.#places.at(Math.max(0, across));
    if (dragging) return columns ? { row: Math.max(0, Math.floor(down / ROW_HEIGHT)), column } : null;
    const row = y < HEAD_HEIGHT ? -1 : Math.floor(down / ROW_HEIGHT);
    const inside = x < this.element.clientWidth && y < this.element.clientHeight && across < this.#places.total;
    return columns && inside && row < rows ? { row, column } : null;
  }

  /** Take in a page: its columns that are seen for the first time get a width, by their names and cells. */
  take(page) {
    const followed = this.element.hasAttribute("aria-activedescendant");
    const grew = this.#fit(page);
    this.layOut();
    if (grew && followed) this.show(this.pick);
  }

  #fit(page) {
    this.#measure ??= textMeasure(this.element);
    const places = this.#places;
    places.count = page.column_count;
    const first = places.at(this.left);
    const into = this.left - places.offset(first);
    const fresh = page.columns.map((_, i) => i).filter((i) => !places.seen(page.first_column + i));
    for (const i of fresh) {
      const cells = page.cells.map((row) => row[i]);
      places.set(page.first_column + i, fittingWidth(page.columns[i], cells, this.#measure));
    }
    // Columns to the left that become wider must not push away what is looked at.
    if (this.left) this.left = places.offset(first) + Math.min(into, places.width(first));
    return fresh.length > 0;
  }

  /** Change a column's width; null makes room for all that is in view of it. */
  resize(column, width) {
    const first = Math.floor(this.top / ROW_HEIGHT);
    const shown = Array.from({ length: this.screen }, (_, i) => this.#store.cell(first + i, column) ?? null);
    const about = this.#store.columns.get(column);
    if (about) this.#places.set(column, width ?? fittingWidth(about, shown, this.#measure, WHOLE_WIDTH));
    this.layOut();
  }

  resizeBy(column, pixels) {
    this.resize(column, this.#places.width(column) + pixels);
  }
}

/** The offset nearest to `offset` of a view so long that it shows all from `from` to `to`. */
function nearest(offset, long, from, to) {
  if (from < offset || to - from > long) return from;
  return to > offset + long ? to - long : offset;
}
