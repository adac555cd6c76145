// What stays on the screen while the run moves: answers asked anew, and lists whose items keep their elements.

import { fill } from "./dom.js";

/**
 * Keep an answer fresh. `refresh()`, called at every news, asks `what` while `element` can be seen, at most once in
 * `every` milliseconds (at once where the arguments have changed), and calls `show(answer)` where it is a new one.
 * With `beats` it asks while the run moves even if there is no news: time alone changes the answer.
 */
export function keptFresh(app, element, what, show, { every = 1000, beats = false, args = () => ({ at: app.at }) } = {}) {
  const last = { about: null, asked: -Infinity, answer: null };
  let asking = false;
  let timer = null;

  const refresh = () => {
    if (asking || app.signal.aborted || !element.isConnected || !element.checkVisibility()) return;
    const about = JSON.stringify(args());
    const wait = about === last.about ? last.asked + every - performance.now() : 0;
    if (wait <= 0) ask(about);
    else timer ??= setTimeout(() => ((timer = null), refresh()), wait);
  };

  const ask = async (about) => {
    asking = true;
    Object.assign(last, { about, asked: performance.now() });
    try {
      take(about, await app.ask(what, args(), { quiet: true }));
    } catch (error) {
      app.say(error.message);
    } finally {
      asking = false;
    }
    if (about !== JSON.stringify(args())) refresh();
  };

  const take = (about, answer) => {
    const text = JSON.stringify(answer);
    // An answer about another moment than the one now looked at comes too late.
    if (about !== JSON.stringify(args()) || text === last.answer) return;
    last.answer = text;
    show(answer);
  };

  if (beats) {
    const beat = setInterval(() => app.at === null && app.run?.moving && refresh(), every);
    app.signal.addEventListener("abort", () => clearInterval(beat));
  }
  return refresh;
}

/**
 * Keep the children of `host` in step with items: each has one part `{ element, update(item, index) }`, made once by
 * `make(item)` and found again by `keyOf(item)`; so focus, scroll and what was typed stay. Returns `show(items)`.
 */
export function keyed(host, keyOf, make) {
  let parts = new Map();
  return (items) => {
    const kept = new Map(items.map((item) => [keyOf(item), parts.get(keyOf(item)) ?? make(item)]));
    for (const [key, part] of parts) if (kept.get(key) !== part) part.element.remove();
    parts = kept;
    items.forEach((item, index) => kept.get(keyOf(item)).update(item, index));
    inOrder(host, [...kept.values()]);
  };
}

function inOrder(host, parts) {
  const focused = host.getRootNode().activeElement;
  parts.forEach(({ element }, index) => {
    if (host.children[index] !== element) host.insertBefore(element, host.children[index] ?? null);
  });
  // Moving an element takes the focus from what is in it.
  if (focused && host.contains(focused) && host.getRootNode().activeElement !== focused) focused.focus();
}

/** Set an element's text, if it is not that already. */
export function retext(element, text) {
  if (element.dataset.told !== String(text)) {
    element.dataset.told = text;
    fill(element, text);
  }
}

/** Carry the focus along `items()` with these two keys; the panel, whose keys they are too, does not hear them. */
export function walksWith(element, [back, forth], items) {
  element.addEventListener("keydown", (event) => {
    if (event.key !== back && event.key !== forth) return;
    event.preventDefault();
    event.stopPropagation();
    const all = items();
    const at = all.indexOf(element.getRootNode().activeElement);
    all[Math.max(0, Math.min(all.length - 1, at + (event.key === forth ? 1 : -1)))]?.focus();
  });
}
