// The list of keys, over the panel.

import { el } from "./dom.js";

/** The card that `?` shows and hides. */
export function helpCard(app, actions) {
  const more = [
    ["b", "Set or remove a breakpoint after the selected step"],
    ["↑↓←→", "Walk along the graph"],
    ["/", "Find a step"],
    ["Esc", "Leave a field, or an earlier pause"],
    ["?", "This list"],
  ];
  const rows = [...actions.map((action) => [action.key, `${action.label}: ${action.says.toLowerCase()}`]), ...more];
  const close = el("button", { type: "button", class: "crt-button", onclick: () => toggle() }, "Close");
  const element = el(
    "div",
    { class: "crt-help", role: "dialog", "aria-label": "Keys", hidden: true },
    el("h4", {}, "Keys, while the panel has the focus"),
    el("dl", {}, rows.map(([keys, says]) => [el("dt", {}, keyCaps(keys)), el("dd", {}, says)])),
    close,
  );
  const toggle = () => {
    element.hidden = !element.hidden;
    (element.hidden ? app.root : close).focus();
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      toggle();
    }
  });
  return { element, toggle };
}

/** A cap for each key: arrows come four in a row. */
function keyCaps(keys) {
  const caps = keys.startsWith("↑") ? [...keys] : [keys];
  return caps.map((key) => el("kbd", {}, key));
}
