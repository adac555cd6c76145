// The columns' heads: name, type, what is missing, how the values are distributed, and how the table is sorted.

import { cut, el, fill, svg } from "../dom.js";
import { HEAD_HEIGHT } from "./places.js";
import { nameOf } from "./text.js";
import { cellId } from "./cells.js";

const FUNNEL = "M-4.5 -4L4.5 -4L1.2 0.4L1.2 4L-1.2 2.8L-1.2 0.4Z";

/**
 * The heads of the columns in view. `hands` is told of `sort(column, further)`, `menu(column, head)` and
 * `resize(column, width | null)`.
 */
export function sheetHead(store, places, profiles, name, hands) {
  const strip = el("div", { class: "crt-sheet-strip", role: "presentation" });
  const corner = el(
    "div",
    { class: "crt-sheet-index", role: "columnheader", "aria-colindex": 1 },
    el("span", { class: "crt-unseen" }, "row number"),
  );
  const element = el(
    "div",
    { class: "crt-sheet-head", role: "row", "aria-rowindex": 1, style: { height: `${HEAD_HEIGHT}px` } },
    corner,
    strip,
  );
  let heads = new Map();

  const draw = (view, pick) => {
    const before = heads;
    heads = new Map();
    for (let column = view.left; column < view.left + view.columns; column++) {
      const head = before.get(column) ?? newHead(column, hands);
      heads.set(column, head);
      drawHead(head, column, pick);
    }
    const changed = heads.size !== before.size || [...heads.keys()].some((column) => !before.has(column));
    if (changed)
      fill(
        strip,
        [...heads.values()].map((head) => head.element),
      );
  };

  const drawHead = (head, column, pick) => {
    const width = places.width(column);
    if (head.width !== width) head.element.style.width = `${(head.width = width)}px`;
    const current = pick !== null && pick.row === -1 && pick.column === column;
    head.element.classList.toggle("crt-sheet-here", current);
    head.element.id = current ? cellId(name, -1, column) : "";
    const about = store.columns.get(column);
    const profile = about && profiles.get(about.name);
    const order = (store.wanted ?? store.query).sort;
    const place = about ? order.findIndex(([one]) => one === about.name) : -1;
    const shown = `${about ? 1 : 0}${profile ? 1 : 0}${place}${place >= 0 ? order[place][1] : ""}${order.length > 1}`;
    if (about && head.shown !== shown) showHead(head, about, profile, order, place);
    head.shown = shown;
  };

  return { element, draw, of: (column) => heads.get(column)?.element };
}

function newHead(column, hands) {
  const button = (title, kind, act) =>
    el("button", { type: "button", tabindex: "-1", class: `crt-sheet-${kind}`, title, onclick: act });
  const head = {
    name: el("b", {}),
    sort: button("Sort: ascending, descending, as it is; with Shift by a further column", "sort", (event) =>
      hands.sort(column, event.shiftKey),
    ),
    menu: button("Filter by this column", "funnel", () => hands.menu(column, head.element)),
    kind: el("span", {}),
    missing: el("i", {}),
    share: el("span", { class: "crt-sheet-share" }),
    picture: el("div", { class: "crt-sheet-picture", "aria-hidden": "true" }),
  };
  fill(
    head.menu,
    svg(
      "svg",
      { viewBox: "-6 -6 12 12", width: 12, height: 12, "aria-hidden": "true" },
      svg("path", { d: FUNNEL, fill: "currentColor" }),
    ),
  );
  head.menu.setAttribute("aria-label", "Filter");
  head.element = el(
    "div",
    { class: "crt-sheet-column", role: "columnheader", "aria-colindex": column + 2 },
    el("div", { class: "crt-sheet-name" }, head.name, head.menu, head.sort),
    el("div", { class: "crt-sheet-kind" }, head.kind, el("span", { class: "crt-sheet-nul" }, head.missing), head.share),
    head.picture,
    el("div", {
      class: "crt-sheet-edge",
      onpointerdown: (event) => drag(event, head.element, (width) => hands.resize(column, width)),
      ondblclick: () => hands.resize(column, null),
    }),
  );
  return head;
}

function showHead(head, about, profile, order, place) {
  const descending = place >= 0 && order[place][1];
  fill(head.name, nameOf(about));
  fill(head.kind, about.type);
  fill(
    head.sort,
    place < 0 ? "⇅" : descending ? "↓" : "↑",
    order.length > 1 && place >= 0 ? el("small", {}, place + 1) : null,
  );
  head.sort.classList.toggle("crt-sheet-sorted", place >= 0);
  head.sort.setAttribute("aria-label", place < 0 ? "Sort" : descending ? "Sorted, descending" : "Sorted, ascending");
  head.element.setAttribute("aria-sort", place < 0 ? "none" : descending ? "descending" : "ascending");
  head.element.title = [`${cut(nameOf(about), 120)}: ${about.type}`, ...(profile?.facts ?? [])].join("\n");
  if (!profile) return;
  fill(head.share, profile.share);
  head.share.classList.toggle("crt-sheet-hot", profile.hot);
  head.missing.style.width = profile.missing ? `${Math.max(4, profile.missing * 100)}%` : "0";
  head.missing.classList.toggle("crt-sheet-hot", profile.hot);
  fill(head.picture, bars(profile));
}

function bars({ bars: heights, wide }) {
  const gap = wide ? 0.06 : 0.2;
  return svg(
    "svg",
    { viewBox: `0 0 ${Math.max(1, heights.length)} 1`, preserveAspectRatio: "none" },
    heights.map((height, i) => (height ? svg("rect", { x: i, y: 1 - height, width: 1 - gap, height }) : null)),
  );
}

function drag(event, head, resize) {
  event.preventDefault();
  event.stopPropagation();
  const [edge, from, width] = [event.currentTarget, event.clientX, head.offsetWidth];
  const move = (moved) => resize(width + moved.clientX - from);
  edge.setPointerCapture(event.pointerId);
  edge.addEventListener("pointermove", move);
  const stop = () => edge.removeEventListener("pointermove", move);
  edge.addEventListener("pointerup", stop, { once: true });
  edge.addEventListener("pointercancel", stop, { once: true });
}
