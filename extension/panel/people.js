/** The people on the page, and what can be done with many of them. */
import { h } from "./dom.js";
import { state, change, unlocksAll } from "./state.js";
import { number, captureCost, blindCost, isFree } from "./money.js";
import { askFor, isOut } from "./credits.js";
import { total } from "./total.js";
import { plural } from "./words.js";
import { readPage, allowSite, allowAll, setCompany } from "./page.js";
import { look, lookAll } from "./look.js";
import { captureAll, stopBatch } from "./capture.js";
import { companies, openLike } from "./directory.js";
import { drawRows, listOf } from "./rows.js";

let shown = null; // the entries whose list is on the page
let list = null;

const open = (e) => e.ref && !e.sending && !(e.result?.ok && e.result.kind !== "preview") && !(e.look?.ok === false && e.look.code === "not_found");

/** In the sheet and paid for: captured again only where somebody chooses it, for a list say. */
const had = (e) => e.look?.ok && e.look.lead && isFree(captureCost(e.look, state.prices, unlocksAll()));

/** What capturing each of some people costs at most; `unknown` are those nobody has looked up and no price list bounds. */
const bounds = (entries) => {
  const prices = entries.map((e) => (e.look?.ok ? captureCost(e.look, state.prices, unlocksAll()) : blindCost(state.prices, unlocksAll())));
  const known = prices.filter(Boolean);
  return { known, unknown: prices.length - known.length };
};

/** What they cost together, and the limits that this is beyond: the server adds up. Until it has, what one costs at most. */
const together = (known) => {
  const sum = known.length > 0 ? total(known.map((p) => p.cost)) : null;
  if (known.length === 1) return { text: known[0].text, short: sum?.short || [] };
  const each = blindCost(state.prices, unlocksAll());
  return { text: sum?.at_most_text || (each && `${each.text} each`), short: sum?.short || [] };
};

const progress = (b) => h("div.progress", null,
  h("progress", { max: b.total, value: b.done, "aria-label": "Captures done" }),
  h("div.spread", null,
    h("span", null, `${number(b.done)} of ${number(b.total)}`, b.said && ` · ${b.said}`, b.stopped > 0 && ` · ${number(b.stopped)} not sent`, b.failed > 0 && ` · ${number(b.failed)} refused`, b.short && [" · ", askFor(b.short, "", { "data-focus": "batch-more" })]),
    b.done < b.total ? h("button.small", { type: "button", "data-focus": "stop", onclick: stopBatch }, "Stop") : h("button.quiet.small", { type: "button", "data-focus": "stop", onclick: () => change({ batch: null }) }, "Done")));

const captureButton = (chosen, all, { known, unknown }, { text }) => {
  const what = all ? (chosen.length === 1 ? "Capture" : `Capture all ${number(chosen.length)}`) : `Capture ${number(chosen.length)}`;
  if (unknown > 0) {
    const busy = chosen.filter((e) => e.look === "asking").length;
    return h("button.primary.wide", { type: "button", "data-focus": "capture-all", onclick: () => lookAll(chosen) }, busy >= unknown ? `Looking up ${number(unknown)} …` : `See what ${number(chosen.length)} would cost · free`);
  }
  return h(known.some(isOut) ? "button.wide" : "button.primary.wide", { type: "button", disabled: !text, "data-focus": "capture-all", onclick: () => captureAll(chosen) }, what, h("span.cost", null, `· ${text || "adding up …"}`));
};

/** The bar below the list: choose, where to, capture all. */
export const bar = () => {
  const able = state.entries.filter(open);
  const checked = able.filter((e) => e.checked);
  const chosen = checked.length > 0 ? checked : able.filter((e) => !had(e));
  const priced = bounds(chosen);
  const sum = together(priced.known);
  const pick = (on) => {
    for (const e of able) e.checked = on;
    drawRows();
    change();
  };
  return [
    state.batch && progress(state.batch),
    h("div.row", null,
      h("label.check", null, h("input", { type: "checkbox", checked: checked.length > 0 && checked.length === able.length, indeterminate: checked.length > 0 && checked.length < able.length, disabled: able.length === 0, "data-focus": "all", onchange: (e) => pick(e.target.checked) }), h("span", null, checked.length > 0 ? `${number(checked.length)} chosen` : "All")),
      h("label.field.list", null, h("span.sr", null, "Capture to list"), h("input", { type: "text", list: "lists", maxlength: 100, placeholder: "Capture to list (optional)", value: state.list, "data-focus": "list", oninput: (e) => { state.list = e.target.value; } })),
      h("datalist", { id: "lists" }, state.lists.map((name) => h("option", { value: name })))),
    chosen.length > 0 && !(state.batch && state.batch.done < state.batch.total) && captureButton(chosen, checked.length === 0, priced, sum),
    sum.short.map((l) => h("p.help.warn", null, `${l.detail} `, askFor(l, "", { "data-focus": `short-${l.credit}` }))),
  ];
};

