// What changed: a table that the step wrote, beside the input it most resembles and beside the last good run.

import { cut, el, fill } from "../dom.js";
import { walksWith } from "../live.js";
import { askedWhen, sentence, troubleNote } from "../say.js";
import { goneRows } from "./gone.js";
import { aboutLook } from "./ports.js";

const CHANGES = { added: "added", removed: "removed", type: "type changed", missing: "missing share changed" };

/** The tab: `{ element, update(look) }`. */
export function changedTab(app, go) {
  const chips = el("div", { class: "crt-ports" });
  const body = el("div", {});
  const gone = goneRows(app, go);
  const shown = { look: null, about: "", port: null, channel: null, buttons: [] };

  const choose = (table) => {
    Object.assign(shown, { port: table.port, channel: table.channel });
    ask();
  };
  const show = (answer) => {
    showChips(chips, shown, answer, choose);
    fill(body, answer.nothing ? el("p", {}, sentence(answer.nothing, go)) : comparison(answer.chosen, app, shown.look, gone, go));
    if (answer.chosen) gone.show(shown.look, answer.chosen);
  };
  const clear = (note) => {
    fill(chips);
    fill(body, note);
    gone.clear();
  };
  const refresh = askedWhen(app, "changed", { show, clear, fail: (error) => clear(troubleNote(error)) });
  const ask = () => {
    const { look, port, channel } = shown;
    refresh(JSON.stringify([aboutLook(look), port, channel]), { step: look.step, at: look.at, port, channel });
  };
  walksWith(chips, ["ArrowLeft", "ArrowRight"], () => shown.buttons);
  return {
    element: el("div", {}, chips, body),
    update(look) {
      shown.look = look;
      const about = JSON.stringify([look.step, look.at]);
      if (about !== shown.about) Object.assign(shown, { about, port: null, channel: null });
      if (look.wanted?.port && look.wanted.tab === "changed") {
        Object.assign(shown, { port: look.wanted.port, channel: look.wanted.channel ?? null });
        look.wanted = null;
      }
      ask();
    },
  };
}

function showChips(host, shown, answer, choose) {
  const focused = shown.buttons.indexOf(document.activeElement);
  shown.buttons = answer.tables.map((table) => {
    const on = table.port === answer.chosen?.port && table.channel === answer.chosen?.channel;
    return el(
      "button",
      { type: "button", class: "crt-chip", "aria-pressed": String(on), tabindex: on ? "0" : "-1", title: cut(table.port, 200), onclick: () => choose(table) },
      `${cut(table.label, 60)} `,
      el("span", {}, table.size),
    );
  });
  fill(host, shown.buttons);
  shown.buttons[focused]?.focus();
}

function comparison(chosen, app, look, gone, go) {
  const { columns, sentences, trouble, rest, marked } = chosen;
  return [
    trouble ? el("p", { class: "crt-trouble" }, trouble) : null,
    el("ul", { class: `crt-sentences${marked ? " crt-marked" : ""}` }, sentences.map((one) => el("li", {}, sentence(one, go)))),
    marked && look.at === null ? meantButton(app, look.step) : null,
    gone.element,
    columns.length ? columnTable(columns) : null,
    rest ? el("p", { class: "crt-dim" }, rest) : null,
  ];
}

/** Fewer rows than before may be right: then nothing is marked any more, and later runs are compared with this one. */
function meantButton(app, step) {
  const press = async () => {
    try {
      await app.ask("take_as_usual", { step });
      app.say("Taken as usual: later runs are compared with this one.");
    } catch (error) {
      app.say(error.message);
    }
  };
  const title = "Take these rows as usual: the mark goes, and later runs are compared with this one";
  return el("div", { class: "crt-actions crt-meant" }, el("button", { type: "button", class: "crt-button", title, onclick: press }, "It is meant to be so"));
}

function columnTable(columns) {
  const head = ["column", "change", "type", "missing"].map((text) => el("th", { scope: "col" }, text));
  return el(
    "div",
    { class: "crt-scroll", tabindex: "0", role: "region", "aria-label": "Changed columns" },
    el("table", { class: "crt-plain" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, columns.map(columnRow))),
  );
}

function columnRow(column) {
  return el(
    "tr",
    { class: `crt-what-${column.what}` },
    el("th", { scope: "row" }, el("code", {}, column.name)),
    el("td", {}, el("span", { class: "crt-what" }, CHANGES[column.what])),
    el("td", {}, fromTo(column.before, column.after)),
    el("td", { class: "crt-num" }, fromTo(column.missing_before, column.missing_after)),
  );
}

function fromTo(before, after) {
  return before && after && before !== after ? `${before} → ${after}` : after || before;
}
