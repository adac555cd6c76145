// A drawing of boxes and arrows: each box is one element for as long as it is there, so that focus and selection stay.

import { colour, el, fill, svg } from "../dom.js";
import { walksWith } from "../live.js";

// What each arrow that can be pressed stands for, and what flows along it.
const LINKS = new WeakMap();

/**
 * A drawing: `show({width, height, label, edges, marks, nodes}, order)` with `nodes` a Map by id; `mark(id)` rings one,
 * `find(ids)` brings out some, `light(id)` the arrows at one. `onpick(id)` hears what was chosen, `onmark(mark)` which
 * marked arrow, `onlink(link)` which other one that data flows along; `onpoint(link, box, flows)` the one that is pointed
 * at or has the focus, and null when it is left. `adorn(group, id, node)` may add to a new box.
 */
export function graphCanvas({ name, onpick, onmark, onlink, onpoint = () => {}, adorn = () => {} }) {
  const edges = svg("g", { class: "crt-edges", role: "list", "aria-label": "Which output feeds which input" });
  const list = svg("g", { role: "list", "aria-label": name });
  const losses = svg("g", { role: "list", "aria-label": "Rows that were lost" });
  const sheet = svg("svg", { class: "crt-graph", role: "group" }, edges, losses, list);
  const boxes = new Map();
  const arrows = [];
  let marked = null;

  const pick = (event) => {
    const lost = event.target.closest(".crt-lost");
    if (lost) return onmark?.(lost.dataset);
    const wire = event.target.closest(".crt-wire");
    if (wire) return onlink?.(LINKS.get(wire).link);
    const group = event.target.closest(".crt-node");
    if (group && !event.target.closest(".crt-strip")) onpick(group.dataset.id);
  };
  sheet.addEventListener("click", pick);
  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    pick(event);
  });

  walksWith(edges, ["ArrowLeft", "ArrowRight"], () => wiresIn(edges));

  const place = (id, node) => {
    const box = boxes.get(id) ?? newBox(id, node, adorn);
    if (!boxes.has(id)) boxes.set(id, box);
    if (box.node !== node) drawBox(box, node);
    return box;
  };

  return {
    element: sheet,
    boxes,
    /** Hear of the focus from an element around the drawing: parts of a drawing that listen to it become stops of the Tab key. */
    listen(around) {
      pointsAtLinks(around, onpoint);
      around.addEventListener("focusin", ({ target }) => {
        if (!edges.contains(target)) return;
        for (const wire of wiresIn(edges)) wire.setAttribute("tabindex", wire === target ? "0" : "-1");
      });
    },
    show({ width, height, label, edges: items, marks = [], nodes }, order) {
      if (sheet.viewBox.baseVal.width !== width || sheet.viewBox.baseVal.height !== height) {
        sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
      }
      if (sheet.getAttribute("aria-label") !== label) sheet.setAttribute("aria-label", label);
      drawArrows(edges, arrows, items);
      drawMarks(losses, marks);
      const groups = order.map((id) => place(id, nodes.get(id)).group);
      for (const id of [...boxes.keys()].filter((one) => !nodes.has(one))) boxes.delete(id);
      if (groups.length !== list.childElementCount || groups.some((group, i) => list.children[i] !== group)) fill(list, groups);
    },
    /** Ring one box, and let the keyboard come in there; the first one where none is chosen. */
    mark(id) {
      const at = boxes.has(id) ? id : (boxes.keys().next().value ?? null);
      if (marked !== at) boxes.get(marked)?.face.setAttribute("tabindex", "-1");
      marked = at;
      for (const [one, { face }] of boxes) {
        if (one === id) face.setAttribute("aria-current", "true");
        else if (face.hasAttribute("aria-current")) face.removeAttribute("aria-current");
      }
      boxes.get(at)?.face.setAttribute("tabindex", "0");
    },
    focus(id) {
      boxes.get(id)?.face.focus({ preventScroll: true });
    },
    /** Bring out the arrows to and from one box. */
    light(id) {
      for (const { element, ends } of arrows) element.classList.toggle("crt-lit", Boolean(ends?.includes(id)));
    },
    /** Bring out what was looked for, a Set of ids, and dim the rest; null: nothing is looked for. */
    find(ids) {
      sheet.classList.toggle("crt-finding", ids !== null);
      for (const [id, { group }] of boxes) group.classList.toggle("crt-match", Boolean(ids?.has(id)));
    },
  };
}

function newBox(id, node, adorn) {
  const face = svg("g", { role: "button", tabindex: "-1", class: "crt-face" });
  const group = svg("g", { role: "listitem", class: "crt-node" }, face);
  group.dataset.id = id;
  const box = { group, face, node: null };
  adorn(group, id, node);
  return box;
}