const problem = (code) => {
  const texts = {
    no_access: ["Press the leadmeter button on this page", "The browser lets leadmeter read a page only after you press its button in the toolbar there. Pages of the browser itself cannot be read."],
    busy: ["The page does not answer", "It keeps itself busy. Try again when it has loaded."],
  };
  const [title, what] = texts[code] || ["This page could not be read", "Try again, or open another page."];
  return h("section.card.empty", null, h("h1", null, title), h("p", null, what),
    h("div.buttons", null, h("button.primary", { type: "button", "data-focus": "read", onclick: readPage }, "Try again"), code === "no_access" && h("button.quiet", { type: "button", onclick: allowAll }, "Allow on all sites …")));
};

const nobody = () => h("section.card.empty", null,
  h("h1", null, "Nobody found on this page"),
  h("p", null, "Open a profile, a search for people, or a company's team page, wait until it has loaded, and read again."),
  h("button.primary", { type: "button", "data-focus": "read", onclick: readPage }, "Read again"));

const moved = () => h("section.card.empty", null,
  h("h1", null, "Another page is in front"),
  h("p", null, "Nothing of it was read."),
  h("button.primary", { type: "button", "data-focus": "read", onclick: readPage }, "Read this page"));

const companyField = () => {
  const without = state.entries.filter((e) => !e.ref || e.lent).length;
  if (without === 0) return null;
  return h("label.field.company", null, h("span", null, without === state.entries.length ? "Company of these people" : `Company of the ${plural(without, "person", "people")} without one`),
    h("input", { type: "text", maxlength: 200, placeholder: "Analytical Engines", value: state.company, "data-focus": "company", onchange: (e) => { setCompany(e.target.value); drawRows(); state.entries.forEach((x) => x.lent && x.ref && look(x)); change(); } }));
};

/** Leads to the people whom the directory knows at the company that most people on the page are of. */
const more = () => {
  const [company] = companies();
  return company && h("button.quiet.small", { type: "button", title: `People at ${company.label}`, "data-focus": "like", onclick: () => openLike(company, "like") }, "More like these");
};

/** The people view: head, list, and what stands in their place. */
export const people = () => {
  const r = state.reading;
  if (r.kind === "none" || r.kind === "reading") return [h("h1.sr", null, "People on this page"), h("p.muted.center", { role: "status" }, h("span.spinner", { "aria-hidden": "true" }), "Reading the page …")];
  if (r.kind === "problem") return [problem(r.code)];
  if (state.entries.length === 0) return [r.kind === "moved" ? moved() : nobody()];
  if (shown !== state.entries) {
    shown = state.entries;
    list = listOf(shown, "People on this page");
  }
  return [
    r.kind === "moved" && h("p.notice.spread", null, "These are from the page before.", h("button.small", { type: "button", "data-focus": "read", onclick: readPage }, "Read this page")),
    h("div.spread.title", null, h("h1", null, plural(state.entries.length, "person", "people"), h("small", null, " on this page")),
      h("div.buttons", null, more(), h("button.quiet.small", { type: "button", "data-focus": "again", onclick: readPage }, "Read again"))),
    r.cut && h("p.help", null, "The page holds more than is read at once. Scroll or page on, and read again."),
    companyField(), list,
    r.allowed === false && h("p.help.center", null, h("button.link", { type: "button", "data-focus": "allow", onclick: allowSite }, `Allow ${new URL(r.url).host} without the toolbar button`)),
  ];
};
