// Breakpoints as the graph and the keys set them: one place, one press.

/** The breakpoints that stand at a step's edge, `before` or `after` it; those that are meant for every step too. */
export function breakpointsAt(app, step, when) {
  return app.run.breakpoints
    .map((one, index) => ({ ...one, index }))
    .filter((one) => (one.step === step || one.step === "*") && one.when === when);
}

/** Set a breakpoint after a step (or before it), or remove the one that is there. */
export function toggleBreakpoint(app, step, when = "after") {
  const there = breakpointsAt(app, step, when).find(isPlain);
  const asked = there
    ? app.ask("remove_breakpoint", { index: there.index, text: there.text })
    : app.ask("add_breakpoint", { text: `${step}:${when}` });
  return asked.catch((error) => app.say(error.fix ? `${error.message}: ${error.fix}` : error.message));
}

/** A breakpoint of one step without a condition: what a press on the edge sets. */
export function isPlain(breakpoint) {
  return breakpoint.condition === null && breakpoint.step !== "*";
}
