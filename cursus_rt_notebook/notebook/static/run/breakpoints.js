// The breakpoints as a list: on or off, where, on what condition; and a field for one more.

import { cut, el, fill, glyph, visible } from "../dom.js";
import { keyed, retext } from "../live.js";

/** The breakpoints of the run as it stands now: `{ element, update() }`. */
export function breakpointList(app) {
  const list = el("ul", { class: "crt-bp-list", "aria-label": "Breakpoints" });
  const none = el("p", { class: "crt-run-told" }, "There are no breakpoints: the run stops only at a step that fails.");
  const over = el("p", { class: "crt-run-told" }, "The run has ended; its breakpoints stop nothing any more.");
  const add = breakpointField(app);
  const fields = el("fieldset", { class: "crt-bp-fields" }, list, none, add.element);
  const identity = breakpointIdentities();
  const show = keyed(list, (breakpoint) => breakpoint.id, () => breakpointRow(app, identity, add));
  let before = "";
  return {
    element: el("div", {}, over, fields),
    update() {
      // Also while an earlier pause is looked at: what is set here holds for what is still to run.
      const run = (app.live ?? app).run;
      add.offer(run.steps);
      const told = JSON.stringify([run.breakpoints, run.ended]);
      if (told === before) return;
      before = told;
      show(identity.of(run.breakpoints));
      none.hidden = run.breakpoints.length > 0;
      over.hidden = !run.ended;
      fields.disabled = run.ended;
    },
  };
}

/** Which row stands for which breakpoint: by its text, which stays the same row when it is edited there. */
function breakpointIdentities() {
  let known = new Map();
  let count = 0;
  return {
    of(breakpoints) {
      const found = new Map();
      const told = breakpoints.map((one) => {
        let text = one.text;
        while (found.has(text)) text += "\n"; // two functions may have one name
        found.set(text, known.get(text) ?? ++count);
        return { ...one, id: found.get(text) };
      });
      known = found;
      return told;
    },
    becomes(old, text) {
      if (!known.has(text)) known.set(text, known.get(old));
    },
  };
}

function breakpointRow(app, identity, add) {
  const row = { app, identity, add, now: null, index: 0, shown: "" };
  row.enabled = el("input", { type: "checkbox", onchange: () => turnBreakpoint(row) });
  row.sign = el("span", { class: "crt-bp-sign" });
  row.step = el("button", { type: "button", class: "crt-link crt-bp-step", onclick: () => app.select(row.now.step) });
  row.when = el(
    "select",
    { "aria-label": "When", onchange: () => rewriteBreakpoint(row) },
    el("option", { value: "after" }, "after"),
    el("option", { value: "before" }, "before"),
  );
  row.condition = el("input", {
    type: "text",
    class: "crt-code",
    spellcheck: "false",
    "aria-label": "Condition",
    placeholder: "always",
    oninput: () => tellTyped(row),
    onkeydown: (event) => typedInCondition(row, event),
  });
  row.code = el("code", {});
  row.remove = el("button", { type: "button", class: "crt-button crt-bp-remove", onclick: () => removeBreakpoint(row) }, "Remove");
  row.told = el("span", { class: "crt-bp-told", role: "alert" });
  row.element = el(
    "li",
    {},
    el("label", { class: "crt-bp-on" }, row.enabled, row.sign),
    el("span", { class: "crt-bp-where" }, row.when, row.step),
    el("span", { class: "crt-bp-if" }, row.condition, row.code),
    row.remove,
    row.told,
  );
  row.update = (breakpoint, index) => showBreakpoint(row, breakpoint, index);
  return row;
}

function showBreakpoint(row, breakpoint, index) {
  const typed = row.condition.value !== row.shown;
  Object.assign(row, { now: breakpoint, index });
  const { editable, step, text } = breakpoint;
  row.enabled.checked = breakpoint.enabled;
  row.enabled.setAttribute("aria-label", visible(`Enabled: ${cut(text, 200)}`));
  row.remove.setAttribute("aria-label", visible(`Remove ${cut(text, 200)}`));
  row.element.classList.toggle("crt-bp-off", !breakpoint.enabled);
  fill(row.sign, glyph("breakpoint", 11));
  retext(row.step, step === "*" ? "every step" : cut(step, 80));
  row.step.disabled = step === "*";
  row.when.value = breakpoint.when;
  row.when.disabled = !editable;
  row.condition.hidden = !editable;
  row.condition.disabled = breakpoint.when === "before";
  row.condition.placeholder = breakpoint.when === "before" ? "a condition is asked after the step only" : "always; or a condition: rows < 1000";
  row.code.hidden = editable;
  retext(row.code, editable ? "" : `a function: ${cut(text, 200)}`);
  row.shown = editable ? (breakpoint.condition ?? "") : "";
  // What is being typed stays, whatever happens elsewhere.
  if (!typed) row.condition.value = row.shown;
}

