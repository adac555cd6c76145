// The left side: the graph of the steps, or of the data between them.

import { el } from "../dom.js";
import { dataGraph } from "./data.js";
import { graphLegend } from "./legend.js";
import { graphPane } from "./pane.js";
import { graphSearch } from "./search.js";
import { breakpointStrips } from "./strips.js";

const GRAPH_VIEWS = [
  ["steps", "Steps", "a step", "What runs, in which order, and the rows that flow"],
  ["data", "Data", "a step or data", "What each step read and wrote: files and ports"],
];

/** The left side of the panel. */
export function graphSide(app) {
  const views = new Map([["steps", stepGraph(app)], ["data", dataGraph(app)]]);
  let shown = "steps";
  const view = () => views.get(shown);
  const legend = graphLegend();
  const zooms = el("div", {}, [...views.values()].map(({ pane }) => pane.controls));
  const search = graphSearch({
    names: () => view().names(),
    selected: () => view().selected(),
    show: (ids) => view().pane.canvas.find(ids),
    bring: (id) => view().pane.bring(id),
    pick: (id) => {
      view().pane.settle();
      view().pick(id);
    },
    leave: () => app.root.focus({ preventScroll: true }),
  });
  const show = (name) => {
    shown = name;
    tabs.update(name);
    search.about(GRAPH_VIEWS.find(([one]) => one === name)[2]);
    for (const [one, { pane }] of views) pane.element.hidden = pane.controls.hidden = one !== name;
    // What was looked for when this view was last shown may have been cleared since.
    view().pane.canvas.find(null);
    if (app.run) update();
  };
  const tabs = viewTabs(show);
  const update = () => {
    view().update();
    search.refresh();
    legend.update(view().looks(), { data: shown === "data", edited: view().edited(), ...view().signs() });
  };
  show(shown);

  return {
    element: el(
      "div",
      { class: "crt-graph-side" },
      el("div", { class: "crt-graph-head" }, tabs.element, search.element),
      [...views.values()].map(({ pane }) => pane.element),
      el("div", { class: "crt-graph-foot" }, legend.element, zooms),
    ),
    update,
    find: search.focus,
    walk(key) {
      const step = graphNeighbour(app, key);
      if (!step) return;
      const { pane } = view();
      pane.settle();
      app.select(step);
      pane.canvas.focus(view().selected());
    },
  };
}

/** The view *Steps*. */
function stepGraph(app) {
  const adorn = (group, step, node) => {
    group.dataset.step = step;
    group.append(...breakpointStrips(app, step, node.box));
  };
  const onpick = (step) => app.select(step);
  // One press leads to what changed in the step that lost the rows.
  const onmark = ({ step, port, channel }) => app.select(step, "changed", { tab: "changed", port, channel });
  // Why the reading step's inputs are fed by this one's outputs.
  const onlink = ({ head, pairs }) => app.select(head, "explain", { tab: "explain", ports: pairs.map(({ port }) => port) });
  const pane = graphPane(app, { name: "steps", label: "Steps", onpick, onmark, onlink, adorn, idOf: (step) => step });
  let drawn = null;
  let looks = new Set();
  let edited = false;
  let signs = {};
  return {
    pane,
    names: () => app.run.steps.map(({ name }) => [name, name]),
    selected: () => app.selected,
    looks: () => looks,
    edited: () => edited,
    signs: () => signs,
    pick: onpick,
    update() {
      if (drawn !== app.graph) {
        drawn = app.graph;
        const nodes = new Map(Object.entries(drawn.nodes));
        pane.draw({ ...drawn, nodes }, app.run.steps.map(({ name }) => name));
        const some = (holds) => [...nodes.values()].some((node) => node.items.some((item) => holds(item, node)));
        signs = {
          lost: drawn.marks.length > 0,
          checks: some((item) => item.part === "checks"),
          stubs: some((item, node) => item.part === "box" && item.dashed && node.look !== "skipped"),
        };
        looks = new Set([...nodes.values()].map((node) => node.look));
        edited = [...nodes.values()].some((node) => node.items.some((item) => item.part === "edited"));
      }
      pane.canvas.mark(app.selected);
      pane.follow(app.run, app.selected);
    },
  };
}

function viewTabs(show) {
  const buttons = new Map(
    GRAPH_VIEWS.map(([name, label, , says]) => [
      name,
      el("button", { type: "button", role: "tab", title: says, dataset: { view: name }, onclick: () => show(name) }, label),
    ]),
  );
  const element = el("div", { class: "crt-views", role: "tablist", "aria-label": "What the graph shows" }, [...buttons.values()]);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const other = [...buttons].find(([, button]) => button.tabIndex < 0)[0];
    show(other);
    buttons.get(other).focus();
  });
  return {
    element,
    update(shown) {
      for (const [name, button] of buttons) {
        button.setAttribute("aria-selected", String(name === shown));
        button.tabIndex = name === shown ? 0 : -1;
      }
    },
  };
}

/** The step that an arrow key leads to: down to what needs this one, up to what it needs, aside within the layer. */
function graphNeighbour(app, key) {
  const order = app.run.steps.map(({ name }) => name);
  const { nodes, wires } = app.graph;
  const here = app.selected;
  if (here === null || !Object.hasOwn(nodes, here)) return order[0];
  if (key === "ArrowDown") return order.find((name) => wires[name].includes(here));
  if (key === "ArrowUp") return wires[here][0];
  const [x] = nodes[here].box;
  const middle = ({ box: [, top, , height] }) => top + height / 2;
  const layer = order.filter((name) => Math.abs(middle(nodes[name]) - middle(nodes[here])) < 1);
  const aside = layer.filter((name) => (key === "ArrowLeft" ? nodes[name].box[0] < x : nodes[name].box[0] > x));
  const distance = (name) => Math.abs(nodes[name].box[0] - x);
  return aside.sort((a, b) => distance(a) - distance(b))[0];
}
