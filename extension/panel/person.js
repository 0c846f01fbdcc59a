/** One person's row. */
import { h, icon, announce } from "./dom.js";
import { askFor, isOut } from "./credits.js";
import { state, unlocksAll } from "./state.js";
import { FIELDS, blindCost, captureCost, unlockCost, unlockFields, isFree } from "./money.js";
import { fieldName, outcome, trouble } from "./words.js";
import { capture } from "./capture.js";
import { look } from "./look.js";
import { menuButton } from "./menu.js";
import { companyOf, openLike } from "./directory.js";
import { CHECK, COPY, fieldPaths } from "./icons.js";

const leadPage = (lead) => `${state.status.server}/leads/${encodeURIComponent(lead)}`;

/** Whether the workspace paid for all that there is of somebody. */
const allOwned = (l) => FIELDS.filter((f) => l.has[f]).every((f) => l.owned.includes(f));

const ownedTag = (l) => l.owned.length > 0 && h("span.tag.good", { title: `Paid for before: ${l.owned.map(fieldName).join(", ")}` }, allOwned(l) ? "Already yours" : "Partly yours");

const fieldIcon = (l, f) => {
  const says = l.owned.includes(f) ? "already yours" : l.has[f] ? "exists" : "does not exist";
  const text = `${fieldName(f)}: ${says}`;
  return h(`li.${l.owned.includes(f) ? "mine" : l.has[f] ? "yes" : "no"}`, { title: text }, icon(...fieldPaths(f, l.has[f])), h("span.sr", null, text));
};

/** The line of what exists: an icon a field. */
const exists = (entry) => {
  const l = entry.look;
  if (!entry.ref) return h("p.help", null, "No company or profile on this page to find this person by.");
  if (l === null || l === "asking") return h("ul.has.loading", { "aria-label": "Looking what exists" }, FIELDS.map((f) => h("li", null, icon(...fieldPaths(f, true)))));
  if (!l.ok) {
    return h("p.help", null, `${trouble(l)} `,
      l.code !== "not_found" && h("button.link", { type: "button", "data-focus": `again-${entry.id}`, onclick: () => { entry.look = null; look(entry); } }, "Look again"));
  }
  return h("div.facts-line", null, h("ul.has", { "aria-label": "Which fields exist" }, FIELDS.map((f) => fieldIcon(l, f))), ownedTag(l));
};

const KINDS = { capture: "Capturing …", preview: "Looking …", unlock: "Unlocking …" };

/** What can be done with somebody, the one for the button first: {id, label, price, act}. */
const actions = (entry) => {
  const l = entry.look;
  const cost = captureCost(l, state.prices, unlocksAll());
  const ok = Boolean(entry.result?.ok);
  const done = ok && entry.result.kind !== "preview";
  const had = !done && l.lead && isFree(cost); // in the sheet and paid for: looking at it again is all there is to do
  const premium = unlockFields(state.prices).filter((f) => l.has[f]);
  const shown = ok ? entry.result.data.fields : {};
  const locked = premium.length > 0 && !premium.every((f) => shown[f]?.values?.length > 0) && !(had && premium.every((f) => l.owned.includes(f)));
  const act = (kind) => () => capture(entry, kind);
  return [
    !done && !had && { id: "capture", label: ok ? "Save to the sheet" : "Capture", cost, act: act("capture") },
    !ok && { id: "preview", label: had ? "Show" : "Preview", cost, act: act("preview") },
    locked && { id: "unlock", label: premium.length === 1 && premium[0] === "mobile_phone" ? "Unlock mobile" : "Unlock premium", cost: unlockCost(l, state.prices), act: act("unlock") },
  ].filter(Boolean);
};

const looks = ({ id, cost }) => (isOut(cost) ? "" : { capture: ".primary", unlock: isFree(cost) ? "" : ".premium" }[id] || "");

const main = (entry, action) => h(`button.act${looks(action)}`, { type: "button", "aria-label": `${action.label}, ${action.cost.text}, ${entry.person.full_name}`, "data-focus": `${action.id}-${entry.id}`, onclick: action.act },
  h("span", null, action.label), " ", h("span.cost", null, action.cost.text));

const more = (entry, rest) => {
  const company = !entry.found && companyOf(entry.person);
  const items = [
    ...rest.map(({ id, label, cost, act }) => ({ id, label: id === "preview" && label === "Preview" ? "Preview without saving" : label, price: cost.text, act })),
    entry.look.lead && { id: "lead", label: "Open in your lead sheet", href: leadPage(entry.look.lead) },
    company && { id: "like", label: `People at ${company.label}`, act: () => openLike(company, `menu-${entry.id}`) },
  ].filter(Boolean);
  return items.length > 0 && menuButton(`menu-${entry.id}`, `More for ${entry.person.full_name}`, () => items);
};

