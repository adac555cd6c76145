// What a step prints, as it prints it: searched, filtered, followed. Only the lines in sight are elements.

import { el, fill, number, plural } from "../dom.js";
import { retext, walksWith } from "../live.js";
import { coloured, troubleNote } from "../say.js";
import { aboutLook } from "./ports.js";

const ROW = 18; // pixels of one line
const SPARE = 20; // lines laid out beyond what is in sight
// What a filter is called, and which kinds of line it leaves.
const KINDS = [
  ["all", null],
  ["warnings", ["warning", "error", "trace"]],
  ["errors", ["error", "trace"]],
];

/** The tab: `{ element, update(look) }`. */
export function logTab(app) {
  const log = { look: null, subject: "", about: "", id: "", lines: [], rows: [], filter: "all", next: 0, found: [], at: -1, follows: true, timer: null, asking: false };
  const view = logLines(log);
  const tools = logTools(log, view, () => showLog(log, view, tools, status));
  const status = el("div", { class: "crt-dim crt-log-status", role: "status" });

  const ask = async () => {
    clearTimeout(log.timer);
    Object.assign(log, { timer: null, asking: true });
    const { step, at } = log.look;
    const about = log.about;
    try {
      const answer = await app.ask("log", { step, at, offset: log.next, known: log.id }, { quiet: true });
      if (about !== log.about) return ask();
      takeLines(log, answer);
      showLog(log, view, tools, status);
      if (log.look.running) log.timer = setTimeout(again, answer.wait);
    } catch (error) {
      delete status.dataset.told;
      fill(status, troubleNote(error));
    }
    log.asking = false;
  };
  const again = () => {
    log.timer = null;
    // Where it cannot be seen it rests, until the next news find it in sight.
    if (!app.signal.aborted && view.element.isConnected && view.element.checkVisibility() && !document.hidden) ask();
  };
  return {
    element: el("div", {}, tools.element, view.element, status),
    update(look) {
      log.look = look;
      const subject = JSON.stringify([look.step, look.at]);
      if (subject !== log.subject) {
        // Another step's lines must not stand under this one's name.
        Object.assign(log, { subject, id: "", next: 0, lines: [] });
        showLog(log, view, tools, status);
      }
      const about = aboutLook(look);
      const changed = about !== log.about;
      log.about = about;
      if (!log.asking && (changed || (look.running && log.timer === null))) ask();
      view.paint();
    },
  };
}

function takeLines(log, answer) {
  if (answer.anew) log.lines = [];
  // Another step's log, or another attempt's, is looked at from its end.
  if (answer.id !== log.id) Object.assign(log, { id: answer.id, follows: true });
  for (const line of answer.lines) log.lines.push(line);
  log.next = answer.next;
}

function showLog(log, view, tools, status) {
  const kinds = KINDS.find(([name]) => name === log.filter)[1];
  log.rows = kinds ? log.lines.filter(([, kind]) => kinds.includes(kind)) : log.lines;
  tools.search();
  view.paint(true);
  const hidden = log.lines.length - log.rows.length;
  const nothing = log.look.running ? "Nothing was printed yet." : log.id || log.next ? "It printed nothing." : "No log: it has not run.";
  const count = log.lines.length ? `${plural(log.rows.length, "line")}${hidden ? ` of ${number(log.lines.length)}` : ""}` : nothing;
  retext(status, `${count}${log.look.running ? " · live" : ""}`);
}

/** Field and filters above the lines. */
function logTools(log, view, refresh) {
  const field = el("input", { type: "search", placeholder: "find in log", "aria-label": "Find in log", spellcheck: "false" });
  const count = el("span", { class: "crt-dim", "aria-live": "polite" });
  const buttons = KINDS.map(([name]) => {
    const pick = () => {
      log.filter = name;
      buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(KINDS[i][0] === name)));
      refresh();
    };
    return el("button", { type: "button", class: "crt-link", "aria-pressed": String(name === log.filter), onclick: pick }, name);
  });
  const filters = el("span", { class: "crt-log-filters", role: "group", "aria-label": "Which lines" }, buttons);
  walksWith(filters, ["ArrowLeft", "ArrowRight"], () => buttons);
  const tell = () => {
    const place = log.found.length && log.at >= 0 ? `${number(log.at + 1)} of ` : "";
    retext(count, field.value ? `${place}${plural(log.found.length, "line")}` : "");
  };
  const search = () => {
    const text = field.value.toLowerCase();
    log.text = text;
    log.found = text ? log.rows.flatMap((row, i) => (plainLine(row).toLowerCase().includes(text) ? [i] : [])) : [];
    if (log.at >= log.found.length) log.at = -1;
    tell();
  };
  field.addEventListener("input", () => {
    log.at = -1;
    search();
    step(1);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape" && field.value) {
      event.stopPropagation();
      field.value = "";
      search();
      view.paint(true);
    }
  });
  const step = (by) => {
    if (log.found.length) {
      log.at = (log.at + by + log.found.length) % log.found.length;
      view.reach(log.found[log.at]);
    }
    tell();
    view.paint(true);
  };
  return { element: el("div", { class: "crt-log-tools" }, field, count, filters), search };
}

/** The lines themselves: `{ element, paint(anew), reach(row) }`. */
function logLines(log) {
  const sheet = el("div", { class: "crt-log-sheet" });
  const element = el("div", { class: "crt-log-lines", tabindex: "0", role: "log", "aria-live": "off", "aria-label": "Log" }, sheet);
  const drawn = { from: -1, to: -1 };
  let painting = false;

  const paint = (anew = false) => {
    if (!element.clientHeight && log.rows.length) return;
    painting = true;
    sheet.style.height = `${log.rows.length * ROW}px`;
    if (log.follows) element.scrollTop = element.scrollHeight;
    const from = Math.max(0, Math.floor(element.scrollTop / ROW) - SPARE);
    const to = Math.min(log.rows.length, Math.ceil((element.scrollTop + element.clientHeight) / ROW) + SPARE);
    if (anew || from !== drawn.from || to !== drawn.to) {
      Object.assign(drawn, { from, to });
      fill(sheet, log.rows.slice(from, to).map((row, i) => logLine(row, from + i, log)));
    }
    painting = false;
  };
  element.addEventListener("scroll", () => {
    if (!painting) log.follows = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW;
    paint();
  });
  return {
    element,
    paint,
    reach(row) {
      log.follows = false;
      element.scrollTop = row * ROW - element.clientHeight / 2;
    },
  };
}

function logLine(row, index, log) {
  const [time, kind] = row;
  const here = log.at >= 0 && log.found[log.at] === index;
  return el(
    "div",
    { class: `crt-log-line crt-log-${kind || "plain"}${here ? " crt-log-here" : ""}`, style: { top: `${index * ROW}px` } },
    el("span", { class: "crt-log-time" }, time),
    log.text ? markedText(plainLine(row), log.text) : coloured(row[2], ""),
  );
}

function plainLine([, , pieces]) {
  return typeof pieces === "string" ? pieces : pieces.map(([, text]) => text).join("");
}

/** A line with what was searched for marked; its colours step back for that time. */
function markedText(line, text) {
  const pieces = [];
  let at = 0;
  for (let found = line.toLowerCase().indexOf(text); found >= 0; found = line.toLowerCase().indexOf(text, at)) {
    pieces.push(line.slice(at, found), el("mark", {}, line.slice(found, found + text.length)));
    at = found + text.length;
  }
  return [...pieces, line.slice(at)];
}
