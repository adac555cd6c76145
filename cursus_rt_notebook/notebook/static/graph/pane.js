// One view of the graph: the drawing in its frame, and what the eye should follow in it.

import { el } from "../dom.js";
import { graphCanvas } from "./canvas.js";
import { graphFrame } from "./frame.js";
import { linkCard } from "./link_card.js";

/**
 * A view: `draw(drawing, order)`, `bring(id)` scrolls a box into sight, `follow(run, selected)` keeps what happens in
 * sight unless the user moved the drawing since `settle()`. `idOf(step)` is the box that stands for a step.
 */
export function graphPane(app, { name, label, onpick, onmark, onlink, adorn, idOf }) {
  const card = linkCard();
  const onpoint = (link, box, flows) => (link ? card.show(link, box, flows) : card.hide());
  const canvas = graphCanvas({ name: label, onpick: (id) => (frame.settle(), onpick(id)), onmark, onlink, onpoint, adorn });
  const frame = graphFrame(canvas.element, app.signal, () => !frame.moved() && bringAll());
  canvas.listen(frame.element);
  const seen = { pause: null, next: null, running: null, selected: null };
  const element = el(
    "div",
    { class: "crt-graph-pane", role: "tabpanel", "aria-label": label, dataset: { view: name } },
    frame.element,
    card.element,
  );

  const bring = (id) => {
    const box = canvas.boxes.get(id)?.node.box;
    if (box) frame.reveal(box);
  };
  // The last one wins where there is no room for all.
  const bringAll = () => [seen.next, seen.running, seen.selected].forEach((step) => step && bring(idOf(step)));

  return {
    element,
    canvas,
    controls: frame.controls,
    bring,
    draw(drawing, order) {
      // Measured before there is much to be laid out: a large drawing is laid out once.
      const fitted = frame.resize(drawing.width, drawing.height);
      canvas.show(drawing, order);
      if (fitted && !frame.moved()) bringAll();
    },
    follow(run, selected) {
      const running = run.steps.find((step) => step.status === "running")?.name ?? null;
      const now = { pause: run.pause, next: run.next[0] ?? null, running, selected };
      if (now.pause !== null && now.pause !== seen.pause) frame.settle();
      const news = ["next", "running", "selected"].filter((what) => now[what] !== seen[what]);
      Object.assign(seen, now);
      if (!frame.moved()) news.forEach((what) => now[what] && bring(idOf(now[what])));
    },
    settle: frame.settle,
  };
}
