// A table: pages through all of an artifact, virtual in both directions, with filter, sorting and what is in each column.

import { el, fill, number, visible } from "../dom.js";
import { cellId, sheetCells } from "./cells.js";
import { copyPicked } from "./copy.js";
import { columnMenu, filterBar } from "./filter.js";
import { sheetFoot } from "./foot.js";
import { listenToHands } from "./hands.js";
import { sheetHead } from "./head.js";
import { columnPlaces } from "./places.js";
import { sheetPopover } from "./popover.js";
import { columnProfiles } from "./profiles.js";
import { toClipboard } from "./send.js";
import { TableStore } from "./store.js";
import { nameOf } from "./text.js";
import { TableView } from "./view.js";

const KEYS =
  "Arrows, Page Up and Down, Home and End move; with Shift they pick a range, Ctrl+C copies it. Enter shows a cell whole; in the heads, above the first row, it sorts. Alt+Down filters by the column, Alt+Left and Right change its width.";

/**
 * A table of an artifact. `source` says which: `{step, at, side, port, channel, file, expression, rows, columns}`.
 * Returns `{element, filter(where), destroy()}`.
 */
export function grid(app, source) {
  const { step, at, side, port, channel, file } = source;
  const own = new AbortController();
  const sheet = {
    name: `crt-sheet-${Math.random().toString(36).slice(2)}`,
    ask: (what, args) => app.ask(`table_${what}`, { ...args, step, at, side, port, channel, file }),
    condition: (args) => app.ask("table_condition", args),
    signal: AbortSignal.any([own.signal, app.signal]),
    message: el("div", { class: "crt-sheet-message", role: "status", hidden: true }),
    say: (text) => sheet.foot.say(text),
  };
  putTogether(sheet, source);
  const element = el(
    "div",
    { class: "crt-sheet-frame" },
    sheet.filter.element,
    sheet.view.element,
    sheet.foot.element,
    sheet.card.element,
    el("div", { class: "crt-unseen", id: `${sheet.name}-keys` }, KEYS),
  );
  return {
    element,
    /** Show the rows that match a condition. */
    filter: (where) => sheet.filter.set(where),
    destroy() {
      own.abort();
      sheet.view.watch.disconnect();
      sheet.store.end();
      sheet.profiles.end();
    },
  };
}

function putTogether(sheet, source) {
  const store = new TableStore((window) => sheet.ask("page", window), {
    arrived: (page, fresh) => arrived(sheet, page, fresh),
    refused: (error, query) => refused(sheet, error, query),
    failed: (error) => failed(sheet, error),
  });
  store.matched = store.total = source.rows ?? null;
  store.columnCount = source.columns ?? null;
  const places = columnPlaces();
  const profiles = columnProfiles(
    (names) => sheet.ask("profile", { names }),
    () => !sheet.here,
    () => sheet.view.draw(),
  );
  const hands = {
    sort: (column, further) => sortBy(sheet, column, further),
    menu: (column) => openMenu(sheet, column),
    resize: (column, width) => sheet.view.resize(column, width),
  };
  const head = sheetHead(store, places, profiles, sheet.name, hands);
  const cells = sheetCells(store, places, sheet.name);
  const view = new TableView(store, places, sheet.name, { head, cells }, (seen) => drawn(sheet, seen));
  Object.assign(sheet, { store, profiles, head, view, here: false });
  sheet.filter = filterBar(
    sheet.name,
    (where) => search(sheet, { where }),
    () => view.element.focus(),
  );
  sheet.card = sheetPopover(view.element, sheet.signal);
  sheet.foot = sheetFoot(sheet.name, { go: (row) => view.go(row), page: (by) => view.scrollBy(by) });

  view.pane.append(sheet.message);
  view.element.setAttribute(
    "aria-label",
    visible(`Table ${[source.port, source.channel, source.file].filter(Boolean).join(", ")}`),
  );
  view.element.setAttribute("aria-describedby", `${sheet.name}-keys`);
  view.element.addEventListener(
    "copy",
    (event) => view.pick?.row >= 0 && copyPicked(store, view.pick, event, sheet.say),
  );
  listenToHands(view, { ...hands, ...cellHands(sheet) }, sheet.signal);
}

function cellHands(sheet) {
  return {
    whole: (pick) => showWhole(sheet, pick),
    isCut: ({ row, column }) => sheet.store.length(row, column) !== undefined,
    moved: () => sheet.card.close(),
  };
}

