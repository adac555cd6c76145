// The rows that a table lost: how many, told apart by which columns, what they have in common, and the first of them.

import { el, fill } from "../dom.js";
import { copyButton, sentence, troubleNote } from "../say.js";
import { toNewCell, toClipboard } from "../grid/send.js";
import { plainRows } from "./checks.js";

/**
 * The part below a comparison: `show(look, chosen)` looks for the rows at once where the table is marked, or offers to;
 * `clear()` takes away what another table showed.
 */
export function goneRows(app, go) {
  const element = el("section", { class: "crt-gone", "aria-label": "Rows that are gone", "aria-live": "polite" });
  let about = "";

  const ask = async (mine, args) => {
    fill(element, el("p", { class: "crt-looking", role: "status" }, "Looking for the rows that are gone …"));
    try {
      const answer = await app.ask("gone", args);
      if (mine === about) fill(element, goneParts(answer, go));
    } catch (error) {
      if (mine === about) fill(element, troubleNote(error));
    }
  };
  return {
    element,
    show(look, chosen) {
      const args = { step: look.step, at: look.at, port: chosen.port, channel: chosen.channel };
      const mine = JSON.stringify([args, look.stamp, chosen.gone]);
      if (mine === about) return;
      about = mine;
      if (chosen.gone === "now") ask(mine, args);
      else fill(element, chosen.gone ? el("button", { type: "button", class: "crt-button", onclick: () => ask(mine, args) }, "Look for the rows that are gone") : null);
    },
    clear() {
      about = "";
      fill(element);
    },
  };
}

function goneParts({ sentences, table, rest, python }, go) {
  return [
    el("ul", { class: "crt-sentences" }, sentences.map((one) => el("li", {}, sentence(one, go)))),
    table ? plainRows(table.columns, table.cells, table.cut, "Rows that are gone") : null,
    table ? el("div", { class: "crt-gone-foot" }, el("span", { class: "crt-dim" }, rest), pythonLine(python)) : null,
  ];
}

/** One line of Python that gives what is shown, on its way to a cell. */
function pythonLine(python) {
  const told = el("span", { class: "crt-dim", role: "status" });
  const send = async () => {
    if (await toNewCell(line, python)) fill(told, "sent: see below");
    else fill(told, (await toClipboard(python)) ? "copied: paste it into a cell" : "it could not be copied: select the line and copy it");
  };
  const line = el(
    "span",
    { class: "crt-python" },
    told,
    el("code", {}, python),
    el("button", { type: "button", class: "crt-link", title: "Put this line into a new cell below", onclick: send }, "Send to a cell"),
    copyButton("Copy", () => python, { class: "crt-link", title: "Copy this line" }),
  );
  return line;
}
