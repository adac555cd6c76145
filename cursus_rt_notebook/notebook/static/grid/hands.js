// Mouse and keys over a table: the cursor, the range that is picked, and what else a key does there.

const OWN_WITH_MODIFIER = new Set(["a", "c", "Home", "End", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/**
 * Let mouse and keyboard move a table's `view.pick`. `hands` carry out the rest: `sort(column, further)`, `menu(column)`,
 * `whole(pick)`; they say whether a cell `isCut(pick)`, and hear when the cursor has `moved()`.
 */
export function listenToHands(view, hands, signal) {
  const { element } = view;
  listenToMouse(view, hands);
  element.addEventListener("keydown", (event) => {
    if (event.target !== element || !pressed(view, hands, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  // The application's own keys with a modifier sleep where they are the table's.
  const suppress = (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const own = document.activeElement === element && modified && OWN_WITH_MODIFIER.has(event.key);
    element.toggleAttribute("data-lm-suppress-shortcuts", own);
  };
  window.addEventListener("keydown", suppress, { capture: true, signal });
}

function listenToMouse(view, hands) {
  const { element } = view;
  let dragging = false;
  let onCell = false;
  element.addEventListener("pointerdown", (event) => {
    onCell = false;
    if (event.button !== 0) return;
    // A button of a head must not take the focus: the table has one place in the order of the Tab key.
    event.preventDefault();
    element.focus({ preventScroll: true });
    const spot = onButton(event) ? null : view.place(event);
    if (!spot) return;
    // What is pressed stays under the pointer, also where it is not in view whole.
    movePick(view, hands, spot.row, spot.column, event.shiftKey, false);
    dragging = onCell = spot.row >= 0;
    if (dragging) element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const spot = dragging && view.place(event, true);
    if (spot && (spot.row !== view.pick.row || spot.column !== view.pick.column))
      movePick(view, hands, spot.row, spot.column, true);
  });
  element.addEventListener("lostpointercapture", () => (dragging = false));
  element.addEventListener("click", () => {
    if (onCell && isOne(view.pick) && hands.isCut(view.pick)) hands.whole(view.pick);
  });
  element.addEventListener("dblclick", () => {
    if (onCell) hands.whole(view.pick);
  });
}

function onButton(event) {
  return event.target.closest("button, .crt-sheet-edge") !== null;
}

function isOne(pick) {
  return pick !== null && pick.row === pick.fromRow && pick.column === pick.fromColumn;
}

function movePick(view, hands, row, column, extend, follow = true) {
  const { rows, columns } = view.size;
  const at = { row: Math.max(-1, Math.min(row, rows - 1)), column: Math.max(0, Math.min(column, columns - 1)) };
  const anchored = extend && at.row >= 0 && view.pick?.fromRow >= 0;
  const [fromRow, fromColumn] = anchored ? [view.pick.fromRow, view.pick.fromColumn] : [at.row, at.column];
  view.show({ ...at, fromRow, fromColumn }, follow);
  hands.moved();
}

/** Carry out a key; whether it was one of the table's. */
function pressed(view, hands, event) {
  const { rows, columns } = view.size;
  if (columns === 0) return false;
  const far = event.ctrlKey || event.metaKey;
  if (far && event.key === "a") return pickAll(view);
  const pick = view.pick ?? view.corner;
  if (event.altKey) return withAlt(view, hands, event.key, pick);
  const to = destination(event.key, pick, far, { rows, columns, screen: view.screen });
  if (to) {
    // The first arrow shows where the cursor is.
    const begins = !view.pick && !far && event.key.startsWith("Arrow");
    movePick(view, hands, ...(begins ? [pick.row, pick.column] : to), event.shiftKey);
    return true;
  }
  if (far) return false;
  if (event.key === "Enter" || event.key === "F2") {
    if (pick.row < 0) hands.sort(pick.column, event.shiftKey);
    else hands.whole(pick);
    return true;
  }
  if (event.key !== "Escape" || !view.pick || isOne(pick)) return false;
  movePick(view, hands, pick.row, pick.column, false);
  return true;
}

function pickAll(view) {
  const { rows, columns } = view.size;
  if (rows) view.show({ row: rows - 1, column: columns - 1, fromRow: 0, fromColumn: 0 }, false);
  return true;
}

function withAlt(view, hands, key, { column }) {
  if (key === "ArrowDown") hands.menu(column);
  else if (key === "ArrowLeft" || key === "ArrowRight") view.resizeBy(column, key === "ArrowLeft" ? -16 : 16);
  else return false;
  return true;
}

function destination(key, { row, column }, far, { rows, columns, screen }) {
  switch (key) {
    case "ArrowUp":
      return [far ? 0 : row - 1, column];
    case "ArrowDown":
      return [far ? rows - 1 : row + 1, column];
    case "ArrowLeft":
      return [row, far ? 0 : column - 1];
    case "ArrowRight":
      return [row, far ? columns - 1 : column + 1];
    case "PageUp":
      return [Math.max(0, row - screen), column];
    case "PageDown":
      return [row + screen, column];
    case "Home":
      return [far ? 0 : row, 0];
    case "End":
      return [far ? rows - 1 : row, columns - 1];
    default:
      return null;
  }
}
