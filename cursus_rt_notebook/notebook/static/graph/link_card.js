// A card beside an arrow: which output feeds which input, and what the rule gave it.

import { cut, el, fill, plural } from "../dom.js";

const LINK_CARD_PAIRS = 12;
const LINK_CARD_NAME = 60;

/** `show(link, near, flows)` beside a box of the page, with what flows there; `hide()`. */
export function linkCard() {
  const element = el("div", { class: "crt-link-card", role: "tooltip", popover: "manual" });
  let shown = false;
  return {
    element,
    show(link, near, flows = "") {
      fill(element, linkTitle(link), linkTable(link), flows ? el("div", { class: "crt-link-flows" }, cut(flows, 400)) : null, el("div", { class: "crt-link-foot" }, "A click or Enter tells why"));
      if (!shown) element.showPopover();
      shown = true;
      const { width, height } = element.getBoundingClientRect();
      const aside = near.right + 12 + width <= innerWidth ? near.right + 12 : near.left - width - 12;
      const middle = (near.top + near.bottom - height) / 2;
      element.style.left = `${Math.max(8, Math.min(aside, innerWidth - width - 8))}px`;
      element.style.top = `${Math.max(8, Math.min(middle, innerHeight - height - 8))}px`;
    },
    hide() {
      if (!shown) return;
      shown = false;
      element.hidePopover();
    },
  };
}

function linkTitle({ tail, head }) {
  return el("div", { class: "crt-link-title" }, el("b", {}, cut(tail, LINK_CARD_NAME)), " → ", el("b", {}, cut(head, LINK_CARD_NAME)));
}

function linkTable({ pairs }) {
  const more = pairs.length - LINK_CARD_PAIRS;
  return [
    el("table", {}, el("tbody", {}, pairs.slice(0, LINK_CARD_PAIRS).map(linkRow))),
    more > 0 ? el("div", { class: "crt-link-foot" }, `and ${plural(more, "more input")}`) : null,
  ];
}

function linkRow({ output, input, score, why }) {
  return el(
    "tr",
    {},
    el("td", {}, el("code", {}, output), " → ", el("code", {}, input), el("div", { class: "crt-link-why" }, cut(why, 200))),
    el("td", { class: "crt-link-score" }, score),
  );
}
