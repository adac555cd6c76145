// The buttons of a debugger, and their keys.

import { cut, el, svg, visible } from "./dom.js";

const ICONS = {
  continue: "M-4 -5L5 0L-4 5Z",
  step: "M-5.5 2C-5 -3.5 2 -4.5 4 0.5M4.6 -3.4L4.2 0.9L0.2 -0.4M-5.5 4.6L-2.5 4.6",
  run_to: "M-5.5 0L2.5 0M0 -2.8L2.8 0L0 2.8M5 -4L5 4",
  rerun: "M4.6 -1.2A4.7 4.7 0 1 0 4.2 2.4M4.9 -4.6L4.7 -1L1.2 -1.4",
  skip: "M-5 -3.6L-0.6 0L-5 3.6M-0.2 -3.6L4.2 0L-0.2 3.6M5.2 -3.8L5.2 3.8",
  back: "M-1.6 -4.4L-5 -1L-1.6 2.4M-5 -1L2 -1C6.4 -1 6.4 5 2 5L0 5",
  stop: "M-4 -4L4 -4L4 4L-4 4Z",
};
const FILLED = new Set(["continue", "stop"]);

// name, label, key, what it does; where `step` is told, it is about the selected step.
export const ACTIONS = [
  { name: "continue", label: "Continue", key: "c", says: "Run to the next breakpoint or the end" },
  { name: "step", label: "Step", key: "n", says: "Run one step, then pause" },
  { name: "run_to", label: "Run to", key: "r", says: "Run what the selected step needs, and pause before it", step: true },
  { name: "rerun", label: "Rerun", key: "e", says: "Run the selected step again", step: true },
  { name: "skip", label: "Skip", key: "k", says: "Leave out the selected step and what needs it", step: true },
  { name: "back", label: "Back", key: "z", says: "Look at the pause before this one" },
  { name: "stop", label: "Stop", key: "s", says: "End the running steps and pause there; what is finished is kept" },
];

/** The toolbar: `press(name)` carries an action out, `help()` lists the keys; `update(possible)` disables the rest. */
export function toolbar(press, help) {
  const buttons = new Map(
    ACTIONS.map((action) => [
      action.name,
      el(
        "button",
        {
          type: "button",
          class: `crt-button${action.name === "continue" ? " crt-primary" : ""}`,
          dataset: { action: action.name },
          "aria-keyshortcuts": action.key,
          onclick: () => press(action.name),
        },
        icon(action.name),
        el("span", {}, action.label),
        el("kbd", { "aria-hidden": "true" }, action.key),
      ),
    ]),
  );
  const keys = el(
    "button",
    { type: "button", class: "crt-button crt-keys", title: "The list of keys (key ?)", "aria-label": "List of keys", onclick: help },
    "?",
  );
  return {
    element: el("div", { class: "crt-toolbar", role: "toolbar", "aria-label": "Run" }, [...buttons.values()], keys),
    /** `possible` maps action names to true or false; `selected` is the step that some are about. */
    update(possible, selected) {
      for (const action of ACTIONS) {
        const button = buttons.get(action.name);
        // A disabled button would drop the keyboard's focus onto the page.
        button.setAttribute("aria-disabled", String(!possible[action.name]));
        button.title = `${action.says}${action.step && selected ? `: ${visible(cut(selected, 80))}` : ""} (key ${action.key})`;
      }
    },
    /** Show at once that a press was heard, until its effect is there. */
    heard(name, on) {
      buttons.get(name).classList.toggle("crt-heard", on);
    },
  };
}

function icon(name) {
  const filled = FILLED.has(name);
  return svg(
    "svg",
    { viewBox: "-7 -7 14 14", width: 13, height: 13, "aria-hidden": "true" },
    svg("path", {
      d: ICONS[name],
      fill: filled ? "currentColor" : "none",
      stroke: filled ? "none" : "currentColor",
      "stroke-width": 1.5,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}
