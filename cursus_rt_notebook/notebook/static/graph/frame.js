// The frame that a drawing scrolls and zooms in. Only the frame itself ever scrolls, never the page.

import { el, svg } from "../dom.js";

const GRAPH_TALLEST = 540; // pixels of the page
const GRAPH_LARGEST = 1.15; // times the drawing's own size, when it is fitted
const GRAPH_READABLE = 0.8; // below this the names of steps cannot be read
const GRAPH_EASY = 0.88; // to show the whole height, a drawing is made no smaller than this
const GRAPH_ZOOMS = [0.05, 3];
const GRAPH_ROOM = 40; // around a box that is brought into view
const SCROLL_BAR = 12;

/**
 * A frame around `sheet`, an SVG element: `resize(width, height)` tells the drawing's own size, and returns whether the
 * drawing was fitted for that; `reveal(box)` brings a box (left, top, width, height) into view, `controls` are the
 * buttons. `moved()` says whether the user has moved the drawing since `settle()`; `onfit()` is called when it was fitted
 * to a new width.
 */
export function graphFrame(sheet, signal, onfit) {
  const frame = el("div", { class: "crt-graph-frame" }, sheet);
  // Its width depends on nothing that is done here: what is observed must not change for having been seen.
  const ruler = el("div");
  const state = { width: 1, height: 1, scale: 1, fit: "readable", moved: false };

  const scaleTo = (scale) => {
    state.scale = Math.min(Math.max(scale, GRAPH_ZOOMS[0]), GRAPH_ZOOMS[1]);
    // Rounded down: half a pixel too much would bring a scroll bar.
    sheet.setAttribute("width", Math.floor(state.width * state.scale));
    sheet.setAttribute("height", Math.floor(state.height * state.scale));
  };
  const fit = () => {
    const room = ruler.clientWidth;
    if (room === 0 || !state.fit) return false;
    scaleTo(fittedScale(state, room));
    return true;
  };
  const refit = () => fit() && onfit();
  /** Zoom so that what lies under a point of the page stays there. */
  const zoom = (scale, x, y) => {
    const before = sheet.getBoundingClientRect();
    const [left, top] = [(x - before.left) / state.scale, (y - before.top) / state.scale];
    state.fit = null;
    state.moved = true;
    scaleTo(scale);
    const after = sheet.getBoundingClientRect();
    frame.scrollLeft += after.left + left * state.scale - x;
    frame.scrollTop += after.top + top * state.scale - y;
  };
  const zoomBy = (factor) => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    zoom(state.scale * factor, left + width / 2, top + height / 2);
  };
  const showAll = () => {
    state.fit = state.fit === "whole" ? "readable" : "whole";
    state.moved = state.fit === "whole";
    refit();
  };

  listenToWheel(frame, state, zoom);
  listenToDrag(frame, state);
  const observer = new ResizeObserver(refit);
  observer.observe(ruler);
  signal.addEventListener("abort", () => observer.disconnect());

  return {
    element: el("div", {}, ruler, frame),
    controls: el(
      "div",
      { class: "crt-zoom", role: "group", "aria-label": "Zoom" },
      zoomButton("Zoom out (Ctrl + wheel)", "M-3.5 0L3.5 0", () => zoomBy(1 / 1.25)),
      zoomButton("Zoom in (Ctrl + wheel)", "M-3.5 0L3.5 0M0 -3.5L0 3.5", () => zoomBy(1.25)),
      zoomButton("Show the whole graph, or fit its width", "M-4 -1.5L-4 -4L-1.5 -4M1.5 -4L4 -4L4 -1.5M4 1.5L4 4L1.5 4M-1.5 4L-4 4L-4 1.5", showAll),
    ),
    resize(width, height) {
      if (width === state.width && height === state.height) return false;
      Object.assign(state, { width, height });
      if (!state.fit) scaleTo(state.scale);
      return fit();
    },
    /** Scroll as little as brings the box into view. */
    reveal([x, y, width, height]) {
      const seen = frame.getBoundingClientRect();
      const drawn = sheet.getBoundingClientRect();
      const { scale } = state;
      frame.scrollLeft += shiftInto(drawn.left - seen.left + x * scale, width * scale, frame.clientWidth);
      frame.scrollTop += shiftInto(drawn.top - seen.top + y * scale, height * scale, frame.clientHeight);
    },
    moved: () => state.moved,
    settle() {
      state.moved = false;
    },
  };
}

function fittedScale({ width, height, fit }, breadth) {
  const tall = height * Math.min(breadth / width, GRAPH_LARGEST) > GRAPH_TALLEST;
  const across = Math.min((tall && fit !== "whole" ? breadth - SCROLL_BAR : breadth) / width, GRAPH_LARGEST);
  if (fit === "whole") return Math.min(across, GRAPH_TALLEST / height);
  const readable = Math.max(across, GRAPH_READABLE);
  return height * readable <= GRAPH_TALLEST ? readable : Math.min(readable, Math.max(GRAPH_TALLEST / height, GRAPH_EASY));
}

/** How far to scroll so that a stretch lies in a room, with some space around it where there is any. */
function shiftInto(start, length, room) {
  const space = Math.max(0, Math.min(GRAPH_ROOM, (room - length) / 2));
  if (start < space) return start - space;
  return Math.max(0, Math.min(start - space, start + length + space - room));
}

function listenToWheel(element, state, zoom) {
  element.addEventListener(
    "wheel",
    (event) => {
      state.moved = true;
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(state.scale * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX, event.clientY);
    },
    { passive: false },
  );
}

/** The ground can be dragged; boxes and marks cannot. */
function listenToDrag(element, state) {
  let from = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || event.target.closest(".crt-node, .crt-lost, .crt-wire")) return;
    state.moved = true;
    // A press on the scroll bar is the bar's.
    if (event.target === element && event.offsetX >= element.clientWidth) return;
    from = { x: event.clientX + element.scrollLeft, y: event.clientY + element.scrollTop };
    element.setPointerCapture(event.pointerId);
    element.classList.add("crt-dragged");
  });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    element.scrollLeft = from.x - event.clientX;
    element.scrollTop = from.y - event.clientY;
  });
  const end = () => {
    from = null;
    element.classList.remove("crt-dragged");
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
}

function zoomButton(says, path, onclick) {
  const icon = svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linecap": "round" });
  return el(
    "button",
    { type: "button", class: "crt-zoom-button", title: says, "aria-label": says, onclick },
    svg("svg", { viewBox: "-6 -6 12 12", width: 12, height: 12, "aria-hidden": "true" }, icon),
  );
}