function drawBox(box, node) {
  box.node = node;
  box.face.setAttribute("aria-label", node.label);
  box.group.dataset.look = node.look;
  const [x, y, width, height] = node.box;
  const ring = svg("rect", { x: x - 3.5, y: y - 3.5, width: width + 7, height: height + 7, rx: 8, class: "crt-focus-ring" });
  fill(box.face, svg("title", {}, node.title), ring, node.items.map(drawItem));
}

/** Arrows have no life of their own: one by one, those that changed are drawn anew. */
function drawArrows(host, kept, items) {
  if (kept.items === items) return;
  kept.items = items;
  const focused = host.contains(host.getRootNode().activeElement) ? [...host.children].indexOf(host.getRootNode().activeElement.parentNode) : -1;
  items.forEach((item, i) => {
    const told = JSON.stringify(item);
    if (kept[i]?.told === told) return;
    const element = drawArrow(item);
    if (kept[i]) kept[i].element.replaceWith(element);
    else host.append(element);
    kept[i] = { told, element, ends: item.ends };
  });
  for (const { element } of kept.splice(items.length)) element.remove();
  const wires = wiresIn(host);
  // One stop of the Tab key for all arrows.
  if (!wires.some((wire) => wire.getAttribute("tabindex") === "0")) wires[0]?.setAttribute("tabindex", "0");
  if (focused >= 0) host.children[focused]?.querySelector(".crt-wire")?.focus({ preventScroll: true });
}

function wiresIn(host) {
  return [...host.querySelectorAll(".crt-wire")];
}

function drawArrow({ items, link }) {
  if (!link) return svg("g", { class: "crt-arrow", "aria-hidden": "true" }, items.map(drawItem));
  const told = items.find((item) => item.text)?.title ?? "";
  const face = svg(
    "g",
    { role: "button", tabindex: "-1", class: "crt-wire", "aria-label": `${link.label}. See why.` },
    svg("path", { d: items.find((item) => item.part === "wire").path, class: "crt-wire-reach" }),
    items.map((item) => drawItem({ ...item, title: "" })),
  );
  LINKS.set(face, { link, flows: told });
  return svg("g", { role: "listitem" }, face);
}

/** Tell which arrow is pointed at, or has come into focus by the keyboard; marked arrows are arrows, too. */
function pointsAtLinks(around, onpoint) {
  const tell = (event) => {
    const face = event.target.closest?.(".crt-wire, .crt-lost");
    const about = face && LINKS.get(face);
    if (!about) return onpoint(null);
    const line = face.querySelector(".crt-part-wire");
    onpoint(about.link, line.getBoundingClientRect(), about.flows);
  };
  around.addEventListener("pointerover", tell);
  around.addEventListener("pointerleave", () => onpoint(null));
  around.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && tell(event));
  around.addEventListener("focusout", () => onpoint(null));
}

/** Arrows at which rows were lost: buttons, with room for a finger along the line. */
function drawMarks(host, marks) {
  const told = JSON.stringify(marks);
  if (host.dataset.told === told) return;
  host.dataset.told = told;
  const focused = [...host.children].indexOf(host.getRootNode().activeElement?.closest(".crt-lost-item"));
  fill(host, marks.map(drawMark));
  host.children[focused]?.firstChild.focus({ preventScroll: true });
}

function drawMark({ step, port, channel, label, box: [x, y, width, height], items, link }) {
  const line = items.find((item) => item.part === "wire");
  const ring = svg("rect", { x: x - 2.5, y: y - 2.5, width: width + 5, height: height + 5, rx: 6, class: "crt-focus-ring" });
  const face = svg(
    "g",
    { role: "button", tabindex: "0", class: "crt-lost", "aria-label": `${label}. See what changed.` },
    svg("title", {}, label),
    line ? svg("path", { d: line.path, class: "crt-lost-reach" }) : null,
    items.map(drawItem),
    ring,
  );
  if (link) LINKS.set(face, { link, flows: label });
  Object.assign(face.dataset, { step, port, ...(channel ? { channel } : {}) });
  return svg("g", { role: "listitem", class: "crt-lost-item" }, face);
}

/** One shape or line of text, as `scene` describes it. */
function drawItem(item) {
  return item.path ? drawPath(item) : drawText(item);
}

function drawPath({ path, at, fill: ground, stroke, width, dashed, part }) {
  return svg("path", {
    d: path,
    transform: at ? `translate(${at[0]} ${at[1]})` : null,
    fill: colour(ground),
    stroke: colour(stroke),
    "stroke-width": stroke ? width : null,
    "stroke-dasharray": dashed ? "3 2" : null,
    "stroke-linecap": part === "glyph" ? "round" : null,
    class: part ? `crt-part-${part}` : null,
  });
}

function drawText({ text, at, size, colour: ink, bold, centred, title }) {
  return svg(
    "text",
    {
      x: at[0],
      y: at[1],
      "font-size": size,
      "font-weight": bold ? 600 : null,
      "text-anchor": centred ? "middle" : null,
      fill: colour(ink),
    },
    text,
    title ? svg("title", {}, title) : null,
  );
}
