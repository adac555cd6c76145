// The panel: lays out its parts, hears the kernel, and carries out what the hands do. The session owns all state.

import { el, fill } from "./dom.js";
import { headline } from "./head.js";
import { connect, unpacked } from "./link.js";
import { ACTIONS, toolbar } from "./toolbar.js";
import { graphSide } from "./graph/graph.js";
import { stepView } from "./step/step.js";
import { runView } from "./run/run.js";
import { helpCard } from "./help.js";
import { toggleBreakpoint } from "./breakpoint.js";

const BUSY =
  "The kernel is busy with a cell and has not heard this yet. The notebook's Interrupt button (■) stops what the cell waits for.";

const LOST =
  "The kernel that ran this has ended: you see how it stood. Run the cell again for a new run: finished steps come from the cache.";

export default {
  render({ model, el: host, signal }) {
    const app = application(model, signal);
    host.append(app.root);
    app.start(unpacked(model.get("first")));
  },
};

/**
 * What the parts of the panel share: `run` and `graph` as the kernel tells them, `selected` (a step, or null),
 * `ask(what, args)`, `select(step, tab, wanted)` with a place that the tab is to show, `openRun(tab)`, `say(text)`, `press(action)`.
 */
function application(model, signal) {
  const app = { run: null, graph: null, live: null, selected: null, follows: true, at: null, lost: false, signal };
  const bar = toolbar((name) => press(app, name), () => app.help());
  const notice = el("div", { class: "crt-notice", role: "status", "aria-live": "polite", hidden: true });
  app.root = el("section", {
    class: "crt crt-panel",
    tabindex: "0",
    "aria-label": "Pipeline debugger",
    dataset: { lmSuppressShortcuts: "true" },
  });

  const link = connect(model, {
    signal,
    onlost: () => loseKernel(app),
    onnews: (news) => hearNews(app, news),
    onbusy: (busy) => (busy ? app.say(BUSY, "busy") : app.say("", "busy")),
  });
  app.ask = link.ask;
  app.say = (text, kind = "told") => say(notice, text, kind);
  app.select = (step, tab = null, wanted = null) => {
    app.follows = step === app.run.at;
    app.selected = step;
    show("step");
    parts.step.open(step, tab, wanted);
    app.update();
  };
  app.openRun = (tab) => {
    app.follows = false;
    show("run");
    parts.run.open(tab);
  };
  app.press = (name) => press(app, name);
  app.return = () => lookNow(app);
  app.bar = bar;

  const head = headline(app);
  const parts = { graph: graphSide(app), step: stepView(app), run: runView(app), help: helpCard(app, ACTIONS) };
  const show = (which) => {
    parts.step.element.hidden = which !== "step";
    parts.run.element.hidden = which !== "run";
  };

  app.update = () => {
    bar.update(possible(app), app.selected);
    for (const part of [head, parts.graph, parts.step, parts.run]) part.update();
  };
  app.help = () => parts.help.toggle();
  app.find = () => parts.graph.find();
  app.walk = (key) => parts.graph.walk(key);
  app.start = (first) => {
    fill(
      app.root,
      el("header", { class: "crt-head" }, head.title, bar.element),
      head.progress,
      notice,
      head.heard,
      el(
        "div",
        { class: "crt-body" },
        parts.graph.element,
        el("div", { class: "crt-look" }, parts.step.element, parts.run.element),
      ),
      parts.help.element,
    );
    listenToKeys(app);
    takeWhole(app, first);
    // What was drawn may be older than the run: the first paint waits for nothing.
    askNews(app);
    // A kernel that was restarted says nothing: who comes back to the panel hears of it before a press is in vain.
    app.root.addEventListener("pointerenter", () => askNews(app));
  };
  app.follow = () => {
    const here = app.run.at ?? runningStep(app.run) ?? app.selected;
    // What preflight found is about many steps: they stand in one list.
    if (app.follows && app.run.when === "preflight") {
      app.selected = here;
      return app.openRun("findings");
    }
    if (here && app.follows && here !== app.selected) {
      app.selected = here;
      show("step");
      parts.step.open(here, null);
    } else if (!app.selected && !here) {
      show("run");
      parts.run.open(null);
    }
  };
  return app;
}

function askNews(app) {
  app.ask("news", {}, { quiet: true }).catch((error) => app.say(error.message));
}

