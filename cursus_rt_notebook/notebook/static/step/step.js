// The right side: the selected step. Its title, why it stands as it does, and its tabs.

import { cut, el, fill, glyph, visible } from "../dom.js";
import { keptFresh, retext, walksWith } from "../live.js";
import { sentence } from "../say.js";
import { portsTab } from "./ports.js";
import { changedTab } from "./changed.js";
import { checksTab } from "./checks.js";
import { sourceTab } from "./source.js";
import { logTab } from "./log.js";
import { variablesTab } from "./variables.js";
import { explainTab } from "./explain.js";
import { resourcesTab } from "./resources.js";

const STEP_TABS = [
  ["outputs", "Outputs", (app, go) => portsTab(app, go, "outputs")],
  ["inputs", "Inputs", (app, go) => portsTab(app, go, "inputs")],
  ["checks", "Checks", checksTab],
  ["changed", "What changed", changedTab],
  ["source", "Source", sourceTab],
  ["log", "Log", logTab],
  ["variables", "Variables", variablesTab],
  ["explain", "Explain", explainTab],
  ["resources", "Resources", resourcesTab],
];

// A tab that a step has nothing for.
const ABSENT = { off: "The step has nothing here" };

/**
 * The selected step: `{ element, open(step, tab, wanted), update() }`. What the tabs get to see of it is `look`: `step`, `at`,
 * `stamp` (another one where there is something new to see), `running`, and `wanted`, a place that one of them is to show;
 * `told` is the step that the last answer was about.
 */
export function stepView(app) {
  const look = { step: null, at: null, stamp: "", running: false, wanted: null, told: null };
  // `usual` is the tab that the user chose last; `asked` the one chosen for this step, which nothing takes away.
  const choice = { usual: "outputs", chosen: false, asked: null, current: null };
  const head = stepHead();
  const banner = el("div", { class: "crt-banner", hidden: true });
  const go = (piece) => {
    look.wanted = piece.port || piece.file ? piece : null;
    if (piece.step) app.select(piece.step, piece.tab ?? null, look.wanted);
    else choose(piece.tab, true);
  };
  const tabs = new Map(STEP_TABS.map(([name, label, make]) => [name, stepTab(name, label, () => make(app, go), () => choose(name))]));
  const list = el("div", { class: "crt-tabs", role: "tablist", "aria-label": "The step" }, [...tabs.values()].map((tab) => tab.button));
  const body = el("div", { class: "crt-tab-body" }, [...tabs.values()].map((tab) => tab.panel));
  const element = el("div", { class: "crt-step" }, head.element, list, banner, body);

  const choose = (name, focus = false) => {
    if (tabs.get(name).off) return;
    Object.assign(choice, { usual: name, chosen: true, asked: name });
    show(name);
    if (focus) tabs.get(name).button.focus();
  };
  const show = (name) => {
    choice.current = name;
    for (const [key, tab] of tabs) tab.choose(key === name);
    banner.hidden = !banner.firstChild || name === "variables";
    tabs.get(name).part().update(look);
  };
  const take = (answer) => {
    Object.assign(look, { at: app.at, stamp: answer.stamp, running: answer.running, told: answer.name });
    element.classList.remove("crt-pending");
    head.show(answer);
    showBanner(banner, answer.banner, go);
    for (const [name, tab] of tabs) tab.tell(answer.tabs.find((one) => one.name === name) ?? ABSENT);
    show(tabFor(choice, answer, tabs));
  };
  const refresh = keptFresh(app, element, "step", take, { every: 300, args: () => ({ step: look.step, at: app.at }) });

  // Whoever has begun to use a tab keeps it, whatever the step does.
  for (const kind of ["pointerdown", "keydown"]) body.addEventListener(kind, () => (choice.asked = choice.current));
  walksWith(list, ["ArrowLeft", "ArrowRight"], () => [...tabs.values()].map((tab) => tab.button).filter((button) => !button.hidden));
  list.addEventListener("focusin", (event) => {
    const name = event.target.dataset.tab;
    if (name && name !== choice.current) choose(name);
  });
  return {
    element,
    open(step, tab = null, wanted = null) {
      look.wanted = wanted;
      const same = step === look.step;
      if (!same) choice.asked = null;
      look.step = step;
      if (tab) Object.assign(choice, { usual: tab, chosen: true, asked: tab });
      head.name(step);
      // What the tabs show is the other step's, until this one is told.
      element.classList.toggle("crt-pending", step !== look.told);
      refresh();
      // Of the same step nothing new may come, but another tab was asked for.
      if (tab && same && step === look.told && !tabs.get(tab).off) show(tab);
    },
    update() {
      if (!look.step || element.hidden) return;
      refresh();
      if (choice.current && look.step === look.told) tabs.get(choice.current).part().update(look);
    },
  };
}

/** A failed step is for its variables or its checks, a running one for its log, unless the user has said what to look at. */
function tabFor(choice, answer, tabs) {
  const wishes = [choice.asked, answer.opens !== "log" || !choice.chosen ? answer.opens : null, choice.usual];
  return wishes.find((name) => name && !tabs.get(name).off) ?? "outputs";
}

function stepHead() {
  const sign = el("span", { class: "crt-step-sign" });
  const name = el("h3", {});
  const facts = el("span", { class: "crt-step-facts" });
  return {
    element: el("div", { class: "crt-step-head" }, sign, name, facts),
    name(step) {
      if (name.dataset.step === step) return;
      name.dataset.step = step;
      name.title = visible(cut(step, 500));
      fill(name, cut(step, 120));
      fill(sign);
      delete sign.dataset.look;
      retext(facts, "");
    },
    show(answer) {
      if (sign.dataset.look !== answer.look) {
        sign.dataset.look = answer.look;
        fill(sign, glyph(answer.look, 13), el("span", { class: "crt-unseen" }, answer.word));
      }
      retext(facts, answer.facts.join(" · "));
    },
  };
}

function showBanner(host, told, go) {
  const text = JSON.stringify(told);
  if (host.dataset.told === text) return;
  host.dataset.told = text;
  host.className = told ? `crt-banner crt-tone-${told.tone}` : "crt-banner";
  const notes = told?.notes.map((note) => el("span", { class: `crt-note-${note.severity}` }, " ", sentence(note.sentence, go)));
  fill(host, told && [el("span", {}, sentence(told.lead, go)), notes, told.more && ` ${told.more}`]);
}

function stepTab(name, label, make, press) {
  const id = `crt-${name}-${Math.random().toString(36).slice(2)}`;
  const badge = el("span", { class: "crt-badge", hidden: true });
  const button = el("button", { type: "button", role: "tab", id, dataset: { tab: name }, tabindex: "-1", "aria-controls": `${id}-panel`, onclick: press }, label, badge);
  const panel = el("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, hidden: true });
  let part = null;
  return {
    button,
    panel,
    off: "",
    /** The tab's content, made when it is first looked at. */
    part() {
      if (!part) panel.append((part = make()).element);
      return part;
    },
    choose(on) {
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
    },
    tell(told) {
      this.off = told.off ?? "";
      button.hidden = told === ABSENT;
      button.title = visible(this.off);
      button.setAttribute("aria-disabled", String(Boolean(this.off)));
      badge.hidden = !told.badge;
      badge.className = `crt-badge crt-tone-${told.badge?.tone ?? "waiting"}`;
      retext(badge, told.badge?.text ?? "");
    },
  };
}