/** Captures somebody while the server is away: it waits, and costs no more than the price list says. */
const blind = (entry) => main(entry, { id: "capture", label: "Capture later", cost: blindCost(state.prices, unlocksAll()), act: () => capture(entry, "capture") });

const buttons = (entry) => {
  if (entry.sending) return h("p.help.waiting", { role: "status" }, h("span.spinner", { "aria-hidden": "true" }), entry.sending.waiting ? "Waits for the server. It is sent once." : KINDS[entry.sending.kind]);
  const l = entry.look;
  if (l?.code === "offline" && entry.ref && blindCost(state.prices, unlocksAll())) return blind(entry);
  if (!l?.ok) return null;
  const [first, ...rest] = actions(entry);
  return [first && main(entry, first), more(entry, rest)];
};

const copy = async (text, button) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    return announce("The browser did not let it be copied.");
  }
  announce("Copied.");
  button.replaceChildren(icon(...CHECK));
  setTimeout(() => button.replaceChildren(icon(...COPY)), 1500);
  return undefined;
};

/** A value with its copy button; an address may break after its @. */
const value = (v) => {
  const text = String(v.value).slice(0, 500);
  const [before, after] = String(v.text || text).slice(0, 500).split(/(?<=@)/);
  return h("span.value", null, h("span", null, before, after && [h("wbr"), after]),
    h("button.quiet.copy", { type: "button", "aria-label": `Copy ${text}`, title: "Copy", onclick: (e) => copy(text, e.currentTarget) }, icon(...COPY)));
};

const statuses = (field) => [...new Set((field.values || []).map((v) => v.status).filter(Boolean))].join(", ");

/** One field: its values, and its outcome. What was paid says so in a word; what was not says why. */
const fieldRow = (name, field, short) => {
  const said = outcome(field);
  const text = field.outcome === "charged" ? said.badge : said.why || said.badge;
  return h("div", null, h("dt", { title: fieldName(name) }, icon(...fieldPaths(name, true)), h("span.sr", null, fieldName(name))), h("dd", null, (field.values || []).slice(0, 10).map(value),
    h(`span.why.${said.look.replace(" ", ".")}`, null, [statuses(field), text].filter(Boolean).join(" · ")),
    field.outcome === "insufficient_credits" && [" ", askFor(short.find((s) => s.credit === field.credit) || { credit: field.credit || "" }, ".why")]));
};

const result = (entry) => {
  const r = entry.result;
  if (!r) return null;
  if (!r.ok) {
    if (r.code === "insufficient_credits") return h("p.notice.danger", null, `${r.heading || trouble(r)} `, askFor({ ...r }));
    return h(r.code === "stopped" ? "p.notice" : "p.notice.danger", null, trouble(r), r.short && [" ", askFor(r.short)]);
  }
  const rows = FIELDS.filter((f) => r.data.fields[f]).map((f) => fieldRow(f, r.data.fields[f], r.data.short));
  const saved = r.kind !== "preview" || entry.look?.lead;
  return h("div.result", null, h("p.eyebrow", null, saved ? "In your lead sheet" : "Preview · not saved"), h("dl.rows", null, rows));
};

const named = (entry) => {
  const lead = entry.look?.ok && entry.look.lead;
  const name = entry.person.full_name;
  if (!lead) return h("h2", { title: name }, name);
  return h("h2", { title: `${name}: in your lead sheet` }, h("a", { href: leadPage(lead), target: "_blank", rel: "noreferrer", "data-focus": `lead-${entry.id}` }, name, h("span.sr", null, ", in your lead sheet")));
};

const chooser = (entry, onCheck) => {
  const able = Boolean(entry.ref) && !entry.sending && !(entry.result?.ok && entry.result.kind !== "preview") && entry.look?.code !== "not_found";
  return h("input", { type: "checkbox", checked: entry.checked && able, disabled: !able, "aria-label": `Choose ${entry.person.full_name}`, "data-focus": `check-${entry.id}`, onchange: (e) => { entry.checked = e.target.checked; onCheck(); } });
};

/** What is inside a person's row now. People found in the directory are captured one by one, so they are not chosen. */
export const person = (entry, onCheck) => {
  const p = entry.person;
  const job = [p.title, p.company || p.company_domain].filter(Boolean).join(" · ");
  return [
    h("div.who", null,
      !entry.found && chooser(entry, onCheck),
      h("div.id", null, named(entry), job && h("p.sub", { title: job }, job)),
      h("div.acts", null, buttons(entry))),
    !entry.result?.ok && exists(entry), result(entry),
  ].filter(Boolean);
};
