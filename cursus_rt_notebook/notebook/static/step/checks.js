// The checks of a step's tables: what was expected, what was found, and the rows that fail, one press away.

import { cut, el, fill, glyph } from "../dom.js";
import { askedWhen, sentence, troubleNote } from "../say.js";
import { showValue } from "../grid/text.js";
import { aboutLook } from "./ports.js";

/** The tab: `{ element, update(look) }`. */
export function checksTab(app, go) {
  const told = el("p", { "aria-live": "polite" });
  const list = el("ul", { class: "crt-checks" });
  const more = el("p", { class: "crt-dim" });
  const show = (answer) => {
    fill(told, sentence(answer.told, go));
    fill(list, answer.checks.map((check) => checkItem(check, go)));
    fill(more, answer.more);
  };
  const clear = (note) => {
    for (const part of [list, more]) fill(part);
    fill(told, note);
  };
  const refresh = askedWhen(app, "checks", { show, clear, fail: (error) => clear(troubleNote(error)) });
  return {
    element: el("div", {}, told, list, more),
    update(look) {
      refresh(aboutLook(look), { step: look.step, at: look.at });
    },
  };
}

function checkItem(check, go) {
  const rows = { tab: "outputs", port: check.port, channel: check.channel, where: check.where };
  const facts = [
    ["expected", check.expected],
    ["found", check.found],
    ["rows that fail", check.failing],
  ].filter(([, text]) => text);
  return el(
    "li",
    { class: `crt-check crt-tone-${check.look === "done" ? "done" : check.look === "failed" ? "failed" : "paused"}`, dataset: { kind: check.kind } },
    el("div", { class: "crt-check-head" }, glyph(check.look, 12), el("b", {}, check.word), el("code", {}, check.table), check.columns && el("code", {}, check.columns), check.pauses ? el("span", { class: "crt-dim" }, "pauses the run") : null),
    el("div", {}, check.message, "."),
    check.fix && el("div", { class: "crt-dim" }, check.fix),
    facts.length ? el("dl", { class: "crt-check-facts" }, facts.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text)))) : null,
    check.where ? el("div", { class: "crt-actions" }, el("button", { type: "button", class: "crt-button", title: cut(check.where, 500), onclick: () => go(rows) }, `Show the ${check.failing || "rows"}`)) : null,
    check.rows && listedRows(check.rows),
  );
}

/** A few rows by their numbers and keys. */
function listedRows({ names, cells, more }) {
  return [plainRows(names.map((name) => ({ name })), cells, [], "Rows that fail"), more && el("div", { class: "crt-dim" }, more)];
}

/** A small table of texts: `columns` of `{ name, type, numeric, key }`, null is missing, `cut` as [row, column, length]. */
export function plainRows(columns, cells, cuts, label) {
  const lengths = new Map(cuts.map(([row, column, length]) => [`${row} ${column}`, length]));
  const head = columns.map((column) =>
    el("th", { scope: "col", class: column.key ? "crt-key-column" : null }, cut(column.name, 80), column.key ? el("span", { class: "crt-badge" }, "key") : null, column.type ? el("small", {}, column.type) : null),
  );
  const body = cells.map((row, i) =>
    el("tr", {}, row.map((value, j) => {
      const cell = el("td", { class: columns[j].numeric ? "crt-num crt-digits" : null });
      showValue(cell, value, lengths.get(`${i} ${j}`));
      return cell;
    })),
  );
  return el("div", { class: "crt-scroll crt-rows", tabindex: "0", role: "region", "aria-label": label }, el("table", { class: "crt-plain" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)));
}
