/** The rows of people, on the page or found in the directory: made once, their content drawn again when something is learnt. */
import { h, fill } from "./dom.js";
import { state, change } from "./state.js";
import { onLook, watchRow } from "./look.js";
import { onEntry } from "./capture.js";
import { person } from "./person.js";

const rows = new WeakMap(); // entry → its row

/** Draws the row of an entry again. */
export const drawRow = (entry) => {
  const row = rows.get(entry);
  if (row) fill(row, person(entry, change));
};

onLook((entry) => {
  drawRow(entry);
  change();
});
onEntry(drawRow);

/** Draws every row again: prices, settings or what is left became known. */
export const drawRows = () => {
  for (const entry of [...state.entries, ...(state.like?.entries || [])]) drawRow(entry);
};

const rowOf = (entry) => {
  if (!rows.has(entry)) {
    const row = h("li.person", { tabindex: "-1" });
    row.entry = entry;
    rows.set(entry, row);
    drawRow(entry);
    watchRow(row);
  }
  return rows.get(entry);
};

/** A list of people; those in sight are looked up. */
export const listOf = (entries, label) => h("ul.people", { "aria-label": label }, entries.map(rowOf));