/** The kernel is gone: say so, and let nothing seem to move. */
function loseKernel(app) {
  app.lost = true;
  app.say(LOST, "lost");
  const still = (run) => ({ ...run, moving: false, pill: { look: "skipped", text: "Kernel gone" } });
  app.live = { ...app.live, run: still(app.live.run) };
  app.run = still(app.run);
  app.update();
}

function takeWhole(app, whole) {
  app.live = { run: whole.run, graph: whole.graph };
  if (app.at === null) showLive(app);
}

function hearNews(app, news) {
  if (!news.run || !app.live) return;
  const graph = app.live.graph;
  const edges = news.edges ?? graph.edges;
  const marks = news.marks ?? graph.marks;
  app.live = { run: news.run, graph: { ...graph, label: news.label, edges, marks, nodes: { ...graph.nodes, ...news.nodes } } };
  if (app.at === null) showLive(app);
}

function showLive(app) {
  const paused = app.live.run.pause !== null && app.live.run.pause !== app.run?.pause;
  Object.assign(app, app.live);
  // A new pause is what the user waits for: look at it.
  if (paused) app.follows = true;
  app.follow();
  app.update();
}

function runningStep(run) {
  return run.steps.find((step) => step.status === "running")?.name ?? null;
}

function possible(app) {
  if (app.lost) return {};
  const run = app.run;
  const step = run.steps.find((one) => one.name === app.selected);
  const here = app.at === null;
  return {
    continue: here && run.can.continue,
    step: here && run.can.step,
    run_to: here && Boolean(step?.can.run_to),
    rerun: here && Boolean(step?.can.rerun),
    skip: here && Boolean(step?.can.skip),
    back: here ? run.can.back : app.at > 1,
    stop: run.can.stop,
  };
}

async function press(app, name) {
  if (!possible(app)[name]) return;
  if (name === "back") return lookBack(app);
  app.bar.heard(name, true);
  app.say("");
  const about = ACTIONS.find((action) => action.name === name).step ? app.selected : null;
  const { pause, pauses } = app.live.run;
  // A command for a pause that is over is refused: a double click is one click.
  const args = name === "stop" ? { name: "interrupt", pauses } : { name, step: about, pause };
  try {
    await app.ask("command", args);
    app.follows = true;
  } catch (error) {
    app.say(error.fix ? `${error.message}: ${error.fix}` : error.message);
  } finally {
    app.bar.heard(name, false);
  }
}

async function lookBack(app) {
  const now = app.live.run;
  const at = app.at === null ? (now.pause === null ? now.pauses : now.pause - 1) : app.at - 1;
  const past = await app.ask("moment", { at });
  Object.assign(app, past, { at, follows: true });
  app.follow();
  app.update();
}

/** Leave an earlier pause's view. */
function lookNow(app) {
  app.at = null;
  app.follows = true;
  showLive(app);
}

function say(notice, text, kind) {
  // That the kernel hears again says nothing about other notices; and where it is gone, there is nothing else to say.
  if (notice.dataset.kind !== kind && (!text || (notice.dataset.kind === "lost" && !notice.hidden))) return;
  notice.dataset.kind = kind;
  notice.hidden = !text;
  fill(notice, text);
}

function listenToKeys(app) {
  const keys = new Map(ACTIONS.map((action) => [action.key, () => app.press(action.name)]));
  keys.set("b", () => app.selected && toggleBreakpoint(app, app.selected));
  keys.set("/", () => app.find());
  keys.set("?", () => app.help());
  keys.set("Escape", () => (app.at === null ? app.root.focus() : lookNow(app)));
  for (const arrow of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) keys.set(arrow, () => app.walk(arrow));

  app.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || typing(event.target)) return;
    const act = keys.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });
  // JupyterLab's own keys sleep in the panel, save those with a modifier: Ctrl+S still saves.
  const suppress = (event) => {
    const plain = !(event.ctrlKey || event.altKey || event.metaKey);
    if (plain) app.root.dataset.lmSuppressShortcuts = "true";
    else delete app.root.dataset.lmSuppressShortcuts;
  };
  window.addEventListener("keydown", suppress, { capture: true, signal: app.signal });
}

function typing(target) {
  return target.matches("input, textarea, select, [contenteditable]");
}
