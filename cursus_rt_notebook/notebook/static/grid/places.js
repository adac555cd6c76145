// Where a table's rows and columns lie: widths, offsets, and what a scroll bar that cannot be long enough stands for.

export const ROW_HEIGHT = 24;
export const HEAD_HEIGHT = 66;
// Browsers stop at 16 to 33 million pixels.
const TALLEST = 8_000_000;
const NARROWEST = 84;
const WIDEST = 320;
const UNKNOWN_WIDTH = 104;
const MEASURED = 80; // characters of a text that are worth measuring

/** The columns' widths and offsets; a column that nobody has seen yet has an ordinary width. */
export function columnPlaces() {
  let widths = new Float64Array(0);
  let edges = new Float64Array(1);
  let stale = false;
  const seen = new Set();
  const fresh = () => {
    if (stale) for (let i = 0; i < widths.length; i++) edges[i + 1] = edges[i] + widths[i];
    stale = false;
    return edges;
  };
  return {
    get count() {
      return widths.length;
    },
    set count(count) {
      if (count === widths.length) return;
      const before = widths;
      widths = new Float64Array(count).fill(UNKNOWN_WIDTH);
      widths.set(before.subarray(0, count));
      edges = new Float64Array(count + 1);
      stale = true;
    },
    get total() {
      return fresh()[widths.length];
    },
    seen: (column) => seen.has(column),
    width: (column) => widths[column],
    offset: (column) => fresh()[column],
    set(column, width) {
      seen.add(column);
      widths[column] = Math.max(48, Math.round(width));
      stale = true;
    },
    /** The column that is `x` pixels from the left edge of the first one. */
    at(x) {
      const offsets = fresh();
      let [low, high] = [0, widths.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (offsets[middle] <= x) low = middle;
        else high = middle - 1;
      }
      return Math.max(0, low);
    },
  };
}

/** How tall the scrolled area is for so many pixels of rows, and the way from its positions to theirs and back. */
export function rowPlaces(height, inView) {
  const tall = Math.min(height, TALLEST);
  const [most, room] = [Math.max(0, height - inView), Math.max(0, tall - inView)];
  const scale = room > 0 ? most / room : 1;
  return {
    tall,
    most,
    exact: scale === 1,
    toRows: (scrolled) => Math.min(most, scrolled * scale),
    toScroll: (top) => top / scale,
  };
}

/** A measure for texts in the fonts of `element`. */
export function textMeasure(element) {
  const context = document.createElement("canvas").getContext("2d");
  const { fontFamily } = getComputedStyle(element);
  return (text, bold = false) => {
    context.font = `${bold ? 600 : 400} 13px ${fontFamily}`;
    return context.measureText(text.slice(0, MEASURED)).width;
  };
}

/** How wide a column should be for its name and some of its cells; at most `widest`. */
export function fittingWidth(column, cells, measure, widest = WIDEST) {
  const longest = cells.reduce(
    (long, text) => ((text ?? "missing").length > long.length ? (text ?? "missing") : long),
    "",
  );
  const name = measure(column.name, true) + 46;
  const kind = measure(column.type) * 0.85 + 86;
  return Math.min(widest, Math.max(NARROWEST, name, kind, measure(longest) + 22));
}
