// Talking to the kernel: questions with one answer each, and news that nobody asked for.

const PATIENCE = 500; // milliseconds after which an unheard question means that the kernel is busy

const GONE = "the kernel that ran this has ended";

/**
 * Open a view's connection: `ask(what, args)` promises the answer; `onnews(message)` gets what the kernel tells by
 * itself; `onbusy(busy)` hears whether the kernel keeps the user waiting (a `quiet` question is nobody's);
 * `onlost()` hears, when something is asked, that the kernel was restarted or shut down: this panel has no other.
 */
export function connect(model, { onnews, onbusy, onlost, signal }) {
  const view = Math.random().toString(36).slice(2);
  const open = new Map();
  const unheard = new Map();
  let count = 0;
  let busy = false;
  let lost = false;

  const tellBusy = () => {
    const oldest = Math.min(...unheard.values());
    const now = unheard.size > 0 && performance.now() - oldest >= PATIENCE;
    if (now !== busy) onbusy((busy = now));
  };

  const hear = (sent) => {
    const message = unpacked(sent);
    if (message.heard !== undefined) {
      if (unheard.delete(message.heard)) tellBusy();
    } else if (message.id === undefined) {
      onnews(message);
    } else if (open.has(message.id)) {
      const { resolve, reject } = open.get(message.id);
      open.delete(message.id);
      if (message.error) reject(Object.assign(new Error(message.error.message), { fix: message.error.fix }));
      else resolve(message.answer);
    }
  };

  const lose = () => {
    if (lost) return;
    lost = true;
    for (const { reject } of open.values()) reject(new Error(GONE));
    open.clear();
    unheard.clear();
    tellBusy();
    onlost();
  };

  model.on("msg:custom", hear);
  signal.addEventListener("abort", () => model.off("msg:custom", hear));

  return {
    ask(what, args = {}, { quiet = false } = {}) {
      if (lost) return Promise.reject(new Error(GONE));
      const id = `${view}-${++count}`;
      if (!quiet) {
        unheard.set(id, performance.now());
        setTimeout(tellBusy, PATIENCE + 10);
      }
      return new Promise((resolve, reject) => {
        open.set(id, { resolve, reject });
        try {
          model.send({ id, ask: what, with: args });
        } catch {
          // Jupyter has closed the line to a kernel that is no more.
          lose();
        }
      });
    },
  };
}

/** What the kernel sent; where that would not have arrived as it is, it came as the text of its JSON. */
export function unpacked(sent) {
  return sent.json === undefined ? sent : JSON.parse(sent.json);
}
