// The graph of the data: files and ports between the steps that wrote and read them.

import { graphPane } from "./pane.js";

const TABS = { port: "outputs", file: "inputs", step: null };

/** The view *Data*: `update()` draws it, and asks for it anew when a step has changed. */
export function dataGraph(app) {
  let nodes = new Map();
  let steps = new Map();
  let told = null;
  let asking = false;
  let chosen = null;
  const pane = graphPane(app, { name: "data", label: "Steps and data", onpick, idOf: (step) => steps.get(step) });

  function onpick(id) {
    const node = nodes.get(id);
    chosen = id;
    app.select(node.of, TABS[node.kind]);
  }
  function mark() {
    if (nodes.get(chosen)?.of !== app.selected) chosen = null;
    const id = chosen ?? steps.get(app.selected);
    pane.canvas.mark(id);
    pane.canvas.light(id);
  }
  function take(drawing) {
    nodes = new Map(drawing.nodes.map((node) => [node.id, keptNode(nodes.get(node.id), node)]));
    steps = new Map(drawing.nodes.filter((node) => node.kind === "step").map((node) => [node.of, node.id]));
    pane.draw({ ...drawing, nodes }, [...nodes.keys()]);
  }
  async function ask(about) {
    asking = true;
    told = about;
    try {
      take(await app.ask("lineage", { at: app.at }));
    } catch (error) {
      app.say(error.message);
    } finally {
      asking = false;
    }
    app.update();
  }

  return {
    pane,
    names: () => [...nodes].map(([id, node]) => [id, node.name]),
    selected: () => chosen ?? steps.get(app.selected),
    looks: () => new Set([...nodes.values()].filter((node) => node.kind !== "file").map((node) => node.look)),
    edited: () => false,
    signs: () => ({}),
    pick: onpick,
    update() {
      const about = dataMoment(app);
      if (about !== told && !asking) ask(about);
      mark();
      pane.follow(app.run, app.selected);
    },
  };
}

/** What the drawing depends on: where each step stands, and what is told on the arrows of its rows. */
function dataMoment(app) {
  const looks = app.run.steps.map((step) => [step.look, step.status]);
  const rows = app.graph.edges.flatMap(({ items }) => items.filter((item) => item.text).map((item) => item.text));
  return JSON.stringify([app.at, app.at === null ? null : app.run.pause, looks, rows]);
}

/** A node that says the same is the same: its element is not drawn anew. */
function keptNode(before, now) {
  return before && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}
