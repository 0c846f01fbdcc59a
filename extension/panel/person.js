/** One person's row. */
import { h, icon } from "./dom.js";
import { showShort } from "./credits.js";
import { state, unlocksAll } from "./state.js";
import { FIELDS, blindCost, captureCost, unlockCost, unlockFields, isFree } from "./money.js";
import { fieldName, outcome, trouble } from "./words.js";
import { capture } from "./capture.js";
import { look } from "./look.js";

const CHECK = "M3 8.5 6.5 12 13 4.5";
const PLUS = "M8 3v10M3 8h10";

const badges = (entry) => {
  const l = entry.look;
  if (!l?.ok) return null;
  const here = FIELDS.filter((f) => l.has[f]);
  const yours = l.owned.length > 0 && here.every((f) => l.owned.includes(f));
  return [
    yours ? h("span.tag.good", null, "Already yours") : l.owned.length > 0 && h("span.tag.good", { title: `Paid for before: ${l.owned.map(fieldName).join(", ")}` }, "Partly yours"),
    l.lead && h("a.tag", { href: `${state.status.server}/leads/${encodeURIComponent(l.lead)}`, target: "_blank", rel: "noreferrer" }, "In your lead sheet"),
  ];
};

const exists = (entry) => {
  const l = entry.look;
  if (!entry.ref) return h("p.help", null, "No company or profile on this page to find this person by.");
  if (l === null || l === "asking") return h("ul.has.loading", { "aria-label": "Looking what exists" }, FIELDS.map((f) => h("li", null, fieldName(f))));
  if (!l.ok) {
    return h("p.help", null, `${trouble(l)} `,
      l.code !== "not_found" && h("button.link", { type: "button", "data-focus": `again-${entry.id}`, onclick: () => { entry.look = null; look(entry); } }, "Look again"));
  }
  return h("ul.has", { "aria-label": "Which fields exist" }, FIELDS.map((f) => h(l.has[f] ? "li.yes" : "li.no", null, l.has[f] ? icon(CHECK) : null, fieldName(f), h("span.sr", null, l.has[f] ? ": exists" : ": does not exist"))));
};

const priced = (tag, props, price, ...label) => h(tag, { type: "button", ...props }, h("span", null, ...label), " ", h("span.cost", null, price.text));

const KINDS = { capture: "Capturing …", preview: "Looking …", unlock: "Unlocking …" };

const buttons = (entry) => {
  if (entry.sending) return h("p.help.waiting", { role: "status" }, h("span.spinner", { "aria-hidden": "true" }), entry.sending.waiting ? "Waits for the server. It is sent once." : KINDS[entry.sending.kind]);
  const l = entry.look;
  if (l?.code === "offline" && entry.ref && blindCost(state.prices, unlocksAll())) return blind(entry);
  if (!l?.ok) return null;
  const cost = captureCost(l, state.prices, unlocksAll());
  const premium = unlockFields(state.prices).filter((f) => l.has[f]);
  const shown = entry.result?.ok ? entry.result.data.fields : {};
  const name = entry.person.full_name;
  const done = entry.result?.ok && entry.result.kind !== "preview";
  const had = !done && l.lead && isFree(cost); // in the sheet and paid for: looking at it again is all there is to do
  return h("div.acts", null,
    !done && !had && priced("button.primary.act", { "aria-label": `${entry.result?.ok ? "Save to the sheet" : "Capture"}, ${cost.text}, ${name}`, "data-focus": `capture-${entry.id}`, onclick: () => capture(entry, "capture") }, cost, icon(PLUS), entry.result?.ok ? "Save to the sheet" : "Capture"),
    !entry.result?.ok && priced("button.act", { "aria-label": `${had ? "Show" : "Preview"}, ${cost.text}, ${name}, without saving`, "data-focus": `preview-${entry.id}`, onclick: () => capture(entry, "preview") }, cost, had ? "Show" : "Preview"),
    premium.length > 0 && !premium.every((f) => shown[f]?.values?.length > 0) && !(had && premium.every((f) => l.owned.includes(f))) && unlock(entry, l, premium));
};

/** Captures somebody while the server is away: it waits, and costs no more than the price list says. */
const blind = (entry) => {
  const cost = blindCost(state.prices, unlocksAll());
  return h("div.acts", null, priced("button.act", { "aria-label": `Capture later, ${cost.text}, ${entry.person.full_name}, when the server answers`, "data-focus": `capture-${entry.id}`, onclick: () => capture(entry, "capture") }, cost, icon(PLUS), "Capture later"));
};

const unlock = (entry, l, premium) => {
  const cost = unlockCost(l, state.prices);
  const label = premium.length === 1 && premium[0] === "mobile_phone" ? "Unlock mobile" : "Unlock premium";
  return priced(isFree(cost) ? "button.act" : "button.act.premium", { "aria-label": `${label}, ${cost.text}, of ${entry.person.full_name}`, "data-focus": `unlock-${entry.id}`, onclick: () => capture(entry, "unlock") }, cost, label);
};

/** A value; an address may break after its @. */
const value = (v) => {
  const [before, after] = String(v.value).slice(0, 500).split(/(?<=@)/);
  return h("span.value", null, before, after && [h("wbr"), after]);
};

const statuses = (field) => [...new Set((field.values || []).map((v) => v.status).filter(Boolean))].join(", ");

/** One field: its values, and its outcome. What was paid says so in a word; what was not says why. */
const fieldRow = (name, field, short) => {
  const said = outcome(field);
  const status = statuses(field);
  const text = field.outcome === "charged" ? said.badge : said.why || said.badge;
  return h("div", null, h("dt", null, fieldName(name)), h("dd", null, (field.values || []).slice(0, 10).map(value),
    h(`span.why.${said.look.replace(" ", ".")}`, null, [status, text].filter(Boolean).join(" · ")),
    field.outcome === "insufficient_credits" && [" ", h("button.link.why", { type: "button", onclick: () => showShort(short.find((s) => s.credit === field.credit) || { credit: field.credit || "" }) }, "Ask for more")]));
};

const result = (entry) => {
  const r = entry.result;
  if (!r) return null;
  if (!r.ok) {
    if (r.code === "insufficient_credits") return h("p.notice.danger", null, `${r.heading || trouble(r)} `, h("button.link", { type: "button", onclick: () => showShort({ ...r }) }, "What stopped it"));
    return h(r.code === "stopped" ? "p.notice" : "p.notice.danger", null, trouble(r));
  }
  const rows = FIELDS.filter((f) => r.data.fields[f]).map((f) => fieldRow(f, r.data.fields[f], r.data.short));
  return h("div.result", null, h("p.eyebrow", null, r.kind === "preview" && !entry.look?.lead ? "Preview · not saved" : "In your lead sheet"), h("dl.rows", null, rows));
};

/** What is inside a person's row now. */
export const person = (entry, onCheck) => {
  const p = entry.person;
  const job = [p.title, p.company || p.company_domain].filter(Boolean).join(" · ");
  const able = Boolean(entry.ref) && !entry.sending && !(entry.result?.ok && entry.result.kind !== "preview") && entry.look?.code !== "not_found";
  return [
    h("div.who", null,
      h("input", { type: "checkbox", checked: entry.checked && able, disabled: !able, "aria-label": `Choose ${p.full_name}`, "data-focus": `check-${entry.id}`, onchange: (e) => { entry.checked = e.target.checked; onCheck(); } }),
      h("div.id", null, h("h2", null, p.full_name), job && h("p.sub", null, job)),
      h("div.badges", null, badges(entry))),
    !entry.result?.ok && exists(entry), result(entry), buttons(entry),
  ].filter(Boolean);
};
