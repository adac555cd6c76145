// Finding a step in the graph: as one types, what matches is marked and the rest is dimmed.

import { el, fill, svg } from "../dom.js";

/**
 * The field: `show(found)` is given the ids that match (null: nothing is looked for), `bring(id)` the first of them as
 * one types, `pick(id)` the one chosen, `leave()` is called by Escape; `names()` gives [id, name] of all that can be
 * found, `selected()` the one chosen now.
 */
export function graphSearch({ names, selected, show, bring, pick, leave }) {
  const count = el("span", { class: "crt-found", "aria-live": "polite" });
  const field = el("input", {
    type: "text",
    class: "crt-find",
    placeholder: "find a step",
    "aria-label": "Find a step",
    "aria-keyshortcuts": "/",
    title: "Find a step (key /). Enter takes it, or goes from one to the next; Escape clears.",
    spellcheck: "false",
    autocomplete: "off",
  });
  let found = null;

  const look = () => {
    const wanted = field.value.trim().toLowerCase();
    found = wanted ? names().filter(([, name]) => name.toLowerCase().includes(wanted)).map(([id]) => id) : null;
    fill(count, found ? `${found.length} of ${names().length}` : "");
    show(found && new Set(found));
  };
  const typed = () => {
    look();
    if (found?.length) bring(found[0]);
  };
  const go = (by) => {
    if (!found?.length) return;
    const at = found.indexOf(selected());
    pick(found[at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length]);
  };
  field.addEventListener("input", typed);
  const done = () => {
    field.value = "";
    look();
    leave();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      go(event.shiftKey ? -1 : 1);
      // Where there is no other to go on to, the next key is meant for the step.
      if (found?.length === 1) done();
    } else if (event.key === "Escape") done();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element: el("label", { class: "crt-search" }, searchSign(), field, count),
    /** Look again: what there is to find has changed. */
    refresh: () => field.value && look(),
    /** What can be found in what is shown now. */
    about: (what) => (field.placeholder = `find ${what}`),
    focus() {
      field.focus();
      field.select();
    },
  };
}

function searchSign() {
  const path = svg("path", { d: "M1.8 -1C1.8 4.1 -5.4 4.1 -5.4 -1C-5.4 -6 1.8 -6 1.8 -1ZM1 1.8L4.8 5.4", fill: "none", stroke: "currentColor" });
  return svg("svg", { viewBox: "-7 -7 14 14", width: 12, height: 12, "aria-hidden": "true", class: "crt-glyph" }, path);
}
