// A small card over the table: a long text whole, or a column's filter.

import { el, fill } from "../dom.js";

/** The one card of a table. `open(near, label, content)` shows it beside an element's box; `close()` gives the focus back. */
export function sheetPopover(home, signal) {
  const title = el("b", {});
  const body = el("div", { class: "crt-sheet-card-body" });
  const close = el(
    "button",
    {
      type: "button",
      class: "crt-sheet-close",
      "aria-label": "Close",
      title: "Close (Esc)",
      onclick: () => shut(true),
    },
    "×",
  );
  const element = el(
    "div",
    { class: "crt-sheet-card", role: "dialog", popover: "manual" },
    el("div", { class: "crt-sheet-card-head" }, title, close),
    body,
  );
  let shown = false;

  const shut = (refocus = false) => {
    if (!shown) return;
    shown = false;
    element.hidePopover();
    fill(body);
    if (refocus) home.focus({ preventScroll: true });
  };

  const open = (near, label, ...content) => {
    fill(title, label);
    fill(body, ...content);
    element.setAttribute("aria-label", label);
    if (!shown) element.showPopover();
    shown = true;
    const { width, height } = element.getBoundingClientRect();
    // Over the page, not in the panel: a table at the panel's foot has no room for it.
    const below = near.bottom + height + 8 <= innerHeight || near.top - height < 8;
    element.style.left = `${Math.max(8, Math.min(near.left, innerWidth - width - 8))}px`;
    element.style.top = `${Math.max(8, Math.min(below ? near.bottom + 2 : near.top - height - 2, innerHeight - height - 8))}px`;
    (body.querySelector("input, select, button") ?? close).focus({ preventScroll: true });
  };

  element.addEventListener("keydown", (event) => {
    // The panel's keys are for the panel: here a letter is a letter.
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      shut(true);
    }
  });
  const outside = (event) => {
    if (shown && !element.contains(event.target)) shut();
  };
  window.addEventListener("pointerdown", outside, { capture: true, signal });
  window.addEventListener("scroll", outside, { capture: true, signal });
  return { element, open, close: shut };
}
