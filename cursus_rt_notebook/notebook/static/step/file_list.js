// The files of a port that is no table: listed with kind and size; text and pictures are shown below.

import { cut, el, fill } from "../dom.js";
import { troubleNote } from "../say.js";

// What an <img> may be given: pictures only, which run nothing.
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]);

/** The files at `source`: `{ element, destroy() }`; `openTable({ file, expression })` is for those that hold a table. */
export function fileList(app, source, openTable) {
  const { step, at, side, port, channel } = source;
  const where = { step, at, side, port, channel };
  const list = el("div", {}, "…");
  const look = el("div", { class: "crt-preview" });
  let alive = true;

  const preview = async (file, row) => {
    for (const other of list.querySelectorAll("tr[aria-selected]")) other.removeAttribute("aria-selected");
    row.setAttribute("aria-selected", "true");
    const answer = await app.ask("preview", { ...where, file: file.path }).catch((error) => ({ error }));
    if (alive && row.hasAttribute("aria-selected")) fill(look, answer.error ? troubleNote(answer.error) : shownFile(file, answer));
  };
  const take = ({ files, more, trouble }) => {
    if (!alive) return;
    const rows = files.map((file) => fileRow(file, preview, openTable));
    const head = el("tr", {}, ["file", "kind", "size", ""].map((text) => el("th", { scope: "col" }, text)));
    fill(
      list,
      trouble && el("p", {}, trouble),
      rows.length ? el("table", { class: "crt-plain" }, el("thead", {}, head), el("tbody", {}, rows.map((row) => row.element))) : null,
      more && el("p", { class: "crt-dim" }, more),
    );
    const first = rows.find((row) => row.file.preview);
    if (first) preview(first.file, first.element);
  };
  app.ask("port_files", where).then(take, (error) => alive && fill(list, troubleNote(error)));
  return {
    element: el("div", {}, list, look),
    destroy() {
      alive = false;
    },
  };
}

function fileRow(file, preview, openTable) {
  const name = cut(file.path, 200);
  const show = () => preview(file, element);
  const element = el(
    "tr",
    {},
    el("td", {}, file.preview ? el("button", { type: "button", class: "crt-link", onclick: show }, name) : name),
    el("td", {}, file.kind, file.note ? el("span", { class: "crt-dim" }, ` · ${cut(file.note, 200)}`) : null),
    el("td", { class: "crt-num" }, file.size),
    el("td", {}, file.table ? el("button", { type: "button", class: "crt-link", onclick: () => openTable({ file: file.path, expression: file.expression }) }, "open as table") : null),
  );
  return { element, file };
}

function shownFile(file, answer) {
  const title = el("div", { class: "crt-dim" }, el("code", {}, cut(file.path, 200)), answer.cut ? ` · ${answer.cut}` : null);
  if (answer.image && PICTURES.has(answer.media)) {
    const src = `data:${answer.media};base64,${answer.image}`;
    return [title, el("img", { src, alt: cut(file.path, 200) })];
  }
  if (answer.text === undefined) return [title, el("p", {}, answer.note)];
  return [title, el("pre", { class: "crt-text", tabindex: "0" }, answer.text)];
}
