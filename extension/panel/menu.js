/** The menu behind a person's button: one at a time, outside the rows, because a row may be drawn again while it is open. */
import { h, icon } from "./dom.js";
import { MORE } from "./icons.js";

let menu = null; // {box, place, name}: the open one, where it is on the page, and the data-focus of its button

const opener = (name) => document.querySelector(`[data-focus="${CSS.escape(name)}"]`);

/** Closes the open menu; the focus goes back to its button where it was in the menu. */
const close = () => {
  if (!menu) return;
  const { box, place, name } = menu;
  const inside = box.contains(document.activeElement);
  menu = null;
  place.remove();
  const button = opener(name);
  button?.setAttribute("aria-expanded", "false");
  if (inside) button?.focus({ preventScroll: true });
};

const step = (items, by) => items[(items.indexOf(document.activeElement) + by + items.length) % items.length].focus();

const keys = (e) => {
  const items = [...menu.box.children];
  const act = {
    Escape: close, Tab: close,
    ArrowDown: () => step(items, 1), ArrowUp: () => step(items, -1), Home: () => items[0].focus(), End: () => items.at(-1).focus(),
  }[e.key];
  if (!act) return;
  if (e.key !== "Tab") e.preventDefault();
  act();
};

const item = ({ label, price, href, id, act }) => {
  const inside = [h("span", null, label), price && " ", price && h("span.cost", null, price)];
  if (href) return h("a.item", { role: "menuitem", tabindex: "-1", href, target: "_blank", rel: "noreferrer", "data-item": id, onclick: close }, inside);
  return h("button.item", { type: "button", role: "menuitem", tabindex: "-1", "data-item": id, onclick: () => { close(); act(); } }, inside);
};

/** Puts the menu below its button, or above where there is no room. */
const put = (box, button) => {
  const at = button.getBoundingClientRect();
  const below = at.bottom + 4 + box.offsetHeight <= innerHeight;
  box.style.top = `${Math.max(4, below ? at.bottom + 4 : at.top - 4 - box.offsetHeight)}px`;
  box.style.right = `${Math.max(4, document.documentElement.clientWidth - at.right)}px`;
};

const open = (name, label, items) => {
  close();
  const box = h("div.menu", { role: "menu", "aria-label": label, onkeydown: keys }, items().map(item));
  const place = h("section", { "aria-label": label }, box);
  menu = { box, place, name };
  document.body.append(place);
  const button = opener(name);
  button.setAttribute("aria-expanded", "true");
  put(box, button);
  box.firstElementChild.focus({ preventScroll: true });
};

addEventListener("pointerdown", (e) => {
  if (menu && !menu.box.contains(e.target) && !opener(menu.name)?.contains(e.target)) close();
}, true);
addEventListener("scroll", () => close(), { passive: true });
addEventListener("resize", () => close());

/**
 * A button that opens a menu.
 * @param {string} name its data-focus
 * @param {string} label said of the button and of the menu
 * @param {() => Array} items asked when it is opened: {id, label, price?, href? or act}
 */
export const menuButton = (name, label, items) => h("button.quiet.square.more", {
  type: "button", "aria-label": label, "aria-haspopup": "menu", "aria-expanded": String(menu?.name === name), "data-focus": name,
  onclick: () => (menu?.name === name ? close() : open(name, label, items)),
  onkeydown: (e) => {
    if (e.key !== "ArrowDown") return;
    e.preventDefault();
    open(name, label, items);
  },
}, icon(...MORE));