function tellTyped(row) {
  tellRow(row, row.condition.value === row.shown ? "" : "Enter saves, Esc takes it back", false);
}

function tellRow(row, text, wrong = true) {
  retext(row.told, text);
  row.told.classList.toggle("crt-wrong", wrong && Boolean(text));
}

function typedInCondition(row, event) {
  if (event.key === "Enter") {
    event.preventDefault();
    rewriteBreakpoint(row);
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    row.condition.value = row.shown;
    tellRow(row, "");
  }
}

/** Save what the row's fields say now. */
async function rewriteBreakpoint(row) {
  const { step, text } = row.now;
  const condition = row.when.value === "before" ? "" : row.condition.value.trim();
  const anew = condition ? `${step}: ${condition}` : `${step}:${row.when.value}`;
  row.identity.becomes(text, anew);
  if (!(await askAboutBreakpoint(row, "edit_breakpoint", { new: anew }))) row.when.value = row.now.when;
  else row.shown = row.condition.value = condition;
}

async function turnBreakpoint(row) {
  if (!(await askAboutBreakpoint(row, "enable_breakpoint", { enabled: row.enabled.checked }))) row.enabled.checked = row.now.enabled;
}

async function removeBreakpoint(row) {
  const next = (row.element.nextElementSibling ?? row.element.previousElementSibling)?.querySelector(".crt-bp-remove");
  // The button that has the focus is about to go.
  if (await askAboutBreakpoint(row, "remove_breakpoint", {})) (next ?? row.add.field).focus();
}

async function askAboutBreakpoint(row, what, args) {
  try {
    await row.app.ask(what, { index: row.index, text: row.now.text, ...args });
    tellRow(row, "");
    return true;
  } catch (error) {
    tellRow(row, error.fix ? `${error.message}: ${error.fix}` : error.message);
    return false;
  }
}

function breakpointField(app) {
  const names = el("datalist", { id: `crt-steps-${Math.random().toString(36).slice(2)}` });
  const field = el("input", {
    type: "text",
    class: "crt-code",
    list: names.id,
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": "New breakpoint",
    placeholder: "STEP, STEP:before, or STEP: CONDITION",
    // JupyterLab takes from Enter what a browser does with it in a form.
    onkeydown: (event) => event.key === "Enter" && submit(event),
  });
  const told = el("span", { class: "crt-bp-told", role: "alert" });
  const say = (text) => {
    retext(told, text);
    told.classList.toggle("crt-wrong", Boolean(text));
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    try {
      await app.ask("add_breakpoint", { text: field.value.trim() });
      field.value = "";
      say("");
    } catch (error) {
      say(error.fix ? `${error.message}: ${error.fix}` : error.message);
    }
  };
  let offered = null;
  return {
    field,
    element: el(
      "form",
      { class: "crt-bp-add", onsubmit: submit },
      el("label", {}, "Add ", field),
      el("button", { type: "submit", class: "crt-button" }, "Add"),
      told,
      names,
      breakpointGrammar(),
    ),
    offer(steps) {
      const wanted = steps.map((step) => step.name).join("\n");
      if (offered === wanted) return;
      offered = wanted;
      fill(names, steps.flatMap(({ name }) => [name, `${name}:before`]).map((value) => el("option", { value })));
    },
  };
}

function breakpointGrammar() {
  const told = [
    ["train", "after the step"],
    ["train:before", "before it"],
    ["train: seconds > 9", "after it, if that holds"],
  ];
  return el(
    "p",
    { class: "crt-bp-grammar" },
    told.map(([code, says]) => [el("code", {}, code), ` ${says}. `]),
    "A condition is Python; it may use ",
    ["rows", "columns", 'nulls("c")', "seconds", "memory"].map((name, i) => [i ? ", " : "", el("code", {}, name)]),
    ", and of one among several ports ",
    el("code", {}, "port.rows"),
    ".",
  );
}
