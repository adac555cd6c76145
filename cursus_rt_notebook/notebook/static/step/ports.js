// Outputs and inputs of a step: ports and channels as chips with their shape, and the table or files of the chosen one.

import { cut, el, fill } from "../dom.js";
import { walksWith } from "../live.js";
import { askedWhen, sentence, troubleNote } from "../say.js";
import { grid } from "../grid/grid.js";
import { fileList } from "./file_list.js";

/** The tab for one side, `outputs` or `inputs`: `{ element, update(look) }`. */
export function portsTab(app, go, side) {
  const chips = el("div", { class: "crt-ports" });
  const body = el("div", { class: "crt-port-body" });
  const settings = el("div", { class: "crt-settings", hidden: true });
  const shown = { look: null, buttons: [], chosen: null, mounted: null };

  const choose = (entry) => {
    shown.chosen = entry.key;
    for (const one of shown.buttons) pressChip(one, one === entry);
    mountChip(app, body, shown, entry, side);
  };
  const show = (answer) => {
    shown.buttons = answer.ports.flatMap((port) => port.chips.map((chip) => chipButton(port, chip, choose)));
    fill(chips, answer.nothing ? el("p", {}, sentence(answer.nothing, go)) : answer.ports.map((port) => portLine(port, shown.buttons, go)));
    const wanted = wantedChip(shown, side);
    const entry = wanted?.entry ?? shown.buttons.find((one) => one.key === shown.chosen) ?? shown.buttons[0];
    if (entry) choose(entry);
    else unmountChip(body, shown);
    if (wanted?.where) shown.mounted.part.filter?.(wanted.where);
    showSettings(settings, answer.settings);
  };
  const clear = (note) => {
    shown.buttons = [];
    settings.hidden = true;
    unmountChip(body, shown);
    fill(chips, note);
  };
  const refresh = askedWhen(app, "ports", { show, clear, fail: (error) => clear(troubleNote(error)) });
  walksWith(chips, ["ArrowLeft", "ArrowRight"], () => shown.buttons.map((one) => one.button));
  return {
    element: el("div", {}, chips, body, settings),
    update(look) {
      shown.look = look;
      refresh(aboutLook(look), { step: look.step, at: look.at, side });
      const wanted = wantedChip(shown, side);
      if (wanted) choose(wanted.entry);
      if (wanted?.where) shown.mounted.part.filter?.(wanted.where);
    },
  };
}

/** What a tab's answer hangs on. */
export function aboutLook(look) {
  return JSON.stringify([look.step, look.at, look.stamp]);
}

function portLine(port, buttons, go) {
  const mine = buttons.filter((one) => one.port === port.port);
  return el(
    "div",
    { class: "crt-port", role: "group", "aria-label": `Port ${cut(port.port, 80)}` },
    el("span", { class: "crt-port-name", title: cut(port.port, 500) }, cut(port.port, 60)),
    mine.map((one) => one.button),
    port.trouble ? el("span", { class: "crt-trouble" }, cut(port.trouble, 600)) : null,
    port.from.length ? el("span", { class: "crt-port-from" }, sentence(port.from, go)) : null,
  );
}

function chipButton({ port, holds }, chip, choose) {
  const entry = { port, holds, chip, key: JSON.stringify([port, chip.channel, chip.file, chip.kind]) };
  const name = chip.label ? `${cut(chip.label, 60)} ` : "";
  entry.button = el(
    "button",
    { type: "button", class: "crt-chip", "aria-pressed": "false", title: cut(chip.expression, 500), onclick: () => choose(entry) },
    name,
    el("span", {}, chip.size),
    chip.former ? el("span", { class: "crt-was" }, ` ${chip.former}`) : null,
  );
  return entry;
}

/** The chip that a link elsewhere spoke of, by its port and channel, and the condition on its rows if there was one. */
function wantedChip(shown, side) {
  const { wanted } = shown.look;
  if (!wanted?.port || (wanted.tab ?? side) !== side) return null;
  const mine = shown.buttons.filter((one) => one.port === wanted.port);
  const entry = mine.find((one) => one.chip.channel === wanted.channel) ?? mine[0];
  if (!entry) return null;
  shown.look.wanted = null;
  return { entry, where: wanted.where };
}

function pressChip({ button }, on) {
  button.setAttribute("aria-pressed", String(on));
  // One stop of the Tab key for all chips.
  button.tabIndex = on ? 0 : -1;
}

function mountChip(app, body, shown, { port, holds, chip, key }, side) {
  // By its content: what is only counted or told anew keeps its place, filter and order.
  const about = JSON.stringify([shown.look.step, shown.look.at, key, holds]);
  if (shown.mounted?.about === about) return;
  unmountChip(body, shown);
  const { step, at } = shown.look;
  const source = { step, at, side, port, channel: chip.channel, file: chip.file, expression: chip.expression, rows: chip.rows, columns: chip.columns };
  const openTable = (file) => showFileAsTable(app, body, shown, about, { ...source, ...file });
  const part = chip.kind === "table" ? grid(app, source) : fileList(app, source, openTable);
  shown.mounted = { about, part };
  fill(body, part.element);
}

function showFileAsTable(app, body, shown, about, source) {
  const before = shown.mounted.part;
  const back = () => {
    part.destroy();
    shown.mounted = { about, part: before };
    fill(body, before.element);
  };
  const part = grid(app, source);
  shown.mounted = { about, part: { destroy: () => (part.destroy(), before.destroy()) } };
  fill(body, el("p", {}, el("button", { type: "button", class: "crt-link", onclick: back }, "All files"), ` · ${cut(source.file ?? "", 200)}`), part.element);
}

function unmountChip(body, shown) {
  shown.mounted?.part.destroy();
  shown.mounted = null;
  fill(body);
}

function showSettings(host, settings) {
  const kinds = [
    ["Environment", settings?.env ?? []],
    ["Arguments", settings?.args ?? []],
  ].filter(([, pairs]) => pairs.length);
  host.hidden = !kinds.length;
  fill(
    host,
    kinds.map(([title, pairs]) =>
      el(
        "div",
        {},
        el("b", {}, title),
        pairs.map(([name, value]) => el("span", {}, el("code", {}, cut(name, 80)), " ", el("code", { class: "crt-dim" }, cut(value, 300)))),
      ),
    ),
  );
}
