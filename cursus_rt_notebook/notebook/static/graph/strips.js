// The left edge of a step's box: a press on its upper half sets a breakpoint before the step, on its lower half after it.

import { cut, fill, svg } from "../dom.js";
import { breakpointsAt, isPlain, toggleBreakpoint } from "../breakpoint.js";

const STRIP_REACH = 7; // to the left and the right of the edge

/** The two halves of a box's edge, with a dot that shows where a press would set a breakpoint. */
export function breakpointStrips(app, step, [x, y, , height]) {
  return ["before", "after"].map((when) => {
    const before = when === "before";
    const title = svg("title");
    const hint = svg("circle", { cx: x, cy: before ? y + 6 : y + height - 6, r: 5.2, class: "crt-hint" });
    const top = before ? y - 4 : y + height / 2;
    const strip = svg(
      "g",
      { class: "crt-strip", "aria-hidden": "true" },
      svg("rect", { x: x - STRIP_REACH, y: top, width: 2 * STRIP_REACH, height: height / 2 + 4, fill: "transparent" }),
    );
    strip.dataset.when = when;
    strip.addEventListener("pointerenter", () => {
      fill(title, stripTold(app, step, when));
      // In hundreds of boxes, nearly all of these are never seen.
      if (!hint.isConnected) strip.append(title, hint);
    });
    strip.addEventListener("click", (event) => {
      event.stopPropagation();
      pressStrip(app, step, when);
    });
    return strip;
  });
}

/** What a press does is said before it is done. */
function stripTold(app, step, when) {
  const there = breakpointsAt(app, step, when);
  if (there.some(isPlain)) return `Remove the breakpoint ${when} ${cut(step, 80)}`;
  if (there.length) return `Show the breakpoint in its list: ${cut(there[0].text, 120)}`;
  return `Set a breakpoint ${when} ${cut(step, 80)}`;
}

function pressStrip(app, step, when) {
  if (app.at !== null) return app.say("This is an earlier pause: return to now to set breakpoints.");
  const there = breakpointsAt(app, step, when);
  // A condition was typed: it is taken out of the list by hand, not by a slip of it.
  if (there.length && !there.some(isPlain)) return app.openRun("breakpoints");
  return toggleBreakpoint(app, step, when);
}
