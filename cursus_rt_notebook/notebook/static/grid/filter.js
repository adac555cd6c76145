// The filter above a table: one SQL condition, whether it is typed or put together in a column's menu.

import { el, fill, visible } from "../dom.js";
import { nameOf } from "./text.js";

/** The bar with the condition. `apply(where)` asks for it; `leave()` gives the focus to the table. */
export function filterBar(name, apply, leave) {
  const input = el("input", {
    type: "text",
    id: `${name}-filter`,
    class: "crt-code",
    placeholder: "a condition in SQL",
    title: "A condition in SQL: Enter applies it, Escape clears it",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-describedby": `${name}-wrong`,
  });
  const clear = el(
    "button",
    {
      type: "button",
      class: "crt-sheet-clear",
      title: "Clear the filter (Esc)",
      "aria-label": "Clear the filter",
      hidden: true,
      onclick: () => set(""),
    },
    "×",
  );
  const wrong = el("div", { class: "crt-sheet-wrong", id: `${name}-wrong`, role: "alert", hidden: true });
  const set = (where) => {
    input.value = where;
    clear.hidden = !where;
    tell("");
    apply(where);
  };
  const tell = (message, fix = "") => {
    wrong.hidden = !message;
    input.toggleAttribute("aria-invalid", Boolean(message));
    fill(wrong, el("span", {}, message), fix ? [": ", el("em", {}, fix)] : null);
  };
  input.addEventListener("input", () => (clear.hidden = !input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") set(input.value.trim());
    else if (input.value) set("");
    else leave();
  });
  const element = el(
    "div",
    { class: "crt-sheet-filter" },
    el(
      "div",
      { class: "crt-sheet-query" },
      el("label", { for: `${name}-filter` }, "filter"),
      input,
      clear,
      el("span", { class: "crt-sheet-hint", "aria-hidden": "true" }, "SQL"),
    ),
    wrong,
  );
  return {
    element,
    set,
    tell,
    get where() {
      return input.value.trim();
    },
    set example(text) {
      if (text) input.placeholder = visible(text);
    },
  };
}

/**
 * What a column's menu holds: a test to choose, a value, the most frequent values to press, and sorting.
 * `add(label, value)` promises to add the condition; it rejects with what is wrong.
 */
export function columnMenu(column, choices, profile, add) {
  const label = nameOf(column);
  const choice = el(
    "select",
    { "aria-label": `Test of ${label}` },
    choices.map((one) => el("option", { value: one.label }, one.label)),
  );
  const value = el("input", {
    type: "text",
    class: "crt-code",
    "aria-label": "Value",
    spellcheck: "false",
    autocomplete: "off",
  });
  const wrong = el("div", { class: "crt-sheet-wrong", role: "alert", hidden: true });
  const needs = () => choices.find((one) => one.label === choice.value)?.value ?? false;
  const press = async (test, given) => {
    try {
      await add(test, given);
    } catch (error) {
      wrong.hidden = false;
      fill(wrong, error.message, error.fix ? `: ${error.fix}` : "");
    }
  };
  choice.addEventListener("change", () => (value.hidden = !needs()));
  value.hidden = !needs();
  const submit = (event) => {
    event.preventDefault();
    press(choice.value, needs() ? value.value : "");
  };
  const common = (profile?.top ?? []).map((one) =>
    el(
      "button",
      { type: "button", class: "crt-sheet-common", onclick: () => press("=", one.value) },
      el("span", {}, one.text),
      el("small", {}, one.count),
    ),
  );
  return [
    el(
      "form",
      { class: "crt-sheet-test", onsubmit: submit },
      choice,
      value,
      el("button", { type: "submit", class: "crt-button crt-primary" }, "Filter"),
    ),
    wrong,
    common.length && choices.some((one) => one.label === "=")
      ? el("div", { class: "crt-sheet-commons", role: "group", "aria-label": "The most frequent values" }, common)
      : null,
    profile
      ? el(
          "ul",
          { class: "crt-sheet-facts" },
          profile.facts.slice(0, profile.facts.length - common.length).map((fact) => el("li", {}, fact)),
        )
      : null,
  ];
}
