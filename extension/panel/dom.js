/** Builds elements. Text is only ever text: nothing here takes HTML. */

const PROPS = new Set(["value", "checked", "disabled", "hidden", "indeterminate", "open", "selected", "required"]);

/**
 * @param {string} tag such as "button.primary.small": a tag and its classes
 * @param {object} [props] on…: a listener; the names of PROPS as properties; the rest as attributes, left out when null or false
 * @param {...(Node|string|null|undefined|false|Array)} children
 */
export const h = (tag, props, ...children) => {
  const [name, ...classes] = tag.split(".");
  const el = document.createElement(name);
  if (classes.length > 0) el.className = classes.join(" ");
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (PROPS.has(key)) el[key] = value;
    else if (value !== false) el.setAttribute(key, value === true ? "" : String(value));
  }
  el.append(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return el;
};

const SVG = "http://www.w3.org/2000/svg";

/** An icon of one or more paths in a 16 × 16 box. */
export const icon = (...paths) => {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", width: 16, height: 16, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" })) svg.setAttribute(key, value);
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
};

export const $ = (id) => document.getElementById(id);

/** Says something to people who listen instead of looking. */
export const announce = (text) => {
  $("live").textContent = text;
};

/** Makes some nodes the children of an element; those that are there already are not moved. */
const place = (el, nodes) => {
  const keep = new Set(nodes);
  for (const old of [...el.childNodes]) if (!keep.has(old)) old.remove();
  nodes.forEach((node, n) => {
    if (el.childNodes[n] !== node) el.insertBefore(node, el.childNodes[n] || null);
  });
};

let held = false; // a finger or the mouse holds something down
const late = new Map(); // element → what it is filled with when it is let go

const letGo = () => setTimeout(() => { // after the click that follows
  held = false;
  const todo = [...late];
  late.clear();
  for (const [el, children] of todo) fill(el, ...children);
});
addEventListener("pointerdown", (e) => {
  held = e.button === 0;
}, true);
addEventListener("pointerup", letGo, true);
addEventListener("pointercancel", letGo, true);
addEventListener("blur", letGo); // of the window

/** Does something when what has changed is drawn: at the next frame, or when what is held down is let go. */
export const whenDrawn = (then) => {
  const look = () => (held ? setTimeout(look, 20) : then());
  requestAnimationFrame(look);
};

/**
 * Puts new content in place and keeps the focus where it was, by the name in data-focus.
 * While something is held down all stays as it is: a click is lost when its button goes or moves on the way.
 */
export const fill = (el, ...children) => {
  if (held) {
    late.set(el, children);
    return;
  }
  late.delete(el);
  const was = el.contains(document.activeElement) ? document.activeElement : null;
  const name = was?.dataset.focus;
  const caret = name && was.type === "text" ? was.selectionStart : null;
  place(el, children.flat(3).filter(Boolean));
  if (was?.isConnected) return;
  const now = name && el.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  if (!now) return;
  now.focus({ preventScroll: true });
  if (caret !== null) now.setSelectionRange(caret, caret);
};
