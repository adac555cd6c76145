// Why the step ran, or did not: a sentence, the changed lines, what its key is made of; and why its inputs are fed so.

import { el, fill } from "../dom.js";
import { askedWhen, diffBlock, sentence, troubleNote } from "../say.js";
import { aboutLook } from "./ports.js";
import { wiringPart } from "./wiring.js";

/** The tab: `{ element, update(look) }`. */
export function explainTab(app, go) {
  const told = el("div", {});
  const wiring = wiringPart(app, go);
  const show = (answer) => {
    fill(
      told,
      app.at === null ? null : el("p", { class: "crt-dim" }, "This explains the step as it stands now, not as it stood at that pause."),
      el("p", {}, sentence(answer.summary, go)),
      answer.diffs.map((diff) => [el("div", {}, el("code", {}, diff.file)), diffBlock(diff.lines)]),
      answer.sections.map(ingredients),
    );
  };
  const clear = (note) => fill(told, note);
  const refresh = askedWhen(app, "explain", { show, clear, fail: (error) => clear(troubleNote(error)) });
  return {
    element: el("div", {}, wiring.element, told),
    update(look) {
      wiring.update(look);
      refresh(aboutLook(look), { step: look.step });
    },
  };
}

function ingredients(section) {
  const changed = section.changed ? el("span", { class: "crt-was" }, ` · ${section.changed} changed`) : null;
  return el(
    "details",
    { class: "crt-fold", open: section.changed > 0 || section.rows.length <= 8 },
    el("summary", {}, section.title, el("span", { class: "crt-dim" }, ` · ${section.rows.length}`), changed),
    el("table", { class: "crt-plain" }, el("tbody", {}, section.rows.map(ingredientRow))),
    section.more ? el("p", { class: "crt-dim" }, section.more) : null,
  );
}

function ingredientRow(row) {
  return el(
    "tr",
    { class: row.changed ? "crt-what-type" : null },
    el("th", { scope: "row" }, el("code", {}, row.name)),
    el("td", {}, el("code", {}, row.value)),
    el("td", {}, row.changed ? [el("span", { class: "crt-what" }, "changed"), " was ", el("code", {}, row.before)] : null),
  );
}