/** What follows from the cells that are shown. */
function drawn(sheet, seen) {
  const { store, view } = sheet;
  sheet.here = store.total !== null && store.columns.has(seen.left) && store.wanted === null && store.holds(seen);
  view.element.setAttribute("aria-busy", String(!sheet.here));
  view.element.classList.toggle("crt-sheet-asks", store.wanted !== null);
  sheet.foot.update(store, seen.top, seen.whole);
  if (!sheet.here) return;
  const columns = Array.from({ length: seen.columns }, (_, i) => store.columns.get(seen.left + i));
  sheet.profiles.look(columns.map((column) => column.name));
}

function arrived(sheet, page, fresh) {
  const { store, view } = sheet;
  const empty = store.query.where ? "No row matches the filter." : "No rows.";
  note(sheet, page.column_count === 0 ? "No columns." : page.matched === 0 ? empty : "");
  if (page.start === 0 && page.first_column === 0) sheet.filter.example = page.example;
  if (fresh) {
    view.top = 0;
    if (view.pick?.row > 0) view.pick = { ...view.pick, row: 0, fromRow: 0, fromColumn: view.pick.column };
    sheet.foot.hear(store.query.where ? `${number(store.matched)} of ${number(store.total)} rows match` : "");
  }
  view.take(page);
}

function refused(sheet, error, query) {
  if (query.where !== sheet.store.query.where) sheet.filter.tell(error.message, error.fix);
  else sheet.say(error.fix ? `${error.message}: ${error.fix}` : error.message);
  sheet.view.draw();
}

function failed(sheet, error) {
  const retry = el("button", { type: "button", class: "crt-button", onclick: () => sheet.store.retry() }, "Try again");
  note(sheet, error.fix ? `${error.message}: ${error.fix}` : error.message, retry);
}

function note({ message }, text, ...more) {
  message.hidden = !text;
  fill(message, text, more);
}

function search(sheet, change) {
  sheet.filter.tell("");
  sheet.store.search({ ...(sheet.store.wanted ?? sheet.store.query), ...change });
  sheet.view.draw();
}

/** Ascending, descending, as it is; with `further`, after the columns that sort already. */
function sortBy(sheet, column, further) {
  const about = sheet.store.columns.get(column);
  if (!about) return;
  const before = (sheet.store.wanted ?? sheet.store.query).sort;
  const was = before.find(([name]) => name === about.name);
  const now = !was ? [[about.name, false]] : was[1] ? [] : [[about.name, true]];
  if (!further) search(sheet, { sort: now });
  else search(sheet, { sort: was ? before.flatMap((one) => (one === was ? now : [one])) : [...before, ...now] });
}

function openMenu(sheet, column) {
  const { store, card, filter } = sheet;
  const about = store.columns.get(column);
  if (!about) return;
  const add = async (label, value) => {
    const where = await sheet.condition({
      column: about.name,
      type_name: about.type,
      label,
      value,
      where: filter.where,
    });
    card.close(true);
    filter.set(where);
  };
  const near = sheet.head.of(column) ?? sheet.view.element;
  const choices = store.choices.get(about.type) ?? [];
  card.open(
    near.getBoundingClientRect(),
    nameOf(about),
    columnMenu(about, choices, sheet.profiles.get(about.name), add),
  );
}

async function showWhole(sheet, { row, column }) {
  const { store, view } = sheet;
  const [about, value, position] = [store.columns.get(column), store.cell(row, column), store.position(row)];
  if (!about || value === undefined) return;
  try {
    const text =
      store.length(row, column) === undefined ? value : await sheet.ask("cell", { position, column: about.name });
    const near = document.getElementById(cellId(sheet.name, row, column)) ?? view.element;
    sheet.card.open(near.getBoundingClientRect(), `${nameOf(about)}, row ${position}`, wholeText(sheet, text));
  } catch (error) {
    sheet.say(error.message);
  }
}

function wholeText(sheet, text) {
  const copy = async () => sheet.say((await toClipboard(text)) ? "copied" : "this page may not copy: select the text");
  return [
    el("pre", { tabindex: "0" }, text === null ? "missing" : text === "" ? '""' : text),
    text ? el("button", { type: "button", class: "crt-link", onclick: copy }, "Copy") : null,
  ];
}
