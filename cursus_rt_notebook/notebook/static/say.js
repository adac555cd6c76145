// What the tabs of a step share: sentences whose pieces lead somewhere, code in colours, answers asked once, copying.

import { cut, el } from "./dom.js";

/** A sentence of pieces as Python tells them; `go(piece)` follows one that leads somewhere. */
export function sentence(pieces, go) {
  return pieces.map((piece, place) => {
    const text = cut(piece.text.slice(closing(pieces[place - 1], piece).length), 2000);
    if (leads(piece)) {
      const link = el("button", { type: "button", class: "crt-link", onclick: () => go(piece) }, text);
      return el("span", { class: "crt-held" }, link, closing(piece, pieces[place + 1]));
    }
    if (piece.as === "b") return el("b", {}, text);
    if (piece.as === "code" || piece.as === "fix") return el("code", { class: piece.as === "fix" ? "crt-fix" : null, title: piece.title }, text);
    return text;
  });
}

function leads(piece) {
  return Boolean(piece?.step || piece?.tab);
}

/** The stop or comma after a link: it must not begin a line without it. */
function closing(link, next) {
  return leads(link) && next && !leads(next) && !next.as ? (/^[.,;:)]+/.exec(next.text)?.[0] ?? "") : "";
}

/** Pieces of (kind, text) as spans: a line of code, or of a log. */
export function coloured(pieces, prefix = "crt-py-") {
  return typeof pieces === "string" ? pieces : pieces.map(([kind, text]) => (kind ? el("span", { class: prefix + kind }, text) : text));
}

/** Changed lines of a text, as pairs of sign and text. */
export function diffBlock(pairs) {
  const words = { "+": "added", "-": "removed", "@": "skip" };
  const lines = pairs.map(([sign, text]) =>
    el("div", { class: `crt-diff-${words[sign] ?? "same"}` }, sign === "@" ? "⋯ " : `${sign} `, text),
  );
  return el("pre", { class: "crt-diff", tabindex: "0", "aria-label": "Changed lines" }, lines);
}

/**
 * Ask a question anew only where what it is about (a text) has changed: `refresh(about, args)`. `show(answer)` gets the
 * newest answer, `fail(error)` what kept it from coming; an answer that comes too late is dropped. `clear(note)` takes
 * away what another step showed, which must not stand under this one's name.
 */
export function askedWhen(app, what, { show, fail, clear }) {
  let last = null;
  let subject = null;
  return async (about, args) => {
    if (about === last) return;
    last = about;
    const before = subject;
    subject = JSON.stringify([args.step, args.at]);
    if (subject !== before) clear(el("p", { class: "crt-looking", role: "status" }, "Looking …"));
    try {
      const answer = await app.ask(what, args);
      if (about === last) show(answer);
    } catch (error) {
      if (about === last) fail(error);
    }
  };
}

/** Why something cannot be shown, and what to do. */
export function troubleNote(error) {
  return el("p", { class: "crt-trouble", role: "status" }, error.message, error.fix ? `: ${error.fix}` : null);
}

/** A button that copies `text()`, and says that it has. */
export function copyButton(label, text, attributes = {}) {
  const button = el("button", { type: "button", class: "crt-button", "aria-live": "polite", ...attributes }, label);
  button.addEventListener("click", async () => {
    const done = await copied(text());
    button.textContent = done ? "Copied" : "The browser does not let us copy";
    setTimeout(() => (button.textContent = label), 2000);
  });
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https there is no clipboard: the old way still works.
    const area = el("textarea", { class: "crt-unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
