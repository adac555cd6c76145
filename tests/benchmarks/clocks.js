// Clocks in the page, beside the panel: what the eye waits for, from the press on. All times in milliseconds.

const painted = () =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));

/** Promises that `there()` holds; it is looked at whenever the page changes. */
function seen(there, root = document) {
  return new Promise((resolve) => {
    const look = () => {
      if (!there()) return;
      watch.disconnect();
      resolve();
    };
    const watch = new MutationObserver(look);
    watch.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });
}

/** The table that is shown; others may stand in tabs that are not. */
const tableInView = () => [...document.querySelectorAll(".crt-sheet-frame")].find((frame) => frame.checkVisibility());

/** Promises when an event came into being, which is before the page hears of it. */
function born(kind, wanted = () => true) {
  return new Promise((resolve) => {
    const hear = (event) => {
      if (!wanted(event)) return;
      window.removeEventListener(kind, hear, true);
      resolve(event.timeStamp);
    };
    window.addEventListener(kind, hear, true);
  });
}

/** Promises that an element is told anew, and begins with these words. */
function told(element, words) {
  return new Promise((resolve) => {
    const watch = new MutationObserver(() => {
      if (!element.textContent.startsWith(words)) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(element, { subtree: true, childList: true, characterData: true });
  });
}

class Clocks {
  #pills = [];
  #next = null;
  #pause = null;

  /** Wait for what was begun by `await...`. */
  async result() {
    return this.#next;
  }

  /** Wait until the pause is shown that the press brings. */
  async paused() {
    return this.#pause;
  }

  /** From Ctrl+Enter to a new panel's graph on the screen. */
  awaitPanel() {
    const known = new Set(document.querySelectorAll(".crt-panel"));
    const fresh = () =>
      [...document.querySelectorAll(".crt-panel")].some((one) => !known.has(one) && one.querySelector(".crt-node"));
    const pressed = born("keydown", (event) => event.ctrlKey && event.key === "Enter");
    this.#next = (async () => {
      const from = await pressed;
      await seen(fresh);
      return (await painted()) - from;
    })();
  }

  /** From a click on a button to its being shown as heard, and to the kernel's having taken it. */
  awaitHeard(panel, action) {
    const root = document.querySelectorAll(".crt-panel")[panel];
    const button = root.querySelector(`[data-action=${action}]`);
    const heard = () => button.classList.contains("crt-heard");
    this.#pause = told(root.querySelector("[aria-live=assertive]"), "Paused");
    const pressed = born("click");
    this.#next = (async () => {
      const from = await pressed;
      await seen(heard, button);
      const shown = painted();
      await seen(() => !heard(), button);
      const taken = performance.now();
      return { shown: (await shown) - from, taken: taken - from };
    })();
  }

  /** Keep what a panel's pill says from now on, and by the machine's clock when it was on the screen. */
  watchPill(panel) {
    const pills = (this.#pills = []);
    const pill = document.querySelectorAll(".crt-panel")[panel].querySelector(".crt-pill");
    const note = async () => {
      const text = pill.textContent;
      await painted();
      pills.push([text, Date.now()]);
    };
    new MutationObserver(note).observe(pill, { subtree: true, childList: true, characterData: true });
  }

  pills() {
    return this.#pills;
  }

  /** From Enter in a table's field for a row to all its cells in view, for rows anywhere in it. */
  async jumps(count) {
    const frame = tableInView();
    const field = frame.querySelector(".crt-sheet-pager input");
    const sheet = frame.querySelector(".crt-sheet");
    const times = [];
    while (times.length < count) {
      // What is read ahead belongs to the page before.
      await new Promise((resolve) => setTimeout(resolve, 250));
      const row = Math.floor(Math.random() * (Number(sheet.getAttribute("aria-rowcount")) - 100));
      field.value = String(row);
      const from = performance.now();
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      const first = () => Number(frame.querySelector(".crt-sheet-rows .crt-sheet-row").getAttribute("aria-rowindex"));
      await seen(() => this.#whole(frame) && Math.abs(first() - 2 - row) <= 1, frame);
      times.push((await painted()) - from);
    }
    return times;
  }

  /** From a change of what a table shows (`where`, or a column to `sort` by) to its first page. */
  async search({ where = null, sort = null }) {
    const frame = tableInView();
    const from = performance.now();
    if (sort) {
      const heads = [...frame.querySelectorAll(".crt-sheet-column")];
      heads.find((head) => head.querySelector("b").textContent === sort).querySelector(".crt-sheet-sort").click();
    } else {
      const field = frame.querySelector(".crt-sheet-query input");
      field.value = where;
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    }
    await seen(() => this.#whole(frame), frame);
    return (await painted()) - from;
  }

  /** The table as it is again, without filter and order. */
  async plain() {
    const frame = tableInView();
    if (frame.querySelector(".crt-sheet-query input").value) await this.search({ where: "" });
    const sorted = () => frame.querySelector(".crt-sheet-column:is([aria-sort=ascending], [aria-sort=descending])");
    while (sorted()) sorted().querySelector(".crt-sheet-sort").click();
    await seen(() => this.#whole(frame), frame);
  }

  /** The table is there with all that belongs to it, so that nothing is being asked. */
  async settled() {
    await seen(() => {
      const frame = tableInView();
      const heads = frame ? [...frame.querySelectorAll(".crt-sheet-column")] : [];
      return heads.length && this.#whole(frame) && heads.every((one) => one.querySelector(".crt-sheet-share").textContent);
    });
  }

  #whole(frame) {
    const sheet = frame.querySelector(".crt-sheet");
    return sheet.getAttribute("aria-busy") === "false" && !sheet.classList.contains("crt-sheet-asks");
  }
}

window.clocks = new Clocks();
