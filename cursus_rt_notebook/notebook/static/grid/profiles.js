// What is in the columns in view: asked for a few columns at a time, after the cells, so that a page never waits long.

const AT_ONCE = 6;
const SLOW = 150; // milliseconds; above this, one column at a time

/**
 * The profiles of one table's columns by name. `ask(names)` promises them, `arrived()` is called when some are there.
 * `look(names)` says which columns are in view; nothing is asked while `busy()`.
 */
export function columnProfiles(ask, busy, arrived) {
  const found = new Map();
  const refused = new Set();
  let wanted = [];
  let asking = false;
  let ended = false;
  let atOnce = AT_ONCE;

  const next = async () => {
    const names = wanted.filter((name) => !found.has(name) && !refused.has(name)).slice(0, atOnce);
    if (asking || ended || busy() || names.length === 0) return;
    asking = true;
    const began = performance.now();
    try {
      for (const profile of await ask(names)) found.set(profile.name, profile);
    } catch {
      // A head without a picture says enough: the table itself tells what is wrong with it.
      for (const name of names) refused.add(name);
    }
    asking = false;
    atOnce = performance.now() - began > SLOW ? 1 : AT_ONCE;
    if (!ended) arrived();
    next();
  };

  return {
    get: (name) => found.get(name),
    look(names) {
      wanted = names;
      next();
    },
    end() {
      ended = true;
    },
  };
}
