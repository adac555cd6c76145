// Elements. Text is only ever set as text: no value of a user's can become markup, and none can command the browser.

const SVG = "http://www.w3.org/2000/svg";
// Control, bidirectional, zero-width and private characters are shown as their escapes; lines and tabs stay.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** `text` with every character that would not be seen, or would be obeyed, as an escape. */
export function visible(text) {
  return String(text).replace(INVISIBLE, (char) => {
    if (char === "\n" || char === "\t") return char;
    const code = char.codePointAt(0);
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
}

/** `text` in at most so many characters, and how long it is where it is cut. */
export function cut(text, characters) {
  const whole = String(text);
  return whole.length <= characters ? whole : `${whole.slice(0, characters)}… (${whole.length.toLocaleString("en")} characters)`;
}

/** An element: `el("button", {class: "crt-go", onclick: go, "aria-label": "Go"}, "Go")`. Absent children are left out. */
export function el(name, attributes = {}, ...children) {
  return build(document.createElement(name), attributes, children);
}

/** The same for a part of a drawing. */
export function svg(name, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children);
}

/** Put `children` in the place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") Object.entries(value).forEach(([key, one]) => element.style.setProperty(key, one));
    else if (name in element && typeof value === "boolean") element[name] = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : visible(value));
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(visible(child))));
}

/** A CSS colour of ours: `colour("run")`. */
export function colour(name) {
  return name ? `var(--crt-${name})` : "none";
}

/** Shape and colour of each state, in a square of 12 by 12 around the origin; as in the graph. */
export const LOOKS = {
  waiting: ["wait", "M4 0C4 2.21 2.21 4 0 4C-2.21 4 -4 2.21 -4 0C-4 -2.21 -2.21 -4 0 -4C2.21 -4 4 -2.21 4 0Z", false],
  running: ["run", "M-3.6 -4.6L4.8 0L-3.6 4.6Z", true],
  done: ["done", "M-4.4 0.2L-1.4 3.4L4.6 -3.6", false],
  cached: [
    "cached",
    "M3.6 -2.3C2.8 -3.5 1.5 -4.2 0 -4.2C-2.32 -4.2 -4.2 -2.32 -4.2 0C-4.2 2.32 -2.32 4.2 0 4.2C2 4.2 3.7 2.8 4.1 0.9M4.4 -5L3.9 -1.9L0.9 -2.5",
    false,
  ],
  paused: ["pause", "M-4 -4.4L-1.2 -4.4L-1.2 4.4L-4 4.4ZM1.2 -4.4L4 -4.4L4 4.4L1.2 4.4Z", true],
  failed: ["fail", "M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6", false],
  skipped: ["wait", "M-4 0L4 0", false],
  stale: ["pause", "M-4 -1.6L4 -1.6M-4 1.6L4 1.6M2.2 -4.4L-2.2 4.4", false],
  breakpoint: ["bp", "M5 0C5 2.76 2.76 5 0 5C-2.76 5 -5 2.76 -5 0C-5 -2.76 -2.76 -5 0 -5C2.76 -5 5 -2.76 5 0Z", true],
};

/** The shape of a state, as a small drawing beside text. */
export function glyph(look, size = 12) {
  const [tone, path, filled] = LOOKS[look] ?? LOOKS.waiting;
  return svg(
    "svg",
    { viewBox: "-6 -6 12 12", width: size, height: size, "aria-hidden": "true", class: "crt-glyph" },
    svg("path", {
      d: path,
      fill: filled ? colour(tone) : "none",
      stroke: filled ? "none" : colour(tone),
      "stroke-width": 1.7,
      "stroke-linecap": "round",
    }),
  );
}

/** `1,234`. */
export function number(value) {
  return Number(value).toLocaleString("en");
}

/** `1 finding`, `2 findings`. */
export function plural(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
